import Spec

extension Guideline {
    static let storeWithoutStorage = Guideline(
        id: "store-without-storage",
        title: "A database that may fill the disk of everybody",
        reason: "Without `storage` a database takes what there is: on one machine it fills the disk under all other "
            + "services, and in a cloud it gets the smallest disk of all.",
        fix: "Say what it may take: `storage: 20Gi`. Alerts on `disk` are measured against it.",
        serves: ["IP-03", "PA-19"], levels: .production(.note),
        judge: .platform { context in
            guard context.isRemote else { return [] }
            return context.resources.compactMap { name, resource in
                guard resource.kind == .postgres, resource.storage == nil, context.isKnown(.resource(name, "storage"))
                else {
                    return nil
                }
                return context.flag("`\(name)` has no `storage`", at: .resource(name), .key)
            }
        },
        bad: """
            resources:
              db: {kind: postgres, version: 17, encrypt: true, backup: {every: 6h, rpo: 5m, rto: 30m, drill: weekly}}
            environments: {prod: {target: docker}}
            """,
        good: """
            resources:
              db: {kind: postgres, version: 17, storage: 10Gi, encrypt: true, backup: {every: 6h, rpo: 5m, rto: 30m, drill: weekly}}
            environments: {prod: {target: docker}}
            """)
}
