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

    var monitored: MonitoredPlace { MonitoredPlace(cluster: place, source: subject.source) }

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
                [RuleGroup(name: "presence", rules: PresenceRules.rules(place) + alerts.blind + objectives.blind)]
            ),
        ]
        return files.filter { !$0.groups.allSatisfy(\.rules.isEmpty) }.map { file in
            KubeObject(
                apiVersion: "monitoring.coreos.com/v1", kind: "PrometheusRule", name: file.name, file: "rules",
                body: [YAMLEntry("spec", ["groups": .list(file.groups.map(\.tree))])])
        }
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
        default: break
        }
        return rule
    }

    private func named(_ series: String) -> String {
        "sum by (service) (label_replace(\(series), \"service\", \"$1\", \"container\", \"(.+)\"))"
    }
}
