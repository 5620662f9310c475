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
            let parts = MonitoringParts.of(monitored)
            artifacts += parts.mounted + parts.tests(monitored)
            diagnostics += parts.diagnostics + AlertmanagerFile.diagnostics(monitored)
        }
        artifacts += RunbookFiles.artifacts(subject)
        return Rendering(artifacts, diagnostics: diagnostics)
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
}
