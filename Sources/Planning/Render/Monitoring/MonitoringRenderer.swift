import Spec

/// Prometheus, its rules with their tests, and what shows and carries them, for each environment of containers.
package struct MonitoringRenderer: Renderer {
    package init() {}

    package func render(_ subject: RenderSubject) -> Rendering {
        var artifacts: [Artifact] = []
        var diagnostics: [Diagnostic] = []
        for place in subject.places {
            guard place.platform.telemetry.stack == .prometheus, [.docker, .swarm].contains(place.settings.target)
            else {
                diagnostics.append(Self.unserved(place))
                continue
            }
            let monitored = MonitoredPlace(place, source: subject.source)
            let alerts = AlertRules(monitored)
            let objectives = ObjectiveRules(monitored)
            artifacts += Self.rules(monitored, alerts, objectives)
            artifacts.append(PrometheusFile.artifact(monitored))
            artifacts += GrafanaFiles.artifacts(monitored)
            artifacts += LokiFiles.artifacts(monitored, alerts.logs)
            diagnostics += alerts.diagnostics + objectives.diagnostics
        }
        return Rendering(artifacts, diagnostics: diagnostics)
    }

    /// Nothing is left out in silence: an environment without files says why.
    private static func unserved(_ place: RenderSubject.Place) -> Diagnostic {
        let reason =
            switch place.settings.target {
            case .local: "processes of this machine are watched by their front door and `hauban serve`"
            case .docker, .swarm: "`telemetry.stack` is the cloud's own"
            case .kubernetes, .gcp, .aws:
                "rules for `\(place.settings.target.rawValue)` are not written by this version"
            }
        return Diagnostic(
            .targetCannotHonour, "no monitoring is rendered for `\(place.name)`, nor its alerts: \(reason)",
            at: .environment(place.name, "target"), severity: .note, environment: place.name.text)
    }

    private static func rules(_ place: MonitoredPlace, _ alerts: AlertRules, _ objectives: ObjectiveRules) -> [Artifact]
    {
        var files: [(name: String, groups: [RuleGroup])] = [("recording", [GoldenSignals.group(place)])]
        if !objectives.recording.isEmpty {
            files[0].groups.append(RuleGroup(name: "burn-rates", rules: objectives.recording))
        }
        files.append(("alerts", [RuleGroup(name: "alerts", rules: alerts.rules)]))
        files.append(("objectives", [RuleGroup(name: "objectives", rules: objectives.alerts)]))
        files.append(
            (
                "presence",
                [RuleGroup(name: "presence", rules: PresenceRules.rules(place) + alerts.blind + objectives.blind)]
            ))
        files.removeAll { $0.groups.allSatisfy(\.rules.isEmpty) }
        var artifacts = files.map { file in
            place.file("prometheus/rules/\(file.name).yml", ["groups": .list(file.groups.map(\.tree))])
        }
        for file in files.dropFirst() {
            // Rules stand on recorded ones, and on no others.
            let loaded = [files[0], file]
            artifacts.append(
                place.file(
                    "prometheus/tests/\(file.name)_test.yml",
                    RuleTests.tree(
                        file.groups.flatMap(\.rules), files: loaded.map { "../rules/\($0.name).yml" },
                        groups: loaded.flatMap(\.groups).map(\.name),
                        interval: file.name == "objectives" ? "5m" : "1m"),
                    comment: ["Run with: promtool test rules \(file.name)_test.yml"]))
        }
        return artifacts
    }
}
