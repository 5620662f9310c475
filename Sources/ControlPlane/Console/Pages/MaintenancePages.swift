import Response

/// Maintenance windows: the list, and the form that plans one.
extension PageContext {
    func maintenanceList(_ view: MaintenanceListView) -> Sheet {
        let rows = view.windows.map { row -> HTML in
            let window = row.window
            let path = "/maintenance/\(PathText.segment(window.id))/end"
            let state: HTML =
                row.isOver ? tag(.over) : row.lasts == nil ? tag(.planned, "medium") : tag(.onNow, "acknowledged")
            return """
                <tr data-row id="\(window.id)">
                <td>\(state)\(row.lasts.map { "<p class=\"small dim\">\(self[.until]) \(at($0))</p>" as HTML } ?? .nothing)</td>
                <td class="wide-cell"><b>\(window.title)</b>\(matchers(window.matchers))</td>
                <td>\(self[recurrence(window)])\(window.until.map { "<p class=\"small dim\">\(self[.until]) \(at($0))</p>" as HTML } ?? .nothing)</td>
                <td>\(window.owner)</td>
                <td>\(mayRespond && !row.isOver ? action(path, .endNow, about: window.title) : .nothing)</td>
                </tr>
                """
        }
        let heads: [Phrase] = [.state, .matchers, .when, .owner, .actions]
        let body: HTML = """
            <div class="head"><h1>\(self[.maintenance])</h1>\
            \(mayRespond ? "<a class=\"button main\" href=\"\(url("/maintenance/new"))\">\(self[.newMaintenance])</a>" : .nothing)</div>
            <p class="lead">\(self[.maintenanceLead])</p>
            <div id="maintenance-list" data-live="maintenance">
            \(rows.isEmpty ? empty(.noMaintenance, .wrench) : table(self[.maintenance], heads, rows))
            </div>
            """
        return Sheet(title: self[.maintenance], section: .maintenance, body: body)
    }

    /// When a window holds, in words.
    func recurrence(_ window: MaintenanceWindow) -> Phrase {
        switch window.recurrence {
        case .once(let start, let end): return Phrase(verbatim: "\(clock(start)) – \(clock(end))")
        case .weekly(let hours):
            let parts = hours.map { hours in
                let days = hours.weekdays.sorted().map { self[.shortWeekday($0)] }.joined(separator: " ")
                return "\(days) \(Self.clock(hours.from))–\(Self.clock(hours.to))"
            }
            return Phrase(verbatim: parts.joined(separator: ", ") + " " + window.zone)
        case .monthly(let week, let weekday, let from, let length):
            let (number, day) = (Phrase.ordinal(week), Phrase.weekday(weekday))
            let end = "\(Self.clock(from))–\(Self.clock(from + length)) \(window.zone)"
            return Phrase(
                "\(number.english) \(day.english) of the month, \(end)",
                "\(number.french) \(day.french) du mois, \(end)")
        }
    }

    private static func clock(_ seconds: Int) -> String {
        seconds == 86_400 ? "24:00" : Phrase.clock(CivilTime(secondsSince1970: seconds))
    }

    func newMaintenance(_ draft: Draft, _ view: MaintenanceListView) -> Sheet {
        let kind = draft.value("kind", "once")
        let kinds: [(String, Phrase)] = [("once", .once), ("weekly", .weekly), ("monthly", .monthly)]
        let radios = kinds.map { value, phrase -> HTML in
            "<label class=\"check\"><input type=\"radio\" name=\"kind\" value=\"\(value)\"\(flag: "checked", value == kind)>\(self[phrase])</label>"
        }
        let chosen = Set(draft.form.all("day"))
        let days = (1...7).map { day -> HTML in
            "<label class=\"check\"><input type=\"checkbox\" name=\"day\" value=\"\(day)\"\(flag: "checked", chosen.contains("\(day)"))>\(self[.shortWeekday(day)])</label>"
        }
        let weeks = (1...5).map { ("\($0)", self[.ordinal($0)]) }
        let weekdays = (1...7).map { ("\($0)", self[.weekday($0)]) }
        let zones = view.zones.map { ($0, $0) }
        let content: HTML = """
            \(field(.title, "title", id: "m-title", value: draft.value("title"), more: "maxlength=\"200\""))
            \(field(.matchers, "matchers", id: "m-matchers", value: draft.value("matchers"), hint: .matcherHint, more: "class=\"code\" spellcheck=\"false\" autocapitalize=\"off\""))
            <fieldset class="kinds"><legend>\(self[.recurrence])</legend><div class="checks">\(radios)</div>
            <div class="when-once">
            \(field(.start, "start", id: "m-start", value: draft.value("start", TimeText.local(now, zone)), type: "datetime-local", isRequired: false))
            \(field(.end, "end", id: "m-end", value: draft.value("end", TimeText.local(now + .seconds(7200), zone)), type: "datetime-local", isRequired: false))
            </div>
            <div class="when-again">
            <fieldset class="when-weekly"><legend>\(self[.days])</legend><div class="checks">\(days)</div></fieldset>
            <div class="when-monthly">
            \(choice(.weekOfMonth, "week", id: "m-week", weeks, selected: draft.value("week")))
            \(choice(.weekday, "weekday", id: "m-weekday", weekdays, selected: draft.value("weekday")))
            </div>
            \(field(.startOfDay, "from", id: "m-from", value: draft.value("from", "02:00"), type: "time", isRequired: false))
            \(field(.endOfDay, "to", id: "m-to", value: draft.value("to", "04:00"), type: "time", isRequired: false))
            \(choice(.zone, "zone", id: "m-zone", zones, selected: draft.value("zone", zone.name)))
            </div>
            </fieldset>
            <p class="buttons"><button class="main">\(self[.plan])</button>
            <button formaction="\(url("/maintenance/preview"))" formnovalidate>\(self[.preview])</button></p>
            """
        let body: HTML = """
            <p class="line crumbs">\(link("/maintenance", self[.maintenance]))</p>
            <h1>\(self[.newMaintenance])</h1>
            \(draft.problem.map { notice($0, kind: "bad") } ?? .nothing)
            \(form("/maintenance", class: "sheet", content))
            \(draft.preview.map(preview) ?? .nothing)
            """
        return Sheet(
            title: self[.newMaintenance], section: .maintenance, body: body, status: draft.problem == nil ? 200 : 422)
    }
}
