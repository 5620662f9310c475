package import Response
import Spec

/// What the page of figures is asked for.
package struct FigureFilter: Hashable, Sendable {
    static let lengths = [7, 30, 90]

    package var days = 30
    package var service = ""

    init(_ query: QueryText) {
        let asked = query.first("days").flatMap { Int($0) } ?? 30
        days = Self.lengths.contains(asked) ? asked : 30
        service = query.first("service") ?? ""
    }

    var period: ResponseTimes.Period { days == 7 ? .day : .week }

    /// From when on: the beginning of a day by the clock on the wall.
    package func start(_ now: Moment, _ zone: ZoneRules) -> Moment {
        zone.moment(CivilTime(zone.civil(now).day + (1 - days)))
    }
}

/// Figures: how many incidents there were, how they were answered, who was paged, and by what.
struct FiguresView: Sendable {
    static let rows = 20

    var filter: FigureFilter
    var figures: IncidentFigures
    var services: [String]

    init(_ data: ConsoleData, filter: FigureFilter, zone: ZoneRules, now: Moment) {
        self.filter = filter
        let live = data.responder.incidents
        let all = Array(live.values) + data.archive.filter { live[$0.id] == nil }
        figures = IncidentFigures(
            of: all, openedFrom: filter.start(now, zone), to: now + .milliseconds(1), by: filter.period, zone: zone,
            service: filter.service.isEmpty ? nil : filter.service)
        services = Set(data.services).union(all.compactMap(\.service)).sorted()
    }
}

extension PageContext {
    func figures(_ view: FiguresView) -> Sheet {
        let figures = view.figures
        let body: HTML = """
            <h1>\(self[.figures])</h1>
            \(figureFilter(view))
            <div id="figures-now" data-live="incidents" data-quiet>
            <dl class="tiles">
            \(tile(.incidents, self[.number(figures.whole.incidents)]))
            \(tile(.mtta, mean(figures.whole.meanToAcknowledge)))
            \(tile(.mttr, mean(figures.whole.meanToResolve)))
            \(tile(.pagesSent, self[.number(figures.pages)]))
            </dl>
            \(figures.whole.incidents == 0 ? empty(.noIncidentInPeriod) : figureParts(view))
            </div>
            """
        return Sheet(title: self[.figures], section: .figures, body: body)
    }

    private func figureFilter(_ view: FiguresView) -> HTML {
        let tabs = FigureFilter.lengths.map { days -> HTML in
            let path = "/figures" + PathText.query([("days", "\(days)"), ("service", view.filter.service)])
            return
                "<a href=\"\(url(path))\"\(attribute: "aria-current", days == view.filter.days ? "page" : nil)>\(self[.lastDays(days)])</a>"
        }
        let services = [("", self[.all])] + view.services.prefix(500).map { ($0, $0) }
        return """
            <div class="calendar-bar">
            <nav class="tabs" aria-label="\(self[.periodOf])">\(tabs)</nav>
            <form class="filters" role="search" method="get" action="\(url("/figures"))" aria-label="\(self[.filters])">
            <input type="hidden" name="days" value="\(view.filter.days)">
            \(choice(.service, "service", id: "f-service", services, selected: view.filter.service))
            <button>\(self[.filter])</button>
            </form>
            </div>
            """
    }

    private func tile(_ name: Phrase, _ value: String) -> HTML {
        "<div><dt>\(self[name])</dt><dd>\(value)</dd></div>"
    }

    private func mean(_ length: Duration?) -> String { length.map { self[.length($0)] } ?? self[.noFigureYet] }

    private func figureParts(_ view: FiguresView) -> HTML {
        let figures = view.figures
        let levels = Level.allCases.sorted().reversed().map { level -> HTML in
            "<li>\(badge(level)) <b>\(self[.number(figures.severities[level] ?? 0)])</b></li>"
        }
        return """
            <section><h2 id="count-head">\(self[.incidentsOverTime])</h2>
            <ul class="line legend">\(levels)</ul>
            \(bars("count", .incidentsOverTime, view, figures.spans.map { span in
                Level.allCases.sorted().map { ($0.rawValue, Double(span.severities[$0] ?? 0)) }
            }) { self[.number(Int($0))] })
            </section>
            <div class="halves">
            <section><h2 id="mtta-head">\(self[.mtta])</h2>\(lengths("mtta", .mtta, view) { $0.meanToAcknowledge })</section>
            <section><h2 id="mttr-head">\(self[.mttr])</h2>\(lengths("mttr", .mttr, view) { $0.meanToResolve })</section>
            </div>
            \(section(view.filter.period == .day ? .byDay : .byWeek, "spans", spans(view)))
            \(section(.byService, "services", byService(view)))
            \(section(.noisyAlerts, "noises", noises(figures)))
            \(section(.pagesByPerson, "people", people(figures)))
            """
    }

