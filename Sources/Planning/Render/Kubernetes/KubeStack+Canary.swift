import Spec

/// `rollout: canary` with Argo Rollouts.
extension KubeStack {
    /// Whether its share of the traffic is the edge's to give.
    func isRouted(_ name: ServiceName, _ service: Service) -> Bool {
        isCanary(service) && !service.expose.isEmpty && port(service) != nil
    }

    func canary(_ name: ServiceName, _ service: Service) -> [KubeObject] {
        guard isCanary(service) else { return [] }
        let (labels, annotations) = gated(name, service)
        let metrics = judgements(name, service)
        var spec: [YAMLEntry] = []
        if !grows(service) { spec.append(YAMLEntry("replicas", .integer(max(1, service.scale.min)))) }
        spec.append(YAMLEntry("revisionHistoryLimit", .integer(platform.release.keep)))
        spec += readySeconds(service, service.health ?? .tcp)
        spec.append(YAMLEntry("selector", selector(name.text)))
        spec.append(
            YAMLEntry("workloadRef", ["apiVersion": "apps/v1", "kind": "Deployment", "name": .text(name.text)]))
        spec.append(YAMLEntry("strategy", ["canary": .map(strategy(name, service, isJudged: !metrics.isEmpty))]))
        var objects = [
            KubeObject(
                apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", name: name.text, file: name.text, labels: labels,
                annotations: annotations,
                comment: isRouted(name, service)
                    ? nil : "Nothing outside asks it, so that its share is that of its replicas, rounded up.",
                body: [YAMLEntry("spec", .map(spec))])
        ]
        if !metrics.isEmpty {
            objects.append(
                KubeObject(
                    apiVersion: "argoproj.io/v1alpha1", kind: "AnalysisTemplate", name: name.text, file: name.text,
                    labels: [Self.nameLabel: name.text],
                    comment: "What `slo` promises, asked of the new release alone. A failure gives all traffic back.",
                    body: [
                        YAMLEntry(
                            "spec",
                            [
                                "args": .list([["name": "namespace"], ["name": "hash"]]),
                                "metrics": .list(metrics),
                            ])
                    ]))
        }
        return objects
    }

    private func strategy(_ name: ServiceName, _ service: Service, isJudged: Bool) -> [YAMLEntry] {
        var canary: [YAMLEntry] = [YAMLEntry("maxUnavailable", 0), YAMLEntry("maxSurge", .text("25%"))]
        var steps: [YAMLTree] = []
        if isRouted(name, service) {
            canary.append(YAMLEntry("stableService", .text(name.text)))
            canary.append(YAMLEntry("canaryService", .text("\(name)-canary")))
            let routes = routeNames(name).map { YAMLTree.pairs([("name", .text($0))]) }
            let plugin: YAMLTree = ["namespace": .text(namespace), "httpRoutes": .list(routes)]
            canary.append(
                YAMLEntry(
                    "trafficRouting",
                    [
                        "managedRoutes": .list([["name": .text("\(name)-force")]]),
                        "plugins": ["argoproj-labs/gatewayAPI": plugin],
                    ]))
            let match: YAMLTree = [
                "headerName": .text(service.rollout.force), "headerValue": ["exact": "always"],
            ]
            steps.append(["setCanaryScale": ["replicas": 1]])
            steps.append(["setHeaderRoute": ["name": .text("\(name)-force"), "match": .list([match])]])
            steps.append(["setCanaryScale": ["matchTrafficWeight": true]])
        }
        for step in service.rollout.steps {
            steps.append(["setWeight": .integer(max(1, (step.millionths + 9999) / 10_000))])
            steps.append(["pause": ["duration": .text("\(Self.seconds(service.rollout.hold))s")]])
        }
        canary.append(YAMLEntry("steps", .list(steps)))
        if isJudged {
            let arguments: YAMLTree = .list([
                ["name": "namespace", "valueFrom": ["fieldRef": ["fieldPath": "metadata.namespace"]]],
                ["name": "hash", "valueFrom": ["podTemplateHashValue": "Latest"]],
            ])
            canary.append(
                YAMLEntry(
                    "analysis",
                    [
                        "templates": .list([["templateName": .text(name.text)]]), "args": arguments,
                        "startingStep": .integer(isRouted(name, service) ? 4 : 1),
                    ], comment: "Goes on until the last share has held."))
        }
        return canary
    }

    // MARK: Judgement

    private func judgements(_ name: ServiceName, _ service: Service) -> [YAMLTree] {
        guard hasMonitoring, service.metrics != nil, service.port != nil, let objective = service.slo else { return [] }
        let own =
            "namespace=\"{{args.namespace}}\",service=\"\(name)\",rollouts_pod_template_hash=\"{{args.hash}}\""
        var metrics: [YAMLTree] = []
        if let availability = objective.availability {
            let bad = "sum(rate(\(GoldenSignals.requests){\(own),status=~\"5..\"}[5m]))"
            let all = "sum(rate(\(GoldenSignals.requests){\(own)}[5m]))"
            let budget = Double(1_000_000 - availability.millionths) / 1_000_000
            metrics.append(
                metric(
                    "errors", "(\(bad) or vector(0)) / \(all)", atMost: PromNumber.text(budget),
                    comment: "\(availability) of its requests shall be answered without an error of the server."))
        }
        for (quantile, bound) in objective.latency.sorted(by: { $0.key < $1.key }) {
            let share = "0.\(quantile.rawValue.dropFirst())"
            let query =
                "histogram_quantile(\(share), sum by (le) (rate(\(GoldenSignals.duration)_bucket{\(own)}[5m])))"
            metrics.append(
                metric(quantile.rawValue, query, atMost: PromNumber.text(PromNumber.seconds(bound)), comment: nil))
        }
        return metrics
    }

    private func metric(_ name: String, _ query: String, atMost bound: String, comment: String?) -> YAMLTree {
        .map([
            YAMLEntry("name", .text(name), comment: comment),
            YAMLEntry("initialDelay", "60s"), YAMLEntry("interval", "60s"),
            YAMLEntry(
                "successCondition", .text("len(result) == 0 || isNaN(result[0]) || result[0] <= \(bound)"),
                comment: "No request is no failure."),
            YAMLEntry("failureLimit", 2),
            YAMLEntry("provider", ["prometheus": ["address": .text(Self.prometheus), "query": .text(query)]]),
        ])
    }

    /// The service that the Prometheus operator makes for every Prometheus.
    static let prometheus = "http://prometheus-operated.\(monitoringNamespace).svc:9090"
}
