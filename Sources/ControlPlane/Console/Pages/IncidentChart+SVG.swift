import Response

/// The chart of an incident, drawn by the server.
extension PageContext {
    private static let width = 720.0
    private static let height = 200.0
    private static let left = 40.0
    private static let right = 12.0
    private static let top = 34.0
    private static let bottom = 26.0

    func svg(_ chart: IncidentChart) -> HTML {
        let span = max(1, Double((chart.to - chart.from).milliseconds))
        let inner = (x: Self.width - Self.left - Self.right, y: Self.height - Self.top - Self.bottom)
        let most = Self.scale(chart.most)
        func x(_ moment: Moment) -> Double {
            let part = Double((moment - chart.from).milliseconds) / span
            return Self.left + inner.x * min(1, max(0, part))
        }
        func y(_ count: Int) -> Double { Self.top + inner.y * (1 - Double(count) / Double(most)) }

        var path = "M\(Self.number(x(chart.from))) \(Self.number(y(0)))"
        // As many corners as a screen has columns; of several steps in one, the highest counts.
        var column = -1
        var highest = 0
        var last = 0
        for step in chart.steps {
            let at = x(step.at)
            if Int(at) == column, step.firing <= highest {
                last = step.firing
                continue
            }
            if last != highest { path += "V\(Self.number(y(last)))" }
            path += "H\(Self.number(at))V\(Self.number(y(step.firing)))"
            (column, highest, last) = (Int(at), step.firing, step.firing)
        }
        if last != highest { path += "V\(Self.number(y(last)))" }
        let end = x(min(chart.to, max(now, chart.from)))
        path += "H\(Self.number(end))"
        let area = path + "V\(Self.number(y(0)))Z"
        let text = Phrase.chartText(chart.most, last, chart.marks.count { $0.kind == .released })
        return """
            <div class="chart" role="region" aria-label="\(self[.chart])" tabindex="0">
            <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" aria-labelledby="chart-title chart-text">
            <title id="chart-title">\(self[.chart])</title>
            <desc id="chart-text">\(self[text])</desc>
            \(lines(most, y))
            \(hours(chart, x))
            <path class="area" d="\(raw: area)"/>
            <path class="trace" d="\(raw: path)"/>
            \(marks(chart, x))
            </svg>
            </div>
            """
    }

    private func lines(_ most: Int, _ y: (Int) -> Double) -> HTML {
        let values = most >= 4 ? [0, most / 2, most] : Array(0...most)
        return values.map { value -> HTML in
            let line = Self.number(y(value))
            return """
                <line class="grid" x1="\(Int(Self.left))" x2="\(Int(Self.width - Self.right))" y1="\(raw: line)" y2="\(raw: line)"/>\
                <text class="tick" x="\(Int(Self.left) - 6)" y="\(raw: Self.number(y(value) + 4))" text-anchor="end">\(self[.number(value)])</text>
                """
        }.joined()
    }

    /// Round times below the axis.
    private func hours(_ chart: IncidentChart, _ x: (Moment) -> Double) -> HTML {
        let steps = [60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800]
        let length = (chart.to - chart.from).milliseconds / 1000
        let step = steps.first { length / $0 <= 7 } ?? length / 6
        let offset = zone.offset(at: chart.from)
        var seconds = (chart.from.seconds + offset + step - 1) / step * step - offset
        var texts: HTML = ""
        let isDaily = step >= 86_400
        while seconds <= chart.to.seconds {
            let moment = Moment(seconds: seconds)
            let time = zone.civil(moment)
            let label = isDaily ? self[.shortDay(time.day)] : Phrase.clock(time)
            texts += """
                <text class="tick" x="\(raw: Self.number(x(moment)))" y="\(Int(Self.height) - 8)" text-anchor="middle">\(label)</text>
                """
            seconds += step
        }
        return texts
    }

    private func marks(_ chart: IncidentChart, _ x: (Moment) -> Double) -> HTML {
        var lastLabel = -1000.0
        return chart.marks.map { mark -> HTML in
            let at = x(mark.at)
            let (kind, text): (String, String) =
                switch mark.kind {
                case .released: ("released", "\(mark.text) \(self[.shipped])")
                case .returned:
                    ("returned", "\(mark.text) \(self[ReleaseRecord.Verdict.returned(reason: "").phrase].lowercased())")
                case .acknowledged: ("acknowledged", self[.acknowledgedMark])
                case .resolved: ("resolved", self[.resolvedMark])
                case .opened: ("opened", self[.openedMark])
                }
            // Labels that would lie on each other go into a second row.
            let isClose = at - lastLabel < 110
            lastLabel = isClose ? -1000 : at
            let isAtEnd = at > Self.width - 130
            let place = Self.number(isAtEnd ? at - 4 : at + 4)
            return """
                <g class="mark \(kind)"><line x1="\(raw: Self.number(at))" x2="\(raw: Self.number(at))" y1="\(isClose ? 20 : 6)" \
                y2="\(Int(Self.height - Self.bottom))"/>\
                <text x="\(raw: place)" y="\(isClose ? 28 : 14)" text-anchor="\(isAtEnd ? "end" : "start")">\(text)</text></g>
                """
        }.joined()
    }

    /// The next number that halves well.
    private static func scale(_ most: Int) -> Int {
        guard most > 3 else { return max(1, most) }
        var step = 1
        while true {
            for factor in [4, 6, 10, 20] where step * factor >= most { return step * factor }
            step *= 10
        }
    }

    /// With one decimal, without the help of a locale.
    private static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
    }
}
