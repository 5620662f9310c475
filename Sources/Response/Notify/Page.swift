package import Spec

/// One message to one reader by one way, with everything that became of it.
package struct Page: Hashable, Codable, Sendable {
    /// What it says.
    package enum Kind: Hashable, Codable, Sendable {
        /// Somebody is asked to act.
        case page
        case acknowledged(by: String)
        case resolved
        /// More alerts joined, or some ended.
        case update(Update)
        /// In the place of other pages, which are named.
        case summary([String])
        case test(by: String)
    }

    /// What is new about an incident.
    package struct Update: Hashable, Codable, Sendable {
        package var moreAlerts: Int

        package init(moreAlerts: Int) { self.moreAlerts = moreAlerts }

        /// Was kept as its English words once: `3 more alerts`.
        package init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let count = try? value.decode(Int.self) {
                moreAlerts = count
            } else {
                moreAlerts = Int(try value.decode(String.self).prefix { $0.isNumber }) ?? 1
            }
        }

        package func encode(to encoder: any Encoder) throws {
            var value = encoder.singleValueContainer()
            try value.encode(moreAlerts)
        }

        func phrase(about name: String) -> Phrase {
            let more = Phrase.moreAlerts(moreAlerts)
            return Phrase("\(name): \(more.english)", "\(name)\u{a0}: \(more.french)")
        }
    }

    /// Why it was decided.
    package enum Reason: Hashable, Codable, Sendable {
        case escalation(Escalation.Reason, party: String, path: Audience.Path)
        case assigned(by: String)
        /// Who was told hears what becomes of it.
        case followUp
        case tooManyToRead
        case asked(by: String)
    }

    /// Why it is not sent yet.
    package enum Deferral: Hashable, Codable, Sendable {
        /// Other ways come first.
        case order(after: Duration)
        case quietHours
        case rateLimit(RateLimit)
        case backOff(attempt: Int)
        /// The first message to this reader about this incident has not arrived yet.
        case behind(page: String)
    }

    /// Why it is never sent.
    package enum Withdrawal: Hashable, Codable, Sendable {
        case acknowledged(by: String)
        case resolved
        case merged(into: String)
        /// A newer message says more.
        case outdated(by: String)
    }

    package enum State: Hashable, Codable, Sendable {
        case waiting(until: Moment, why: Deferral?)
        /// Given to the world, with this attempt's number; no answer yet.
        case sending(attempt: Int, since: Moment)
        case accepted(at: Moment)
        case acknowledged(by: String, at: Moment)
        case withdrawn(Withdrawal)
        case summarised(into: String)
        /// Refused for good, or after the last attempt.
        case dead(String)
    }

    /// A line of the ledger.
    package struct Line: Hashable, Codable, Sendable {
        package enum Deed: Hashable, Codable, Sendable {
            case decided
            case deferred(until: Moment, why: Deferral)
            case sent(attempt: Int)
            /// A restart does not know whether the attempt went out: it is made again under the same key.
            case sentAgain(attempt: Int)
            case accepted(attempt: Int, reference: String?)
            case failed(attempt: Int, detail: String)
            case noAnswer(attempt: Int)
            case withdrawn(Withdrawal)
            case summarised(into: String)
            case acknowledged(by: String)
            case gaveUp(String)
        }

        package var at: Moment
        package var deed: Deed
    }

    package let id: String
    package let incident: String?
    package let person: String?
    package let contact: Contact
    package let kind: Kind
    package let level: Level
    package let reason: Reason
    package internal(set) var state: State
    package internal(set) var attempts = 0
    /// What the provider calls the message: a Slack message's time stamp, a call's identity.
    package internal(set) var reference: String?
    package internal(set) var ledger: [Line]

    init(
        id: String, incident: String?, person: String?, contact: Contact, kind: Kind, level: Level, reason: Reason,
        due: Moment, why: Deferral?, now: Moment
    ) {
        self.id = id
        self.incident = incident
        self.person = person
        self.contact = contact
        self.kind = kind
        self.level = level
        self.reason = reason
        state = .waiting(until: due, why: why)
        ledger = [Line(at: now, deed: .decided)]
        if let why { ledger.append(Line(at: now, deed: .deferred(until: due, why: why))) }
    }

    /// What providers that know such a thing are given to drop a second delivery: the same at every attempt.
    package var key: String { "hauban-\(id)" }

    /// Whether something is still to be done about it.
    package var isUnderWay: Bool {
        switch state {
        case .waiting, .sending: true
        case .accepted, .acknowledged, .withdrawn, .summarised, .dead: false
        }
    }

    mutating func write(_ deed: Line.Deed, _ now: Moment) { ledger.append(Line(at: now, deed: deed)) }
}
