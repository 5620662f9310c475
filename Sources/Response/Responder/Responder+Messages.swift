import Spec

extension Responder {
    /// How many alerts a message names.
    static let alertsNamed = 5

    func dispatch(_ page: Page) -> Dispatch {
        Dispatch(
            page: page.id, attempt: page.attempts, key: page.key, contact: page.contact, message: message(page),
            thread: thread(page))
    }

    /// The first message about the same incident to the same reader that arrived.
    private func thread(_ page: Page) -> String? {
        guard let incident = page.incident else { return nil }
        for other in pages(of: incident) where other.id != page.id && other.contact == page.contact {
            if let reference = other.reference { return reference }
        }
        return nil
    }

    private func message(_ page: Page) -> Message {
        var others: [Message.Subject] = []
        if case .summary(let ids) = page.kind {
            var seen: Set<String> = []
            for id in ids {
                guard let incident = pages[id]?.incident, seen.insert(incident).inserted else { continue }
                if let subject = subject(incident) { others.append(subject) }
            }
        }
        return Message(
            page: page.id, key: page.key, kind: page.kind, reason: page.reason, at: now, person: page.person,
            subject: page.incident.flatMap(subject), others: others, console: rules.console, platform: rules.platform,
            language: language(page))
    }

    /// What the reader is told in; a place is told in the platform's language.
    private func language(_ page: Page) -> Language {
        page.person.flatMap { directory.people[$0]?.language } ?? rules.language
    }

    /// An incident as its readers see it.
    package func subject(_ id: String) -> Message.Subject? {
        guard let incident = incidents[id] else { return nil }
        var least: [Fingerprint] = []
        for fingerprint in incident.firing {
            if least.count == Self.alertsNamed, let last = least.last, fingerprint > last { continue }
            least.insert(fingerprint, at: least.firstIndex { $0 > fingerprint } ?? least.endIndex)
            if least.count > Self.alertsNamed { least.removeLast() }
        }
        var released: [String: ReleaseRecord] = [:]
        var lastGood: String?
        for entry in incident.log {
            if case .released(let record) = entry.deed { released[record.id] = record }
            if case .lastGood(_, let release) = entry.deed { lastGood = release }
        }
        return Message.Subject(
            id: id, title: incident.title, severity: incident.severity, status: incident.status,
            service: incident.service, assignee: incident.assignee, opened: incident.opened,
            alerts: least.compactMap { book.alerts[$0] }.map { alert in
                Message.AlertLine(
                    name: alert.name, summary: alert.annotations["summary"] ?? alert.annotations["description"],
                    labels: alert.labels, startsAt: alert.startsAt, isOver: alert.endedAt != nil)
            }, firing: incident.firing.count, runbook: incident.runbook,
            releases: released.values.sorted { ($0.began, $0.id) > ($1.began, $1.id) }, lastGood: lastGood)
    }

    /// What an incident is called: what its alerts say of themselves, or how many they are.
    static func title(_ alerts: [Alert], _ service: String?, _ language: Language) -> String {
        let names = Set(alerts.map(\.name)).sorted()
        guard let name = names.first, let first = alerts.first else {
            return MessageWord.somethingIsWrong.phrase.text(language)
        }
        if alerts.count == 1, let summary = first.annotations["summary"], !summary.isEmpty { return summary }
        let place = service.map { " (\($0))" } ?? ""
        if names.count == 1 {
            return alerts.count == 1 ? name + place : "\(alerts.count) × \(name)\(place)"
        }
        return Phrase.alertsTogether(name, more: alerts.count - 1).text(language) + place
    }
}
