import Spec

/// Who may speak with whom: nobody, but for the edges of `uses`, the way in, the scrapes, DNS and `egress`.
extension KubeStack {
    /// What every namespace starts from.
    var commonPolicies: [KubeObject] {
        let nothing: YAMLTree = ["podSelector": .map([]), "policyTypes": .row(["Ingress", "Egress"])]
        let resolver: YAMLTree = [
            "namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": "kube-system"]],
            "podSelector": ["matchLabels": ["k8s-app": "kube-dns"]],
        ]
        let cache: YAMLTree = .commented(
            "NodeLocal DNSCache, where a cluster has it.", ["ipBlock": ["cidr": "169.254.20.10/32"]])
        let dns: YAMLTree = [
            "to": .list([resolver, cache]),
            "ports": .list([["protocol": "UDP", "port": 53], ["protocol": "TCP", "port": 53]]),
        ]
        let names: YAMLTree = [
            "podSelector": .map([]), "policyTypes": .row(["Egress"]), "egress": .list([dns]),
        ]
        return [
            policy(
                "default-deny", "network", nothing,
                comment: "Nobody speaks with anybody, unless another policy says so."),
            policy("allow-dns", "network", names),
        ]
    }

    func policy(_ name: String, _ file: String, _ spec: YAMLTree, comment: String? = nil) -> KubeObject {
        KubeObject(
            apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", name: name, file: file, comment: comment,
            body: [YAMLEntry("spec", spec)])
    }

    func policies(_ name: ServiceName, _ service: Service) -> [KubeObject] {
        var policies = [
            policy(
                name.text, name.text,
                spec(name.text, ingress: ingress(name, service), egress: egress(name, service, all: true)))
        ]
        if service.migrate != nil {
            let rules = egress(name, service, all: false)
            policies.append(policy("\(name)-migrate", name.text, spec("\(name)-migrate", ingress: [], egress: rules)))
        }
        if let outside = outside(name, service) { policies.append(outside) }
        return policies
    }

    private func spec(_ name: String, ingress: [YAMLTree], egress: [YAMLTree]) -> YAMLTree {
        var entries = [
            YAMLEntry("podSelector", selector(name)), YAMLEntry("policyTypes", .row(["Ingress", "Egress"])),
        ]
        if !ingress.isEmpty { entries.append(YAMLEntry("ingress", .list(ingress))) }
        if !egress.isEmpty { entries.append(YAMLEntry("egress", .list(egress))) }
        return .map(entries)
    }

    // MARK: Rules

    /// The tunnel of an ambient mesh: what comes through it arrives at this port, whatever it is meant for.
    private static let tunnel = 15008

    func rule(_ direction: String, _ peers: [YAMLTree], _ ports: [Int], isMeshed: Bool = true, comment: String)
        -> YAMLTree
    {
        let all = ports + (isMesh && isMeshed ? [Self.tunnel] : [])
        return .map([
            YAMLEntry(direction, .list(peers), comment: comment),
            YAMLEntry("ports", .list(all.map { ["protocol": "TCP", "port": .integer($0)] })),
        ])
    }

    func pods(_ names: [String]) -> YAMLTree {
        if names.count == 1 { return ["podSelector": selector(names[0])] }
        let expression: YAMLTree = [
            "key": .text(Self.nameLabel), "operator": "In", "values": .row(names.map { .text($0) }),
        ]
        return ["podSelector": ["matchExpressions": .list([expression])]]
    }

    func pods(in namespace: String) -> YAMLTree {
        ["namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": .text(namespace)]]]
    }

    func database(_ name: String) -> YAMLTree { ["podSelector": ["matchLabels": ["cnpg.io/cluster": .text(name)]]] }

    private func ingress(_ name: ServiceName, _ service: Service) -> [YAMLTree] {
        var rules: [YAMLTree] = []
        guard let port = port(service) else { return [] }
        let callers = index.users(of: name.cast()).map(\.name.text)
        if !callers.isEmpty { rules.append(rule("from", [pods(callers)], [port], comment: "Who uses it.")) }
        if !service.expose.isEmpty {
            let proxies: YAMLTree = [
                "namespaceSelector": [
                    "matchLabels": ["kubernetes.io/metadata.name": .text(Self.gatewayNamespace)]
                ],
                "podSelector": ["matchLabels": ["gateway.envoyproxy.io/owning-gateway-name": "edge"]],
            ]
            rules.append(rule("from", [proxies], [port], comment: "The edge."))
        }
        if service.metrics != nil, hasMonitoring {
            rules.append(rule("from", [pods(in: Self.monitoringNamespace)], [port], comment: "Prometheus."))
        }
        if isMesh { rules.append(kubelet([port])) }
        return rules
    }

    /// The kubelet's probes in a mesh.
    func kubelet(_ ports: [Int]) -> YAMLTree {
        rule(
            "from", [["ipBlock": ["cidr": "169.254.7.127/32"]]], ports, isMeshed: false,
            comment: "Istio gives the kubelet's probes this address, to let them past mutual TLS.")
    }

    /// - Parameter all: also to services; a migration reaches stores alone.
    private func egress(_ name: ServiceName, _ service: Service, all: Bool) -> [YAMLTree] {
        service.uses.keys.sorted().compactMap { edge -> YAMLTree? in
            if let called = platform.services[edge.cast()] {
                guard all, let port = port(called) else { return nil }
                return rule("to", [pods([edge.text])], [port], comment: "\(edge)")
            }
            switch store(edge)?.kind {
            case .postgres: return rule("to", [database(edge.text)], [5432], isMeshed: false, comment: "\(edge)")
            case .redis: return rule("to", [pods([edge.text])], [6379], comment: "\(edge)")
            default: return nil
            }
        }
    }

    // MARK: Outside

    /// Buckets and topics that a service uses are outside of the cluster.
    private func remotes(_ service: Service) -> [EdgeName] {
        service.uses.keys.sorted().filter { edge in
            guard let kind = platform.resources[edge.cast()]?.kind else { return false }
            return kind != .postgres && kind != .redis
        }
    }

    static func outsideName(_ name: ServiceName) -> String { "\(name)-outside" }

    private func migrants(_ name: ServiceName, _ service: Service) -> [String] {
        service.migrate == nil ? [name.text] : [name.text, "\(name)-migrate"]
    }

    static let privateRanges = [
        "10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
    ]

    private func outside(_ name: ServiceName, _ service: Service) -> KubeObject? {
        let goals = service.egress + remotes(service).map { "\($0)" }
        guard !goals.isEmpty else { return nil }
        let block: YAMLTree = [
            "ipBlock": ["cidr": "0.0.0.0/0", "except": .list(Self.privateRanges.map { .text($0) })]
        ]
        let spec: YAMLTree = [
            "podSelector": selection(migrants(name, service)), "policyTypes": .row(["Egress"]),
            "egress": .list([rule("to", [block], [443], isMeshed: false, comment: goals.joined(separator: ", "))]),
        ]
        return policy(
            Self.outsideName(name), name.text, spec,
            comment:
                "A NetworkPolicy knows addresses and no names: every public one, at the port of HTTPS. With Cilium\n"
                + "`cilium/\(Self.anyEnvironment)` stands in its place and lets nothing but the names through.")
    }

    private static let anyEnvironment = "ENV"

    private func selection(_ names: [String]) -> YAMLTree {
        guard case .map(let entries) = pods(names), let first = entries.first else { return .map([]) }
        return first.value
    }

    /// For clusters with Cilium: names in place of addresses (Cilium, "DNS based" policies).
    var namedPolicies: [KubeObject] {
        let own = services.filter { !$0.service.egress.isEmpty }.map { name, service in
            namedPolicy(
                Self.outsideName(name), selection(migrants(name, service)), service.egress.sorted(), port: 443)
        }
        let probes = probes
        guard !probes.list.isEmpty else { return own }
        return own + [
            namedPolicy(Self.outsideProber, selector(Self.prober), proberHosts(probes), port: probes.port)
        ]
    }

    private func namedPolicy(_ name: String, _ selector: YAMLTree, _ names: [String], port: Int) -> KubeObject {
        let dns: YAMLTree = [
            "toEndpoints": .list([
                ["matchLabels": ["k8s:io.kubernetes.pod.namespace": "kube-system", "k8s-app": "kube-dns"]]
            ]),
            "toPorts": .list([
                [
                    "ports": .list([["port": .text("53"), "protocol": "ANY"]]),
                    "rules": ["dns": .list([["matchPattern": .text("*")]])],
                ]
            ]),
        ]
        let hosts = names.map { host -> YAMLTree in
            host.hasPrefix("*") ? ["matchPattern": .text(host)] : ["matchName": .text(host)]
        }
        let ways: YAMLTree = [
            "toFQDNs": .list(hosts),
            "toPorts": .list([["ports": .list([["port": .text("\(port)"), "protocol": "TCP"]])]]),
        ]
        let spec: [YAMLEntry] = [
            YAMLEntry("endpointSelector", selector),
            YAMLEntry(
                "egress",
                .list([
                    .commented("Cilium learns the addresses of the names from the answers that pass here.", dns), ways,
                ])
            ),
        ]
        return KubeObject(
            apiVersion: "cilium.io/v2", kind: "CiliumNetworkPolicy", name: name, file: "egress",
            body: [YAMLEntry("spec", .map(spec))])
    }
}
