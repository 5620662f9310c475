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
        var recording = [GoldenSignals.group(place)]
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
}
