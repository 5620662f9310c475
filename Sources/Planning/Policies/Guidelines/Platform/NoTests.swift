import Spec

extension Guideline {
    static let noTests = Guideline(
        id: "no-tests",
        title: "A pipeline that tries nothing",
        reason: "Without tests the first who runs new code is a user.",
        fix: "Add the stage `test`.",
        serves: ["SF-11", "CE-2.1", "IP-07"], levels: .production(.warning),
        judge: .platform { context in
            let stages = context.platform.pipeline.stages.map(\.text)
            guard !stages.contains("test"), context.isWhole("pipeline.stages"), !context.services.isEmpty else {
                return []
            }
            return [context.flag("no stage runs tests", at: "pipeline.stages")]
        },
        bad: """
            services: {worker: {source: w, run: ./w, health: {exec: ./check}, size: {cpu: 1}}}
            pipeline: {stages: [secrets, audit, build, scan, deploy]}
            environments: {prod: {target: docker}}
            """,
        good: """
            services: {worker: {source: w, run: ./w, health: {exec: ./check}, size: {cpu: 1}}}
            pipeline: {stages: [secrets, test, audit, build, scan, deploy]}
            environments: {prod: {target: docker}}
            """)
}
