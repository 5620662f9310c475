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
    var ruleObjects: [KubeObject] {
        guard hasMonitoring else { return [] }
        let place = monitored
        let alerts = AlertRules(place)
        let objectives = ObjectiveRules(place)
        var signals = GoldenSignals.group(place)
        signals.rules = signals.rules.map(inCluster)
        var recording = [signals]
        if !objectives.recording.isEmpty {
            recording.append(RuleGroup(name: "burn-rates", rules: objectives.recording))
        }
        let files: [(name: String, groups: [RuleGroup])] = [
            ("recording", recording), ("alerts", [RuleGroup(name: "alerts", rules: alerts.rules)]),
            ("objectives", [RuleGroup(name: "objectives", rules: objectives.alerts)]),
            (
                "presence",
                [RuleGroup(name: "presence", rules: presence(place) + alerts.blind + objectives.blind)]
            ),
        ]
        let rules = files.filter { !$0.groups.allSatisfy(\.rules.isEmpty) }.map { file in
            KubeObject(
                apiVersion: "monitoring.coreos.com/v1", kind: "PrometheusRule", name: file.name, file: "rules",
                body: [YAMLEntry("spec", ["groups": .list(file.groups.map(\.tree))])])
        }
        return rules + probes + logRules(alerts.logs)
    }

    /// Those that a page of their own answers as well: the exporter's own module judges them, and it knows no other.
    private var asked: [Probes.Probe] {
        edge.hosts.isEmpty ? [] : Probes(monitored).list.filter { $0.module == .well }
    }

    /// Questions from outside, asked by the exporter that the cluster's monitoring brings along.
    private var probes: [KubeObject] {
        asked.map { probe in
            let targets: YAMLTree = [
                "static": .list([.text(probe.address)]), "labels": ["exposed": .text(probe.service.text)],
            ]
            return KubeObject(
                apiVersion: "monitoring.coreos.com/v1", kind: "Probe", name: probe.service.text, file: "rules",
                comment: "What the world sees of \(probe.service), whatever it says of itself.",
                body: [
                    YAMLEntry(
                        "spec",
                        [
                            "prober": ["url": .text("blackbox-exporter.\(Self.monitoringNamespace).svc:9115")],
                            "module": "http_2xx", "interval": "30s", "targets": ["staticConfig": targets],
                        ])
                ])
        }
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

    /// Without rules on what nobody asks.
    private func presence(_ place: MonitoredPlace) -> [PromRule] {
        let unasked = Set(Probes(place).list.map(\.service)).subtracting(asked.map(\.service))
        var left = Set(unasked.map { "unreachable-\($0)" })
        if asked.isEmpty { left.insert("certificate-ends") }
        return PresenceRules.rules(place).filter { !left.contains($0.name) }.map(inCluster)
    }

    /// The kubelet names containers where others name services.
    private func inCluster(_ rule: PromRule) -> PromRule {
        var rule = rule
        let series = "{namespace=\"\(namespace)\", container!=\"\"}"
        switch rule.name {
        case "service:container_cpu_usage_seconds:rate5m":
            rule.expression = named("rate(container_cpu_usage_seconds_total\(series)[5m])")
        case "service:container_memory_working_set_bytes:sum":
            rule.expression = named("container_memory_working_set_bytes\(series)")
        case "target-down": rule.expression = "up{namespace=\"\(namespace)\"} == 0"
        default: break
        }
        return rule
    }

    private func named(_ series: String) -> String {
        "sum by (service) (label_replace(\(series), \"service\", \"$1\", \"container\", \"(.+)\"))"
    }

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
            return (String(name), names.reduce(file.text) { $0.replacing($1.0, with: $1.1) })
        }
    }
}
