import Spec

extension Guideline {
    static let storeWithoutAlert = Guideline(
        id: "store-without-alert",
        title: "A database that fills up unseen",
        reason: "A database fails in ways that its services cannot mend: the disk is full, all connections are taken. "
            + "Both are seen hours before.",
        fix: "Watch one of them: `db-full: {when: disk(db) > 85%, for: 15m, level: high}`.",
        serves: ["SF-21", "CS-08"], levels: .production(.note),
        judge: .platform { context in
            guard context.isWhole("alerts"), !context.platform.alerts.isEmpty else { return [] }
            var watched: Set<String> = []
            var texts: [String] = []
            for alert in context.platform.alerts.values {
                switch alert.trigger {
                case .promql(let text): texts.append(text)
                case .condition(let condition): condition.target.map { _ = watched.insert($0.text) }
                }
            }
            return context.resources.compactMap { name, resource in
                guard resource.kind == .postgres, !watched.contains(name.text),
                    !texts.contains(where: { $0.contains("pg_") })
                else {
                    return nil
                }
                return context.flag("no alert watches `\(name)`", at: .resource(name), .key)
            }
        },
        bad: """
            resources:
              db: {kind: postgres, version: 17, storage: 10Gi, encrypt: true, backup: {every: 6h, rpo: 5m, rto: 30m, drill: weekly}}
              cache: {kind: redis, version: 7}
            alerts:
              cache: {when: memory(cache) > 90%, for: 15m, level: low}
            environments: {prod: {target: docker}}
            """,
        good: """
            resources:
              db: {kind: postgres, version: 17, storage: 10Gi, encrypt: true, backup: {every: 6h, rpo: 5m, rto: 30m, drill: weekly}}
              cache: {kind: redis, version: 7}
            alerts:
              disk: {when: disk(db) > 85%, for: 15m, level: low}
            environments: {prod: {target: docker}}
            """)
}
