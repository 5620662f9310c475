import Spec

/// A file of rules, which are one group.
struct RuleFile: Sendable {
    var name: String
    var group: RuleGroup

    /// What an environment is watched by: what is recorded first, then what alerts stand on; files without rules are left out.
    /// - Parameter named: a rule of ours with the names that series have there.
    static func all(
        _ place: MonitoredPlace, _ alerts: AlertRules, _ objectives: ObjectiveRules,
        named: (PromRule) -> PromRule = { $0 }
    ) -> [RuleFile] {
        let presence = PresenceRules.rules(place) + alerts.blind + objectives.blind
        return [
            ("recording", GoldenSignals.group(place)),
            ("burn-rates", RuleGroup(name: "burn-rates", rules: objectives.recording)),
            ("alerts", RuleGroup(name: "alerts", rules: alerts.rules)),
            ("objectives", RuleGroup(name: "objectives", rules: objectives.alerts)),
            ("presence", RuleGroup(name: "presence", rules: presence)),
        ].filter { !$0.1.rules.isEmpty }.map { name, group in
            RuleFile(name: name, group: RuleGroup(name: group.name, rules: group.rules.map(named)))
        }
    }

    /// Unit tests as `promtool test rules` runs them from a folder beside `rules`; `nil` where nothing alerts.
    func tests(with all: [RuleFile]) -> YAMLTree? {
        guard alerts else { return nil }
        let loaded = all.filter { !$0.alerts && reads($0) } + [self]
        return RuleTests.tree(
            group.rules, files: loaded.map { "../rules/\($0.name).yml" }, groups: loaded.map(\.group.name),
            interval: name == "objectives" ? "5m" : "1m")
    }

    private var alerts: Bool {
        group.rules.contains { if case .alert = $0.kind { true } else { false } }
    }

    /// Whether an expression stands on a rule that another file records.
    private func reads(_ other: RuleFile) -> Bool {
        let names = Set(other.group.rules.map(\.name))
        return group.rules.contains { rule in
            rule.expression.utf8.split { !PromNames.isPart($0) }.contains { names.contains(String(Substring($0))) }
        }
    }
}
