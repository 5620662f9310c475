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

/// How far the escalation of one incident has come.
///
/// A value that is stored after each change: after a restart what is due is due, however late.
package struct Escalation: Hashable, Codable, Sendable {
    /// Why a deed is done.
    package enum Reason: Hashable, Codable, Sendable {
        /// Nobody had acknowledged this long after the round began.
        case unacknowledged(after: Duration, step: Int, round: Int)
        /// It was acknowledged, and then neither resolved nor acknowledged again in time.
        case acknowledgementTimedOut(by: String, after: Duration, step: Int)
    }

    package enum State: Hashable, Codable, Sendable {
        case running
        case acknowledged(by: String, at: Moment)
        /// Every step of every round was taken, and still nobody answers.
        case exhausted
        case ended
    }

    /// One deed that is due.
    package struct Order: Hashable, Codable, Sendable {
        package var deed: EscalationPolicy.Deed
        package var reason: Reason
        /// When it was due; later than that by what a restart or a busy machine cost.
        package var due: Moment
    }

    package let policy: EscalationPolicy
    package private(set) var state = State.running
    private var roundBegan: Moment
    private var round = 0
    private var nextStep = 0
    /// Who had acknowledged when it timed out, in the round that followed.
    private var timedOut: TimedOut?
    /// The remedies that were tried.
    private var performed: Set<String> = []

    private struct TimedOut: Hashable, Codable, Sendable {
        var person: String
        var after: Duration
    }

    package init(policy: EscalationPolicy, began: Moment) {
        self.policy = policy
        roundBegan = began
        if policy.steps.isEmpty { state = .exhausted }
    }

    /// When something is due next; `nil` when nothing will be without another event.
    package var nextDue: Moment? {
        switch state {
        case .running: roundBegan + policy.steps[nextStep].after
        case .acknowledged(_, let at): policy.acknowledgementHolds.map { at + $0 }
        case .exhausted, .ended: nil
        }
    }

    /// What is due now, in order; each deed is given out once.
    package mutating func due(now: Moment) -> [Order] {
        var orders: [Order] = []
        while let due = nextDue, due <= now {
            if case .acknowledged(let person, _) = state {
                timedOut = TimedOut(person: person, after: policy.acknowledgementHolds ?? .zero)
                state = .running
                // From when it timed out: a late look must not move the steps that follow.
                roundBegan = due
                round = 0
                nextStep = 0
                continue
            }
            let step = policy.steps[nextStep]
            let reason: Reason =
                if let timedOut {
                    .acknowledgementTimedOut(by: timedOut.person, after: timedOut.after, step: nextStep)
                } else {
                    .unacknowledged(after: step.after, step: nextStep, round: round)
                }
            if isNew(step.deed) { orders.append(Order(deed: step.deed, reason: reason, due: due)) }
            advance()
        }
        return orders
    }

    /// Somebody takes the incident on: nothing more is due until the acknowledgement times out.
    ///
    /// - Returns: `false` when it had ended.
    package mutating func acknowledge(by person: String, now: Moment) -> Bool {
        guard state != .ended else { return false }
        state = .acknowledged(by: person, at: now)
        return true
    }

    /// Somebody gives it back, or it got worse: the steps begin anew.
    package mutating func restart(now: Moment) {
        state = policy.steps.isEmpty ? .exhausted : .running
        roundBegan = now
        round = 0
        nextStep = 0
        timedOut = nil
    }

    /// It is resolved or merged.
    package mutating func end() { state = .ended }

    /// A remedy that did not help once is left to people; telling somebody again is the point.
    private mutating func isNew(_ deed: EscalationPolicy.Deed) -> Bool {
        guard case .perform(let remedy) = deed else { return true }
        return performed.insert(remedy).inserted
    }

    private mutating func advance() {
        nextStep += 1
        guard nextStep == policy.steps.count else { return }
        guard round < policy.repeats else {
            state = .exhausted
            return
        }
        round += 1
        nextStep = 0
        roundBegan = roundBegan + (policy.steps.last?.after ?? .zero) + policy.pause
    }
}
