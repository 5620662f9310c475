import Spec

/// What watches one environment. Compose mounts it and ``MonitoringRenderer`` writes it: it is made once for both.
struct MonitoringParts: Sendable {
    /// What the containers mount, sorted by path: everything but the tests of rules.
    let mounted: [Artifact]
    let rules: RuleFiles
    let diagnostics: [Diagnostic]

    static func of(_ place: MonitoredPlace) -> MonitoringParts {
        place.place.monitoring { MonitoringParts(place) }
    }

    private init(_ place: MonitoredPlace) {
        let alerts = AlertRules(place)
        let objectives = ObjectiveRules(place)
        rules = RuleFiles(place, alerts, objectives)
        diagnostics = alerts.diagnostics + objectives.diagnostics
        var artifacts = rules.artifacts(place)
        artifacts.append(PrometheusFile.artifact(place))
        if place.hasAlertmanager { artifacts.append(AlertmanagerFile.artifact(place)) }
        artifacts += GrafanaFiles.artifacts(place)
        artifacts += LokiFiles.artifacts(place, alerts.logs)
        artifacts.append(AlloyFile.artifact(place))
        if let probes = Probes(place).artifact { artifacts.append(probes) }
        mounted = artifacts.sorted { $0.path < $1.path }
    }
}
