import Spec

extension Guideline {
    static let noSecretScan = Guideline(
        id: "no-secret-scan",
        title: "A pipeline that lets secrets in",
        reason: "A key that is pushed is public from that minute on, and stays in the history when it is removed.",
        fix: "Add the stage `secrets`.",
        serves: ["SF-13", "IP-07"], levels: .production(.warning),
        judge: .platform { context in
            let stages = context.platform.pipeline.stages.map(\.text)
            guard !stages.contains("secrets"), context.isWhole("pipeline.stages"), !context.services.isEmpty else {
                return []
            }
            return [context.flag("no stage looks for secrets", at: "pipeline.stages")]
        },
        bad: """
            services: {worker: {source: w, run: ./w, health: {exec: ./check}, size: {cpu: 1}}}
            pipeline: {stages: [test, audit, build, scan, deploy]}
            environments: {prod: {target: docker}}
            """,
        good: """
            services: {worker: {source: w, run: ./w, health: {exec: ./check}, size: {cpu: 1}}}
            pipeline: {stages: [secrets, test, audit, build, scan, deploy]}
            environments: {prod: {target: docker}}
            """)
}
