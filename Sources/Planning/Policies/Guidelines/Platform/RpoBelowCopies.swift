import Spec

extension Guideline {
    static let rpoBelowCopies = Guideline(
        id: "rpo-below-copies",
        title: "A promise that the copies cannot keep",
        reason: "A PostgreSQL log is shipped between two copies; a Redis or a bucket has only its copies. What was "
            + "written since the last one is lost, so no more can be promised than the time between two.",
        fix: "Copy more often than `rpo`, or promise less.",
        serves: ["CE-5.3", "PA-13"], levels: .production(.warning, staging: .warning, development: .note),
        judge: .platform { context in
            context.resources.compactMap { name, resource in
                guard resource.kind != .postgres, let backup = resource.backup, let rpo = backup.rpo,
                    rpo < backup.every,
                    context.isWhole(.resource(name, "backup"))
                else { return nil }
                return context.flag(
                    "`\(name)` promises \(DurationText.text(rpo)) and is copied every \(DurationText.text(backup.every))",
                    at: .resource(name, "backup", "rpo"))
            }
        },
        bad: """
            resources:
              cache: {kind: redis, version: 7, backup: {every: daily, drill: weekly, rpo: 1h, rto: 1h}}
            """,
        good: """
            resources:
              cache: {kind: redis, version: 7, backup: {every: 1h, drill: weekly, rpo: 1h, rto: 1h}}
            """)
}
