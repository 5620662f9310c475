import Foundation
import Response
import Spec
import Testing

/// How the responder of a story lives: in one piece, or rebuilt from what it stored after every event.
enum Memory: String, CaseIterable, CustomTestStringConvertible {
    case kept, rebuilt

    var testDescription: String { rawValue }
}

/// A time of a story: the responder, the world around it, and what they said to each other.
struct Story {
    /// 2026-09-21T14:13:20Z, a Monday.
    static let start = Moment(seconds: 1_790_000_000)

    var responder: Responder
    private(set) var now = Story.start
    /// What was sent, in order: `5:00 sms ben: page i1`.
    private(set) var told: [String] = []
    private(set) var sent: [Dispatch] = []
    private(set) var performed: [RemedyRun] = []
    private(set) var refused: [Refusal] = []
    /// What providers answer, by contact; one that is not here accepts.
    var answers: [Contact: DeliveryAnswer] = [:]
    /// Providers that do not answer at all.
    var silent: Set<Contact> = []
    /// What a later attempt finds: the number of chance.
    var random = 0.5
    private let memory: Memory
    private(set) var store: [Part.Key: Part] = [:]
    private var firing: [LabelSet: AlertBook.Report] = [:]

    init(_ memory: Memory = .kept) { self.init(memory) { _ in } }

    init(_ memory: Memory = .kept, _ change: (inout Rulebook) throws -> Void) rethrows {
        var rules = Rulebook.example
        try change(&rules)
        self.memory = memory
        responder = Responder(rules: rules, now: now)
    }

    // MARK: Alerts

    /// An alert begins, as Prometheus tells it: with an end that each telling moves.
    mutating func fires(
        _ name: String, _ service: String? = "api", _ severity: String = "critical", _ more: [String: String] = [:],
        summary: String? = nil
    ) {
        happen(.alerts([report(name, service, severity, more, summary: summary)]))
    }

    mutating func ends(
        _ name: String, _ service: String? = "api", _ severity: String = "critical", _ more: [String: String] = [:]
    ) {
        var report = report(name, service, severity, more)
        report.endsAt = now
        happen(.alerts([report]))
    }

    func report(
        _ name: String, _ service: String? = "api", _ severity: String = "critical", _ more: [String: String] = [:],
        summary: String? = nil
    ) -> AlertBook.Report {
        var labels = ["alertname": name, "severity": severity]
        labels["service"] = service
        labels.merge(more) { $1 }
        var annotations = Annotations()
        annotations["summary"] = summary
        return AlertBook.Report(
            labels: LabelSet(labels), annotations: annotations, endsAt: now + .seconds(30 * 86_400),
            source: "prometheus")
    }

    // MARK: People

    /// Somebody does something with an incident.
    mutating func does(_ person: String, _ command: Event.Command, to id: String = "i1") {
        happen(.incident(id, command, by: person))
    }

    // MARK: Releases

    mutating func ships(
        _ id: String, _ services: [String] = ["api"], by person: String = "eva",
        migration: ReleaseRecord.Migration = .none
    ) {
        happen(
            .release(
                .init(
                    id: id, services: services, by: person, version: "v\(id.dropFirst())", began: now,
                    verdict: .switching, migration: migration)))
    }

    mutating func settles(
        _ id: String, _ verdict: ReleaseRecord.Verdict = .kept, migration: ReleaseRecord.Migration = .none
    ) {
        guard var record = responder.releases.records[id] else { return }
        record.verdict = verdict
        record.ended = now
        record.migration = migration
        happen(.release(record))
    }

    // MARK: Time

    /// Time passes, and everything happens when it is due.
    mutating func pass(_ duration: Duration) {
        let end = now + duration
        var steps = 0
        while let next = responder.nextDue, next <= end {
            now = max(now, next)
            happen(.tick)
            steps += 1
            guard steps < 20_000 else {
                Issue.record("time does not pass: \(told.suffix(5))")
                return
            }
        }
        now = end
    }

    mutating func pass(minutes: Int) { pass(.seconds(minutes * 60)) }

    mutating func pass(seconds: Int) { pass(.seconds(seconds)) }

    /// The process is killed, and started again after a while.
    mutating func crash(for duration: Duration = .zero) {
        now = now + duration
        responder = rebuilt()
        handle(responder.resume(now: now))
    }

    // MARK: The world

    mutating func happen(_ event: Event) {
        handle(responder.event(event, now: now))
        guard memory == .rebuilt else { return }
        let again = rebuilt()
        // A group that was never looked at is made of its alerts again.
        let differences = Self.difference(again.parts, responder.parts)
            .filter { $0.kind != .group || store[$0] != nil }
        #expect(differences.isEmpty, "what was stored is not what was there")
        responder = again
    }

    /// What the responder is after a restart.
    func rebuilt() -> Responder {
        let parts = memory == .rebuilt ? Array(store.values) : store.values.compactMap(throughJSON)
        return Responder(rules: responder.rules, parts: parts, now: now)
    }

    private func throughJSON(_ part: Part) -> Part? {
        do {
            return try JSONDecoder().decode(Part.self, from: JSONEncoder().encode(part))
        } catch {
            Issue.record("\(part.key) cannot be stored: \(error)")
            return nil
        }
    }

