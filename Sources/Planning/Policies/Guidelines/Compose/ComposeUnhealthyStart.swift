import Spec

extension Guideline {
    static let composeUnhealthyStart = Guideline(
        id: "compose-unhealthy-start",
        title: "A start that races its database",
        reason: "`depends_on` as a list waits until the other container was started, not until it answers: the first "
            + "start fails on a slow day.",
        fix: "Wait for its health: `depends_on: {db: {condition: service_healthy}}`.",
        serves: ["IP-03"], levels: .everywhere(.note),
        judge: .compose { file in
            let checked = Set(file.services.filter { $0.node.entry("healthcheck") != nil }.map(\.name))
            return file.services.flatMap { service -> [Diagnostic] in
                guard let depends = service.node.entry("depends_on")?.value else { return [] }
                switch depends.value {
                case .scalar: return []
                case .list(let items):
                    return items.compactMap { item in
                        guard case .scalar(let name, _) = item.value, checked.contains(name) else { return nil }
                        return file.flag("`\(service.name)` does not wait until `\(name)` is well", at: item.span)
                    }
                case .map(let entries):
                    return entries.compactMap { entry in
                        guard checked.contains(entry.key), let condition = entry.value.entry("condition")?.value,
                            case .scalar("service_started", _) = condition.value
                        else { return nil }
                        return file.flag(
                            "`\(service.name)` does not wait until `\(entry.key)` is well", at: condition.span)
                    }
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
                depends_on: [db]
              db:
                image: postgres:17.2
                restart: unless-stopped
                healthcheck: {test: [CMD, pg_isready]}
                mem_limit: 256m
            """,
        good: """
            services:
              web:
                image: nginx:1.27
                restart: unless-stopped
                healthcheck: {test: [CMD, /check]}
                mem_limit: 256m
                depends_on: {db: {condition: service_healthy}}
              db:
                image: postgres:17.2
                restart: unless-stopped
                healthcheck: {test: [CMD, pg_isready]}
                mem_limit: 256m
            """)
}
