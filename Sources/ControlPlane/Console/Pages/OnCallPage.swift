import Response

/// The calendar of a schedule, and what people arrange about it.
extension PageContext {
    func onCall(_ view: OnCallView) -> Sheet {
        let body: HTML = """
            <div class="head"><h1>\(self[.onCall])</h1>\(tabs(view))</div>
            <div id="on-call-now" data-live="oncall">\(nowAndNext(view))</div>
            \(calendarBar(view))
            <div id="calendar" data-live="oncall">
            \(view.span == .month ? month(view) : week(view))
            </div>
            <p class="dim small">\(self[.timesAre]) \(zone.name).</p>
            \(mayRespond ? arrangeForms(view) : .nothing)
            <div class="columns" id="arrangements" data-live="oncall">
            <div class="wide">\(overrides(view))\(absences(view))\(swaps(view))</div>
            <div class="narrow">\(gaps(view))\(layers(view))\(feed(view))</div>
            </div>
            """
        return Sheet(title: "\(self[.onCall]) · \(view.name)", section: .onCall, body: body)
    }

    func noOnCall() -> Sheet {
        Sheet(
            title: self[.onCall], section: .onCall,
            body: "<h1>\(self[.onCall])</h1>\(empty(.noSchedule, .phone))")
    }

    private func path(_ view: OnCallView) -> String { "/on-call/\(PathText.segment(view.name))" }

    private func tabs(_ view: OnCallView) -> HTML {
        guard view.schedules.count > 1 else { return .nothing }
        let items = view.schedules.map { name -> HTML in
            let isHere = name == view.name
            return
                "<a href=\"\(url("/on-call/\(PathText.segment(name))"))\"\(attribute: "aria-current", isHere ? "page" : nil)>\(name)</a>"
        }
        return "<nav class=\"tabs\" aria-label=\"\(self[.schedules])\">\(items)</nav>"
    }

