import Spec

/// Rules of Loki for alerts on log lines (Grafana Loki, "Alerting and recording rules": the form is that of Prometheus).
///
/// They lie in the folder of the only tenant, which Loki calls `fake` where authentication is off.
enum LokiFiles {
    static func artifacts(_ place: MonitoredPlace, _ alerts: [AlertRules.LogAlert]) -> [Artifact] {
        guard !alerts.isEmpty else { return [] }
        let rules = alerts.map { alert in
            // The window of the count is the time that the alert looks back, so that it needs no `for`.
            PromRule(
                name: alert.name, kind: .alert(hold: .zero, annotations: alert.annotations),
                expression: alert.expression, labels: alert.labels)
        }
        return [
            place.file("loki/rules/fake/alerts.yml", ["groups": [RuleGroup(name: "logs", rules: rules).tree]])
        ]
    }
}
