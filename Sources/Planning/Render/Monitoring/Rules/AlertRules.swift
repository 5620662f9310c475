import Spec

/// The alerts of hauban.yaml as rules.
struct AlertRules {
    /// A rule of Loki.
    struct LogAlert {
        var name: String
        var query: LogQuery
        var expression: String
        var labels: [String: String]
        var annotations: [String: String]
    }

    private(set) var rules: [PromRule] = []
    private(set) var logs: [LogAlert] = []
    /// One for each alert whose series may stay away.
    private(set) var blind: [PromRule] = []
    private(set) var diagnostics: [Diagnostic] = []

    init(_ place: MonitoredPlace) {
        for (name, alert) in place.platform.alerts.sorted(by: { $0.key < $1.key }) {
            switch alert.trigger {
            case .promql(let expression): add(raw: expression, name, alert, place)
            case .condition(let condition): add(condition, name, alert, place)
            }
        }
    }

    private mutating func add(_ condition: Condition, _ name: AlertName, _ alert: Alert, _ place: MonitoredPlace) {
        let labels = Self.labels(alert, condition.target, place)
        let annotations = Self.annotations(name, alert, condition.target, condition.text, place)
        switch SignalQuery.make(condition, hold: alert.hold, in: place) {
        case .impossible(let reason):
            diagnostics.append(
                Diagnostic(
                    .targetCannotHonour,
                    "alert `\(name)` is in no rule of `\(place.place.name)`: \(reason)",
                    at: SpecPath(["alerts", name.text]), severity: .warning,
                    help:
                        "`\(condition.text)` is judged where it can be measured; a `promql` of your own is passed on.",
                    environment: place.place.name.text))
        case .logs(let query):
            logs.append(
                LogAlert(
                    name: name.text, query: query,
                    expression: "(\(query.expression)) \(condition.comparison.rawValue) "
                        + PromNumber.text(Self.number(condition.bound)),
                    labels: labels, annotations: annotations))
        case .query(let query):
            let bound = Self.number(condition.bound)
            rules.append(
                PromRule(
                    name: name.text, kind: .alert(hold: query.hold, annotations: annotations),
                    expression: "\(query.expression) \(condition.comparison.rawValue) \(PromNumber.text(bound))",
                    labels: labels, comment: condition.text,
                    trials: Self.trials(condition, bound, query)))
            if let needs = query.needs { see(needs, name, alert, condition.target, place) }
        }
    }

    private mutating func add(raw expression: String, _ name: AlertName, _ alert: Alert, _ place: MonitoredPlace) {
        rules.append(
            PromRule(
                name: name.text,
                kind: .alert(
                    hold: alert.hold, annotations: Self.annotations(name, alert, nil, "\(name) fires", place)),
                expression: expression, isAuthors: true, labels: Self.labels(alert, nil, place),
                comment:
                    "As hauban.yaml has it: what makes it fire only its author knows, so that only its silence is tried.",
                trials: [Trial(title: "nothing is measured", series: [], after: 30, fires: false)]))
        for metric in PromNames.series(in: expression) { see(metric, name, alert, nil, place) }
    }

    /// An alert that has nothing to look at is not a quiet one.
    private mutating func see(
        _ selector: String, _ name: AlertName, _ alert: Alert, _ target: EdgeName?, _ place: MonitoredPlace
    ) {
        let metric = String(selector.prefix { $0 != "{" })
        let series = Trial.Series(name: ClusterSeries.sample(of: selector), values: "1x40")
        var labels = ["severity": Level.medium.rawValue, "blind": name.text]
        if let target { labels["service"] = target.text }
        if let team = place.team { labels["team"] = team }
        blind.append(
            PromRule(
                name: "no-data-\(name)-\(metric)",
                kind: .alert(
                    hold: .seconds(900),
                    annotations: [
                        "summary": "The alert \(name) cannot see: \(metric) is not there.",
                        "dashboard": place.dashboard(target),
                    ]),
                expression: "absent(\(selector))", labels: labels,
                trials: [
                    Trial(
                        title: "\(metric) is not there", series: [], after: 20, fires: true,
                        labels: Self.matched(selector).merging(labels) { $1 }),
                    Trial(title: "\(metric) is there", series: [series], after: 20, fires: false),
                ]))
    }

    /// What `absent` gives its answer: the labels that a selector names the values of.
    private static func matched(_ selector: String) -> [String: String] {
        var labels: [String: String] = [:]
        guard let start = selector.firstIndex(of: "{") else { return labels }
        for matcher in selector[start...].dropFirst().dropLast().split(separator: ", ") {
            let sides = matcher.split(separator: "=\"", maxSplits: 1)
            if sides.count == 2, sides[1].hasSuffix("\"") { labels[String(sides[0])] = String(sides[1].dropLast()) }
        }
        return labels
    }

    private static func labels(_ alert: Alert, _ target: EdgeName?, _ place: MonitoredPlace) -> [String: String] {
        var labels = ["severity": alert.level.rawValue]
        if let target { labels["service"] = target.text }
        if let team = place.team { labels["team"] = team }
        return labels
    }

    private static func annotations(
        _ name: AlertName, _ alert: Alert, _ target: EdgeName?, _ words: String, _ place: MonitoredPlace
    ) -> [String: String] {
        [
            "summary": alert.summary ?? words, "dashboard": place.dashboard(target),
            "runbook_url": RunbookFiles.path(name, alert),
        ]
    }

    private static func number(_ bound: Condition.Bound) -> Double {
        switch bound {
        case .percent(let percent): percent.fraction
        case .duration(let duration): PromNumber.seconds(duration)
        case .rate(let rate): rate.perSecond
        case .count(let count): Double(count)
        }
    }

    /// A value well beyond the bound, and one well within it.
    private static func trials(_ condition: Condition, _ bound: Double, _ query: SignalQuery) -> [Trial] {
        let over: Double
        let under: Double?
        switch condition.signal.bound {
        case .percent:
            over = bound < 1 ? (bound + 1) / 2 : bound * 1.5
            under = bound / 2
        case .duration, .rate:
            over = bound * 2
            under = bound / 2
        case .count:
            over = bound + 1
            under = bound >= 1 ? bound - 1 : nil
        }
        let (bad, good): (Double?, Double?)
        switch condition.comparison {
        case .above: (bad, good) = (over, under ?? bound)
        case .atLeast: (bad, good) = (over, under)
        case .below: (bad, good) = (under, over)
        case .atMost: (bad, good) = (under ?? bound, over)
        }
        let after = PromNumber.minutes(query.hold) + query.warmUp + 5
        return [(bad, true), (good, false)].compactMap { value, fires in
            value.map { value in
                let shown = PromNumber.text(value)
                return Trial(
                    title: "\(condition.text), at \(shown)", series: query.series(value, after + 5), after: after,
                    fires: fires)
            }
        }
    }
}
