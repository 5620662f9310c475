import Response
import Spec

/// One incident: how it stands, what happened and why, what can be done.
extension PageContext {
    func incident(_ view: IncidentView) -> Sheet {
        let incident = view.incident
        let body: HTML = """
            <div id="incident-top" data-live="incidents">
            <p class="line crumbs">\(link("/incidents", self[.incidents]))<span class="id">\(incident.id)</span></p>
            <h1>\(incident.title)</h1>
            <p class="line lead">\(badge(incident.severity))\(badge(incident.status))\
            \(view.isArchived ? tag(.archived) : .nothing)\
            \(incident.service.map { "<span>\(Icon.tag.html)\($0)</span>" as HTML } ?? .nothing)\
            <span>\(Icon.clock.html)\(at(incident.opened)), \(lasted(incident))</span>\
            <span>\(Icon.user.html)\(incident.assignee ?? self[.nobody])</span></p>
            \(mergedNotice(incident))
            \(quickActions(view))
            </div>
            \(furtherActions(view))
            <div class="columns">
            <div class="wide">
            <section><h2 id="chart-head">\(self[.chart])</h2>
            <div id="incident-chart" data-live="incidents alerts">\(svg(view.chart))</div></section>
            <section><h2 id="timeline-head">\(self[.timeline])</h2>
            <div id="incident-timeline" data-live="incidents">\(timeline(view))</div></section>
            <section><h2 id="pages-head">\(self[.pages])</h2>
            <div id="incident-pages" data-live="incidents">\(pages(view.pages))</div></section>
            </div>
            <div class="narrow" id="incident-side" data-live="incidents alerts">
            \(escalation(view))
            \(suspects(view))
            \(remedies(view))
            \(firingAlerts(view))
            \(facts(view))
            </div>
            </div>
            """
        return Sheet(title: "\(incident.id) \(incident.title)", section: .incidents, body: body)
    }

    func path(_ incident: Incident) -> String { "/incidents/\(PathText.segment(incident.id))" }

    private func mergedNotice(_ incident: Incident) -> HTML {
        guard case .merged(let other) = incident.status else { return .nothing }
        return "<p class=\"notice\">\(self[.mergedInto]) \(link(incident: other))</p>"
    }

    // MARK: Actions

    private func quickActions(_ view: IncidentView) -> HTML {
        let incident = view.incident
        let path = path(incident)
        var buttons: [HTML] = []
        if mayRespond, !view.isArchived {
            switch incident.status {
            case .triggered:
                buttons.append(action("\(path)/acknowledge", .acknowledge, kind: "main"))
                buttons.append(action("\(path)/resolve", .resolve))
            case .acknowledged:
                buttons.append(action("\(path)/resolve", .resolve, kind: "main"))
                buttons.append(action("\(path)/acknowledge", .acknowledge))
                buttons.append(action("\(path)/unacknowledge", .giveBack))
            case .resolved, .merged: break
            }
        }
        buttons.append("<a class=\"button\" href=\"\(url("\(path)/postmortem"))\">\(self[.postmortem])</a>")
        return "<div class=\"buttons\">\(buttons)</div>"
    }

