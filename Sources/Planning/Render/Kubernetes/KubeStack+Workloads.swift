import Spec

/// What runs pods: Deployments, the Jobs of migrations, CronJobs, and how many there are.
extension KubeStack {
    /// By which `kubectl -l`, Flux and a reader find what starts after the migrations.
    static let afterLabel = "after"

    func isCanary(_ service: Service) -> Bool { service.rollout.way == .canary && service.schedule == nil }
    func grows(_ service: Service) -> Bool { service.scale.max > service.scale.min && service.schedule == nil }

    /// Labels and annotations of what starts after migrations: Argo CD goes wave by wave, others by the label.
    func gated(_ name: ServiceName, _ service: Service) -> (labels: [String: String], annotations: [String: String]) {
        var labels = self.labels(service.labels).merging([Self.nameLabel: name.text]) { _, own in own }
        guard waits(name, service) else { return (labels, [:]) }
        labels[Self.afterLabel] = "migration"
        return (labels, ["argocd.argoproj.io/sync-wave": "2"])
    }

    func deployment(_ name: ServiceName, _ service: Service) -> KubeObject {
        let (labels, annotations) = gated(name, service)
        var spec: [YAMLEntry] = []
        if isCanary(service) {
            spec.append(
                YAMLEntry(
                    "replicas", 0, comment: "The Rollout below takes the pods from here and counts its own replicas."))
        } else if !grows(service) {
            spec.append(YAMLEntry("replicas", .integer(max(1, service.scale.min))))
        }
        spec.append(YAMLEntry("revisionHistoryLimit", .integer(platform.release.keep)))
        let health = service.health ?? .tcp
        if service.rollout.way == .replace {
            spec.append(
                YAMLEntry(
                    "strategy", ["type": "Recreate"],
                    comment: "rollout: replace. The old one has ended before the new one starts."))
        } else if !isCanary(service) {
            spec.append(
                YAMLEntry(
                    "strategy",
                    ["type": "RollingUpdate", "rollingUpdate": ["maxUnavailable": 0, "maxSurge": .text("25%")]]))
            spec += readySeconds(service, health)
        }
        // Twice what a replica may take to start, where that is more than Kubernetes waits anyway.
        let deadline = 2 * Self.seconds(health.start)
        if deadline > 600, !isCanary(service) { spec.append(YAMLEntry("progressDeadlineSeconds", .integer(deadline))) }
        spec.append(YAMLEntry("selector", selector(name.text)))
        spec.append(YAMLEntry("template", podTemplate(name, service, .server)))
        return KubeObject(
            apiVersion: "apps/v1", kind: "Deployment", name: name.text, file: name.text, labels: labels,
            annotations: annotations, body: [YAMLEntry("spec", .map(spec))])
    }

    /// `passes` of readiness in a row before an old replica may go.
    func readySeconds(_ service: Service, _ health: Health) -> [YAMLEntry] {
        let passes = service.rollout.passes - health.passes
        guard passes > 0, service.health != nil || port(service) != nil else { return [] }
        return [YAMLEntry("minReadySeconds", .integer(passes * Self.seconds(health.interval)))]
    }

    func migration(_ name: ServiceName, _ service: Service) -> KubeObject {
        let spec: [YAMLEntry] = [
            YAMLEntry("backoffLimit", 0, comment: "Tried once: what it left half done, somebody has to look at."),
            YAMLEntry("activeDeadlineSeconds", .integer(Self.seconds(platform.release.migrate))),
            YAMLEntry("template", podTemplate(name, service, .migration)),
        ]
        return KubeObject(
            apiVersion: "batch/v1", kind: "Job", name: "\(name)-migrate", file: name.text,
            labels: [Self.nameLabel: "\(name)-migrate", "app.kubernetes.io/component": "migration"],
            annotations: [
                "argocd.argoproj.io/hook": "Sync", "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
                "argocd.argoproj.io/sync-wave": "1", "kustomize.toolkit.fluxcd.io/force": "enabled",
            ],
            comment:
                "Before anything labelled `after: migration` starts. When it fails nothing of these is touched: the release\n"
                + "before goes on serving.",
            body: [YAMLEntry("spec", .map(spec))])
    }

    func cronJob(_ name: ServiceName, _ service: Service) -> KubeObject {
        let (labels, annotations) = gated(name, service)
        let job: [YAMLEntry] = [
            YAMLEntry("backoffLimit", 2), YAMLEntry("template", podTemplate(name, service, .scheduled)),
        ]
        let spec: [YAMLEntry] = [
            YAMLEntry("schedule", .text(service.schedule?.text ?? "")), YAMLEntry("timeZone", "Etc/UTC"),
            YAMLEntry("concurrencyPolicy", "Forbid"),
            YAMLEntry("startingDeadlineSeconds", 300, comment: "A run that is missed by more is left out."),
            YAMLEntry("jobTemplate", ["spec": .map(job)]),
        ]
        return KubeObject(
            apiVersion: "batch/v1", kind: "CronJob", name: name.text, file: name.text, labels: labels,
            annotations: annotations, body: [YAMLEntry("spec", .map(spec))])
    }

    // MARK: How many

    func scaling(_ name: ServiceName, _ service: Service) -> [KubeObject] {
        var objects: [KubeObject] = []
        let (labels, annotations) = gated(name, service)
        if grows(service) {
            let target: YAMLTree =
                isCanary(service)
                ? ["apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": .text(name.text)]
                : ["apiVersion": "apps/v1", "kind": "Deployment", "name": .text(name.text)]
            let spec: [YAMLEntry] = [
                YAMLEntry("scaleTargetRef", target),
                YAMLEntry("minReplicas", .integer(max(1, service.scale.min))),
                YAMLEntry("maxReplicas", .integer(service.scale.max)),
                YAMLEntry("metrics", .list(metrics(service.scale))),
            ]
            objects.append(
                KubeObject(
                    apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", name: name.text, file: name.text,
                    labels: labels, annotations: annotations, body: [YAMLEntry("spec", .map(spec))]))
        }
        if service.scale.min > 1, service.schedule == nil {
            objects.append(
                KubeObject(
                    apiVersion: "policy/v1", kind: "PodDisruptionBudget", name: name.text, file: name.text,
                    labels: labels,
                    annotations: annotations,
                    body: [YAMLEntry("spec", ["maxUnavailable": 1, "selector": selector(name.text)])]))
        }
        return objects
    }

    private func metrics(_ scale: Scale) -> [YAMLTree] {
        var metrics: [YAMLTree] = []
        for (name, share) in [("cpu", scale.cpu), ("memory", scale.memory)] {
            guard let share else { continue }
            let target: YAMLTree = [
                "type": "Utilization", "averageUtilization": .integer(max(1, (share.millionths + 5000) / 10_000)),
            ]
            metrics.append(["type": "Resource", "resource": ["name": .text(name), "target": target]])
        }
        if let requests = scale.requests {
            let target: YAMLTree = ["type": "AverageValue", "averageValue": .text("\(requests)")]
            metrics.append([
                "type": "Pods", "pods": ["metric": ["name": .text(Self.inFlight)], "target": target],
            ])
        }
        return metrics
    }

    /// The gauge of requests in flight that an adapter of custom metrics hands to the autoscaler.
    static let inFlight = "http_requests_in_flight"
}
