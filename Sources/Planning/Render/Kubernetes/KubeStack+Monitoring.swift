import Spec

/// What the Prometheus operator reads.
extension KubeStack {
    func monitor(_ name: ServiceName, _ service: Service) -> [KubeObject] {
        guard hasMonitoring, let path = service.metrics, service.port != nil else { return [] }
        return [podMonitor(name.text, label: Self.nameLabel, port: "http", path: path, isCanary: isCanary(service))]
    }

    /// Pods and not Services are asked, so that a canary's answers are told from the others'.
    func podMonitor(_ name: String, label: String, port: String, path: String?, isCanary: Bool = false) -> KubeObject {
        var endpoint: [YAMLEntry] = [YAMLEntry("port", .text(port))]
        if let path { endpoint.append(YAMLEntry("path", .text(path))) }
        endpoint.append(
            YAMLEntry(
                "relabelings", .list([["targetLabel": "service", "replacement": .text(name)]]),
                comment: "By which rules and dashboards know it."))
        var spec: [YAMLEntry] = [YAMLEntry("selector", ["matchLabels": .sorted([label: name])])]
        if isCanary { spec.append(YAMLEntry("podTargetLabels", .row(["rollouts-pod-template-hash"]))) }
        spec.append(YAMLEntry("podMetricsEndpoints", .list([.map(endpoint)])))
        return KubeObject(
            apiVersion: "monitoring.coreos.com/v1", kind: "PodMonitor", name: name, file: name,
            labels: [Self.nameLabel: name], body: [YAMLEntry("spec", .map(spec))])
    }

    var monitored: MonitoredPlace { MonitoredPlace(place, source: subject.source) }

    /// Recording rules, alerts, objectives and what must be there, as ``MonitoringRenderer`` has them for containers.
    var ruleFiles: [RuleFile] {
        guard hasMonitoring else { return [] }
        let place = monitored
        return RuleFile.all(place, AlertRules(place), ObjectiveRules(place), named: scope.scoped)
    }

    var ruleObjects: [KubeObject] {
        guard hasMonitoring else { return [] }
        let rules = ruleFiles.map { file in
            KubeObject(
                apiVersion: "monitoring.coreos.com/v1", kind: "PrometheusRule", name: file.name, file: "rules",
                body: [YAMLEntry("spec", ["groups": [file.group.tree]])])
        }
        return rules + logRules(AlertRules(monitored).logs)
    }

    /// Alerts on lines of logs, for the ruler of a Loki whose sidecar takes ConfigMaps with this label.
    private func logRules(_ alerts: [AlertRules.LogAlert]) -> [KubeObject] {
        guard !alerts.isEmpty else { return [] }
        let rules = alerts.map { alert in
            let lines =
                "{namespace=\(PromNumber.quoted(namespace)), container=\(PromNumber.quoted(alert.query.service))}"
            let expression = alert.expression.replacing(
                "{service=\(PromNumber.quoted(alert.query.service))}", with: lines)
            return PromRule(
                name: alert.name, kind: .alert(hold: .zero, annotations: alert.annotations), expression: expression,
                labels: alert.labels)
        }
        let groups: YAMLTree = ["groups": [RuleGroup(name: "\(namespace)-logs", rules: rules).tree]]
        return [
            KubeObject(
                apiVersion: "v1", kind: "ConfigMap", name: "log-rules", file: "rules", labels: ["loki_rule": ""],
                comment: "For the ruler of Loki, whose chart reads ConfigMaps with this label.",
                body: [YAMLEntry("data", ["\(namespace).yaml": .text(YAMLText.file(header: [], groups))])])
        ]
    }

    private var scope: ClusterScope { ClusterScope(namespace: namespace) }

    /// Dashboards by file, with the operator's names for what the exporter of PostgreSQL calls otherwise.
    var dashboards: [(name: String, text: String)] {
        guard hasMonitoring else { return [] }
        let names = [
            ("pg_stat_activity_count", "cnpg_backends_total"),
            ("pg_stat_database_xact_", "cnpg_pg_stat_database_xact_"),
            ("pg_database_size_bytes", "cnpg_pg_database_size_bytes"),
        ]
        return GrafanaFiles.artifacts(monitored).filter { $0.path.hasSuffix(".json") }.compactMap { file in
            guard let name = file.path.split(separator: "/").last else { return nil }
            return (String(name), scope.scoped(dashboard: names.reduce(file.text) { $0.replacing($1.0, with: $1.1) }))
        }
    }
}
