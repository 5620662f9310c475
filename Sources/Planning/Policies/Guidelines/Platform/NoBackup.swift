import Spec

extension Guideline {
    static let noBackup = Guideline(
        id: "no-backup",
        title: "A database without copies",
        reason: "What a database holds cannot be built again. A disk, a slip of the hand or a migration that deletes "
            + "too much takes it away, and no replica helps: it repeats the deletion.",
        fix: "Say how often, how long, and how fast it must be back: `backup: {every: 6h, keep: 14d, rpo: 5m, rto: "
            + "15m, drill: weekly}`.",
        serves: ["PA-02", "PA-13", "CE-5.2"], levels: .production(.error, staging: .note),
        judge: .platform { context in
            guard context.isRemote else { return [] }
            return context.resources.compactMap { name, resource in
                guard resource.kind == .postgres, resource.backup == nil, context.isKnown(.resource(name, "backup"))
                else {
                    return nil
                }
                return context.flag("`\(name)` is never copied", at: .resource(name), .key)
            }
        },
        bad: """
            resources:
              db: {kind: postgres, version: 17, storage: 10Gi, encrypt: true}
            environments: {prod: {target: docker}}
            """,
        good: """
            resources:
              db: {kind: postgres, version: 17, storage: 10Gi, encrypt: true, backup: {every: 6h, rpo: 5m, rto: 30m, drill: weekly}}
            environments: {prod: {target: docker}}
            """)
}
