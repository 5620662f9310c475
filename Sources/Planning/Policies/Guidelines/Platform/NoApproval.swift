import Spec

extension Guideline {
    static let noApproval = Guideline(
        id: "no-approval",
        title: "A production that takes whatever is pushed",
        reason:
            "A release that neither a person agreed to nor another environment has kept for a while is tried out on "
            + "users.",
        fix: "Ask for one of both: `requires: {approval: 1, soak: {staging: 30m}}`.",
        serves: ["SF-10", "CE-2.1"], levels: .production(.warning),
        judge: .platform { context in
            guard let name = context.environment, let requires = context.settings?.requires, requires.approval == 0,
                requires.soak.isEmpty, context.isWhole(.environment(name, "requires")), !context.services.isEmpty
            else { return [] }
            return [context.flag("a release to `\(name)` waits for nobody and nothing", at: .environment(name), .key)]
        },
        bad: """
            services: {worker: {source: w, run: ./w, health: {exec: ./check}, size: {cpu: 1}}}
            environments: {prod: {target: docker}}
            """,
        good: """
            services: {worker: {source: w, run: ./w, health: {exec: ./check}, size: {cpu: 1}}}
            environments: {prod: {target: docker, requires: {approval: 1}}}
            """)
}
