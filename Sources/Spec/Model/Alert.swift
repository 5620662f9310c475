/// When somebody must look.
package struct Alert: Sendable, Hashable {
    package enum Trigger: Sendable, Hashable {
        case condition(Condition)
        /// Prometheus' own language, passed on unread.
        case promql(String)
    }

    package var trigger: Trigger
    /// How long it must hold.
    package var hold: Duration
    package var level: Level
    package var runbook: String?
    package var summary: String?
    /// A schedule, team or person; the owner's schedule when absent.
    package var to: PartyName?

    static let shape: Shape<Alert> = .record("alert", "When somebody must look.") { f in
        let when = f.optional(
            "when", Condition.shape, "A signal compared with a bound.", example: "errors(api) > 1%")
        let promql = f.optional(
            "promql", .text("a PromQL expression"), "A condition in Prometheus' own language.",
            example: "'orders_pending > 100'")
        let hold = f.value(
            "for", .duration, default: .zero, because: "at once", "How long it must hold.", example: "5m")
        let level = f.value("level", Level.shape("a level"), default: Level.high, "How bad it is.")
        let runbook = f.optional(
            "runbook", .relativePath, "What to do, below hauban.yaml.", example: "runbooks/api-errors.md")
        let summary = f.optional("summary", .text(), "One sentence for the page.")
        let to = f.optional(
            "to", PartyName.shape("a party"), "A schedule, team or person; the owner's schedule when absent.")
        if when != nil && promql != nil {
            f.reportKey(
                .conflictingKeys, "`promql` and `when` exclude each other", "promql", with: "when",
                help: "Keep one of them.")
        }
        if f.book == nil && !f.has("when") && !f.has("promql") && f.isSound("when", "promql") {
            f.report(.missingKey, "\(f.path.last) has no condition", help: "Add `when:` or `promql:`.")
        }
        let trigger = when.map(Trigger.condition) ?? .promql(promql ?? "")
        return Alert(trigger: trigger, hold: hold, level: level, runbook: runbook, summary: summary, to: to)
    }
}
