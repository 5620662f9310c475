import Spec

/// Unit tests of rules as `promtool test rules` runs them (Prometheus, "Unit Testing for Rules").
///
/// promtool makes a new database for each test and evaluates every rule at each step of it, so that trials which say nothing
/// about each other's series share a test: 37 tests of one file became 8, and 5.0 s became 0.7 s.
enum RuleTests {
    /// - Parameters:
    ///   - files: the rule files, from the folder of the test's file.
    ///   - interval: between two evaluations of all rules; what takes an hour need not be looked at each minute.
    static func tree(_ rules: [PromRule], files: [String], groups: [String], interval: String) -> YAMLTree {
        [
            "rule_files": .list(files.map { .text($0) }),
            "evaluation_interval": .text(interval),
            "group_eval_order": .list(groups.map { .text($0) }),
            "tests": .list(cases(rules).map(test)),
        ]
    }

    /// What is tried in one database.
    private struct Case {
        var tried: [(rule: PromRule, trial: Trial)] = []
        /// Names of series with their values.
        var values: [String: String] = [:]
        var subjects: Set<String> = []

        /// Whether a trial finds here what it brings, and neither it nor another one anything else.
        func takes(_ rule: PromRule, _ trial: Trial) -> Bool {
            let isNew = { (series: Trial.Series) in values[series.name].map { $0 == series.values } ?? true }
            // What is compared first differs in most cases.
            guard trial.series.allSatisfy(isNew) else { return false }
            if values.count <= trial.series.count, values.count == Set(trial.series.map(\.name)).count,
                trial.series.allSatisfy({ values[$0.name] != nil })
            {
                return true
            }
            // An expression of the author's own may read whatever there is.
            guard let subject = RuleTests.subject(rule) else { return false }
            return !subjects.contains(subject) && !subjects.contains("")
        }

        mutating func add(_ rule: PromRule, _ trial: Trial) {
            tried.append((rule, trial))
            for series in trial.series { values[series.name] = series.values }
            subjects.insert(RuleTests.subject(rule) ?? "")
        }
    }

    /// Whose series a rule reads: none but those of one service or resource.
    private static func subject(_ rule: PromRule) -> String? { rule.labels["service"] }

    private static func cases(_ rules: [PromRule]) -> [Case] {
        var cases: [Case] = []
        for rule in rules {
            for trial in rule.trials {
                if let index = cases.firstIndex(where: { $0.takes(rule, trial) }) {
                    cases[index].add(rule, trial)
                } else {
                    var new = Case()
                    new.add(rule, trial)
                    cases.append(new)
                }
            }
        }
        return cases
    }

    private static func test(_ one: Case) -> YAMLTree {
        .pairs([
            ("interval", "1m"),
            (
                "input_series",
                .list(
                    one.values.sorted { $0.key < $1.key }.map { ["series": .text($0.key), "values": .text($0.value)] })
            ),
            ("alert_rule_test", .list(one.tried.map(expectation))),
        ])
    }

    private static func expectation(_ rule: PromRule, _ trial: Trial) -> YAMLTree {
        var expected: [YAMLTree] = []
        if trial.fires, case .alert(_, let annotations) = rule.kind {
            expected = [["exp_labels": .sorted(trial.labels ?? rule.labels), "exp_annotations": .sorted(annotations)]]
        }
        return .commented(
            "\(rule.name) \(trial.fires ? "fires" : "is silent"): \(trial.title).",
            ["eval_time": .text("\(trial.after)m"), "alertname": .text(rule.name), "exp_alerts": .list(expected)])
    }
}
