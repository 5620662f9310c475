import Spec

extension Guideline {
    static let backupNeverTried = Guideline(
        id: "backup-never-tried",
        title: "A copy that nobody ever brought back",
        reason: "A copy is worth what a restore of it is worth. One that was never tried fails on the day on which it "
            + "is needed: a missing role, a key that nobody has, a day in place of minutes.",
        fix: "Have it tried: `drill: weekly` in the `backup`, or a drill of kind `restore` under `drills`.",
        serves: ["PA-14", "CE-5.3"], levels: .production(.warning),
        judge: .platform { context in
            let isDrilled = context.platform.drills.values.contains {
                $0.kind == .restore && $0.environment == context.environment
            }
            guard !isDrilled, context.isWhole("drills") else { return [] }
            return context.resources.compactMap { name, resource in
                guard let backup = resource.backup, backup.drill == nil, context.isWhole(.resource(name, "backup"))
                else {
                    return nil
                }
                return context.flag("no restore of `\(name)` is ever tried", at: .resource(name, "backup"), .key)
            }
        },
        bad: """
            resources:
              db: {kind: postgres, version: 17, storage: 10Gi, encrypt: true, backup: {every: 6h, rpo: 5m, rto: 30m}}
            environments: {prod: {target: docker}}
            """,
        good: """
            resources:
              db: {kind: postgres, version: 17, storage: 10Gi, encrypt: true, backup: {every: 6h, rpo: 5m, rto: 30m, drill: weekly}}
            environments: {prod: {target: docker}}
            """)
}
