import Spec

/// Objectives as burn rates over two windows each (Google SRE Workbook, "Alerting on SLOs", "Multiwindow, Multi-Burn-Rate
/// Alerts"): the long window says that it matters, the short one that it still goes on.
struct ObjectiveRules {
    struct Pair {
        /// Of the budget, in hundredths, what is gone when it fires.
        var share: Double
        var hours: Double
        var long: String
        var short: String
        var level: Level

        /// How many times as fast as the budget allows: 14.4, 6, 3 and 1 for a budget of 30 days. Never slower than it allows,
        /// which would be no promise broken.
        func factor(of window: Duration) -> Double {
            max(1, share / 100 * PromNumber.seconds(window) / 3600 / hours)
        }

        func spent(of window: Duration) -> String {
            let gone = factor(of: window) * hours * 3600 / PromNumber.seconds(window) * 100
            let share = PromNumber.text((gone * 10).rounded() / 10)
            return "\(share) % of the budget of \(DurationText.text(window)) in \(long)"
        }
    }

    static let pairs = [
        Pair(share: 2, hours: 1, long: "1h", short: "5m", level: .critical),
        Pair(share: 5, hours: 6, long: "6h", short: "30m", level: .high),
        Pair(share: 10, hours: 24, long: "1d", short: "2h", level: .medium),
        Pair(share: 10, hours: 72, long: "3d", short: "6h", level: .low),
    ]
    static let windows = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"]

    private(set) var recording: [PromRule] = []
    private(set) var alerts: [PromRule] = []
    private(set) var blind: [PromRule] = []
    private(set) var diagnostics: [Diagnostic] = []

    init(_ place: MonitoredPlace) {
        let available = place.promised.filter { $0.objective.availability != nil }.map(\.name.text)
        if !available.isEmpty {
            // Where every service promises it, their names say nothing.
            let isEach = available.count == place.measured.count
            let matcher = isEach ? "service!=\"\"" : "service=~\"\(available.joined(separator: "|"))\""
            for window in Self.windows.dropFirst() {
                recording.append(
                    GoldenSignals.record(
                        GoldenSignals.errors(over: window), GoldenSignals.errorRatio(matcher, window), nil))
            }
        }
        for (name, objective) in place.promised {
            if let availability = objective.availability { add(availability, objective.window, of: name, place) }
            for (quantile, bound) in objective.latency.sorted(by: { $0.key < $1.key }) {
                add(quantile, within: bound, objective.window, of: name, place)
            }
        }
    }

    private mutating func add(
        _ availability: Percent, _ window: Duration, of name: ServiceName, _ place: MonitoredPlace
    ) {
        let budget = Double(1_000_000 - availability.millionths) / 1_000_000
        pairs(
            name, "availability", budget: budget, over: window, selector: "{service=\"\(name)\"}",
            words: "\(availability) of the requests of \(name) shall be answered without an error of the server",
            recorded: GoldenSignals.errors(over:), place
        ) { share, minutes in GoldenSignals.series(name.text, bad: share, minutes) }
    }

