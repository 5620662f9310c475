package import Spec

/// Something that goes wrong, who takes care of it, and everything that happened about it.
package struct Incident: Hashable, Sendable {
    package enum Status: Hashable, Sendable {
        case triggered
        case acknowledged
        case resolved
        /// It is the same as another one, which goes on in its place.
        case merged(into: String)
    }

    /// Who did or said something.
    package enum Actor: Hashable, Sendable {
        case person(String)
        /// Hauban itself: a rule, a rollback, an escalation.
        case hauban
        /// The alerts' sender.
        case source(String)
    }

    /// One line of the timeline.
    package struct Entry: Hashable, Sendable {
        package enum Deed: Hashable, Sendable {
            case opened(Level)
            case alertBegan(Fingerprint, LabelSet)
            case alertEnded(Fingerprint)
            case acknowledged
            case unacknowledged
            case assigned(to: String)
            case tookRole(String, person: String)
            case noted(String)
            case linked(String, title: String)
            case severityChanged(from: Level, to: Level)
            /// Somebody was told, by which channel, and why then.
            case told(String, channel: String, reason: String)
            case tried(remedy: String, outcome: String)
            /// A release or another change nearby in time.
            case changed(String)
            case resolved
            case reopened(reason: String)
            case merged(into: String)
            case absorbed(String)
        }

        package var at: Moment
        package var by: Actor
        package var deed: Deed

        package init(at: Moment, by: Actor, deed: Deed) {
            self.at = at
            self.by = by
            self.deed = deed
        }
    }

    /// Why something cannot be done to an incident in its state.
    package enum Refusal: Error, Hashable, Sendable {
        case isResolved
        case isMerged(into: String)
        case isAcknowledged(by: String?)
        case isNotAcknowledged
        case isNotResolved
        case intoItself
    }

    package let id: String
    package var title: String
    package private(set) var severity: Level
    package private(set) var status = Status.triggered
    package private(set) var assignee: String?
    package private(set) var roles: [String: String] = [:]
    package private(set) var firing: Set<Fingerprint> = []
    package private(set) var timeline: [Entry] = []
    package let opened: Moment
    /// The first acknowledgement; later ones do not move it.
    package private(set) var firstAcknowledged: Moment?
    package private(set) var resolved: Moment?
    package var runbook: String?
    package var service: String?

    package init(
        id: String, title: String, severity: Level, opened: Moment, by actor: Actor = .hauban, service: String? = nil,
        runbook: String? = nil
    ) {
        self.id = id
        self.title = title
        self.severity = severity
        self.opened = opened
        self.service = service
        self.runbook = runbook
        timeline = [Entry(at: opened, by: actor, deed: .opened(severity))]
    }

    package var isOpen: Bool { status == .triggered || status == .acknowledged }

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
        if case .merged(let other) = status { throw .isMerged(into: other) }
        let fingerprint = labels.fingerprint
        guard firing.insert(fingerprint).inserted else { return }
        note(.alertBegan(fingerprint, labels), actor, now)
        if status == .resolved { reopen("an alert began again", actor, now) }
        if level > severity {
            note(.severityChanged(from: severity, to: level), .hauban, now)
            severity = level
        }
    }

    /// An alert ended; the last one resolves the incident.
    ///
    /// - Returns: whether it is resolved now.
    package mutating func alertEnded(_ fingerprint: Fingerprint, by actor: Actor, now: Moment) -> Bool {
        guard firing.remove(fingerprint) != nil else { return false }
        note(.alertEnded(fingerprint), actor, now)
        guard firing.isEmpty, isOpen else { return false }
        close(.hauban, now)
        return true
    }

    package mutating func resolve(by actor: Actor, now: Moment) throws(Refusal) {
        try requireOpen()
        close(actor, now)
    }

    package mutating func reopen(by actor: Actor, reason: String, now: Moment) throws(Refusal) {
        if case .merged(let other) = status { throw .isMerged(into: other) }
        guard status == .resolved else { throw .isNotResolved }
        reopen(reason, actor, now)
    }

    /// Makes another incident a part of this one: its alerts and its timeline go on here.
    package mutating func absorb(_ other: inout Incident, by actor: Actor, now: Moment) throws(Refusal) {
        guard other.id != id else { throw .intoItself }
        try requireOpen()
        if case .merged(let into) = other.status { throw .isMerged(into: into) }
        firing.formUnion(other.firing)
        timeline = (timeline + other.timeline).enumerated()
            .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
            .map(\.element)
        note(.absorbed(other.id), actor, now)
        if other.severity > severity {
            note(.severityChanged(from: severity, to: other.severity), .hauban, now)
            severity = other.severity
        }
        other.firing = []
        other.status = .merged(into: id)
        other.note(.merged(into: id), actor, now)
    }

    /// Writes down what changes nothing else: a note, a link, who was told, what was tried.
    package mutating func note(_ deed: Entry.Deed, _ actor: Actor, _ now: Moment) {
        timeline.append(Entry(at: now, by: actor, deed: deed))
    }

    private mutating func close(_ actor: Actor, _ now: Moment) {
        status = .resolved
        resolved = now
        note(.resolved, actor, now)
    }

    private mutating func reopen(_ reason: String, _ actor: Actor, _ now: Moment) {
        status = .triggered
        resolved = nil
        assignee = nil
        note(.reopened(reason: reason), actor, now)
    }

    private func requireOpen() throws(Refusal) {
        switch status {
        case .triggered, .acknowledged: return
        case .resolved: throw .isResolved
        case .merged(let other): throw .isMerged(into: other)
        }
    }
}
