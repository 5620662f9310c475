package import Spec

/// How far the escalation of one incident has come.
///
/// A value that is stored after each change: after a restart what is due is due, however late.
package struct Escalation: Hashable, Codable, Sendable {
    /// Why the steps begin anew.
    package enum Restart: Hashable, Codable, Sendable {
        case givenBack(by: String)
        case reopened
        case gotWorse(from: Level, to: Level)
        /// Nobody ever answered, and the same is told again.
        case repeated(after: Duration)
        case snoozeOver(by: String)
    }

    /// Why a deed is done.
    package enum Reason: Hashable, Codable, Sendable {
        /// Nobody had acknowledged this long after the round began.
        case unacknowledged(after: Duration, step: Int, round: Int)
        /// It was acknowledged, and then neither resolved nor acknowledged again in time.
        case acknowledgementTimedOut(by: String, after: Duration, step: Int)
        case restarted(Restart, step: Int)
    }

    package enum State: Hashable, Codable, Sendable {
        case running
        case acknowledged(by: String, at: Moment)
        /// Acknowledged until a time, and then paged again.
        case snoozed(by: String, until: Moment)
        /// Every step of every round was taken, and still nobody answers.
        case exhausted
        case ended
    }

    /// Why steps wait that are due.
    package enum Hold: Hashable, Codable, Sendable {
        /// A remedy is being tried, or has the time to show that it cured.
        case remedy(String)
        /// Every alert of the incident is muted.
        case muted(Mute)
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
    /// Why this is not the first time that the steps are gone through.
    private var cause: Cause?
    private var held: Holding?
    /// The remedies that were tried.
    private var performed: Set<String> = []

    private enum Cause: Hashable, Codable, Sendable {
        case timedOut(person: String, after: Duration)
        case restarted(Restart)
    }

    private struct Holding: Hashable, Codable, Sendable {
        var why: Hold
        var since: Moment
        var until: Moment

        /// How far the steps move for a hold that ends then. A remedy takes minutes, and the steps after it keep their times;
        /// a mute may last for days, after which not all of them should be due at once.
        func shift(endingAt end: Moment) -> Duration {
            switch why {
            case .remedy: .zero
            case .muted: end - since
            }
        }
    }

    package init(policy: EscalationPolicy, began: Moment) {
        self.policy = policy
        roundBegan = began
        if policy.steps.isEmpty { state = .exhausted }
    }

    /// When something is due next; `nil` when nothing will be without another event.
    package var nextDue: Moment? {
        switch state {
        case .running:
            switch held?.why {
            case nil: roundBegan + policy.steps[nextStep].after
            case .muted: held?.until
            case .remedy: max(held?.until ?? roundBegan, roundBegan + policy.steps[nextStep].after)
            }
        case .acknowledged(_, let at): policy.acknowledgementHolds.map { at + $0 }
        case .snoozed(_, let until): until
        case .exhausted, .ended: nil
        }
    }

    /// Why it waits, if it does.
    package var hold: Hold? { state == .running ? held?.why : nil }

    /// What is due now, in order; each deed is given out once.
    package mutating func due(now: Moment) -> [Order] {
        var orders: [Order] = []
        while let order = next(now: now) { orders.append(order) }
        return orders
    }

    /// The first deed that is due: what comes of it may hold up the ones that follow.
    package mutating func next(now: Moment) -> Order? {
        while let due = nextDue, due <= now {
            switch state {
            case .acknowledged(let person, _):
                let after = policy.acknowledgementHolds ?? .zero
                // From when it timed out: a late look must not move the steps that follow.
                begin(.timedOut(person: person, after: after), at: due)
                continue
            case .snoozed(let person, _):
                begin(.restarted(.snoozeOver(by: person)), at: due)
                continue
            case .running, .exhausted, .ended: break
            }
            if let held {
                roundBegan = roundBegan + held.shift(endingAt: held.until)
                self.held = nil
                continue
            }
            let step = policy.steps[nextStep]
            let reason: Reason =
                switch cause {
                case nil: .unacknowledged(after: step.after, step: nextStep, round: round)
                case .timedOut(let person, let after):
                    .acknowledgementTimedOut(by: person, after: after, step: nextStep)
                case .restarted(let why): .restarted(why, step: nextStep)
                }
            let isNew = isNew(step.deed)
            advance()
            if isNew { return Order(deed: step.deed, reason: reason, due: due) }
        }
        return nil
    }

    /// Lets the steps wait until a time at most.
    package mutating func hold(_ why: Hold, until: Moment, now: Moment) {
        guard state == .running else { return }
        held = Holding(why: why, since: held?.since ?? now, until: until)
    }

    /// Lets them go on.
    package mutating func release(now: Moment) {
        guard let held else { return }
        roundBegan = roundBegan + held.shift(endingAt: min(held.until, max(now, held.since)))
        self.held = nil
    }

    /// The step before found nobody: the next of its round need not wait.
    package mutating func hurry(now: Moment) {
        guard state == .running, held == nil, nextStep > 0, let due = nextDue, due > now else { return }
        roundBegan = roundBegan - (due - now)
    }

    /// Somebody takes the incident on: nothing more is due until the acknowledgement times out.
    ///
    /// - Returns: `false` when it had ended.
    package mutating func acknowledge(by person: String, now: Moment) -> Bool {
        guard state != .ended else { return false }
        state = .acknowledged(by: person, at: now)
        held = nil
        return true
    }

    /// Somebody takes it on later.
    package mutating func snooze(by person: String, until: Moment) {
        guard state != .ended else { return }
        state = .snoozed(by: person, until: until)
        held = nil
    }

    /// Somebody gives it back, or it got worse: the steps begin anew.
    package mutating func restart(_ why: Restart? = nil, now: Moment) {
        begin(why.map(Cause.restarted), at: now)
    }

    /// It is resolved or merged.
    package mutating func end() {
        state = .ended
        held = nil
    }

    private mutating func begin(_ cause: Cause?, at time: Moment) {
        self.cause = cause
        state = policy.steps.isEmpty ? .exhausted : .running
        held = nil
        roundBegan = time
        round = 0
        nextStep = 0
    }

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
