import Response
import Spec

/// The list of alerts and one alert.
extension PageContext {
    func alertList(_ view: AlertListView) -> Sheet {
        let body: HTML = """
            <div class="head"><h1>\(self[.alerts])</h1>\
            \(mayRespond && !view.line.matchers.isEmpty ? silenceLink(view.line.matchers, .silenceThese) : .nothing)</div>
            \(alertFilter(view))
            \(view.line.problem.map { notice($0, kind: "bad") } ?? .nothing)
            <div id="alert-list" data-live="alerts silences maintenance">
            \(view.line.problem == nil ? count(view) : .nothing)
            \(alertRows(view))
            \(more(view.next, isFirst: view.isFirst, first: "/alerts" + PathText.query(view.filter.pairs)))
            </div>
            """
        return Sheet(
            title: self[.alerts], section: .alerts, body: body, status: view.line.problem == nil ? 200 : 422)
    }

    private func count(_ view: AlertListView) -> HTML {
        "<p class=\"dim\">\(self[.matchCount(view.matching)])</p>"
    }

    private func alertRows(_ view: AlertListView) -> HTML {
        guard !view.list.isEmpty else {
            return view.line.problem != nil ? .nothing : empty(view.next == nil ? .noAlert : .noAlertSoFar, .bell)
        }
        let rows = view.list.map { row -> HTML in
            """
            <tr data-row>
            <td>\(badge(row.alert.level))</td>
            <td class="wide-cell"><a href="\(url("/alerts/\(row.fingerprint.description)"))">\(row.alert.name)</a>
            \(row.alert.annotations["summary"].map { "<p class=\"small\">\($0)</p>" as HTML } ?? .nothing)
            \(labels(row.alert.labels, without: ["alertname", "severity"]))</td>
            <td>\(at(row.alert.startsAt))</td>
            <td>\(state(row.standing))</td>
            <td>\(row.standing.incidents.map { link(incident: $0) }.joined(" "))</td>
            </tr>
            """
        }
        return table(self[.alerts], [.severity, .alert, .since, .state, .incident], rows)
    }

    /// Whether it fires, and why nobody is told.
    private func state(_ standing: Responder.Standing) -> HTML {
        let words = TimelineWords(page: self)
        var marks: [HTML] = [standing.isFiring ? tag(.firing, "triggered") : tag(.ended, "resolved")]
        if standing.isFlapping { marks.append(tag(.flapping, "medium")) }
        var text: HTML = "<p class=\"line\">\(marks)\(standing.mutes.isEmpty ? .nothing : tag(.muted))</p>"
        for mute in standing.mutes { text += "<p class=\"small dim\">\(self[words.phrase(mute)])</p>" }
        return text
    }

    private func alertFilter(_ view: AlertListView) -> HTML {
        let states = AlertFilter.State.allCases.map { state -> (String, String) in
            let phrase: Phrase =
                switch state {
                case .firing: .stateFiring
                case .told: .stateTold
                case .muted: .stateMuted
                case .ended: .stateEnded
                case .all: .any
                }
            return (state.rawValue, self[phrase])
        }
        let severities = [("", self[.any])] + Level.allCases.map { ($0.rawValue, self[$0.phrase]) }
        return """
            <form class="filters" role="search" method="get" action="\(url("/alerts"))" aria-label="\(self[.filters])">
            \(field(.matchers, "q", id: "f-q", value: view.filter.text, type: "search", hint: .matcherHint, isRequired: false, more: "data-filter class=\"code\" spellcheck=\"false\" autocapitalize=\"off\""))
            \(choice(.state, "state", id: "f-state", states, selected: view.filter.state.rawValue))
            \(choice(.severity, "severity", id: "f-severity", severities, selected: view.filter.severity?.rawValue ?? ""))
            <button>\(self[.filter])</button>
            </form>
            """
    }

    /// Where more is to be read about what mutes an alert.
    private func more(about mute: Mute) -> HTML {
        let path =
            switch mute {
            case .silenced(let id): "/silences#\(PathText.segment(id))"
            case .maintenance(let id, _): "/maintenance#\(PathText.segment(id))"
            case .inhibited(let source, _): "/alerts/\(source)"
            case .switching(let release, _): "/releases#\(PathText.segment(release))"
            }
        return " <a href=\"\(url(path))\">\(self[.details])</a>"
    }

    private func silenceLink(_ matchers: [Matcher], _ text: Phrase) -> HTML {
        let query = PathText.query([("matchers", MatcherLine.text(matchers))])
        return "<a class=\"button\" href=\"\(url("/silences/new\(query)"))\">\(self[text])</a>"
    }

