package import Response
import Spec

/// What somebody asked for where they were told: by a button in Slack, by a digit on the telephone.
package struct InboundAsk: Hashable, Sendable {
    package enum Deed: String, Hashable, Sendable {
        case acknowledge, resolve
    }

    package enum Asker: Hashable, Sendable {
        /// A member's id, and the name that Slack gives with it.
        case slack(user: String, name: String)
        /// The number that was called.
        case telephone(String)
    }

    package var deed: Deed
    package var incident: String
    /// The page that was answered, where the channel tells.
    package var page: String?
    package var by: Asker
    /// What the channel spoke; `nil`: it does not say.
    package var language: Language?

    package init(deed: Deed, incident: String, page: String? = nil, by: Asker, language: Language? = nil) {
        self.deed = deed
        self.incident = incident
        self.page = page
        self.by = by
        self.language = language
    }
}

extension InboundAsk.Asker {
    /// Whose contact it is, by the rulebook; `nil`: nobody's, or of several.
    package func person(in rules: Rulebook) -> String? {
        let cards = rules.people.filter { _, card in card.contacts.contains { isReached(by: $0) } }
        return cards.count == 1 ? cards.first?.key : nil
    }

    /// What to write into the log in place of a person's name.
    package var label: String {
        switch self {
        case .slack(let user, let name): "\(name.isEmpty ? user : name) (Slack)"
        case .telephone(let number): "\(number) (telephone)"
        }
    }

    private func isReached(by contact: Contact) -> Bool {
        switch self {
        case .slack(let user, let name):
            contact.kind == .slack && ([user, name, "@\(name)"].contains(contact.address)) && !contact.address.isEmpty
        case .telephone(let number): (contact.kind == .call || contact.kind == .sms) && contact.address == number
        }
    }
}

/// A request of a provider's, read.
package enum InboundReading: Sendable {
    /// Somebody asks for something; when it is done, or refused, the answer is made from that.
    case asks(InboundAsk)
    /// There is nothing to do: this is the answer.
    case answered(Answer)

    static func refused(_ status: Int, _ text: String) -> InboundReading {
        .answered(Answer(status: status, body: .text(text + "\n")))
    }
}

extension InboundAsk {
    /// What to tell the ``Responder``.
    ///
    /// - Parameter person: who it is; by ``Asker/person(in:)``, else ``Asker/label``.
    package func event(by person: String) -> Event {
        switch deed {
        case .acknowledge: .incident(incident, .acknowledge(page: page), by: person)
        case .resolve: .incident(incident, .resolve, by: person)
        }
    }
}