    private static func difference(_ one: [Part], _ other: [Part]) -> [Part.Key] {
        func comparable(_ parts: [Part]) -> [Part.Key: Part] {
            var byKey: [Part.Key: Part] = [:]
            for part in parts {
                // Refreshes of alerts and signs of life are not stored.
                switch part.key.kind {
                case .alert, .beat: continue
                default: byKey[part.key] = part
                }
            }
            return byKey
        }
        let (one, other) = (comparable(one), comparable(other))
        return Set(one.keys).union(other.keys).filter { one[$0] != other[$0] }.sorted()
    }

    private mutating func handle(_ actions: [Action]) {
        var answered: [Event] = []
        for action in actions {
            switch action {
            // Where it is read back, it is read back from text.
            case .save(let part): store[part.key] = memory == .rebuilt ? throughJSON(part) : part
            case .drop(let key): store[key] = nil
            case .archive(let id): store = store.filter { $0.key.incident != id }
            case .send(let dispatch):
                sent.append(dispatch)
                told.append(line(dispatch))
                guard !silent.contains(dispatch.contact) else { continue }
                let answer = answers[dispatch.contact] ?? .accepted(reference: "ref-\(dispatch.page)")
                answered.append(
                    .delivery(page: dispatch.page, attempt: dispatch.attempt, answer, random: random))
            case .perform(let run): performed.append(run)
            case .refuse(let why): refused.append(why)
            }
        }
        for event in answered { happen(event) }
    }

    private func line(_ dispatch: Dispatch) -> String {
        let what =
            switch dispatch.message.kind {
            case .page: "page"
            case .acknowledged(let person): "acknowledged by \(person)"
            case .resolved: "resolved"
            case .update(let news): Phrase.moreAlerts(news.moreAlerts).english
            case .summary: "summary of " + dispatch.message.others.map(\.id).joined(separator: "+")
            case .test: "test"
            }
        let about = dispatch.message.subject.map { " \($0.id)" } ?? ""
        let again = dispatch.attempt > 1 ? " (attempt \(dispatch.attempt))" : ""
        return "\(clock) \(dispatch.contact.kind.rawValue) \(dispatch.contact.address): \(what)\(about)\(again)"
    }

    /// `5:00`: minutes and seconds since the story began.
    var clock: String { Self.clock(now) }

    static func clock(_ moment: Moment) -> String {
        let seconds = (moment - start).milliseconds / 1000
        return "\(seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60)"
    }

    // MARK: Looking

    var incident: Incident? { incident("i1") }

    func incident(_ id: String) -> Incident? { responder.incidents[id] }

    func status(_ id: String = "i1") -> Incident.Status? { incident(id)?.status }

    func decisions(_ id: String = "i1") -> [Decision] {
        (incident(id)?.log ?? []).compactMap { entry in
            if case .decided(let decision) = entry.deed { return decision }
            return nil
        }
    }

    func deeds(_ id: String = "i1") -> [Incident.Entry.Deed] { (incident(id)?.log ?? []).map(\.deed) }

    func remedy(_ name: String, _ id: String = "i1") -> RemedyRun.State? { responder.remedies["\(id)/\(name)"]?.state }

    func ledger(_ page: String) -> [Page.Line.Deed] { (responder.pages[page]?.ledger ?? []).map(\.deed) }

    func standing(_ name: String, _ service: String? = "api", _ severity: String = "critical") -> Responder.Standing? {
        responder.standing(of: report(name, service, severity).labels.fingerprint)
    }
}

extension Rulebook {
    /// Five people who each have a telephone for messages, and the levels of the personal assistant (PA-12).
    static var example: Rulebook {
        var rules = Rulebook(platform: "shop", routes: [Route(name: "default", policy: "levels")])
        rules.console = "https://hauban.shop.example"
        for person in ["ana", "ben", "chi", "dan", "eva"] {
            rules.people[person] = ContactCard(name: person, contacts: [Contact(.sms, person)])
        }
        rules.schedules = ["primary": .always("ana"), "secondary": .always("ben")]
        rules.teams = ["developers": Crew(people: ["chi", "dan"])]
        rules.policies = [
            "levels": EscalationPolicy(steps: [
                .init(after: .zero, deed: .tell("primary")), .init(after: .seconds(300), deed: .tell("secondary")),
                .init(after: .seconds(900), deed: .tell("developers")),
                .init(after: .seconds(1800), deed: .tell("eva")),
            ])
        ]
        return rules
    }
}

extension OnCallSchedule {
    /// One person, week after week.
    static func always(_ person: String, named name: String = "primary") -> OnCallSchedule {
        OnCallSchedule(
            name: name,
            layers: [
                RotationLayer(
                    name: "only", people: [person], turn: 7 * 86_400,
                    anchor: CivilTime(RotationLayer.firstMonday, seconds: 9 * 3600), zone: .utc)
            ])
    }
}

extension Contact {
    static func sms(_ person: String) -> Contact { Contact(.sms, person) }
    static func slack(_ place: String) -> Contact { Contact(.slack, place) }
}
