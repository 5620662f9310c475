import Response

/// Silences: the list, and the form that makes one.
extension PageContext {
    func silenceList(_ view: SilenceListView) -> Sheet {
        let rows = view.silences.map { silence -> HTML in
            let state = silence.state(at: now)
            let path = "/silences/\(PathText.segment(silence.id))/expire"
            let action: HTML =
                mayRespond && state != .expired ? self.action(path, .expire, about: silence.reason) : .nothing
            return """
                <tr data-row id="\(silence.id)">
                <td>\(badge(state))</td>
                <td class="wide-cell">\(matchers(silence.matchers))<p class="small">\(silence.reason)</p></td>
                <td>\(silence.owner)</td>
                <td>\(at(silence.start))</td>
                <td>\(at(silence.end))</td>
                <td>\(action)</td>
                </tr>
                """
        }
        let heads: [Phrase] = [.state, .matchers, .owner, .start, .end, .actions]
        let body: HTML = """
            <div class="head"><h1>\(self[.silences])</h1>\
            \(mayRespond ? "<a class=\"button main\" href=\"\(url("/silences/new"))\">\(self[.newSilence])</a>" : .nothing)</div>
            <p class="lead">\(self[.silencesLead])</p>
            <div id="silence-list" data-live="silences">
            \(rows.isEmpty ? empty(.noSilence, .muted) : table(self[.silences], heads, rows))
            \(more(view.next, isFirst: view.isFirst, first: "/silences"))
            </div>
            """
        return Sheet(title: self[.silences], section: .silences, body: body)
    }

    func newSilence(_ draft: Draft) -> Sheet {
        let content: HTML = """
            \(field(.matchers, "matchers", id: "s-matchers", value: draft.value("matchers"), hint: .matcherHint, more: "class=\"code\" spellcheck=\"false\" autocapitalize=\"off\""))
            \(field(.howLong, "for", id: "s-for", value: draft.value("for", "2h"), hint: .durationHint))
            \(field(.reason, "reason", id: "s-reason", value: draft.value("reason"), isRequired: draft.problem != nil))
            <p class="buttons"><button class="main">\(self[.makeSilence])</button>
            <button formaction="\(url("/silences/preview"))" formnovalidate>\(self[.preview])</button></p>
            """
        let body: HTML = """
            <p class="line crumbs">\(link("/silences", self[.silences]))</p>
            <h1>\(self[.newSilence])</h1>
            \(draft.problem.map { notice($0, kind: "bad") } ?? .nothing)
            \(form("/silences", class: "sheet", content))
            \(draft.preview.map(preview) ?? .nothing)
            """
        return Sheet(
            title: self[.newSilence], section: .silences, body: body, status: draft.problem == nil ? 200 : 422)
    }

    /// What would be muted.
    func preview(_ view: MutePreview) -> HTML {
        let rows = view.alerts.map { alert -> HTML in
            """
            <tr><td>\(badge(alert.level))</td><td class="wide-cell">\
            <a href="\(url("/alerts/\(alert.labels.fingerprint.description)"))">\(alert.name)</a>\
            \(labels(alert.labels, without: ["alertname", "severity"]))</td><td>\(at(alert.startsAt))</td></tr>
            """
        }
        return """
            <section><h2 id="preview">\(self[.whatItMutes])</h2>
            <p role="status">\(self[.mutesCount(view.matching, of: view.firing)])</p>
            \(rows.isEmpty ? .nothing : table(self[.whatItMutes], [.severity, .alert, .since], rows))</section>
            """
    }
}
