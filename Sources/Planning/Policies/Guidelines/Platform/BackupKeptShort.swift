import Spec

extension Guideline {
    static let backupKeptShort = Guideline(
        id: "backup-kept-short",
        title: "Copies that are gone before the harm is seen",
        reason: "Corrupted data is often found days later, when whoever needed it comes back. Copies of less than a "
            + "week then hold nothing but the corruption.",
        fix: "Keep two weeks, `keep: 14d`, or longer where a month is closed from the data.",
        serves: ["PA-02", "PA-13"], levels: .production(.warning),
        judge: .platform { context in
            context.resources.compactMap { name, resource in
                guard let backup = resource.backup, backup.keep < .seconds(7 * 86_400),
                    context.isWhole(.resource(name, "backup"))
                else { return nil }
                return context.flag(
                    "copies of `\(name)` are kept for \(DurationText.text(backup.keep))",
                    at: .resource(name, "backup", "keep"))
            }
        },
        bad: """
            resources:
              cache: {kind: redis, version: 7, backup: {every: daily, keep: 3d, drill: weekly, rpo: 1d, rto: 1h}}
            environments: {prod: {target: docker}}
            """,
        good: """
            resources:
              cache: {kind: redis, version: 7, backup: {every: daily, keep: 14d, drill: weekly, rpo: 1d, rto: 1h}}
            environments: {prod: {target: docker}}
            """)
}
