package import Spec

/// One way to one reader: a kind of channel and an address on it.
package struct Contact: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    package var kind: Channel.Kind
    /// A telephone number, an e-mail address, a Slack channel or handle, the name of a PagerDuty or webhook integration.
    package var address: String

    package init(_ kind: Channel.Kind, _ address: String) {
        self.kind = kind
        self.address = address
    }

    /// `sms:+33612345678`.
    package var description: String { "\(kind.rawValue):\(address)" }

    package static func < (one: Contact, other: Contact) -> Bool { one.description < other.description }

    /// Whether it wants to hear what becomes of an incident after the first message.
    package var followsUp: Bool {
        switch kind {
        case .slack, .pagerduty, .webhook, .email: true
        case .sms, .call, .push: false
        }
    }

    /// Whether a person reads each message: too many become a summary. A machine counts incidents by their key instead.
    package var isRead: Bool {
        switch kind {
        case .slack, .sms, .call, .push, .email: true
        case .pagerduty, .webhook: false
        }
    }
}

/// How one person is reached: by which ways, in which order, and when not.
package struct ContactCard: Hashable, Sendable {
    /// One way, and how long after the page was decided it is used while nobody has answered.
    package struct Step: Hashable, Codable, Sendable {
        package var after: Duration
        package var contact: Contact

        package init(after: Duration = .zero, _ contact: Contact) {
            self.after = after
            self.contact = contact
        }
    }

    package struct QuietHours: Hashable, Sendable {
        package var hours: WeeklyHours
        /// What is at least as bad as this is told all the same.
        package var breakThrough: Level

        package init(hours: WeeklyHours, breakThrough: Level = .critical) {
            self.hours = hours
            self.breakThrough = breakThrough
        }
    }

    package var name: String
    package var contacts: [Contact]
    /// The order by level; a level that is not there has the usual one.
    package var order: [Level: [Step]]
    package var quiet: QuietHours?
    /// What they are told in.
    package var language: Person.Language

    package init(
        name: String, contacts: [Contact], order: [Level: [Step]] = [:], quiet: QuietHours? = nil,
        language: Person.Language = .english
    ) {
        self.name = name
        self.contacts = contacts
        self.order = order
        self.quiet = quiet
        self.language = language
    }

    /// What is done to reach the person.
    ///
    /// The usual order: what is bad rings every way at once and by telephone after two minutes; the rest is written only.
    package func steps(for level: Level) -> [Step] {
        if let steps = order[level] { return steps.sorted { $0.after < $1.after } }
        switch level {
        case .critical, .high:
            let calls = contacts.filter { $0.kind == .call }
            let silent = contacts.filter { $0.kind != .call }
            let wait = silent.isEmpty ? Duration.zero : .seconds(120)
            return silent.map { Step($0) } + calls.map { Step(after: wait, $0) }
        case .medium, .low:
            let written = contacts.filter { [.slack, .email, .push].contains($0.kind) }
            return (written.isEmpty ? Array(contacts.filter { $0.kind != .call }.prefix(1)) : written).map { Step($0) }
        }
    }

    /// Until when a message of a level has to wait; `nil`: not at all.
    package func quietUntil(_ level: Level, now: Moment) -> Moment? {
        guard let quiet, level < quiet.breakThrough else { return nil }
        return quiet.hours.end(after: now)
    }
}
