import Spec

/// Unit tests of rules as `promtool test rules` runs them (Prometheus, "Unit Testing for Rules").
enum RuleTests {
    /// - Parameters:
    ///   - files: the rule files, from the folder of the test's file.
    ///   - interval: between two evaluations of all rules; what takes an hour need not be looked at each minute.
    static func tree(_ rules: [PromRule], files: [String], groups: [String], interval: String) -> YAMLTree {
        [
            "rule_files": .list(files.map { .text($0) }),
            "evaluation_interval": .text(interval),
            "group_eval_order": .list(groups.map { .text($0) }),
            "tests": .list(rules.flatMap { rule in rule.trials.map { test(rule, $0) } }),
        ]
    }

    private static func test(_ rule: PromRule, _ trial: Trial) -> YAMLTree {
        var expected: [YAMLTree] = []
        if trial.fires, case .alert(_, let annotations) = rule.kind {
            expected = [["exp_labels": .sorted(rule.labels), "exp_annotations": .sorted(annotations)]]
        }
        return .map([
            YAMLEntry(
                "interval", "1m",
                comment: "\(rule.name) \(trial.fires ? "fires" : "is silent"): \(trial.title)."),
            YAMLEntry(
                "input_series",
                .list(trial.series.map { ["series": .text($0.name), "values": .text($0.values)] })),
            YAMLEntry(
                "alert_rule_test",
                [["eval_time": .text("\(trial.after)m"), "alertname": .text(rule.name), "exp_alerts": .list(expected)]]),
        ])
    }
}
