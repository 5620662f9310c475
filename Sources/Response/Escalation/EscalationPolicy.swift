/// What happens, and when, while nobody takes an incident on.
package struct EscalationPolicy: Hashable, Codable, Sendable {
    /// One thing that is done.
    package enum Deed: Hashable, Codable, Sendable {
        /// Tells a schedule, team or person, whoever that is at the time.
        case tell(String)
        /// Runs a remedy: `return-release`, `restart`, a runbook's action.
        case perform(String)
    }

    package struct Step: Hashable, Codable, Sendable {
        /// Since the round began.
        package var after: Duration
        package var deed: Deed

        package init(after: Duration, deed: Deed) {
            self.after = after
            self.deed = deed
        }
    }

    /// In the order of their times.
    package var steps: [Step]
    /// How often the steps are gone through again after the first round. A remedy is tried once.
    package var repeats: Int
    /// From the last step of a round to the next round.
    package var pause: Duration
    /// How long an acknowledgement holds without the incident being resolved; `nil`: for ever.
    package var acknowledgementHolds: Duration?

    package init(
        steps: [Step], repeats: Int = 0, pause: Duration = .seconds(900), acknowledgementHolds: Duration? = nil
    ) {
        self.steps = steps.enumerated()
            .sorted { ($0.element.after, $0.offset) < ($1.element.after, $1.offset) }
            .map(\.element)
        self.repeats = max(0, repeats)
        self.pause = pause
        self.acknowledgementHolds = acknowledgementHolds
    }
}
