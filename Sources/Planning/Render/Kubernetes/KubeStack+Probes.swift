import Spec

/// Questions to what is exposed, by the names that the world asks: an exporter of the environment's own, so that what counts as
/// an answer is said here and not in the cluster's monitoring.
extension KubeStack {
    static let prober = "blackbox-exporter"
    private static let proberPort = 9115

    var probes: Probes { Probes(monitored) }

    /// The exporter's own file, beside the overlay's.
    static let proberFile = "blackbox.yaml"

    var probeObjects: [KubeObject] {
        let probes = probes
        guard !probes.list.isEmpty else { return [] }
        var seen: [ServiceName: Int] = [:]
        let questions = probes.list.map { probe -> KubeObject in
            let number = seen[probe.service, default: 0] + 1
            seen[probe.service] = number
            return question(probe, name: number == 1 ? probe.service.text : "\(probe.service)-\(number)")
        }
        return [prober, proberAccount, proberService] + proberPolicies(probes) + questions
    }

    private func object(
        _ api: String, _ kind: String, _ name: String, _ body: [YAMLEntry], comment: String? = nil
    ) -> KubeObject {
        KubeObject(
            apiVersion: api, kind: kind, name: name, file: "probes", labels: [Self.nameLabel: name], comment: comment,
            body: body)
    }

    private func question(_ probe: Probes.Probe, name: String) -> KubeObject {
        let targets: YAMLTree = [
            "static": .list([.text(probe.address)]), "labels": ["exposed": .text(probe.service.text)],
        ]
        return KubeObject(
            apiVersion: "monitoring.coreos.com/v1", kind: "Probe", name: name, file: "probes",
            labels: [Self.nameLabel: probe.service.text],
            body: [
                YAMLEntry(
                    "spec",
                    [
                        "prober": ["url": .text("\(Self.prober).\(namespace).svc:\(Self.proberPort)")],
                        "module": .text(probe.module.rawValue), "interval": "30s",
                        "targets": ["staticConfig": targets],
                    ])
            ])
    }

    // MARK: The exporter

    private var proberAccount: KubeObject {
        object("v1", "ServiceAccount", Self.prober, [YAMLEntry("automountServiceAccountToken", false)])
    }

    private var proberService: KubeObject {
        let ports: YAMLTree = ["name": "http", "port": .integer(Self.proberPort), "targetPort": "http"]
        return object(
            "v1", "Service", Self.prober,
            [YAMLEntry("spec", ["selector": .sorted([Self.nameLabel: Self.prober]), "ports": .list([ports])])])
    }

    private var prober: KubeObject {
        let question: YAMLTree = ["path": "/-/healthy", "port": "http"]
        let container: [YAMLEntry] = [
            YAMLEntry("name", .text(Self.prober)), YAMLEntry("image", .text(MonitoringImages.blackbox)),
            YAMLEntry("args", .list([.text("--config.file=/etc/blackbox_exporter/\(Self.proberFile)")])),
            YAMLEntry("ports", .list([["name": "http", "containerPort": .integer(Self.proberPort)]])),
            YAMLEntry("readinessProbe", ["httpGet": question]),
            YAMLEntry("livenessProbe", ["httpGet": question, "failureThreshold": 6]),
            YAMLEntry("resources", resources(Size(cpu: CPUCount(millis: 100), memory: ByteCount(bytes: 64 << 20)))),
            YAMLEntry("securityContext", containerSecurity(user: nil)),
            YAMLEntry(
                "volumeMounts",
                .list([["name": "modules", "mountPath": "/etc/blackbox_exporter", "readOnly": true]])),
        ]
        let pod: [YAMLEntry] = [
            YAMLEntry("serviceAccountName", .text(Self.prober)), YAMLEntry("automountServiceAccountToken", false),
            YAMLEntry("enableServiceLinks", false), YAMLEntry("securityContext", podSecurity(65534)),
            YAMLEntry("containers", .list([.map(container)])),
            YAMLEntry("volumes", .list([["name": "modules", "configMap": ["name": .text(Self.prober)]]])),
        ]
        let template: YAMLTree = [
            "metadata": ["labels": .sorted([Self.nameLabel: Self.prober])], "spec": .map(pod),
        ]
        let spec: [YAMLEntry] = [
            YAMLEntry(
                "replicas", 1, comment: "While it is away, `unreachable-…` fires: nobody asking is no good news."),
            YAMLEntry("selector", selector(Self.prober)), YAMLEntry("template", template),
        ]
        return object(
            "apps/v1", "Deployment", Self.prober, [YAMLEntry("spec", .map(spec))],
            comment: "Asks what is exposed by the names that the world asks, whatever the services say of themselves.")
    }

    // MARK: Its ways

    static let outsideProber = "\(prober)-outside"

    private func proberPolicies(_ probes: Probes) -> [KubeObject] {
        let proxies: YAMLTree = [
            "namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": .text(Self.gatewayNamespace)]],
            "podSelector": ["matchLabels": ["gateway.envoyproxy.io/owning-gateway-name": "edge"]],
        ]
        var ingress = [
            rule("from", [pods(in: Self.monitoringNamespace)], [Self.proberPort], comment: "Prometheus.")
        ]
        if isMesh { ingress.append(kubelet([Self.proberPort])) }
        // Envoy Gateway lets its proxies listen at a port that needs no rights: 10000 above one below 1024.
        let edge = rule(
            "to", [proxies], [probes.port, probes.port + 10_000],
            comment: "A cluster may shorten the way to its own public address: then it ends at the edge's proxies.")
        let block: YAMLTree = [
            "ipBlock": ["cidr": "0.0.0.0/0", "except": .list(Self.privateRanges.map { .text($0) })]
        ]
        let own: YAMLTree = [
            "podSelector": selector(Self.prober), "policyTypes": .row(["Ingress", "Egress"]),
            "ingress": .list(ingress), "egress": .list([edge]),
        ]
        let outside: YAMLTree = [
            "podSelector": selector(Self.prober), "policyTypes": .row(["Egress"]),
            "egress": .list([
                rule(
                    "to", [block], [probes.port], isMeshed: false, comment: proberHosts(probes).joined(separator: ", "))
            ]),
        ]
        return [policy(Self.prober, "probes", own), policy(Self.outsideProber, "probes", outside)]
    }

    func proberHosts(_ probes: Probes) -> [String] { Set(probes.list.map(\.host)).sorted() }
}
