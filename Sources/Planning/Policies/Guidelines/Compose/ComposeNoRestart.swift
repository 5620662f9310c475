import Spec

extension Guideline {
    static let composeNoRestart = Guideline(
        id: "compose-no-restart",
        title: "A container that stays away",
        reason: "Without `restart` a container that ends, or a machine that starts again, leaves a gap until somebody "
            + "looks.",
        fix: "Write `restart: unless-stopped`; `\"no\"` for what runs once.",
        serves: ["IP-03"], levels: .everywhere(.note),
        judge: .compose { file in
            file.services.compactMap { service in
                guard service.isWhole, service.node.entry("restart") == nil,
                    service.node.at("deploy", "restart_policy") == nil,
                    service.node.entry("profiles") == nil
                else { return nil }
                return file.flag("`\(service.name)` is not started again", at: service.span)
            }
        },
        bad: """
            services:
              web:
                image: nginx:1.27
                healthcheck: {test: [CMD, /check]}
                mem_limit: 256m
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
