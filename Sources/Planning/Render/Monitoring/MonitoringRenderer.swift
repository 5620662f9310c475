import Spec

/// Prometheus, its rules with their tests, and what shows and carries them, for each environment of containers.
package struct MonitoringRenderer: Renderer {
    package init() {}

    package func render(_ subject: RenderSubject) -> Rendering {
        var artifacts: [Artifact] = []
        var diagnostics: [Diagnostic] = []
        for place in subject.places {
            guard let monitored = MonitoredPlace(served: place, source: subject.source) else {
                diagnostics.append(Self.unserved(place))
                continue
            }
            let alerts = AlertRules(monitored)
            let objectives = ObjectiveRules(monitored)
            artifacts += Self.artifacts(monitored, alerts, objectives)
            diagnostics += alerts.diagnostics + objectives.diagnostics + AlertmanagerFile.diagnostics(monitored)
        }
        artifacts += RunbookFiles.artifacts(subject)
        return Rendering(artifacts, diagnostics: diagnostics)
    }

    /// What the containers of one environment mount: everything but the tests of rules.
    static func files(_ place: MonitoredPlace) -> [Artifact] {
        artifacts(place, AlertRules(place), ObjectiveRules(place))
            .filter { !$0.path.hasPrefix("\(place.folder)/prometheus/tests/") }
            .sorted { $0.path < $1.path }
    }

    private static func artifacts(
        _ place: MonitoredPlace, _ alerts: AlertRules, _ objectives: ObjectiveRules
    ) -> [Artifact] {
        var artifacts = rules(place, alerts, objectives)
        artifacts.append(PrometheusFile.artifact(place))
        if place.hasAlertmanager { artifacts.append(AlertmanagerFile.artifact(place)) }
        artifacts += GrafanaFiles.artifacts(place)
        artifacts += LokiFiles.artifacts(place, alerts.logs)
        artifacts.append(AlloyFile.artifact(place))
        if let probes = Probes(place).artifact { artifacts.append(probes) }
        return artifacts
    }

    /// Nothing is left out in silence: an environment without files says why.
    private static func unserved(_ place: RenderSubject.Place) -> Diagnostic {
        let reason =
            switch place.settings.target {
            case .local: "processes of this machine are watched by their front door and `hauban serve`"
            case .docker, .swarm:
                place.platform.telemetry.stack == .cloud
                    ? "`telemetry.stack` is the cloud's own" : "nothing has `metrics`, `alerts` or `kpis`"
            case .kubernetes: "`hauban render kubernetes` puts its rules and dashboards among the manifests"
            case .gcp, .aws:
                "`hauban render terraform` puts alerts and dashboards among the cloud's own"
            }
        return Diagnostic(
            .targetCannotHonour, "no monitoring is rendered for `\(place.name)`, nor its alerts: \(reason)",
            at: .environment(place.name, "target"), severity: .note, environment: place.name.text)
    }

    private static func rules(_ place: MonitoredPlace, _ alerts: AlertRules, _ objectives: ObjectiveRules) -> [Artifact]
    {
        let files = RuleFile.all(place, alerts, objectives)
        return files.map { place.file("prometheus/rules/\($0.name).yml", ["groups": [$0.group.tree]]) }
            + files.compactMap { file in
                file.tests(with: files).map { tests in
                    place.file(
                        "prometheus/tests/\(file.name)_test.yml", tests,
                        comment: ["Run with: promtool test rules \(file.name)_test.yml"])
                }
            }
    }
}
