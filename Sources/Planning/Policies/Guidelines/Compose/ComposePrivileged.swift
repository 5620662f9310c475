import Spec

extension Guideline {
    static let composePrivileged = Guideline(
        id: "compose-privileged",
        title: "A container that is root of its machine",
        reason: "`privileged` gives a container every device and every right: whoever breaks into it has the machine "
            + "and all other containers.",
        fix: "Take it away; add the one capability that is needed with `cap_add`, or the one device with `devices`.",
        serves: ["IP-08", "PA-05"], levels: .production(.error, staging: .error, development: .warning),
        judge: .compose { file in
            file.services.compactMap { service in
                service.isTrue("privileged").map { file.flag("`\(service.name)` is privileged", at: $0) }
            }
        },
        bad: """
            services:
              web:
                image: nginx:1.27
                restart: unless-stopped
                healthcheck: {test: [CMD, /check]}
                mem_limit: 256m
                privileged: true
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
