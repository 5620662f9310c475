import Spec

extension Guideline {
    static let noCoverageGate = Guideline(
        id: "no-coverage-gate",
        title: "Tests that may become fewer",
        reason: "Without a bound the share of lines that tests run falls with every hurried change, and nobody sees on "
            + "which day.",
        fix: "Begin with what you have: `gates: {coverage: 60%}`.",
        serves: ["IP-07"], levels: .production(.note),
        judge: .platform { context in
            guard context.platform.pipeline.gates.coverage == nil, context.isWhole("pipeline.gates"),
                context.isWritten("pipeline")
            else { return [] }
            return [context.flag("no gate on what tests run", at: "pipeline", .key)]
        },
        bad: """
            pipeline: {updates: weekly, before-commit: [secrets]}
            environments: {prod: {target: docker}}
            """,
        good: """
            pipeline: {updates: weekly, before-commit: [secrets], gates: {coverage: 60%}}
            environments: {prod: {target: docker}}
            """)
}
