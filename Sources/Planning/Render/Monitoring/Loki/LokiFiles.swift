import Spec

/// Loki's own file, and rules for alerts on log lines (Grafana Loki, "Configuration parameters", "Alerting and recording rules":
/// the form is that of Prometheus).
enum LokiFiles {
    static func artifacts(_ place: MonitoredPlace, _ alerts: [AlertRules.LogAlert]) -> [Artifact] {
        var artifacts = [configuration(place)]
        guard !alerts.isEmpty else { return artifacts }
        let rules = alerts.map { alert in
            // The window of the count is the time that the alert looks back, so that it needs no `for`.
            PromRule(
                name: alert.name, kind: .alert(hold: .zero, annotations: alert.annotations),
                expression: alert.expression, labels: alert.labels)
        }
        artifacts.append(
            place.file("loki/rules/fake/alerts.yml", ["groups": [RuleGroup(name: "logs", rules: rules).tree]]))
        return artifacts
    }

    private static func configuration(_ place: MonitoredPlace) -> Artifact {
        let kept = DurationText.text(place.platform.telemetry.logsKeep)
        let common: YAMLTree = [
            "path_prefix": "/loki", "replication_factor": 1,
            "ring": ["instance_addr": "127.0.0.1", "kvstore": ["store": "inmemory"]],
            "storage": ["filesystem": ["chunks_directory": "/loki/chunks", "rules_directory": "/loki/rules"]],
        ]
        let schema: YAMLTree = [
            "from": "2024-04-01", "store": "tsdb", "object_store": "filesystem", "schema": "v13",
            "index": ["prefix": "index_", "period": "24h"],
        ]
        var entries = [
            YAMLEntry(
                "auth_enabled", false, comment: "One tenant, whom Loki calls `fake`: the name of the rules' folder."),
            YAMLEntry("server", ["http_listen_port": 3100, "log_level": "warn"]),
            YAMLEntry("analytics", ["reporting_enabled": false]),
            YAMLEntry("common", common),
            YAMLEntry("schema_config", ["configs": .list([schema])]),
            YAMLEntry(
                "limits_config", ["retention_period": .text(kept), "reject_old_samples_max_age": .text("1w")],
                comment: "As long as `telemetry.logs-keep` says."),
            YAMLEntry(
                "compactor",
                [
                    "working_directory": "/loki/compactor", "retention_enabled": true,
                    "delete_request_store": "filesystem",
                ], comment: "Takes away what is older."),
        ]
        let ruler: YAMLTree = [
            "storage": ["type": "local", "local": ["directory": "/etc/loki/rules"]], "rule_path": "/tmp/rules",
            "enable_api": true, "ring": ["kvstore": ["store": "inmemory"]],
            "enable_alertmanager_v2": true,
        ]
        if case .map(var parts) = ruler {
            parts += pager(place)
            entries.append(YAMLEntry("ruler", .map(parts)))
        }
        return place.file("loki/loki.yml", .map(entries))
    }

    /// Where its alerts go: to whom those of Prometheus go.
    private static func pager(_ place: MonitoredPlace) -> [YAMLEntry] {
        guard let console = place.platform.console else {
            return [YAMLEntry("alertmanager_url", "http://alertmanager:9093")]
        }
        return [
            YAMLEntry("alertmanager_url", .text(console.url)),
            YAMLEntry(
                "alertmanager_client",
                [
                    "type": "Bearer",
                    "credentials_file": .text("/run/secrets/\(MonitoredPlace.integrationKey(place.platform))"),
                ]),
        ]
    }
}
