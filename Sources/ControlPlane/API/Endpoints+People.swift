import Response
import Spec
import World

/// A person and how they are reached.
struct PersonItem: Sendable {
    var card: ContactCard
    var onCall: [String]
    var entry: OwnEntry?

    init(_ card: ContactCard, onCall: [String], _ responder: Responder) {
        self.card = card
        self.onCall = onCall
        entry = responder.entries[card.name]
    }
}

extension Endpoint {
    static let people: [Endpoint] = [
        Endpoint(
            method: "GET", path: "/people", summary: "Lists who can be told.", permission: .readOnCall,
            returns: .page(of: "Person")
        ) { call in
            let directory = call.responder.directory
            let onCall = Dictionary(
                grouping: directory.schedules.values.sorted { $0.name < $1.name },
                by: { $0.shift(at: call.now).person ?? "" })
            let all = directory.people.values.sorted { $0.name < $1.name }
                .map { PersonItem($0, onCall: onCall[$0.name]?.map(\.name) ?? [], call.responder) }
            return .page(all, of: .person, next: nil)
        },
        Endpoint(
            method: "POST", path: "/people/{name}/test-page",
            summary: "Sends somebody a test by every way that a critical page would use.", permission: .writeOnCall,
            returns: .nothing
        ) { call in
            .event(.testPage(person: call.segment("name"), contact: nil, by: call.actor)) { _ in .nothing }
        },
        Endpoint(
            method: "PUT", path: "/people/{name}/entry",
            summary:
                "Says how a person is reached, in the place of what hauban.yaml says: one's own, or as an administrator.",
            permission: .writeOnCall,
            body: Body(members: [
                maybe("email", .text, "E-mail address."), maybe("phone", .text, "Telephone number (E.164)."),
                maybe("slack", .text, "Slack handle."),
                maybe("order", .map(.list(.any)), "The ways in their order by severity, as in hauban.yaml."),
                maybe("quiet", .any, "When they are told only of what is bad, as in hauban.yaml."),
                maybe("zone", .text, "Time zone of the quiet hours."),
                maybe("language", .choice(Person.Language.allCases.map(\.rawValue)), "What they are told in."),
            ]), returns: .object("Person")
        ) { call throws(Problem) in
            let name = try ownPerson(call)
            let text = call.body.text
            if case .failure(let faults) = call.responder.rules.card(name, entry: text) {
                let first = faults.findings.first
                let member = first.map { $0.path.prefix { $0 != "." } }.flatMap { $0.isEmpty ? nil : String($0) }
                throw .invalid(
                    member ?? "entry", faults.findings.map { "\($0.path): \($0.message)" }.joined(separator: "; "))
            }
            return .event(.entry(person: name, text: text, by: call.actor)) { show(name, $0) }
        },
        Endpoint(
            method: "DELETE", path: "/people/{name}/entry",
            summary: "Goes back to what hauban.yaml says of how a person is reached.", permission: .writeOnCall,
            returns: .object("Person")
        ) { call throws(Problem) in
            let name = try ownPerson(call)
            return .event(.entry(person: name, text: nil, by: call.actor)) { show(name, $0) }
        },
    ]

    /// The path's person: who asks, or anybody for an administrator.
    private static func ownPerson(_ call: APICall) throws(Problem) -> String {
        let name = call.segment("name")
        guard call.responder.directory.people[name] != nil else { throw .notFound("nobody has the name \(name)") }
        guard call.who?.name == name || call.who?.may(.administer) == true else { throw .notAllowed(.administer) }
        return name
    }

    @Sendable
    private static func show(_ name: String, _ responder: Responder) -> APIReply {
        guard let card = responder.directory.people[name] else { return .nothing }
        let onCall = responder.directory.schedules.values
            .filter { $0.shift(at: responder.now).person == name }.map(\.name).sorted()
        return .json(Resource<PersonItem>.person.json(PersonItem(card, onCall: onCall, responder)))
    }
}

extension Resource where Value == PersonItem {
    static let person = Resource(
        name: "Person", about: "Somebody who is told.",
        members: [
            .text("name", "Their name.") { $0.card.name },
            .texts("contacts", "How they are reached, in order: `sms:+33…`.") { $0.card.contacts.map(\.description) },
            .texts("onCall", "The schedules in which they are on call.") { $0.onCall },
            .choice("source", "Where this stands: in hauban.yaml, or said here.", ["file", "here"]) {
                $0.entry == nil ? "file" : "here"
            },
            .maybe("changedBy", "Who said it here.") { $0.entry?.by },
            .maybeMoment("changedAt", "When it was said here.") { $0.entry?.at },
            .init(
                name: "entry", shape: .any, about: "As it would stand in hauban.yaml: what a change is made from.",
                isOptional: false
            ) { item in
                item.entry.flatMap { JSONValue(parsing: Array($0.text.utf8)) } ?? EntryDraft(item.card).json
            },
        ])
}
