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
        let recorded = [
            RuleFile(name: "recording", group: GoldenSignals.group(place)),
            RuleFile(name: "burn-rates", group: RuleGroup(name: "burn-rates", rules: objectives.recording)),
        ].filter { !$0.group.rules.isEmpty }
        let presence = PresenceRules.rules(place) + alerts.blind + objectives.blind
        let alerting = [
            RuleFile(name: "alerts", group: RuleGroup(name: "alerts", rules: alerts.rules)),
            RuleFile(name: "objectives", group: RuleGroup(name: "objectives", rules: objectives.alerts)),
            RuleFile(name: "presence", group: RuleGroup(name: "presence", rules: presence)),
        ].filter { !$0.group.rules.isEmpty }
        var artifacts = (recorded + alerting).map { file in
            place.file("prometheus/rules/\(file.name).yml", ["groups": [file.group.tree]])
        }
        for file in alerting {
            let loaded = recorded.filter { file.reads($0) } + [file]
            artifacts.append(
                place.file(
                    "prometheus/tests/\(file.name)_test.yml",
                    RuleTests.tree(
                        file.group.rules, files: loaded.map { "../rules/\($0.name).yml" },
                        groups: loaded.map(\.group.name), interval: file.name == "objectives" ? "5m" : "1m"),
                    comment: ["Run with: promtool test rules \(file.name)_test.yml"]))
        }
        return artifacts
    }
}

/// A file of rules, which are one group.
private struct RuleFile {
    var name: String
    var group: RuleGroup

    /// Whether an expression stands on a rule that another file records.
    func reads(_ other: RuleFile) -> Bool {
        let names = Set(other.group.rules.map { Substring($0.name) })
        return group.rules.contains { rule in
            rule.expression.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
                .contains { names.contains($0) }
        }
    }
}
