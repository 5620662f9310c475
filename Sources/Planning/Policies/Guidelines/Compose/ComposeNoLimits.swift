import Spec

extension Guideline {
    static let composeNoLimits = Guideline(
        id: "compose-no-limits",
        title: "A container that may take all memory",
        reason: "Without a limit one container that leaks takes the memory of all, and the kernel ends whichever is "
            + "largest: often the database.",
        fix: "Write `deploy: {resources: {limits: {memory: 256M, cpus: \"0.5\"}}}`, or `mem_limit`.",
        serves: ["IP-03"], levels: .everywhere(.note),
        judge: .compose { file in
            file.services.compactMap { service in
                guard service.isWhole, service.node.entry("mem_limit") == nil,
                    service.node.at("deploy", "resources", "limits") == nil
                else { return nil }
                return file.flag("`\(service.name)` has no limits", at: service.span)
            }
        },
        bad: """
            services:
              web:
                image: nginx:1.27
                restart: unless-stopped
                healthcheck: {test: [CMD, /check]}
            """,
        good: """
            services:
              web:
                image: nginx:1.27
                restart: unless-stopped
                healthcheck: {test: [CMD, /check]}
                mem_limit: 256m
            """)
}
