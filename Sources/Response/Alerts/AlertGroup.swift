/// Alerts that are told together, and when.
///
/// The times mean what Alertmanager's `group_wait`, `group_interval` and `repeat_interval` mean.
package struct AlertGroup: Sendable {
    package struct Timing: Hashable, Sendable {
        /// From the first alert to the first notice.
        package var wait: Duration
        /// Between two looks at the group.
        package var interval: Duration
        /// Until the same is told again.
        package var repeatAfter: Duration

        package init(
            wait: Duration = .seconds(30), interval: Duration = .seconds(300),
            repeatAfter: Duration = .seconds(4 * 3600)
        ) {
            self.wait = wait
            self.interval = interval
            self.repeatAfter = repeatAfter
        }
    }

    /// Why something is told.
    package enum Reason: Hashable, Sendable {
        case first
        case newAlerts([Fingerprint])
        case resolvedAlerts([Fingerprint])
        case allResolved
        case repeated(after: Duration)
    }

    /// Why nothing is told.
    package enum Quiet: Hashable, Sendable {
        case allMuted
        case nothingNew
        /// It began and ended before anybody was told.
        case overBeforeItWasTold
    }

    package struct Notice: Hashable, Sendable {
        package var firing: [Fingerprint]
        package var resolved: [Fingerprint]
        /// Left out, and why they are.
        package var muted: [Fingerprint: String]
        package var reason: Reason
    }

    package enum Outcome: Hashable, Sendable {
        case tell(Notice)
        case quiet(Quiet)
    }

    /// What was last told.
    private struct Told: Sendable {
        var firing: Set<Fingerprint>
        var resolved: Set<Fingerprint>
        var at: Moment
    }

    package let labels: LabelSet
    package var timing: Timing
    package var tellsResolved: Bool
    package private(set) var members: Set<Fingerprint> = []
    /// When the group is looked at next; `nil` while it has no members.
    package private(set) var nextLook: Moment?
    private var told: Told?
    private var hasLooked = false

    package init(labels: LabelSet, timing: Timing, tellsResolved: Bool = true) {
        self.labels = labels
        self.timing = timing
        self.tellsResolved = tellsResolved
    }

    /// An alert of the group began, was told again, or ended.
    package mutating func take(_ alert: Alert, now: Moment) {
        let fingerprint = alert.labels.fingerprint
        // What is over and was never a member has nothing to say here.
        guard members.contains(fingerprint) || !alert.isResolved(at: now) else { return }
        members.insert(fingerprint)
        if nextLook == nil { nextLook = now + timing.wait }
        // One that has waited elsewhere for as long, after a restart perhaps, does not wait again.
        if !hasLooked, alert.startsAt + timing.wait < now { nextLook = now }
    }

    /// Looks at the group: what to tell now, or why nothing.
    ///
    /// - Parameter mute: why nobody should be told of an alert, if so.
    package mutating func look(
        now: Moment, alert: (Fingerprint) -> Alert?, mute: (Alert) -> String?
    ) -> Outcome {
        nextLook = now + timing.interval
        hasLooked = true
        let known = members.compactMap { fingerprint in alert(fingerprint).map { (fingerprint, $0) } }
        members.formIntersection(known.map(\.0))
        var firing: Set<Fingerprint> = []
        var resolved: Set<Fingerprint> = []
        var muted: [Fingerprint: String] = [:]
        for (fingerprint, alert) in known {
            if let why = mute(alert) {
                muted[fingerprint] = why
            } else if alert.isResolved(at: now) {
                resolved.insert(fingerprint)
            } else {
                firing.insert(fingerprint)
            }
        }
        let over = known.filter { $0.1.isResolved(at: now) }.map(\.0)
        let outcome = decide(firing, resolved, muted, now)
        // A receiver that is told of no end has heard of this one all the same: the same alert, when it fires again, is new.
        let isOver = firing.isEmpty && !resolved.isEmpty
        if case .tell = outcome { told = Told(firing: firing, resolved: resolved, at: now) }
        if isOver { told?.firing = [] }
        members.subtract(over)
        if members.isEmpty {
            nextLook = nil
            hasLooked = false
        }
        return outcome
    }

    /// Whether it can be forgotten: it has no members, and what it told last can make no difference any more.
    package func isSpent(at now: Moment) -> Bool {
        guard members.isEmpty else { return false }
        guard let told else { return true }
        return told.firing.isEmpty || told.at + timing.repeatAfter < now
    }

    private func decide(
        _ firing: Set<Fingerprint>, _ resolved: Set<Fingerprint>, _ muted: [Fingerprint: String], _ now: Moment
    ) -> Outcome {
        func tell(_ reason: Reason) -> Outcome {
            .tell(
                Notice(
                    firing: firing.sorted(), resolved: tellsResolved ? resolved.sorted() : [], muted: muted,
                    reason: reason))
        }
        guard !(firing.isEmpty && resolved.isEmpty) else { return .quiet(.allMuted) }
        guard let told else { return firing.isEmpty ? .quiet(.overBeforeItWasTold) : tell(.first) }
        let new = firing.subtracting(told.firing)
        if !new.isEmpty { return tell(told.firing.isEmpty ? .first : .newAlerts(new.sorted())) }
        if firing.isEmpty {
            guard !told.firing.isEmpty else { return .quiet(.overBeforeItWasTold) }
            return tellsResolved ? tell(.allResolved) : .quiet(.nothingNew)
        }
        let gone = resolved.subtracting(told.resolved)
        if tellsResolved, !gone.isEmpty { return tell(.resolvedAlerts(gone.sorted())) }
        if told.at + timing.repeatAfter <= now { return tell(.repeated(after: now - told.at)) }
        return .quiet(.nothingNew)
    }
}
