import Spec

extension Guideline {
    static let noImageScan = Guideline(
        id: "no-image-scan",
        title: "Images that nobody looks into",
        reason: "An image holds a system that others wrote. Its known holes are in lists that cost nothing to ask.",
        fix: "Add the stage `scan` behind `build`.",
        serves: ["SF-15", "IP-07", "CE-4.4"], levels: .production(.warning),
        judge: .platform { context in
            let stages = context.platform.pipeline.stages.map(\.text)
            guard !stages.contains("scan"), context.isWhole("pipeline.stages"), !context.services.isEmpty else {
                return []
            }
            return [context.flag("no stage scans images", at: "pipeline.stages")]
        },
        bad: """
            services: {worker: {source: w, run: ./w, health: {exec: ./check}, size: {cpu: 1}}}
            pipeline: {stages: [secrets, test, audit, build, deploy]}
            environments: {prod: {target: docker}}
            """,
        good: """
            services: {worker: {source: w, run: ./w, health: {exec: ./check}, size: {cpu: 1}}}
            pipeline: {stages: [secrets, test, audit, build, scan, deploy]}
            environments: {prod: {target: docker}}
            """)
}
