import Spec

/// Prometheus's files of rules, one group each, and promtool's tests of those that alert.
struct RuleFiles: Sendable {
    private struct File: Sendable {
        var name: String
        var group: RuleGroup

        /// Whether an expression stands on a rule that another file records.
        func reads(_ other: File) -> Bool {
            let names = Set(other.group.rules.map(\.name))
            return group.rules.contains { rule in
                rule.expression.utf8.split { !PromNames.isPart($0) }.contains { names.contains(String(Substring($0))) }
            }
        }
    }

    private let recorded: [File]
    private let alerting: [File]

    init(_ place: MonitoredPlace, _ alerts: AlertRules, _ objectives: ObjectiveRules) {
        recorded = [
            File(name: "recording", group: GoldenSignals.group(place)),
            File(name: "burn-rates", group: RuleGroup(name: "burn-rates", rules: objectives.recording)),
        ].filter { !$0.group.rules.isEmpty }
        let presence = PresenceRules.rules(place) + alerts.blind + objectives.blind
        alerting = [
            File(name: "alerts", group: RuleGroup(name: "alerts", rules: alerts.rules)),
            File(name: "objectives", group: RuleGroup(name: "objectives", rules: objectives.alerts)),
            File(name: "presence", group: RuleGroup(name: "presence", rules: presence)),
        ].filter { !$0.group.rules.isEmpty }
    }

    func artifacts(_ place: MonitoredPlace) -> [Artifact] {
        (recorded + alerting).map { place.file("prometheus/rules/\($0.name).yml", ["groups": [$0.group.tree]]) }
    }

    func tests(_ place: MonitoredPlace) -> [Artifact] {
        alerting.map { file in
            let loaded = recorded.filter { file.reads($0) } + [file]
            return place.file(
                "prometheus/tests/\(file.name)_test.yml",
                RuleTests.tree(
                    file.group.rules, files: loaded.map { "../rules/\($0.name).yml" },
                    groups: loaded.map(\.group.name), interval: file.name == "objectives" ? "5m" : "1m"),
                comment: ["Run with: promtool test rules \(file.name)_test.yml"])
        }
    }
}
