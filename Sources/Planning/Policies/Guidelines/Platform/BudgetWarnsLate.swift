import Spec

extension Guideline {
    static let budgetWarnsLate = Guideline(
        id: "budget-warns-late",
        title: "A warning that comes with the bill",
        reason: "A forecast above 95 % of the budget is told when the month is nearly over and the money is spent.",
        fix: "Warn at 80 %, while something can still be turned off.",
        serves: ["SF-21", "CE-6.3"], levels: .production(.note),
        judge: .platform { context in
            guard let name = context.environment, let budget = context.settings?.budget,
                budget.warn.millionths > 950_000,
                context.isWhole(.environment(name, "budget"))
            else { return [] }
            return [
                context.flag(
                    "`\(name)` warns at \(budget.warn) of its budget", at: .environment(name, "budget", "warn"))
            ]
        },
        bad: """
            environments: {prod: {target: docker, budget: {month: 900 USD, warn: 100%}}}
            """,
        good: """
            environments: {prod: {target: docker, budget: {month: 900 USD, warn: 80%}}}
            """)
}
