import Spec

extension Guideline {
    static let noOwner = Guideline(
        id: "no-owner",
        title: "A production of nobody",
        reason: "Without a schedule the burn-rate alerts of objectives, the drills and what other tools send reach "
            + "nobody.",
        fix: "Say who answers for it: `owner: {team: shop, oncall: primary}`.",
        serves: ["PA-12", "CE-3.1"], levels: .production(.warning),
        judge: .platform { context in
            guard let name = context.environment, context.platform.owner?.oncall == nil, context.isWhole("owner"),
                !context.services.isEmpty
            else { return [] }
            return [context.flag("nobody answers for `\(name)`", at: .environment(name), .key)]
        },
        bad: """
            services: {worker: {source: w, run: ./w, health: {exec: ./check}, size: {cpu: 1}}}
            environments: {prod: {target: docker}}
            """,
        good: """
            owner: {oncall: primary}
            services: {worker: {source: w, run: ./w, health: {exec: ./check}, size: {cpu: 1}}}
            oncall: {primary: {rotation: {people: [ana, ben]}}}
            environments: {prod: {target: docker}}
            """)
}