    private mutating func add(
        _ quantile: Objective.Quantile, within bound: Duration, _ span: Duration, of name: ServiceName,
        _ place: MonitoredPlace
    ) {
        let seconds = PromNumber.text(PromNumber.seconds(bound))
        // Client libraries write the bucket of two seconds as 2 or as 2.0.
        let exact = seconds.replacing(".", with: "\\\\.")
        let bucket = seconds.contains(".") ? "le=~\"\(exact)\"" : "le=~\"\(exact)|\(exact)\\\\.0\""
        let fast = "\(GoldenSignals.duration)_bucket{service=\"\(name)\", \(bucket)}"
        let all = "\(GoldenSignals.duration)_count{service=\"\(name)\"}"
        for window in Self.windows {
            recording.append(
                GoldenSignals.record(
                    GoldenSignals.slow(over: window),
                    "1 - sum(rate(\(fast)[\(window)])) / sum(rate(\(all)[\(window)]))",
                    window == "5m" ? "Share of the requests of \(name) that take longer than \(seconds) s." : nil,
                    ["service": name.text, "objective": quantile.rawValue]))
        }
        let share = Double(quantile.rawValue.dropFirst()) ?? 50
        let series: @Sendable (Double, Int) -> [Trial.Series] = { slow, minutes in
            let rest = PromNumber.text(60 * (1 - slow))
            return [
                .init(
                    name: "\(GoldenSignals.duration)_bucket{service=\"\(name)\", le=\"\(seconds)\"}",
                    values: "0+\(rest)x\(minutes)"),
                .init(name: all, values: "0+60x\(minutes)"),
            ]
        }
        pairs(
            name, quantile.rawValue, budget: (100 - share) / 100, over: span,
            selector: "{service=\"\(name)\", objective=\"\(quantile.rawValue)\"}",
            words:
                "\(quantile.rawValue.dropFirst()) of a hundred requests of \(name) shall be answered within \(seconds) s",
            recorded: GoldenSignals.slow(over:), place, series: series)
        blind.append(
            PromRule(
                name: "no-data-slo-\(name)-\(quantile.rawValue)",
                kind: .alert(
                    hold: .seconds(900),
                    annotations: [
                        "summary":
                            "The promise on \(name) cannot be judged: its histogram has no bucket at \(seconds) s.",
                        "dashboard": place.dashboard(name.cast()),
                    ]),
                expression: "absent(\(fast))", labels: labels(name, "medium", place),
                trials: [
                    Trial(title: "there is no bucket", series: [], after: 20, fires: true),
                    Trial(title: "there is one", series: series(0, 30), after: 20, fires: false),
                ]))
    }

    private func labels(_ name: ServiceName, _ level: String, _ place: MonitoredPlace) -> [String: String] {
        var labels = ["severity": level, "service": name.text]
        if let team = place.team { labels["team"] = team }
        return labels
    }

    private mutating func pairs(
        _ name: ServiceName, _ objective: String, budget: Double, over window: Duration, selector: String,
        words: String,
        recorded: (String) -> String, _ place: MonitoredPlace,
        series: @Sendable (_ share: Double, _ minutes: Int) -> [Trial.Series]
    ) {
        for pair in Self.pairs {
            let bound = pair.factor(of: window) * budget
            let factor = PromNumber.text(pair.factor(of: window))
            guard bound < 1, bound > 0 else {
                diagnostics.append(
                    Diagnostic(
                        .targetCannotHonour,
                        "the promise `\(objective)` of `\(name)` has no alert at \(factor) times its budget: "
                            + (budget > 0 ? "not even an outage burns so fast" : "it leaves no budget at all"),
                        at: SpecPath(["services", name.text, "slo"]), severity: .note,
                        environment: place.place.name.text))
                continue
            }
            var labels = labels(name, pair.level.rawValue, place)
            labels["slo"] = objective
            // What is recorded of a latency bears it, and so does what fires.
            if objective != "availability" { labels["objective"] = objective }
            labels["window"] = pair.long
            let limit = "\(factor) * \(PromNumber.text(budget))"
            alerts.append(
                PromRule(
                    name: "slo-\(name)-\(objective)-\(pair.long)",
                    kind: .alert(
                        hold: .zero,
                        annotations: [
                            "summary": "\(words); now it burns \(factor) times as fast as that allows.",
                            "dashboard": place.dashboard(name.cast()),
                        ]),
                    expression: "\(recorded(pair.long))\(selector) > \(limit)\n"
                        + "and \(recorded(pair.short))\(selector) > \(limit)",
                    labels: labels, comment: pair.spent(of: window) + ".",
                    trials: Self.trials(bound, factor, series)))
        }
    }

    private static func trials(
        _ bound: Double, _ factor: String, _ series: (_ share: Double, _ minutes: Int) -> [Trial.Series]
    ) -> [Trial] {
        [
            Trial(
                title: "a little more than \(factor) times the budget", series: series(min(1, bound * 1.05), 75),
                after: 70, fires: true),
            Trial(
                title: "a little less than \(factor) times the budget", series: series(bound * 0.95, 75), after: 70,
                fires: false),
        ]
    }
}