    func alert(_ view: AlertView) -> Sheet {
        let alert = view.alert
        let words = TimelineWords(page: self)
        let groups = view.groups.map { group -> HTML in
            let verdict = group.verdict.map { "<p>\(self[words.phrase($0)])</p>" as HTML } ?? .nothing
            let next =
                group.nextLook.map { "<p class=\"small dim\">\(self[.nextLook])\(self[.colon]) \(at($0))</p>" as HTML }
                ?? .nothing
            return "<li><code>\(group.key.description)</code>\(verdict)\(next)</li>"
        }
        let annotations = alert.annotations.pairs.map { pair -> HTML in
            "<div><dt>\(pair.name)</dt><dd>\(outside(pair.value, pair.value))</dd></div>"
        }
        let mutes = view.standing.mutes.map {
            "<li>\(Icon.muted.html)\(self[words.phrase($0)])\(more(about: $0))</li>" as HTML
        }
        let exact = (try? Matcher("alertname", .equals, alert.name)).map { [$0] } ?? []
        let own = alert.labels.labels.compactMap { try? Matcher($0.name, .equals, $0.value) }
        let body: HTML = """
            <div id="alert-one" data-live="alerts silences maintenance incidents">
            <p class="line crumbs">\(link("/alerts", self[.alerts]))<span class="id">\(view.fingerprint.description)</span></p>
            <h1>\(alert.name)</h1>
            <div class="line lead">\(badge(alert.level))\(state(view.standing))</div>
            \(mayRespond ? "<div class=\"buttons\">\(silenceLink(own, .silenceThis))\(silenceLink(exact, .silenceName))</div>" : .nothing)
            <div class="columns"><div class="wide">
            \(mutes.isEmpty ? .nothing : "<section><h2 id=\"mutes\">\(self[.whyMuted])</h2><ul class=\"stack\">\(mutes)</ul></section>")
            <section><h2 id="labels">\(self[.labels])</h2>\(labels(alert.labels))</section>
            <section><h2 id="annotations">\(self[.annotations])</h2>
            <dl class="facts">\(annotations)</dl>\(annotations.isEmpty ? "<p class=\"dim\">–</p>" : .nothing)</section>
            <section><h2 id="groups">\(self[.groups])</h2><ul class="stack">\(groups)</ul></section>
            </div><div class="narrow">
            <section><h2 id="facts">\(self[.facts])</h2><dl class="facts">
            <div><dt>\(self[.since])</dt><dd>\(at(alert.startsAt))</dd></div>
            <div><dt>\(self[.lastTold])</dt><dd>\(ago(alert.updatedAt))</dd></div>
            <div><dt>\(self[.end])</dt><dd>\(at(alert.endedAt ?? alert.endsAt))\(alert.endedAt == nil && alert.endIsAssumed ? " (\(self[.unlessTold]))" : .nothing)</dd></div>
            <div><dt>\(self[.source])</dt><dd>\(alert.source.isEmpty ? "–" : alert.source)</dd></div>
            \(alert.generatorURL.isEmpty ? .nothing : "<div><dt>\(self[.generator])</dt><dd>\(outside(alert.generatorURL, self[.generatorLink]))</dd></div>")
            <div><dt>\(self[.incident])</dt><dd>\(view.standing.incidents.isEmpty ? "–" : view.standing.incidents.map { link(incident: $0) }.joined(" "))</dd></div>
            </dl></section>
            </div></div>
            </div>
            """
        return Sheet(title: alert.name, section: .alerts, body: body)
    }
}

extension TimelineWords {
    func phrase(_ verdict: AlertGroup.Verdict) -> Phrase {
        switch verdict {
        case .told(let reason):
            switch reason {
            case .first: Phrase("told: the first alert of the group", "prévenu\u{a0}: première alerte du groupe")
            case .newAlerts(let new):
                Phrase("told: \(new.count) new", "prévenu\u{a0}: \(new.count) en plus")
            case .resolvedAlerts(let over):
                Phrase("told: \(over.count) ended", "prévenu\u{a0}: \(over.count) en moins")
            case .allResolved: Phrase("told: all ended", "prévenu\u{a0}: toutes terminées")
            case .repeated(let after):
                Phrase(
                    "told again after \(Phrase.length(after).english)",
                    "prévenu de nouveau après \(Phrase.length(after).french)")
            }
        case .quiet(let why):
            switch why {
            case .allMuted: Phrase("nobody is told: all are muted", "personne n’est prévenu\u{a0}: toutes muettes")
            case .nothingNew: Phrase("nobody is told: nothing is new", "personne n’est prévenu\u{a0}: rien de neuf")
            case .overBeforeItWasTold:
                Phrase("nobody is told: it was over before", "personne n’est prévenu\u{a0}: finie avant")
            }
        }
    }
}
