import Spec

extension Guideline {
    static let noDependencyAudit = Guideline(
        id: "no-dependency-audit",
        title: "Libraries that nobody looks into",
        reason: "Most of what runs was written elsewhere. Its known holes are in lists that cost nothing to ask.",
        fix: "Add the stage `audit`, or have `scan` look at the images.",
        serves: ["SF-17"], levels: .production(.warning),
        judge: .platform { context in
            let stages = context.platform.pipeline.stages.map(\.text)
            guard !stages.contains("audit") && !stages.contains("scan"), context.isWhole("pipeline.stages"),
                !context.services.isEmpty
            else { return [] }
            return [context.flag("no stage audits dependencies", at: "pipeline.stages")]
        },
        bad: """
            services: {worker: {source: w, run: ./w, health: {exec: ./check}, size: {cpu: 1}}}
            pipeline: {stages: [secrets, test, build, deploy]}
            environments: {prod: {target: docker}}
            """,
        good: """
            services: {worker: {source: w, run: ./w, health: {exec: ./check}, size: {cpu: 1}}}
            pipeline: {stages: [secrets, test, audit, build, deploy]}
            environments: {prod: {target: docker}}
            """)
}
