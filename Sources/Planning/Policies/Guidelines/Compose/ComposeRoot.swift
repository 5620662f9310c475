import Spec

extension Guideline {
    static let composeRoot = Guideline(
        id: "compose-root",
        title: "A container that is told to be root",
        reason: "Who breaks out of a process that is root in its container is root nearer to the machine.",
        fix: "Take `user` away where the image has a user of its own, or name one: `user: \"10001\"`.",
        serves: ["IP-04", "IP-08"], levels: .everywhere(.warning),
        judge: .compose { file in
            file.services.compactMap { service in
                guard let user = service.scalar("user"), ["root", "0"].contains(user.text.prefix { $0 != ":" }) else {
                    return nil
                }
                return file.flag("`\(service.name)` runs as root", at: user.span)
            }
        },
        bad: """
            services:
              web:
                image: nginx:1.27
                restart: unless-stopped
                healthcheck: {test: [CMD, /check]}
                mem_limit: 256m
                user: root
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
