import Spec

/// Which alerts are told together: one route, and the labels that it groups by.
package struct GroupKey: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    package var route: String
    package var labels: LabelSet

    package init(route: String, labels: LabelSet) {
        self.route = route
        self.labels = labels
    }

    /// `default{service="api"}`.
    package var description: String { route + labels.description }

    package static func < (one: GroupKey, other: GroupKey) -> Bool {
        one.route != other.route ? one.route < other.route : one.labels < other.labels
    }
}

/// Alerts that are told together, and when.
///
/// The times mean what Alertmanager's `group_wait`, `group_interval` and `repeat_interval` mean; and what got worse, or is
/// all over, does not wait for the interval.
package struct AlertGroup: Sendable {
    package struct Timing: Hashable, Codable, Sendable {
        /// From the first alert to the first notice.
        package var wait: Duration
        /// Between two looks at the group.
        package var interval: Duration
        /// Until the same is told again.
        package var repeatAfter: Duration
        /// From the end of the last alert to the look that says so; `nil`: at the next look, as Alertmanager does.
        package var settle: Duration?

        package init(
            wait: Duration = .seconds(30), interval: Duration = .seconds(300),
            repeatAfter: Duration = .seconds(4 * 3600), settle: Duration? = nil
        ) {
            self.wait = wait
            self.interval = interval
            self.repeatAfter = repeatAfter
            self.settle = settle
        }

        /// Nothing waits to be grouped: the first alert is told at once and those that follow join what it began.
        package static let atOnce = Timing(wait: .zero, settle: .zero)
    }

    /// Why something is told.
    package enum Reason: Hashable, Codable, Sendable {
        case first
        case newAlerts([Fingerprint])
        case resolvedAlerts([Fingerprint])
        case allResolved
        case repeated(after: Duration)
    }

    /// Why nothing is told.
    package enum Quiet: Hashable, Codable, Sendable {
        case allMuted
        case nothingNew
        /// It began and ended before anybody was told.
        case overBeforeItWasTold
    }

    package struct Notice: Hashable, Sendable {
        package var firing: [Fingerprint]
        package var resolved: [Fingerprint]
        /// Left out, and why they are.
        package var muted: [Fingerprint: Mute]
        package var reason: Reason
    }

    package enum Outcome: Hashable, Sendable {
        case tell(Notice)
        case quiet(Quiet)
    }

    /// What a look found.
    package struct Look: Hashable, Sendable {
        package var outcome: Outcome
        /// The members that are over, muted or not; they are members no longer.
        package var ended: [Fingerprint]
        package var muted: [Fingerprint: Mute]
    }

    /// What was last told.
    fileprivate struct Told: Hashable, Codable, Sendable {
        var firing: FingerprintSet
        var resolved: FingerprintSet
        var at: Moment
        /// The worst that was told.
        var level: Level
    }

    /// The last decision, for whoever asks why nothing came.
    package enum Verdict: Hashable, Codable, Sendable {
        case told(Reason)
        case quiet(Quiet)
    }

    package let key: GroupKey
    package var timing: Timing
    package var tellsResolved: Bool
    package private(set) var members: Set<Fingerprint> = []
    /// When the group is looked at next; `nil` while it has no members.
    package private(set) var nextLook: Moment?
    package private(set) var verdict: Verdict?
    /// The incident that its alerts belong to, or belonged to last.
    package var incident: String?
    /// What was said of members that have no incident yet.
    package var early: [EarlyAnswer] = []
    private var told: Told?
    private var hasLooked = false
    /// How many members fire: the end of the last one is worth a look.
    private var firing: Set<Fingerprint> = []

    package init(key: GroupKey, timing: Timing, tellsResolved: Bool = true) {
        self.key = key
        self.timing = timing
        self.tellsResolved = tellsResolved
    }

    package var labels: LabelSet { key.labels }

    /// An alert of the group began, was told again, or ended.
    ///
    /// - Parameter over: from when on its end is believed; `nil` while it fires.
    package mutating func take(_ alert: Alert, fingerprint: Fingerprint? = nil, over: Moment? = nil, now: Moment) {
        let fingerprint = fingerprint ?? alert.labels.fingerprint
        // What is over and was never a member has nothing to say here.
        guard members.contains(fingerprint) || !alert.isResolved(at: now) else { return }
        members.insert(fingerprint)
        if nextLook == nil { nextLook = now + timing.wait }
        // One that has waited elsewhere for as long, after a restart perhaps, does not wait again.
        if !hasLooked, alert.startsAt + timing.wait < now { nextLook = now }
        guard alert.isResolved(at: now) else {
            firing.insert(fingerprint)
            if let told, alert.level > told.level { hurry(now + timing.wait) }
            return
        }
        firing.remove(fingerprint)
        if firing.isEmpty, hasLooked, let settle = timing.settle { hurry(max(over ?? alert.endsAt, now) + settle) }
    }

    /// Makes it look no later than a time: what kept it quiet is over.
    package mutating func hurry(_ time: Moment) {
        guard let next = nextLook, time < next else { return }
        nextLook = time
    }

    /// Looks at the group: what to tell now, or why nothing.
    ///
    /// - Parameters:
    ///   - over: from when on the end of an alert is believed; `nil` while it fires.
    ///   - mute: why nobody should be told of an alert, if so.
    package mutating func look(
        now: Moment, alert: (Fingerprint) -> Alert?, over: (Alert) -> Moment? = { $0.endedAt },
        mute: (Alert) -> Mute?
    ) -> Look {
        nextLook = now + timing.interval
        hasLooked = true
        let known = members.compactMap { fingerprint in alert(fingerprint).map { (fingerprint, $0) } }
        members.formIntersection(known.map(\.0))
        var firing: Set<Fingerprint> = []
        var resolved: Set<Fingerprint> = []
        var muted: [Fingerprint: Mute] = [:]
        var ended: [Fingerprint] = []
        // When the first of the ends is believed that are not yet.
        var calm: Moment?
        var level = Level.low
        for (fingerprint, alert) in known {
            let end = over(alert)
            let isOver = end.map { $0 <= now } ?? false
            if isOver { ended.append(fingerprint) } else if let end { calm = min(calm ?? end, end) }
            if let why = mute(alert) {
                muted[fingerprint] = why
            } else if isOver {
                resolved.insert(fingerprint)
            } else {
                firing.insert(fingerprint)
                level = max(level, alert.level)
            }
        }
        let outcome = decide(firing, resolved, muted, now)
        switch outcome {
        case .tell(let notice):
            told = Told(firing: FingerprintSet(firing), resolved: FingerprintSet(resolved), at: now, level: level)
            verdict = .told(notice.reason)
        case .quiet(let why): verdict = .quiet(why)
        }
        // Told or not, its end is behind us: the same alert, when it fires again, is new.
        told?.firing.set.subtract(ended)
        members.subtract(ended)
        self.firing.formIntersection(members)
        if self.firing.isEmpty, let calm, let settle = timing.settle { hurry(calm + settle) }
        if members.isEmpty {
            nextLook = nil
            hasLooked = false
        }
        return Look(outcome: outcome, ended: ended.sorted(), muted: muted)
    }

    /// Whether it can be forgotten: it has no members, and what it told last can make no difference any more.
    package func isSpent(at now: Moment) -> Bool {
        guard members.isEmpty else { return false }
        guard let told else { return true }
        return told.firing.set.isEmpty || told.at + timing.repeatAfter < now
    }

    private func decide(
        _ firing: Set<Fingerprint>, _ resolved: Set<Fingerprint>, _ muted: [Fingerprint: Mute], _ now: Moment
    ) -> Outcome {
        func tell(_ reason: Reason) -> Outcome {
            .tell(
                Notice(
                    firing: firing.sorted(), resolved: tellsResolved ? resolved.sorted() : [], muted: muted,
                    reason: reason))
        }
        guard !(firing.isEmpty && resolved.isEmpty) else { return .quiet(.allMuted) }
        guard let told else { return firing.isEmpty ? .quiet(.overBeforeItWasTold) : tell(.first) }
        let new = firing.subtracting(told.firing.set)
        if !new.isEmpty { return tell(told.firing.set.isEmpty ? .first : .newAlerts(new.sorted())) }
        if firing.isEmpty {
            guard !told.firing.set.isEmpty else { return .quiet(.overBeforeItWasTold) }
            return tellsResolved ? tell(.allResolved) : .quiet(.nothingNew)
        }
        let gone = resolved.subtracting(told.resolved.set)
        if tellsResolved, !gone.isEmpty { return tell(.resolvedAlerts(gone.sorted())) }
        if told.at + timing.repeatAfter <= now { return tell(.repeated(after: now - told.at)) }
        return .quiet(.nothingNew)
    }
}

