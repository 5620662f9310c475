import Spec

/// What watches one environment. Compose mounts it and ``MonitoringRenderer`` writes it: it is made once for both.
struct MonitoringParts: Sendable {
    /// What the containers mount, sorted by path: everything but the tests of rules.
    let mounted: [Artifact]
    let rules: [RuleFile]
    let diagnostics: [Diagnostic]

    static func of(_ place: MonitoredPlace) -> MonitoringParts {
        place.place.monitoring { MonitoringParts(place) }
    }

    private init(_ place: MonitoredPlace) {
        let alerts = AlertRules(place)
        let objectives = ObjectiveRules(place)
        rules = RuleFile.all(place, alerts, objectives)
        diagnostics = alerts.diagnostics + objectives.diagnostics
        var artifacts = rules.map { place.file("prometheus/rules/\($0.name).yml", ["groups": [$0.group.tree]]) }
        artifacts.append(PrometheusFile.artifact(place))
        if place.hasAlertmanager { artifacts.append(AlertmanagerFile.artifact(place)) }
        artifacts += GrafanaFiles.artifacts(place)
        artifacts += LokiFiles.artifacts(place, alerts.logs)
        artifacts.append(AlloyFile.artifact(place))
        if let probes = Probes(place).artifact { artifacts.append(probes) }
        mounted = artifacts.sorted { $0.path < $1.path }
    }

    /// The unit tests of the rules.
    func tests(_ place: MonitoredPlace) -> [Artifact] {
        rules.compactMap { file in
            file.tests(with: rules).map { tests in
                place.file(
                    "prometheus/tests/\(file.name)_test.yml", tests,
                    comment: ["Run with: promtool test rules \(file.name)_test.yml"])
            }
        }
    }
}
