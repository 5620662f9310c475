import Spec

extension Guideline {
    static let noSecretHook = Guideline(
        id: "no-secret-hook",
        title: "A secret that is found when it is too late",
        reason: "What the pipeline finds was already pushed: it must be revoked. A hook on the author's machine finds "
            + "it while it can still be taken out.",
        fix: "Add `before-commit: [secrets]`.",
        serves: ["IP-07", "SF-13"], levels: .production(.note),
        judge: .platform { context in
            let before = context.platform.pipeline.beforeCommit.map(\.text)
            guard !before.contains("secrets"), context.isWhole("pipeline.before-commit"), context.isWritten("pipeline")
            else {
                return []
            }
            return [context.flag("nothing looks for secrets before a commit", at: "pipeline", .key)]
        },
        bad: """
            pipeline: {updates: weekly, gates: {coverage: 60%}}
            environments: {prod: {target: docker}}
            """,
        good: """
            pipeline: {updates: weekly, gates: {coverage: 60%}, before-commit: [secrets]}
            environments: {prod: {target: docker}}
            """)
}
