import Spec

extension Guideline {
    static let composeDatabasePort = Guideline(
        id: "compose-database-port",
        title: "A database that the network can reach",
        reason: "A published port listens on every address of the machine, past most firewalls: Docker writes its own "
            + "rules in front of theirs. Databases without a password are found within the hour.",
        fix: "Leave `ports` away: services of one network reach each other by name. For a tool on the machine write "
            + "`127.0.0.1:5432:5432`.",
        serves: ["SF-04", "PA-05", "IP-03"], levels: .production(.error, staging: .error, development: .warning),
        judge: .compose { file in
            file.services.flatMap { service in
                service.publications.compactMap { port -> Diagnostic? in
                    guard !port.isLocal,
                        let store = ComposeStore.named(by: service.image?.text ?? "", port: port.inside)
                    else { return nil }
                    return file.flag(
                        "\(store) in `\(service.name)` listens on every address of the machine", at: port.span)
                }
            }
        },
        bad: """
            services:
              web:
                image: postgres:17.2
                restart: unless-stopped
                healthcheck: {test: [CMD, /check]}
                mem_limit: 256m
                ports: ["5432:5432"]
            """,
        good: """
            services:
              web:
                image: postgres:17.2
                restart: unless-stopped
                healthcheck: {test: [CMD, /check]}
                mem_limit: 256m
                ports: ["127.0.0.1:5432:5432"]
            """)
}
