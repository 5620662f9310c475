import Spec

extension Guideline {
    static let composeNoHealthcheck = Guideline(
        id: "compose-no-healthcheck",
        title: "A container of which nobody asks whether it is well",
        reason: "Without a health check a container counts as up as long as its process lives: others start against a "
            + "database that is not ready, and one that hangs stays.",
        fix: "Add `healthcheck: {test: [CMD, pg_isready], interval: 10s}`; leave it away where the image has one, "
            + "with `policies: {compose-no-healthcheck: off}` or a waiver.",
        serves: ["IP-03"], levels: .everywhere(.note),
        judge: .compose { file in
            file.services.compactMap { service in
                if let check = service.node.entry("healthcheck")?.value {
                    guard let disabled = check.entry("disable")?.value, case .scalar("true", _) = disabled.value else {
                        return nil
                    }
                    return file.flag("the health check of `\(service.name)` is turned off", at: disabled.span)
                }
                // What is built here may bring its own.
                guard service.image != nil, service.node.entry("build") == nil else { return nil }
                return file.flag("`\(service.name)` has no health check", at: service.span)
            }
        },
        bad: """
            services:
              web:
                image: nginx:1.27
                restart: unless-stopped
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
