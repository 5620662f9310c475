import Spec

extension Guideline {
    static let composeHostNamespace = Guideline(
        id: "compose-host-namespace",
        title: "A container that sees the whole machine",
        reason: "In the namespace of its host a container reaches everything that listens there, databases bound to "
            + "127.0.0.1 among it, or sees every process and its environment.",
        fix: "Put it into a network of its own and publish the port that is needed.",
        serves: ["PA-05", "IP-03"], levels: .everywhere(.warning),
        judge: .compose { file in
            file.services.flatMap { service in
                ["network_mode", "pid", "ipc", "userns_mode", "uts"].compactMap { key -> Diagnostic? in
                    guard let value = service.scalar(key), value.text == "host" else { return nil }
                    return file.flag("`\(service.name)` shares `\(key)` with its host", at: value.span)
                }
            }
        },
        bad: """
            services:
              web:
                image: nginx:1.27
                restart: unless-stopped
                healthcheck: {test: [CMD, /check]}
                mem_limit: 256m
                network_mode: host
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
