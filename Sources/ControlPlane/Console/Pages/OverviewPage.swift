import Response
import Spec

/// The first page: what is open, who is on call, how each service does, what was shipped.
extension PageContext {
    func overview(_ view: OverviewView) -> Sheet {
        let body: HTML = """
            <div class="head"><h1>\(self[.overview])</h1>\(mayRespond ? openLink : .nothing)</div>
            <div id="overview-now" data-live="incidents alerts releases oncall silences">
            \(verdict(view))
            <div class="columns">
            <div class="wide">
            \(openIncidents(view))
            <div id="overview-services" data-live="signals" data-quiet>
            \(services(view))
            </div>
            </div>
            <div class="narrow">
            \(watches(view))
            \(latest(view.releases))
            \(pager(view))
            </div>
            </div>
            </div>
            """
        return Sheet(title: self[.overview], section: .overview, body: body)
    }

    private var openLink: HTML {
        "<a class=\"button\" href=\"\(url("/incidents/new"))\">\(self[.openIncident])</a>"
    }

    private func verdict(_ view: OverviewView) -> HTML {
        let kind = view.unanswered > 0 ? "bad" : view.open > 0 ? "busy" : "calm"
        let headline: Phrase =
            view.unanswered > 0
            ? .unansweredCount(view.unanswered) : view.open > 0 ? .openCount(view.open) : .allCalm
        let icon: Icon = view.unanswered > 0 ? .incident : view.open > 0 ? .clock : .ok
        return """
            <div class="verdict \(kind)">
            <p class="headline">\(icon.html)\(self[headline])</p>
            <ul class="figures">
            <li><a href="\(url("/incidents"))"><b>\(self[.number(view.open)])</b> \(self[.openLower])</a></li>
            <li><a href="\(url("/alerts"))"><b>\(self[.number(view.firing)])</b> \(self[.firingLower])</a></li>
            <li><a href="\(url("/silences"))"><b>\(self[.number(view.silences)])</b> \(self[.silencesLower(view.silences)])</a></li>
            </ul>
            </div>
            """
    }

    private func openIncidents(_ view: OverviewView) -> HTML {
        guard !view.incidents.isEmpty else { return .nothing }
        let rest = view.open - view.incidents.count
        return """
            <section>
            <h2 id="open-title">\(self[.openIncidents])</h2>
            <ul class="cards">\(view.incidents.map(card))</ul>
            \(rest > 0 ? "<p><a href=\"\(url("/incidents"))\">\(self[.andMoreIncidents(rest)])</a></p>" : .nothing)
            </section>
            """
    }

    private func card(_ incident: Incident) -> HTML {
        """
        <li class="card \(incident.severity.rawValue)" data-row>
        <p class="line">\(badge(incident.severity))\(badge(incident.status))<span class="id">\(incident.id)</span></p>
        <p class="name"><a href="\(url("/incidents/\(PathText.segment(incident.id))"))">\(incident.title)</a></p>
        <p class="line small">\(incident.service.map { "<span>\($0)</span>" as HTML } ?? .nothing)\
        <span>\(ago(incident.opened))</span><span>\(self[.firingCount(incident.firing.count)])</span>\
        <span>\(Icon.user.html)\(incident.assignee ?? self[.nobody])</span></p>
        </li>
        """
    }

    // MARK: Services

    private func services(_ view: OverviewView) -> HTML {
        guard !view.services.isEmpty else { return .nothing }
        let rows = view.services.map { service -> HTML in
            """
            <tr data-row>
            <th scope="row">\(service.name)</th>
            <td>\(health(service))</td>
            <td>\(alerts(service))</td>
            <td>\(service.latest.map(short) ?? "<span class=\"dim\">–</span>")</td>
            <td>\(signals(service))</td>
            </tr>
            """
        }
        return """
            <section>
            <h2 id="services-title">\(self[.services])</h2>
            \(table(self[.services], [.service, .state, .alerts, .lastRelease, .signals], rows))
            \(view.moreServices > 0 ? "<p class=\"dim\">\(self[.andMoreServices(view.moreServices)])</p>" : .nothing)
            </section>
            """
    }