extension AlertGroup {
    /// What is kept of a group. Its members are not: the alerts say themselves where they belong.
    package struct Record: Hashable, Codable, Sendable {
        package var key: GroupKey
        fileprivate var timing: Timing
        fileprivate var tellsResolved: Bool
        fileprivate var nextLook: Moment?
        fileprivate var told: Told?
        fileprivate var hasLooked: Bool
        package var verdict: Verdict?
        package var incident: String?
        /// `nil` in what an older version stored.
        var early: [EarlyAnswer]?
    }

    package var record: Record {
        Record(
            key: key, timing: timing, tellsResolved: tellsResolved, nextLook: nextLook, told: told,
            hasLooked: hasLooked, verdict: verdict, incident: incident, early: early.isEmpty ? nil : early)
    }

    /// A group without members as yet; ``restore(_:fingerprint:over:now:)`` adds them.
    package init(_ record: Record) {
        self.init(key: record.key, timing: record.timing, tellsResolved: record.tellsResolved)
        nextLook = record.nextLook
        told = record.told
        hasLooked = record.hasLooked
        verdict = record.verdict
        incident = record.incident
        early = record.early ?? []
    }

    /// Puts an alert back that was a member when the record was kept, or became one since.
    package mutating func restore(_ alert: Alert, fingerprint: Fingerprint, over: Moment?) {
        // One that ended before what was last told was told as such.
        if let ended = alert.endedAt {
            guard let told, told.firing.set.contains(fingerprint), over.map({ $0 > told.at }) ?? true else { return }
            members.insert(fingerprint)
            if nextLook == nil { nextLook = ended + timing.interval }
            return
        }
        members.insert(fingerprint)
        firing.insert(fingerprint)
        if nextLook == nil { nextLook = alert.receivedAt + timing.wait }
        if !hasLooked { hurry(alert.receivedAt + timing.wait) }
        if let told, alert.level > told.level { hurry(alert.receivedAt + timing.wait) }
    }
}

extension AlertGroup {
    /// Ends the putting back: where no member fires any more, their ends are worth a look.
    package mutating func restored(over: (Fingerprint) -> Moment?) {
        guard firing.isEmpty, hasLooked, let settle = timing.settle else { return }
        if let first = members.compactMap(over).min() { hurry(first + settle) }
    }
}

/// Many fingerprints in one text: 16 digits each, in order.
struct FingerprintSet: Hashable, Codable, Sendable {
    var set: Set<Fingerprint> = []

    init(_ set: Set<Fingerprint> = []) { self.set = set }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        var rest = try container.decode(String.self)[...]
        while !rest.isEmpty {
            guard let fingerprint = Fingerprint(String(rest.prefix(16))) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not fingerprints")
            }
            set.insert(fingerprint)
            rest = rest.dropFirst(16)
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(set.sorted().map(\.description).joined())
    }
}
