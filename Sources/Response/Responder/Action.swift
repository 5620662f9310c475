/// What the world has to do after an event, in this order.
///
/// The changes come first: written in one commit before anything else is done, they are all that a restart needs
/// (``Responder/init(rules:parts:now:)``, then ``Responder/resume(now:)``). What follows may happen twice after a crash: a
/// message under the same key, so that its reader can be spared the second.
package enum Action: Hashable, Codable, Sendable {
    case save(Part)
    case drop(Part.Key)
    /// All parts of an incident are history: kept, and not given to the next start.
    case archive(incident: String)
    case send(Dispatch)
    /// Tell the outcome with ``Event/remedied(key:succeeded:output:)``.
    case perform(RemedyRun)
    case refuse(Refusal)
}

/// One attempt to send a page.
package struct Dispatch: Hashable, Codable, Sendable {
    package var page: String
    package var attempt: Int
    /// The same at each attempt: the idempotency key of channels that know one.
    package var key: String
    package var contact: Contact
    package var message: Message
    /// The provider's name of the first message about the same incident to the same reader.
    package var thread: String?
}

extension [Action] {
    /// The first refusal: the answer to whoever asked.
    package var refusal: Refusal? {
        for case .refuse(let refusal) in self { return refusal }
        return nil
    }
}

/// A piece of the ``Responder``'s state that is stored by itself.
package enum Part: Hashable, Codable, Sendable {
    case alert(Alert)
    case group(AlertGroup.Record)
    case incident(Incident)
    /// A line of an incident's log; its number never changes.
    case entry(incident: String, number: Int, Incident.Entry)
    case escalation(incident: String, Escalation)
    case page(Page)
    case remedy(RemedyRun)
    case silence(Silence)
    case maintenance(MaintenanceWindow)
    case release(ReleaseRecord)
    case override(schedule: String, OnCallSchedule.Override)
    case absence(schedule: String, id: String, OnCallSchedule.Absence)
    case swap(ShiftSwap)
    case beat(name: String, last: Moment, isMissed: Bool)
    case entryOfPerson(OwnEntry)
    case register(Register)

    /// Where a part is stored; the later of two with one key is true.
    package struct Key: Hashable, Comparable, Codable, Sendable {
        package enum Kind: String, Hashable, Codable, CaseIterable, Sendable {
            case alert, group, incident, entry, escalation, page, remedy, silence, maintenance, release, override
            case absence, swap, beat, person, register
        }

        package var kind: Kind
        package var id: String
        /// The incident that it is archived with.
        package var incident: String?

        package init(_ kind: Kind, _ id: String, incident: String? = nil) {
            self.kind = kind
            self.id = id
            self.incident = incident
        }

        package static func < (one: Key, other: Key) -> Bool {
            (one.kind.rawValue, one.id) < (other.kind.rawValue, other.id)
        }
    }

    package var key: Key {
        switch self {
        case .alert(let alert): Key(.alert, alert.labels.fingerprint.description)
        case .group(let group): Key(.group, group.key.description)
        case .incident(let incident): Key(.incident, incident.id, incident: incident.id)
        case .entry(let incident, let number, _): Key(.entry, "\(incident).\(padded(number, 6))", incident: incident)
        case .escalation(let incident, _): Key(.escalation, incident, incident: incident)
        case .page(let page): Key(.page, page.id, incident: page.incident)
        case .remedy(let run): Key(.remedy, run.key, incident: run.incident)
        case .silence(let silence): Key(.silence, silence.id)
        case .maintenance(let window): Key(.maintenance, window.id)
        case .release(let release): Key(.release, release.id)
        case .override(let schedule, let override): Key(.override, "\(schedule)/\(override.id)")
        case .absence(let schedule, let id, _): Key(.absence, "\(schedule)/\(id)")
        case .swap(let swap): Key(.swap, swap.id)
        case .beat(let name, _, _): Key(.beat, name)
        case .entryOfPerson(let entry): Key(.person, entry.person)
        case .register: Key(.register, "register")
        }
    }
}

/// What belongs to nothing else.
package struct Register: Hashable, Codable, Sendable {
    /// How many incidents were opened: the number of the next one's identity.
    package var incidents = 0
    /// How many pages belonged to no incident.
    package var pages = 0
    /// Services that use up the budget of their objective too fast.
    package var burning: Set<String> = []

    package init() {}
}