    // MARK: Tables

    private func spans(_ view: FiguresView) -> HTML {
        let rows = view.figures.spans.reversed().map { span -> HTML in
            let levels = Level.allCases.sorted().reversed().compactMap { level -> HTML? in
                guard let count = span.severities[level] else { return nil }
                return "<span class=\"count \(level.rawValue)\">\(self[.alertCount(count, level)])</span>"
            }
            let counts: HTML = levels.isEmpty ? "–" : "<span class=\"line\">\(levels)</span>"
            return """
                <tr><th scope="row"><span class="signal">\(spanName(view, span.start))</span></th><td>\(self[.number(span.times.incidents)])</td>
                <td>\(counts)</td>
                <td>\(mean(span.times.meanToAcknowledge))</td><td>\(mean(span.times.meanToResolve))</td></tr>
                """
        }
        return table(self[.byWeek], [.from, .incidents, .severity, .mtta, .mttr], rows)
    }

    private func spanName(_ view: FiguresView, _ start: Moment) -> String {
        let day = zone.civil(max(start, view.filter.start(now, zone))).day
        return self[.shortDay(day)]
    }

    private func byService(_ view: FiguresView) -> HTML {
        let rows = view.figures.services.prefix(100).map { service, times -> HTML in
            let name: HTML =
                service.isEmpty
                ? "<span class=\"dim\">\(self[.noService])</span>"
                : "\(link("/incidents" + PathText.query([("state", "all"), ("service", service)]), service))"
            return """
                <tr data-row><th scope="row">\(name)</th><td>\(self[.number(times.incidents)])</td>
                <td>\(self[.number(times.acknowledged)])</td><td>\(self[.number(times.resolved)])</td>
                <td>\(mean(times.meanToAcknowledge))</td><td>\(mean(times.meanToResolve))</td></tr>
                """
        }
        return table(self[.byService], [.service, .incidents, .acknowledgedOnes, .resolvedOnes, .mtta, .mttr], rows)
    }

    private func people(_ figures: IncidentFigures) -> HTML {
        guard !figures.people.isEmpty else { return "<p class=\"dim\">\(self[.nobodyPaged])</p>" }
        let most = figures.people.first?.pages ?? 1
        let rows = figures.people.prefix(FiguresView.rows).map { pages -> HTML in
            """
            <tr data-row><th scope="row">\(link("/people/\(PathText.segment(pages.person))", pages.person))</th>
            <td>\(self[.number(pages.pages)])\(meter(pages.pages, of: most))</td>
            <td>\(self[.number(pages.incidents)])</td></tr>
            """
        }
        return table(self[.pagesByPerson], [.person, .pagesSent, .incidents], rows)
    }

    private func noises(_ figures: IncidentFigures) -> HTML {
        let most = figures.noises.first?.incidents ?? 1
        let rows = figures.noises.prefix(FiguresView.rows).map { noise -> HTML in
            """
            <tr><th scope="row">\(noise.alert)</th><td>\(noise.service ?? "–")</td>
            <td>\(self[.number(noise.incidents)])\(meter(noise.incidents, of: most))</td>
            <td>\(self[.number(noise.unanswered)])</td><td>\(ago(noise.last))</td></tr>
            """
        }
        let rest = figures.noises.count - FiguresView.rows
        return """
            \(table(self[.noisyAlerts], [.alert, .service, .incidents, .unansweredOnes, .lastOne], rows))\
            \(rest > 0 ? "<p class=\"dim small\">\(self[.andQuieter(rest)])</p>" : .nothing)
            """
    }

    /// How much that is of the most, drawn beside the number that says it.
    private func meter(_ count: Int, of most: Int) -> HTML {
        let width = Self.tenths(60 * Double(count) / Double(max(1, most)))
        return """
            <svg class="meter" viewBox="0 0 60 6" aria-hidden="true" focusable="false" preserveAspectRatio="none">\
            <rect width="\(raw: width)" height="6" rx="1"/></svg>
            """
    }

    // MARK: Charts

    private func lengths(
        _ id: String, _ title: Phrase, _ view: FiguresView, _ length: (ResponseTimes) -> Duration?
    ) -> HTML {
        bars(
            id, title, view,
            view.figures.spans.map { span in [("length", length(span.times).map { $0 / .seconds(1) } ?? 0)] }
        ) { self[.length(.seconds($0))] }
    }

