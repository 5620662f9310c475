import Response
import Spec

/// The list of incidents, and the form that opens one.
extension PageContext {
    func incidentList(_ view: IncidentListView) -> Sheet {
        let rows = view.incidents.map { incident -> HTML in
            """
            <tr data-row>
            <td>\(badge(incident.severity))</td>
            <td class="wide-cell"><a href="\(url("/incidents/\(PathText.segment(incident.id))"))">\(incident.title)</a>
            <span class="id">\(incident.id)</span></td>
            <td>\(badge(incident.status))</td>
            <td>\(incident.service ?? "–")</td>
            <td>\(incident.assignee ?? "–")</td>
            <td>\(at(incident.opened))</td>
            <td>\(lasted(incident))</td>
            </tr>
            """
        }
        let list: HTML =
            rows.isEmpty
            ? empty(view.filter.state == .open ? .noOpenIncident : .noIncidentMatches)
            : table(
                self[.incidents], [.severity, .title, .state, .service, .assignee, .opened, .lasted], rows)
        let body: HTML = """
            <div class="head"><h1>\(self[.incidents])</h1>
            \(mayRespond ? "<a class=\"button\" href=\"\(url("/incidents/new"))\">\(self[.openIncident])</a>" : .nothing)</div>
            \(incidentFilter(view))
            <div id="incident-list" data-live="incidents">
            \(list)
            \(more(view.next, isFirst: view.isFirst, first: "/incidents" + PathText.query(view.filter.pairs)))
            </div>
            """
        return Sheet(title: self[.incidents], section: .incidents, body: body)
    }

    private func incidentFilter(_ view: IncidentListView) -> HTML {
        let filter = view.filter
        let states = IncidentFilter.State.allCases.map { state -> (String, String) in
            let phrase: Phrase =
                switch state {
                case .open: .stateOpen
                case .triggered: Incident.Status.triggered.phrase
                case .acknowledged: Incident.Status.acknowledged.phrase
                case .resolved: Incident.Status.resolved.phrase
                case .all: .all
                }
            return (state.rawValue, self[phrase])
        }
        let severities = [("", self[.any])] + Level.allCases.map { ($0.rawValue, self[$0.phrase]) }
        let services = [("", self[.all])] + view.services.prefix(500).map { ($0, $0) }
        return """
            <form class="filters" role="search" method="get" action="\(url("/incidents"))" aria-label="\(self[.filters])">
            \(choice(.state, "state", id: "f-state", states, selected: filter.state.rawValue))
            \(choice(.severity, "severity", id: "f-severity", severities, selected: filter.severity?.rawValue ?? ""))
            \(choice(.service, "service", id: "f-service", services, selected: filter.service))
            \(field(.search, "q", id: "f-q", value: filter.text, type: "search", isRequired: false, more: "data-filter"))
            <button>\(self[.filter])</button>
            </form>
            """
    }

    /// How long it lasted, or has lasted.
    func lasted(_ incident: Incident) -> String {
        self[.length((incident.resolved ?? now) - incident.opened)]
    }

    func newIncident(_ data: ConsoleData, problem: String? = nil, _ form: QueryText = QueryText("")) -> Sheet {
        let services = [("", "–")] + data.services.map { ($0, $0) }
        let parties =
            (Array(data.responder.directory.schedules.keys).sorted() + data.responder.directory.teams.keys.sorted())
            .map { ($0, $0) }
        let levels = Level.allCases.map { ($0.rawValue, self[$0.phrase]) }
        let content: HTML = """
            \(field(.title, "title", id: "n-title", value: form.first("title") ?? "", more: "maxlength=\"200\""))
            \(choice(.severity, "severity", id: "n-severity", levels, selected: form.first("severity") ?? "high"))
            \(choice(.service, "service", id: "n-service", services, selected: form.first("service")))
            \(choice(.whoIsTold, "policy", id: "n-policy", parties, selected: form.first("policy")))
            <p class="buttons"><button class="main">\(self[.openIncident])</button>
            <a class="button" href="\(url("/incidents"))">\(self[.cancel])</a></p>
            """
        let body: HTML = """
            <h1>\(self[.openIncident])</h1>
            \(problem.map { notice($0, kind: "bad") } ?? .nothing)
            <p class="lead">\(self[.openIncidentLead])</p>
            \(self.form("/incidents", class: "sheet", content))
            """
        return Sheet(title: self[.openIncident], section: .incidents, body: body, status: problem == nil ? 200 : 422)
    }
}
