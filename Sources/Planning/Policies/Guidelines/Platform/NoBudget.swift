import Spec

extension Guideline {
    static let noBudget = Guideline(
        id: "no-budget",
        title: "A cloud account without a bound",
        reason: "In a cloud a loop that scales, or a bucket that is asked too often, costs thousands in a weekend. The "
            + "first to see it is then the bill.",
        fix: "Say what a month may cost: `budget: {month: 900 USD, warn: 80%}`.",
        serves: ["SF-21", "CE-6.3", "PA-19"], levels: .production(.warning, staging: .note),
        judge: .platform { context in
            guard let name = context.environment, let settings = context.settings,
                [.gcp, .aws].contains(settings.target),
                settings.budget == nil, context.isKnown(.environment(name, "budget"))
            else { return [] }
            return [context.flag("`\(name)` has no `budget`", at: .environment(name), .key)]
        },
        bad: """
            environments: {prod: {target: gcp, state: shop-tfstate}}
            """,
        good: """
            environments: {prod: {target: gcp, state: shop-tfstate, budget: {month: 900 USD}}}
            """)
}