    /// A column for each part of the period, of pieces that lie on each other.
    private func bars(
        _ id: String, _ title: Phrase, _ view: FiguresView, _ columns: [[(kind: String, value: Double)]],
        _ words: (Double) -> String
    ) -> HTML {
        let (width, height, left, bottom, top) = (420.0, 150.0, 52.0, 24.0, 12.0)
        let most = columns.map { $0.reduce(0) { $0 + $1.value } }.max() ?? 0
        let step = (width - left - 8) / Double(max(1, columns.count))
        func y(_ value: Double) -> Double { height - bottom - (height - bottom - top) * (most > 0 ? value / most : 0) }
        var pieces: HTML = ""
        let every = max(1, (columns.count + 4) / 5)
        for (index, column) in columns.enumerated() {
            let x = left + step * Double(index)
            let breadth = min(step * 0.7, 40)
            var sum = 0.0
            for piece in column where piece.value > 0 {
                let (low, high) = (y(sum), y(sum + piece.value))
                pieces += """
                    <rect class="column \(piece.kind)" x="\(raw: Self.tenths(x + (step - breadth) / 2))" y="\(raw: Self.tenths(high))" \
                    width="\(raw: Self.tenths(breadth))" height="\(raw: Self.tenths(max(0.5, low - high)))"/>
                    """
                sum += piece.value
            }
            if (columns.count - 1 - index) % every == 0 {
                pieces += """
                    <text class="tick" x="\(raw: Self.tenths(x + step / 2))" y="\(Int(height) - 8)" text-anchor="middle">\(spanName(view, view.figures.spans[index].start))</text>
                    """
            }
        }
        let lines = [0, most / 2, most].map { value -> HTML in
            """
            <line class="grid" x1="\(Int(left))" x2="\(Int(width) - 8)" y1="\(raw: Self.tenths(y(value)))" y2="\(raw: Self.tenths(y(value)))"/>
            """
        }
        let ticks = [0, most].map { value -> HTML in
            """
            <text class="tick" x="\(Int(left) - 6)" y="\(raw: Self.tenths(y(value) + 4))" text-anchor="end">\(most > 0 || value == 0 ? words(value) : "")</text>
            """
        }
        return """
            <div class="chart columns-of" role="region" aria-label="\(self[title])" tabindex="0">
            <svg viewBox="0 0 \(Int(width)) \(Int(height))" role="img" aria-labelledby="\(id)-chart">
            <title id="\(id)-chart">\(self[title]), \(self[.atMost(words(most))])</title>
            \(lines)\(most > 0 ? ticks : [])\(pieces)
            </svg>
            </div>
            """
    }
}

extension Phrase {
    static var figures: Phrase { Phrase("Figures", "Chiffres") }
    static var mtta: Phrase { Phrase("Mean time to acknowledge", "Délai moyen de prise en charge") }
    static var mttr: Phrase { Phrase("Mean time to resolve", "Délai moyen de résolution") }
    static var pagesSent: Phrase { Phrase("Pages", "Appels") }
    static var periodOf: Phrase { Phrase("Period", "Période") }
    static var noFigureYet: Phrase { Phrase("–", "–") }
    static var noIncidentInPeriod: Phrase {
        Phrase("No incident was opened in this period.", "Aucun incident ouvert pendant cette période.")
    }
    static var incidentsOverTime: Phrase { Phrase("Incidents by severity", "Incidents par gravité") }
    static var byWeek: Phrase { Phrase("Week by week", "Semaine par semaine") }
    static var byDay: Phrase { Phrase("Day by day", "Jour par jour") }
    static var byService: Phrase { Phrase("By service", "Par service") }
    static var pagesByPerson: Phrase { Phrase("Pages by person", "Appels par personne") }
    static var noisyAlerts: Phrase { Phrase("Noisy alerts", "Alertes bruyantes") }
    static var noService: Phrase { Phrase("no service", "aucun service") }
    static var nobodyPaged: Phrase { Phrase("Nobody was paged.", "Personne n’a été appelé.") }
    static var acknowledgedOnes: Phrase { Phrase("Acknowledged", "Pris en charge") }
    static var resolvedOnes: Phrase { Phrase("Resolved", "Résolus") }
    static var unansweredOnes: Phrase { Phrase("Over unanswered", "Finis sans réponse") }
    static var lastOne: Phrase { Phrase("Last", "Dernier") }

    static func lastDays(_ days: Int) -> Phrase { Phrase("\(days) days", "\(days) jours") }
    static func atMost(_ text: String) -> Phrase { Phrase("at most \(text)", "au plus \(text)") }

    static func andQuieter(_ count: Int) -> Phrase {
        Phrase(count, ("more alert", "more alerts"), ("autre alerte", "autres alertes"))
    }
}
