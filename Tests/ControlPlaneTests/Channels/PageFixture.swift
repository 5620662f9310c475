import Response
import Spec
import Testing

/// Messages as the responder gives them to couriers.
enum PageFixture {
    static let start = Moment(seconds: 1_790_000_000)

    /// The first page of an incident.
    static func page(to contact: Contact, title: String = "checkout <fails> & \"burns\"") throws -> Dispatch {
        try #require(pages(to: contact, title: title).first)
    }

    /// The page of an incident and, after somebody resolved it, the message that says so.
    static func pages(to contact: Contact, title: String = "checkout fails") throws -> [Dispatch] {
        var rules = Rulebook(platform: "shop", routes: [Route(name: "default", policy: "only")])
        rules.console = "https://hauban.shop.example"
        rules.people["ana"] = ContactCard(name: "ana", contacts: [contact])
        rules.policies["only"] = EscalationPolicy(steps: [.init(after: .zero, deed: .tell("ana"))])
        var responder = Responder(rules: rules, now: start)
        let report = AlertBook.Report(
            labels: LabelSet(["alertname": "Down", "severity": "critical", "service": "api"]),
            annotations: ["summary": title, "runbook_url": "https://runbooks.example/down"],
            endsAt: start + .seconds(86_400), source: "prometheus")
        var sent: [Dispatch] = []
        func take(_ actions: [Action]) {
            for case .send(let dispatch) in actions {
                sent.append(dispatch)
                let answer = DeliveryAnswer.accepted(reference: "1503435956.000247")
                take(
                    responder.event(
                        .delivery(page: dispatch.page, attempt: dispatch.attempt, answer, random: 0.5), now: start))
            }
        }
        take(responder.event(.alerts([report]), now: start))
        // A call and a text end with their page.
        if let person = sent.first, contact.followsUp {
            take(responder.event(.incident(person.message.subject?.id ?? "", .resolve, by: "ana"), now: start))
        }
        for index in sent.indices { sent[index].contact = contact }
        return sent
    }
}