    private func nowAndNext(_ view: OnCallView) -> HTML {
        let who: HTML =
            view.now.person.map { "<b class=\"who \(colour($0, view))\">\($0)</b>" }
            ?? "<span class=\"badge triggered\">\(Icon.incident.html)\(self[.nobodyOnCall])</span>"
        let until: HTML =
            view.next.map { "<span class=\"dim\">\(self[.until].lowercased()) \(at($0.start))</span>" } ?? .nothing
        let then: HTML =
            view.next.map { next -> HTML in
                "<span class=\"dim\">\(self[.then])</span> \(next.person.map { "<b class=\"who \(colour($0, view))\">\($0)</b>" as HTML } ?? tag(.nobodyOnCall, "triggered"))"
            } ?? .nothing
        return
            "<p class=\"line lead\">\(Icon.phone.html)\(who)<span>\(self[view.now.why.phrase])</span>\(until)\(then)</p>"
    }

    private func colour(_ person: String, _ view: OnCallView) -> String { "p\(view.colours[person] ?? 7)" }

    // MARK: Calendar

    private func calendarBar(_ view: OnCallView) -> HTML {
        let path = path(view)
        let spans = OnCallView.Span.allCases.map { span -> HTML in
            let text: Phrase = span == .month ? .month : .week
            let isHere = span == view.span
            return
                "<a href=\"\(url("\(path)?view=\(span.rawValue)&from=\(view.first.description)"))\"\(attribute: "aria-current", isHere ? "true" : nil)>\(self[text])</a>"
        }
        let name = view.span == .month ? self[.month(view.first)] : self[.weekOf(view.first)]
        func step(_ day: CivilDay, _ text: Phrase, _ sign: String) -> HTML {
            "<a class=\"button\" href=\"\(url("\(path)?view=\(view.span.rawValue)&from=\(day.description)"))\" aria-label=\"\(self[text])\">\(sign)</a>"
        }
        return """
            <div class="calendar-bar">
            <nav class="line" aria-label="\(self[.period])">\(step(view.before, .previous, "‹"))\
            <a class="button" href="\(url("\(path)?view=\(view.span.rawValue)"))">\(self[.today])</a>\(step(view.after, .following, "›"))</nav>
            <h2 id="period">\(name)</h2>
            <nav class="tabs" aria-label="\(self[.span])">\(spans)</nav>
            </div>
            """
    }

    private func month(_ view: OnCallView) -> HTML {
        let heads = (1...7).map { day -> HTML in
            "<th scope=\"col\"><abbr title=\"\(self[.weekday(day)])\">\(self[.shortWeekday(day)])</abbr></th>"
        }
        let weeks = stride(from: 0, to: view.days.count, by: 7).map { start -> HTML in
            "<tr>\(view.days[start..<start + 7].map { cell($0, view) })</tr>"
        }
        return """
            <div class="table calendar" role="region" aria-labelledby="period" tabindex="0"><table>
            <caption class="unseen">\(view.name), \(self[.month(view.first)])</caption>
            <thead><tr>\(heads)</tr></thead><tbody>\(weeks)</tbody></table></div>
            """
    }

    private func cell(_ day: OnCallView.Day, _ view: OnCallView) -> HTML {
        let kind = (day.isInside ? "" : " outside") + (day.isToday ? " today" : "") + (day.isHoliday ? " holiday" : "")
        let holiday: HTML = day.isHoliday ? "<span class=\"small\">\(self[.holiday])</span>" : .nothing
        return """
            <td class="day\(kind)"><p class="number"><time datetime="\(day.day.description)"\(attribute: "aria-current", day.isToday ? "date" : nil)>\(day.day.day)</time>\(holiday)</p>\
            \(chips(day.slots, view))</td>
            """
    }

    private func chips(_ slots: [OnCallView.Slot], _ view: OnCallView) -> HTML {
        let items = slots.map { slot -> HTML in
            let from = slot.isWhole ? "" : Phrase.clock(zone.civil(slot.start)) + " "
            let title =
                "\(clock(slot.start)) – \(clock(slot.end)): \(slot.person ?? self[.nobodyOnCall]), \(self[slot.why.phrase])"
            guard let person = slot.person else {
                return "<li class=\"chip gap\" title=\"\(title)\"><span>\(from)</span>\(self[.nobody])</li>"
            }
            let mark: HTML =
                switch slot.why {
                case .override: "<abbr title=\"\(self[.override])\">⇄</abbr>"
                case .standIn: "<abbr title=\"\(self[.standIn])\">↷</abbr>"
                case .turn, .nobody: .nothing
                }
            return
                "<li class=\"chip \(colour(person, view))\" title=\"\(title)\"><span>\(from)</span>\(person)\(mark)</li>"
        }
        return items.isEmpty ? .nothing : "<ul class=\"chips\">\(items)</ul>"
    }

    private func week(_ view: OnCallView) -> HTML {
        let heads = view.days.map { day -> HTML in
            "<th scope=\"col\"\(attribute: "class", day.isToday ? "today" : nil)>\(self[.shortDay(day.day)])</th>"
        }
        var rows: [HTML] = view.layers.map { row in
            "<tr><th scope=\"row\">\(row.layer)</th>\(row.days.map { "<td class=\"day\">\(chips($0.filter { $0.person != nil }, view))</td>" as HTML })</tr>"
        }
        rows.append(
            "<tr class=\"final\"><th scope=\"row\">\(self[.inTheEnd])</th>\(view.days.map { "<td class=\"day\(raw: $0.isToday ? " today" : "")\">\(chips($0.slots, view))</td>" as HTML })</tr>"
        )
        return """
            <div class="table calendar week" role="region" aria-labelledby="period" tabindex="0"><table>
            <caption class="unseen">\(view.name), \(self[.weekOf(view.first)])</caption>
            <thead><tr><th scope="col">\(self[.layer])</th>\(heads)</tr></thead><tbody>\(rows)</tbody></table></div>
            """
    }

    // MARK: Arrangements

    private func arrangeForms(_ view: OnCallView) -> HTML {
        let path = path(view)
        let people = view.people.map { ($0, $0) }
        let whoever = [("", self[.whoeverItIs])] + people
        let me = viewer?.name
        let start = Moment(seconds: (now.seconds + 3599) / 3600 * 3600)
        let end = start + .seconds(8 * 3600)
        let mine = view.upcoming.filter { $0.person == me }.map { shift in
            ("\(shift.start.milliseconds)-\(shift.end.milliseconds)", "\(clock(shift.start)) – \(clock(shift.end))")
        }
        let others = view.upcoming.filter { $0.person != me }.map { shift in
            (
                "\(shift.person ?? "")/\(shift.start.milliseconds)-\(shift.end.milliseconds)",
                "\(shift.person ?? "") \(clock(shift.start)) – \(clock(shift.end))"
            )
        }
        let override: HTML = """
            \(choice(.person, "person", id: "o-person", people, selected: me))
            \(choice(.replaces, "replaces", id: "o-replaces", whoever))
            \(timeField(.start, "start", id: "o-start", start))
            \(timeField(.end, "end", id: "o-end", end))
            <button class="main">\(self[.addOverride])</button>
            """
        let absence: HTML = """
            \(choice(.person, "person", id: "a-person", people, selected: me))
            \(timeField(.start, "start", id: "a-start", start))
            \(timeField(.end, "end", id: "a-end", start + .seconds(7 * 86_400)))
            <button class="main">\(self[.addAbsence])</button>
            """
        let swap: HTML = """
            \(choice(.yourTurn, "offered", id: "w-offered", mine))
            \(choice(.theirTurn, "asked", id: "w-asked", others))
            <button class="main">\(self[.proposeSwap])</button>
            """
        let canSwap = !mine.isEmpty && !others.isEmpty
        return """
            <div class="folds" role="group" aria-label="\(self[.arrange])">
            \(disclosure(.addOverride, id: "override", form("\(path)/overrides", class: "sheet", override)))
            \(disclosure(.addAbsence, id: "absence", form("\(path)/absences", class: "sheet", absence)))
            \(canSwap ? disclosure(.proposeSwap, id: "swap", form("\(path)/swaps", class: "sheet", swap)) : .nothing)
            </div>
            """
    }

    private func overrides(_ view: OnCallView) -> HTML {
        let rows = view.overrides.map { override -> HTML in
            let path = "\(path(view))/overrides/\(PathText.segment(override.id))/cancel"
            return """
                <tr><td><span class="who \(colour(override.person, view))">\(override.person)</span></td>\
                <td>\(override.replaces ?? self[.whoeverItIs])</td><td>\(at(override.start))</td><td>\(at(override.end))</td>\
                <td>\(mayRespond ? action(path, .cancel, about: override.person) : .nothing)</td></tr>
                """
        }
        return section(
            .overrides, "overrides",
            rows.isEmpty
                ? "<p class=\"dim\">\(self[.noOverride])</p>"
                : table(self[.overrides], [.person, .replaces, .start, .end, .actions], rows))
    }

    private func absences(_ view: OnCallView) -> HTML {
        let rows = view.absences.map { id, absence -> HTML in
            let path = "\(path(view))/absences/\(PathText.segment(id))/cancel"
            return """
                <tr><td><span class="who \(colour(absence.person, view))">\(absence.person)</span></td>\
                <td>\(at(absence.start))</td><td>\(at(absence.end))</td>\
                <td>\(mayRespond ? action(path, .cancel, about: absence.person) : .nothing)</td></tr>
                """
        }
        return section(
            .absences, "absences",
            rows.isEmpty
                ? "<p class=\"dim\">\(self[.noAbsence])</p>"
                : table(self[.absences], [.person, .start, .end, .actions], rows))
    }

    private func swaps(_ view: OnCallView) -> HTML {
        guard !view.swaps.isEmpty else { return .nothing }
        let rows = view.swaps.map { swap -> HTML in
            let path = "\(path(view))/swaps/\(PathText.segment(swap.id))"
            var buttons: HTML = .nothing
            if mayRespond, swap.state == .proposed {
                if viewer?.name == swap.asked.person {
                    buttons += action("\(path)/accept", .accept, kind: "main", about: swap.offered.person)
                }
                if [swap.asked.person, swap.offered.person].contains(viewer?.name ?? "") {
                    buttons += action("\(path)/decline", .decline, about: swap.offered.person)
                }
            }
            let kind = swap.state == .accepted ? "resolved" : swap.state == .proposed ? "acknowledged" : "quiet"
            return """
                <tr><td>\(tag(swap.state.phrase, kind))</td>\
                <td>\(swap.offered.person): \(at(swap.offered.start)) – \(at(swap.offered.end))</td>\
                <td>\(swap.asked.person): \(at(swap.asked.start)) – \(at(swap.asked.end))</td><td><div class="line">\(buttons)</div></td></tr>
                """
        }
        return section(.swaps, "swaps", table(self[.swaps], [.state, .offered, .asked, .actions], rows))
    }

    private func gaps(_ view: OnCallView) -> HTML {
        guard !view.gaps.isEmpty else { return .nothing }
        let items = view.gaps.map {
            "<li class=\"warn\">\(Icon.incident.html)\(at($0.start)) – \(at($0.end))</li>" as HTML
        }
        return section(.gaps, "gaps", "<ul class=\"stack\">\(items)</ul>")
    }

    private func layers(_ view: OnCallView) -> HTML {
        let items = view.schedule.layers.map { layer -> HTML in
            let people = layer.people.map { "<li><span class=\"who \(colour($0, view))\">\($0)</span></li>" as HTML }
            let hours = layer.hours.map { hours -> String in
                let days = hours.weekdays.sorted().map { self[.shortWeekday($0)] }.joined(separator: " ")
                return
                    "\(days) \(Phrase.clock(CivilTime(secondsSince1970: hours.from)))–\(Phrase.clock(CivilTime(secondsSince1970: hours.to)))"
            }
            return """
                <li><p><b>\(layer.name)</b> <span class="dim">\(self[.every(layer.turn)]), \(layer.zone.name)</span></p>
                <ol class="line">\(people)</ol>
                \(hours.isEmpty ? .nothing : "<p class=\"small dim\">\(hours.joined(separator: ", "))</p>")</li>
                """
        }
        return section(.layers, "layers", "<ul class=\"stack\">\(items)</ul>")
    }

    private func feed(_ view: OnCallView) -> HTML {
        section(
            .calendar, "feed",
            "<p class=\"small\">\(self[.calendarLead])</p>\(snippet(view.feed, label: self[.calendar]))")
    }

    func section(_ title: Phrase, _ id: String, _ content: HTML) -> HTML {
        "<section><h2 id=\"\(id)-head\">\(self[title])</h2>\(content)</section>"
    }
}
