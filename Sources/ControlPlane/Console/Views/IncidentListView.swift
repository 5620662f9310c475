package import Response
package import Spec

/// Which incidents a list shows.
package struct IncidentFilter: Hashable, Sendable {
    package enum State: String, CaseIterable, Hashable, Sendable {
        case open, triggered, acknowledged, resolved, all
    }

    package var state = State.open
    package var severity: Level?
    package var service = ""
    package var text = ""

    package init() {}

    init(_ query: QueryText) {
        state = query.first("state").flatMap(State.init(rawValue:)) ?? .open
        severity = query.first("severity").flatMap(Level.init(rawValue:))
        service = query.first("service") ?? ""
        text = query.first("q") ?? ""
    }

    /// Whether it may ask for incidents that the responder no longer holds.
    package var reachesBack: Bool { state == .all || state == .resolved }

    package func admits(_ incident: Incident) -> Bool {
        let hasState =
            switch (state, incident.status) {
            case (.all, _), (.open, .triggered), (.open, .acknowledged), (.triggered, .triggered),
                (.acknowledged, .acknowledged), (.resolved, .resolved), (.resolved, .merged):
                true
            default: false
            }
        guard hasState, severity == nil || severity == incident.severity else { return false }
        guard service.isEmpty || incident.service == service else { return false }
        guard !text.isEmpty else { return true }
        let wanted = text.lowercased()
        return incident.id == wanted || incident.title.lowercased().contains(wanted)
    }

    var pairs: [(String, String)] {
        [
            ("state", state == .open ? "" : state.rawValue), ("severity", severity?.rawValue ?? ""),
            ("service", service), ("q", text),
        ]
    }
}

/// A part of the list of incidents, the newest first.
struct IncidentListView: Sendable {
    static let rows = 50

    var filter: IncidentFilter
    var incidents: [Incident] = []
    var services: [String] = []
    var isFirst: Bool
    /// Where the list goes on.
    var next: String?

    init(_ data: ConsoleData, filter: IncidentFilter, after: ListCursor?) {
        self.filter = filter
        isFirst = after == nil
        var pick = Pick<(ListCursor, Incident)>(Self.rows + 1) { ListCursor.comesBefore($0.0, $1.0) }
        var named: Set<String> = Set(data.services)
        func look(_ incident: Incident) {
            let cursor = ListCursor(incident.opened, incident.id)
            if let after, !ListCursor.comesBefore(after, cursor) { return }
            if filter.admits(incident) { pick.take((cursor, incident)) }
        }
        for incident in data.responder.incidents.values {
            if let service = incident.service { named.insert(service) }
            look(incident)
        }
        for incident in data.archive where data.responder.incidents[incident.id] == nil { look(incident) }
        incidents = pick.first.prefix(Self.rows).map(\.1)
        if pick.first.count > Self.rows, let last = pick.first.dropLast().last {
            next = "/incidents" + PathText.query(filter.pairs + [("after", last.0.text)])
        }
        services = named.sorted()
    }
}