    /// Each in a fold of its own: they work without scripts, and none is in the way.
    private func furtherActions(_ view: IncidentView) -> HTML {
        let incident = view.incident
        let path = path(incident)
        guard mayRespond, !view.isArchived else { return .nothing }
        let people = view.people.map { ($0, $0) }
        let me = viewer?.name
        var folds: [HTML] = [
            disclosure(
                .addNote, id: "note",
                form(
                    "\(path)/note", class: "sheet",
                    "\(area(.note, "text", id: "note-text"))<button class=\"main\">\(self[.addNote])</button>"))
        ]
        switch incident.status {
        case .triggered, .acknowledged:
            let times = [30, 60, 120, 240, 480].map { ("\($0)m", self[.length(.seconds($0 * 60))]) }
            folds += [
                disclosure(
                    .assign, id: "assign",
                    form(
                        "\(path)/assign", class: "sheet",
                        "\(choice(.person, "to", id: "assign-to", people, selected: me))<button class=\"main\">\(self[.assign])</button>"
                    )),
                disclosure(
                    .snooze, id: "snooze",
                    form(
                        "\(path)/snooze", class: "sheet",
                        "\(choice(.snoozeFor, "for", id: "snooze-for", times))<button class=\"main\">\(self[.snooze])</button>"
                    )),
                disclosure(
                    .changeSeverity, id: "severity",
                    form(
                        "\(path)/severity", class: "sheet",
                        "\(choice(.severity, "severity", id: "severity-to", Level.allCases.map { ($0.rawValue, self[$0.phrase]) }, selected: incident.severity.rawValue))<button class=\"main\">\(self[.change])</button>"
                    )),
                disclosure(
                    .giveRole, id: "role",
                    form(
                        "\(path)/role", class: "sheet",
                        "\(field(.role, "role", id: "role-name", more: "maxlength=\"60\""))\(choice(.person, "to", id: "role-to", people, selected: me))<button class=\"main\">\(self[.giveRole])</button>"
                    )),
            ]
            if !view.others.isEmpty {
                let others = view.others.map { ($0.id, "\($0.id) \($0.title)") }
                folds.append(
                    disclosure(
                        .merge, id: "merge",
                        form(
                            "\(path)/merge", class: "sheet",
                            "\(choice(.mergeInto, "into", id: "merge-into", others))<button class=\"main\">\(self[.merge])</button>"
                        )))
            }
        case .resolved:
            folds.append(
                disclosure(
                    .reopen, id: "reopen",
                    form(
                        "\(path)/reopen", class: "sheet",
                        "\(field(.whyReopen, "reason", id: "reopen-why"))<button class=\"main\">\(self[.reopen])</button>"
                    )))
        case .merged: break
        }
        folds.append(
            disclosure(
                .addLink, id: "link",
                form(
                    "\(path)/link", class: "sheet",
                    "\(field(.title, "title", id: "link-title"))\(field(.address, "url", id: "link-url", type: "url"))<button class=\"main\">\(self[.addLink])</button>"
                )))
        return "<div class=\"folds\" role=\"group\" aria-label=\"\(self[.more])\">\(folds)</div>"
    }

    // MARK: Timeline

    private func timeline(_ view: IncidentView) -> HTML {
        let words = TimelineWords(page: self)
        var day: CivilDay?
        let items = view.lines.map { line -> HTML in
            let entry = line.entry
            let time = zone.civil(entry.at)
            let isNewDay = day != time.day
            day = time.day
            let head: HTML = isNewDay ? "<li class=\"day\">\(self[.day(time.day)])</li>" : .nothing
            let isOurs = entry.by == .hauban
            return """
                \(head)<li class="\(Self.kind(entry.deed))" id="e\(line.number)">\
                <time datetime="\(entry.at.description)">\(Phrase.exactClock(time))</time>\(Self.icon(entry.deed).html)\
                <p><b\(attribute: "class", isOurs ? "dim" : nil)>\(self[entry.by.phrase])</b> \(self[words.phrase(entry.deed)])</p></li>
                """
        }
        let path = path(view.incident)
        let more: HTML =
            view.older.map {
                "<a class=\"button\" href=\"\(url("\(path)?before=\($0)#timeline-head"))\">\(self[.older])</a>"
            }
            ?? .nothing
        let back: HTML =
            view.isNewest
            ? .nothing : "<a class=\"button\" href=\"\(url("\(path)#timeline-head"))\">\(self[.newest])</a>"
        return "<ol class=\"timeline\">\(items)</ol><p class=\"buttons\">\(back)\(more)</p>"
    }

    private static func kind(_ deed: Incident.Entry.Deed) -> String {
        switch deed {
        case .opened, .alertBegan, .moreAlertsBegan, .reopened: "bad"
        case .deliveryFailed: "warn"
        case .resolved, .alertEnded, .moreAlertsEnded: "good"
        case .acknowledged, .unacknowledged, .snoozed, .assigned, .tookRole, .noted, .linked, .severityChanged, .merged,
            .absorbed:
            "human"
        case .paged, .delivered, .withdrawn, .decided, .lastGood: "quiet"
        case .remedy, .released: "ship"
        }
    }

    private static func icon(_ deed: Incident.Entry.Deed) -> Icon {
        switch deed {
        case .opened, .reopened: .incident
        case .alertBegan, .moreAlertsBegan, .alertEnded, .moreAlertsEnded: .bell
        case .resolved: .ok
        case .acknowledged, .unacknowledged, .assigned, .tookRole: .user
        case .snoozed: .clock
        case .noted: .note
        case .linked: .link
        case .severityChanged, .merged, .absorbed: .tag
        case .paged, .delivered, .deliveryFailed, .withdrawn: .page
        case .remedy: .play
        case .released, .lastGood: .rocket
        case .decided: .mast
        }
    }

    // MARK: Pages

    private func pages(_ pages: [Page]) -> HTML {
        guard !pages.isEmpty else { return "<p class=\"dim\">\(self[.noPage])</p>" }
        let words = TimelineWords(page: self)
        let items = pages.suffix(200).map { page -> HTML in
            let ledger = page.ledger.map { line -> HTML in
                "<li><time datetime=\"\(line.at.description)\">\(Phrase.exactClock(zone.civil(line.at)))</time> \(self[words.phrase(line.deed)])</li>"
            }
            let isDead = if case .dead = page.state { true } else { false }
            return """
                <li\(attribute: "class", isDead ? "warn" : nil)><details><summary>\
                <span class="line"><b>\(page.person ?? page.contact.address)</b><span>\(self[page.contact.kind.phrase])</span>\
                <span class="dim">\(self[words.phrase(page.kind)])</span><span>\(self[words.phrase(page.state)])</span></span></summary>
                <p class="small">\(page.id) · <code>\(page.contact.description)</code> · \(self[words.phrase(page.reason)])</p>
                <ol class="ledger">\(ledger)</ol></details></li>
                """
        }
        return "<ul class=\"stack pages\">\(items)</ul>"
    }

    // MARK: Beside it

    private func escalation(_ view: IncidentView) -> HTML {
        guard let policy = view.policy, !policy.steps.isEmpty else { return .nothing }
        let words = TimelineWords(page: self)
        let steps = policy.steps.map { step -> HTML in
            let deed: Phrase =
                switch step.deed {
                case .tell(let party): .tell(party)
                case .perform(let name): Phrase(verbatim: name)
                }
            return "<li><span class=\"dim\">\(self[.length(step.after)])</span> \(self[deed])</li>"
        }
        var state: HTML = .nothing
        if let escalation = view.escalation {
            let phrase: Phrase =
                switch escalation.state {
                case .running: .escalationRunning
                case .acknowledged(let person, _): Phrase("\(person) has it", "\(person) s’en charge")
                case .snoozed(let person, let until):
                    Phrase(
                        "\(person) asked for time until \(clock(until))",
                        "\(person) a demandé un délai jusqu’à \(clock(until))")
                case .exhausted: .escalationExhausted
                case .ended: .escalationEnded
                }
            state = "<p>\(self[phrase])</p>"
            if let hold = escalation.hold { state += "<p class=\"warn\">\(self[words.phrase(hold)])</p>" }
            if let due = escalation.nextDue {
                state += "<p>\(self[.nextStep])\(self[.colon]) \(at(due)) (\(ago(due)))</p>"
            }
        }
        return """
            <section><h2 id="escalation-head">\(self[.escalation])</h2>
            \(state)<ol class="steps">\(steps)</ol></section>
            """
    }

    private func suspects(_ view: IncidentView) -> HTML {
        let items = view.releases.map { record -> HTML in
            """
            <li><p class="line">\(badge(record.verdict))<a href="\(url("/releases#\(record.id)"))">\(record.version ?? record.id)</a></p>
            <p class="small">\(record.services.joined(separator: ", ")) · \(record.by) · \(at(record.began))</p>
            <p class="small dim">\(self[record.migration.phrase])\(record.verdict.reason.map { " · \($0)" } ?? "")</p></li>
            """
        }
        let good: HTML =
            view.lastGood.map {
                "<p class=\"small\">\(self[.lastGood])\(self[.colon]) <b>\($0.release)</b> (\($0.service))</p>"
            }
            ?? .nothing
        return """
            <section><h2 id="suspects-head">\(self[.suspects])</h2>
            \(items.isEmpty ? "<p class=\"dim\">\(self[.noSuspect])</p>" : .nothing)<ul class="stack">\(items)</ul>\(good)</section>
            """
    }

    private func remedies(_ view: IncidentView) -> HTML {
        let words = TimelineWords(page: self)
        let path = path(view.incident)
        var items = view.remedies.map { run -> HTML in
            var buttons: HTML = .nothing
            if case .awaitsApproval = run.state, mayRespond, view.incident.isOpen {
                let one = "\(path)/remedies/\(PathText.segment(run.name))"
                buttons =
                    "<p class=\"buttons\">\(action("\(one)/approve", .approve, kind: "main", about: run.name))\(action("\(one)/decline", .decline, about: run.name))</p>"
            }
            return
                "<li><p><b>\(run.name)</b> <span class=\"dim\">\(at(run.since))</span></p><p class=\"small output\">\(self[words.phrase(run.state)])</p>\(buttons)</li>"
        }
        if mayRespond {
            items += view.available.map { remedy in
                "<li class=\"line\"><b>\(remedy.name)</b>\(action("\(path)/remedies/\(PathText.segment(remedy.name))/run", .run, about: remedy.name))</li>"
            }
        }
        guard !items.isEmpty else { return .nothing }
        return """
            <section><h2 id="remedies-head">\(self[.remedies])</h2>
            <ul class="stack">\(items)</ul></section>
            """
    }

    private func firingAlerts(_ view: IncidentView) -> HTML {
        let firing = view.incident.firing.count
        guard firing > 0 else { return .nothing }
        let items = view.alerts.map { alert -> HTML in
            """
            <li><p class="line">\(badge(alert.level))<a href="\(url("/alerts/\(alert.labels.fingerprint.description)"))">\(alert.name)</a></p>
            \(alert.annotations["summary"].map { "<p class=\"small\">\($0)</p>" as HTML } ?? .nothing)
            \(labels(alert.labels, without: ["alertname", "severity", "service"]))</li>
            """
        }
        let rest = firing - view.alerts.count
        return """
            <section><h2 id="alerts-head">\(self[.firingCount(firing)])</h2>
            <ul class="stack">\(items)</ul>\(rest > 0 ? "<p class=\"dim\">+ \(self[.alertCount(rest)])</p>" : .nothing)</section>
            """
    }

    private func facts(_ view: IncidentView) -> HTML {
        let incident = view.incident
        var rows: [(String, HTML)] = [(self[.opened], at(incident.opened))]
        rows.append(
            (
                self[.acknowledgedAfter],
                incident.firstAcknowledged.map { HTML(self[.length($0 - incident.opened)]) } ?? HTML(self[.never])
            ))
        rows.append(
            (
                self[.resolvedAfter],
                incident.resolved.map { HTML(self[.length($0 - incident.opened)]) } ?? HTML(self[.never])
            ))
        if let name = incident.policy { rows.append((self[.escalateTo], HTML(name))) }
        for (role, person) in incident.roles.sorted(by: { $0.key < $1.key }) { rows.append((role, HTML(person))) }
        if let runbook = incident.runbook { rows.append((self[.runbook], outside(runbook, runbook))) }
        for link in incident.links { rows.append((self[.links], outside(link.url, link.title))) }
        let items = rows.map { name, value -> HTML in "<div><dt>\(name)</dt><dd>\(value)</dd></div>" }
        return """
            <section><h2 id="facts-head">\(self[.facts])</h2><dl class="facts">\(items)</dl></section>
            """
    }

    // MARK: Afterwards

    func postmortem(_ incident: Incident) -> Sheet {
        let path = path(incident)
        let body: HTML = """
            <p class="line crumbs">\(link("/incidents", self[.incidents]))\(link(path, incident.id))</p>
            <h1>\(self[.postmortem])</h1>
            <p class="lead">\(self[.postmortemLead])</p>
            <p class="buttons"><a class="button main" href="\(url("\(path)/postmortem.md"))" download>\(self[.download])</a></p>
            \(snippet(Postmortem.draft(incident, zone: zone, language), label: self[.postmortem]))
            """
        return Sheet(title: "\(self[.postmortem]) \(incident.id)", section: .incidents, body: body)
    }

    /// Text to copy.
    func snippet(_ text: String, label: String) -> HTML {
        "<div class=\"snippet\"><pre tabindex=\"0\" role=\"region\" aria-label=\"\(label)\"><code>\(text)</code></pre></div>"
    }
}
