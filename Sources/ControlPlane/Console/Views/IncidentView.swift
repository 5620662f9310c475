import Response
import Spec

/// Everything about one incident.
struct IncidentView: Sendable {
    struct Line: Sendable {
        var number: Int
        var entry: Incident.Entry
    }

    static let linesShown = 200
    static let alertsShown = 20

    var incident: Incident
    var isArchived: Bool
    /// The newest first.
    var lines: [Line]
    /// The number before which the older lines stand.
    var older: Int?
    var isNewest: Bool
    var alerts: [Response.Alert]
    var pages: [Page]
    var remedies: [RemedyRun]
    /// What could still be tried.
    var available: [RunbookAction] = []
    var releases: [ReleaseRecord] = []
    var lastGood: (service: String, release: String)?
    var escalation: Escalation?
    var policy: EscalationPolicy?
    /// Who can be given it.
    var people: [String]
    /// Incidents that it could be merged into.
    var others: [Incident] = []
    var chart: IncidentChart

    /// - Returns: `nil` when nobody knows it.
    init?(_ data: ConsoleData, id: String, before: Int?, now: Moment) {
        let responder = data.responder
        guard let found = responder.incidents[id] ?? data.archive.first(where: { $0.id == id }) else { return nil }
        incident = found
        isArchived = responder.incidents[id] == nil
        let timeline = found.timeline
        let end = min(before ?? timeline.count, timeline.count)
        let start = max(0, end - Self.linesShown)
        lines = (start..<max(start, end)).reversed().map { Line(number: $0, entry: timeline[$0]) }
        older = start > 0 ? start : nil
        isNewest = end == timeline.count
        var least = Pick<Fingerprint>(Self.alertsShown) { $0 < $1 }
        for fingerprint in found.firing { least.take(fingerprint) }
        alerts = least.first.compactMap { responder.book.alerts[$0] }
        pages = isArchived ? data.archivedPages : responder.pages(of: id)
        remedies = isArchived ? data.archivedRemedies : responder.remedies(of: id)
        var released: [String: ReleaseRecord] = [:]
        for line in timeline {
            if case .released(let record) = line.deed { released[record.id] = record }
            if case .lastGood(let service, let release) = line.deed { lastGood = (service, release) }
        }
        releases = released.values.sorted { ($0.began, $0.id) > ($1.began, $1.id) }
        people = responder.directory.people.keys.sorted()
        escalation = responder.escalations[id]
        policy = escalation?.policy ?? found.policy.map(responder.directory.policy)
        chart = IncidentChart(timeline, opened: found.opened, end: found.resolved ?? now, releases: releases)
        guard found.isOpen else { return }
        let tried = Set(remedies.map(\.name))
        let named = responder.directory.actions.values.sorted { $0.name < $1.name }
        let builtIn = RunbookAction.builtIn.filter { responder.directory.actions[$0.name] == nil }
        available = (named + builtIn).filter { !tried.contains($0.name) }
        var latest = Pick<Incident>(50) {
            ListCursor.comesBefore(ListCursor($0.opened, $0.id), ListCursor($1.opened, $1.id))
        }
        for other in responder.incidents.values where other.isOpen && other.id != id { latest.take(other) }
        others = latest.first
    }
}

/// How many alerts of an incident fired when, and what was shipped meanwhile.
struct IncidentChart: Sendable, Hashable {
    struct Step: Sendable, Hashable {
        var at: Moment
        var firing: Int
    }

    struct Mark: Sendable, Hashable {
        enum Kind: Sendable, Hashable { case released, returned, acknowledged, resolved, opened }

        var at: Moment
        var kind: Kind
        var text: String
    }

    var from: Moment
    var to: Moment
    var steps: [Step]
    var marks: [Mark]
    var most: Int

    init(_ timeline: [Incident.Entry], opened: Moment, end: Moment, releases: [ReleaseRecord]) {
        var firing = 0
        var steps: [Step] = []
        var marks: [Mark] = []
        func step(_ at: Moment, _ change: Int) {
            firing = max(0, firing + change)
            if steps.last?.at == at {
                steps[steps.count - 1].firing = firing
            } else {
                steps.append(Step(at: at, firing: firing))
            }
        }
        for entry in timeline {
            switch entry.deed {
            case .alertBegan: step(entry.at, 1)
            case .moreAlertsBegan(let count): step(entry.at, count)
            case .alertEnded: step(entry.at, -1)
            case .moreAlertsEnded(let count): step(entry.at, -count)
            case .acknowledged: marks.append(Mark(at: entry.at, kind: .acknowledged, text: ""))
            case .resolved: marks.append(Mark(at: entry.at, kind: .resolved, text: ""))
            default: break
            }
        }
        let lasted = max(end - opened, .seconds(60))
        let lead = max(lasted / 8, .seconds(60))
        var from = opened - lead
        for record in releases {
            let text = record.version ?? record.id
            marks.append(Mark(at: record.began, kind: .released, text: text))
            if case .returned = record.verdict, let end = record.ended {
                marks.append(Mark(at: end, kind: .returned, text: text))
            }
            // A release of the hour before is worth the room.
            if record.began < from, opened - record.began <= .seconds(3600) { from = record.began - lead / 4 }
        }
        self.from = from
        to = opened + lasted + lasted / 20
        self.steps = steps
        self.marks = marks.filter { $0.at >= from }.sorted { ($0.at, $0.text) < ($1.at, $1.text) }
        most = steps.map(\.firing).max() ?? 0
    }
}
