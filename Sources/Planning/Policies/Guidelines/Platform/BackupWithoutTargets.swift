import Spec

extension Guideline {
    static let backupWithoutTargets = Guideline(
        id: "backup-without-targets",
        title: "A copy that nobody said the worth of",
        reason: "Without `rpo` and `rto` nobody decided how much work may be lost and how long the platform may be "
            + "away, and a drill has nothing to be measured against.",
        fix: "Agree on both with whoever owns the data: `rpo: 15m, rto: 30m`.",
        serves: ["CE-5.3", "PA-14"], levels: .production(.note),
        judge: .platform { context in
            context.resources.compactMap { name, resource in
                guard let backup = resource.backup, backup.rpo == nil || backup.rto == nil,
                    context.isWhole(.resource(name, "backup"))
                else { return nil }
                let missing = [backup.rpo == nil ? "`rpo`" : nil, backup.rto == nil ? "`rto`" : nil].compactMap { $0 }
                return context.flag(
                    "the copies of `\(name)` have no \(missing.joined(separator: " and no "))",
                    at: .resource(name, "backup"), .key)
            }
        },
        bad: """
            resources:
              cache: {kind: redis, version: 7, backup: {every: daily, drill: weekly}}
            environments: {prod: {target: docker}}
            """,
        good: """
            resources:
              cache: {kind: redis, version: 7, backup: {every: daily, drill: weekly, rpo: 1d, rto: 1h}}
            environments: {prod: {target: docker}}
            """)
}
