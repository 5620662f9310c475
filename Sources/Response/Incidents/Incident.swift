package import Spec

/// Something that goes wrong, who takes care of it, and everything that happened about it.
///
/// What is encoded leaves out ``log``, which only grows: each entry is kept by its number.
package struct Incident: Hashable, Codable, Sendable {
    package enum Status: Hashable, Codable, Sendable {
        case triggered
        case acknowledged
        case resolved
        /// It is the same as another one, which goes on in its place.
        case merged(into: String)
    }

    /// Who did or said something.
    package enum Actor: Hashable, Codable, Sendable {
        case person(String)
        /// Hauban itself: a rule, a rollback, an escalation.
        case hauban
        /// The alerts' sender.
        case source(String)
    }

    /// Why something cannot be done to an incident in its state.
    package enum Refusal: Error, Hashable, Codable, Sendable {
        case isResolved
        case isMerged(into: String)
        case isAcknowledged(by: String?)
        case isNotAcknowledged
        case isNotResolved
        case intoItself
    }

    /// Where to read on.
    package struct Link: Hashable, Codable, Sendable {
        package var url: String
        package var title: String
    }

    package let id: String
    package var title: String
    package private(set) var severity: Level
    package private(set) var status = Status.triggered
    package private(set) var assignee: String?
    package private(set) var roles: [String: String] = [:]
    package private(set) var links: [Link] = []
    private var fires = FingerprintSet()
    /// Everything that happened, as it was written down; ``timeline`` has it in the order of time.
    package internal(set) var log: [Entry] = []
    package let opened: Moment
    /// The first acknowledgement; later ones do not move it.
    package private(set) var firstAcknowledged: Moment?
    package private(set) var resolved: Moment?
    /// Until when somebody asked to be left alone.
    package internal(set) var snoozedUntil: Moment?
    package var runbook: String?
    package var service: String?
    /// What it is escalated by.
    package var policy: String?
    /// How many pages were decided for it: the number of the next one's identity.
    package internal(set) var pages = 0

    /// The name of the alert that opened it; `nil` for one that was opened by hand, or before this was kept.
    package internal(set) var alert: String?
    /// How many messages were sent to each person that asked them to act; `nil`: none.
    package internal(set) var paged: [String: Int]?

    private enum CodingKeys: String, CodingKey {
        case id, title, severity, status, assignee, roles, links, fires, opened, firstAcknowledged, resolved
        case snoozedUntil, runbook, service, policy, pages, alert, paged
    }

    package init(
        id: String, title: String, severity: Level, opened: Moment, by actor: Actor = .hauban, service: String? = nil,
        runbook: String? = nil, policy: String? = nil
    ) {
        self.id = id
        self.title = title
        self.severity = severity
        self.opened = opened
        self.service = service
        self.runbook = runbook
        self.policy = policy
        log = [Entry(at: opened, by: actor, deed: .opened(severity))]
    }

    package var isOpen: Bool { status == .triggered || status == .acknowledged }

    package var firing: Set<Fingerprint> { fires.set }

    /// The log in the order of time; what was absorbed lies between what happened here.
    package var timeline: [Entry] {
        if zip(log, log.dropFirst()).allSatisfy({ $0.at <= $1.at }) { return log }
        return log.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    package mutating func acknowledge(by actor: Actor, now: Moment) throws(Refusal) {
        try requireOpen()
        guard status != .acknowledged else { throw .isAcknowledged(by: assignee) }
        status = .acknowledged
        if firstAcknowledged == nil { firstAcknowledged = now }
        if case .person(let name) = actor { assignee = name }
        note(.acknowledged, actor, now)
    }

    /// Given back, or its acknowledgement timed out.
    package mutating func unacknowledge(by actor: Actor, now: Moment) throws(Refusal) {
        try requireOpen()
        guard status == .acknowledged else { throw .isNotAcknowledged }
        status = .triggered
        assignee = nil
        snoozedUntil = nil
        note(.unacknowledged, actor, now)
    }

    package mutating func assign(to person: String, by actor: Actor, now: Moment) throws(Refusal) {
        try requireOpen()
        assignee = person
        note(.assigned(to: person), actor, now)
    }

    package mutating func give(role: String, to person: String, by actor: Actor, now: Moment) throws(Refusal) {
        try requireOpen()
        roles[role] = person
        note(.tookRole(role, person: person), actor, now)
    }

    package mutating func link(_ url: String, title: String, by actor: Actor, now: Moment) {
        links.append(Link(url: url, title: title))
        note(.linked(url, title: title), actor, now)
    }

    package mutating func snooze(until: Moment, by actor: Actor, now: Moment) throws(Refusal) {
        try requireOpen()
        if status == .triggered { try acknowledge(by: actor, now: now) }
        snoozedUntil = until
        note(.snoozed(until: until), actor, now)
    }

    package mutating func change(severity new: Level, by actor: Actor, now: Moment) throws(Refusal) {
        try requireOpen()
        guard new != severity else { return }
        note(.severityChanged(from: severity, to: new), actor, now)
        severity = new
    }

    /// An alert of its group began: a resolved incident is open again.
    package mutating func alertBegan(_ labels: LabelSet, severity level: Level, by actor: Actor, now: Moment)
        throws(Refusal)
    {
        try alertsBegan([(labels.fingerprint, labels, level)], by: actor, now: now)
    }

    /// Many alerts at once: the first ones are written down, the others counted.
    package mutating func alertsBegan(
        _ alerts: [(fingerprint: Fingerprint, labels: LabelSet, level: Level)], by actor: Actor, now: Moment
    ) throws(Refusal) {
        if case .merged(let other) = status { throw .isMerged(into: other) }
        let new = alerts.filter { fires.set.insert($0.fingerprint).inserted }
        guard !new.isEmpty else { return }
        for alert in new.prefix(Self.writtenOut) { note(.alertBegan(alert.fingerprint, alert.labels), actor, now) }
        if new.count > Self.writtenOut { note(.moreAlertsBegan(new.count - Self.writtenOut), actor, now) }
        if status == .resolved { reopen(.alertBeganAgain, actor, now) }
        if let worst = new.map(\.level).max(), worst > severity {
            note(.severityChanged(from: severity, to: worst), .hauban, now)
            severity = worst
        }
    }

    /// How many alerts of one look are named in the timeline.
    package static let writtenOut = 10

    /// An alert ended; the last one resolves the incident.
    ///
    /// - Returns: whether it is resolved now.
    package mutating func alertEnded(_ fingerprint: Fingerprint, by actor: Actor, now: Moment) -> Bool {
        alertsEnded([fingerprint], by: actor, now: now)
    }

    /// - Returns: whether it is resolved now.
    package mutating func alertsEnded(_ fingerprints: [Fingerprint], by actor: Actor, now: Moment) -> Bool {
        let gone = fingerprints.filter { fires.set.remove($0) != nil }
        guard !gone.isEmpty else { return false }
        for fingerprint in gone.prefix(Self.writtenOut) { note(.alertEnded(fingerprint), actor, now) }
        if gone.count > Self.writtenOut { note(.moreAlertsEnded(gone.count - Self.writtenOut), actor, now) }
        guard fires.set.isEmpty, isOpen else { return false }
        close(.hauban, now)
        return true
    }

    package mutating func resolve(by actor: Actor, now: Moment) throws(Refusal) {
        try requireOpen()
        close(actor, now)
    }

    package mutating func reopen(by actor: Actor, reason: Entry.Reopening, now: Moment) throws(Refusal) {
        if case .merged(let other) = status { throw .isMerged(into: other) }
        guard status == .resolved else { throw .isNotResolved }
        reopen(reason, actor, now)
    }

    /// Makes another incident a part of this one: its alerts and its timeline go on here.
    package mutating func absorb(_ other: inout Incident, by actor: Actor, now: Moment) throws(Refusal) {
        guard other.id != id else { throw .intoItself }
        try requireOpen()
        if case .merged(let into) = other.status { throw .isMerged(into: into) }
        fires.set.formUnion(other.fires.set)
        log += other.log
        note(.absorbed(other.id), actor, now)
        if other.severity > severity {
            note(.severityChanged(from: severity, to: other.severity), .hauban, now)
            severity = other.severity
        }
        other.fires.set = []
        other.status = .merged(into: id)
        other.note(.merged(into: id), actor, now)
    }

    /// Writes down what changes nothing else: a note, who was told, what was decided.
    package mutating func note(_ deed: Entry.Deed, _ actor: Actor, _ now: Moment) {
        log.append(Entry(at: now, by: actor, deed: deed))
    }

    private mutating func close(_ actor: Actor, _ now: Moment) {
        status = .resolved
        resolved = now
        snoozedUntil = nil
        note(.resolved, actor, now)
    }

    private mutating func reopen(_ reason: Entry.Reopening, _ actor: Actor, _ now: Moment) {
        status = .triggered
        resolved = nil
        assignee = nil
        note(.reopened(reason), actor, now)
    }

    private func requireOpen() throws(Refusal) {
        switch status {
        case .triggered, .acknowledged: return
        case .resolved: throw .isResolved
        case .merged(let other): throw .isMerged(into: other)
        }
    }
}
