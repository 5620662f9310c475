import Spec

extension Guideline {
    static let noUpdates = Guideline(
        id: "no-updates",
        title: "Libraries that are renewed when somebody thinks of it",
        reason: "A hole in a library is found long after the code that uses it was finished. Without a watch its mend "
            + "comes with the next feature, or never.",
        fix: "Have them looked up: `updates: weekly`.",
        serves: ["SF-17"], levels: .production(.note),
        judge: .platform { context in
            guard context.platform.pipeline.updates == nil, context.isKnown("pipeline.updates"),
                context.isWritten("pipeline")
            else {
                return []
            }
            return [context.flag("nobody looks for new versions of dependencies", at: "pipeline", .key)]
        },
        bad: """
            pipeline: {before-commit: [secrets], gates: {coverage: 60%}}
            environments: {prod: {target: docker}}
            """,
        good: """
            pipeline: {before-commit: [secrets], gates: {coverage: 60%}, updates: weekly}
            environments: {prod: {target: docker}}
            """)
}