    private func health(_ service: OverviewView.Service) -> HTML {
        var marks: [HTML] = []
        if let id = service.incident {
            marks.append(
                "<a class=\"badge triggered\" href=\"\(url("/incidents/\(PathText.segment(id))"))\">\(Icon.incident.html)\(id)</a>"
            )
        }
        if service.isBurning { marks.append("<span class=\"badge high\">\(Icon.flame.html)\(self[.burning])</span>") }
        if marks.isEmpty {
            let kind = service.worst == nil ? "resolved" : "quiet"
            marks.append("<span class=\"badge \(kind)\">\(self[service.worst == nil ? .calm : .watched])</span>")
        }
        return "<span class=\"line\">\(marks)</span>"
    }

    private func alerts(_ service: OverviewView.Service) -> HTML {
        guard service.firing > 0 else { return "<span class=\"dim\">–</span>" }
        let counts = Level.allCases.sorted().reversed().compactMap { level -> HTML? in
            guard let count = service.alerts[level] else { return nil }
            return "<span class=\"count \(level.rawValue)\">\(self[.alertCount(count, level)])</span>"
        }
        let filter = PathText.query([("q", MatcherLine.text(LabelSet(["service": service.name])))])
        return "<a class=\"line\" href=\"\(url("/alerts\(filter)"))\">\(counts)</a>"
    }

    private func short(_ record: ReleaseRecord) -> HTML {
        """
        <span class="line"><a href="\(url("/releases#\(record.id)"))">\(record.version ?? record.id)</a>\
        \(record.verdict == .kept ? .nothing : badge(record.verdict))<span class="dim">\(ago(record.began))</span></span>
        """
    }

    // MARK: Beside it

    private func watches(_ view: OverviewView) -> HTML {
        let items = view.watches.map { watch -> HTML in
            let next = watch.next.map { shift -> HTML in
                "<p class=\"small dim\">\(self[.thenFrom(shift.person ?? self[.nobody])]) \(at(shift.start))</p>"
            }
            let isGapNow = watch.now.person == nil
            let gap = watch.gap.map { gap -> HTML in
                isGapNow
                    ? .nothing : "<p class=\"small warn\">\(Icon.incident.html)\(self[.gapFrom]) \(at(gap.start))</p>"
            }
            return """
                <li>
                <p class="line"><a href="\(url("/on-call/\(PathText.segment(watch.schedule))"))">\(watch.schedule)</a></p>
                <p class="name">\(isGapNow ? "<span class=\"badge triggered\">\(Icon.incident.html)\(self[.nobodyOnCall])</span>" : HTML(watch.now.person ?? ""))</p>
                \(next ?? .nothing)\(gap ?? .nothing)
                </li>
                """
        }
        return """
            <section>
            <h2 id="on-call-title">\(self[.onCallNow])</h2>
            \(items.isEmpty ? empty(.noSchedule, .phone) : "<ul class=\"stack\">\(items)</ul>")
            </section>
            """
    }

    private func latest(_ records: [ReleaseRecord]) -> HTML {
        guard !records.isEmpty else { return .nothing }
        let items = records.map { record -> HTML in
            """
            <li><p class="line">\(badge(record.verdict))<a href="\(url("/releases#\(record.id)"))">\(record.version ?? record.id)</a></p>
            <p class="small dim">\(record.services.joined(separator: ", ")) · \(record.by) · \(ago(record.began))</p></li>
            """
        }
        return """
            <section>
            <h2 id="releases-title">\(self[.lastReleases])</h2>
            <ul class="stack">\(items)</ul>
            </section>
            """
    }

    /// Whether pages go out.
    private func pager(_ view: OverviewView) -> HTML {
        let health = view.health
        let isLate = health.lateness > .seconds(1)
        let beat: HTML =
            health.signOfLife.map { goesOut -> HTML in
                "<div><dt>\(self[.signOfLife])</dt><dd>\(self[goesOut ? .goesOut : .withheld])</dd></div>"
            } ?? .nothing
        return """
            <section>
            <h2 id="pager-title">\(self[.pager])</h2>
            <dl class="facts">
            <div><dt>\(self[.lateness])</dt><dd\(attribute: "class", isLate ? "warn" : nil)>\(self[isLate ? .length(health.lateness) : .onTime])</dd></div>
            <div><dt>\(self[.waitingPages])</dt><dd>\(self[.number(health.waitingPages)])</dd></div>
            <div><dt>\(self[.deadPages])</dt><dd\(attribute: "class", health.deadPages > 0 ? "warn" : nil)>\(self[.number(health.deadPages)])</dd></div>
            \(beat)
            </dl>
            </section>
            """
    }
}
