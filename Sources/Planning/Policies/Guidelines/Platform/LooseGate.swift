import Spec

extension Guideline {
    static let looseGate = Guideline(
        id: "loose-gate",
        title: "Known holes that are shipped",
        reason: "With `block: critical` an image or a library with a hole that is known as high is shipped, and those "
            + "are the ones that are used.",
        fix: "Block from `high`, and write a waiver with a date for what cannot be mended yet.",
        serves: ["SF-15", "SF-17", "CE-4.4"], levels: .production(.warning),
        judge: .platform { context in
            let gates = context.platform.pipeline.gates
            guard gates.vulnerabilities.block == .critical, context.isWhole("pipeline.gates") else { return [] }
            return [context.flag("holes known as high are shipped", at: "pipeline.gates.vulnerabilities.block")]
        },
        bad: """
            pipeline: {gates: {vulnerabilities: {block: critical}}}
            environments: {prod: {target: docker}}
            """,
        good: """
            pipeline: {gates: {vulnerabilities: {block: high}}}
            environments: {prod: {target: docker}}
            """)
}
