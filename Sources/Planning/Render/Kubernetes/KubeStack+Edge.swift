import Spec

/// The way in: the Gateway API as Envoy Gateway implements it, with certificates of cert-manager.
extension KubeStack {
    /// Exposures of one service that can be said in one route, by the route's name.
    struct Route {
        var name: String
        var service: ServiceName
        var port: Int
        var hosts: [String]
        var exposures: [Exposure]
    }

    /// Names in the order of what the service exposes, the service's own first.
    func routeNames(_ name: ServiceName) -> [String] { routes.filter { $0.service == name }.map(\.name) }

    var routes: [Route] {
        var routes: [Route] = []
        for (name, service) in services where service.schedule == nil {
            guard let port = port(service) else { continue }
            var own: [Route] = []
            for exposure in service.expose {
                let hosts = Lowering.host(exposure.host, domain: place.settings.domain).map { [$0] } ?? []
                let like = own.firstIndex { route in
                    route.hosts == hosts && route.exposures[0].rate == exposure.rate
                        && route.exposures[0].body == exposure.body
                }
                if let like {
                    own[like].exposures.append(exposure)
                } else {
                    let suffix = own.isEmpty ? "" : "-\(own.count + 1)"
                    own.append(
                        Route(
                            name: "\(name)\(suffix)", service: name, port: port, hosts: hosts, exposures: [exposure]))
                }
            }
            routes += own
        }
        return routes
    }

    private var tls: TLS? { edge.tls }
    private var hosts: [String] { Array(Set(routes.flatMap(\.hosts))).sorted() }
    private var isEncrypted: Bool { tls != nil && !hosts.isEmpty }

    var edgeObjects: [KubeObject] {
        guard !routes.isEmpty else { return [] }
        var objects = [gateway]
        if let tls, isEncrypted {
            objects.append(clients(tls))
            switch tls.issuer {
            case .letsencrypt, .acme: objects += [issuer(tls), challenges]
            case .files: objects.append(certificate)
            case .managed: break
            }
            if tls.redirect { objects.append(redirect) }
        }
        for route in routes {
            objects.append(self.route(route))
            if let limits = limits(route) { objects.append(limits) }
        }
        return objects
    }

    private func object(
        _ api: String, _ kind: String, _ name: String, _ spec: [YAMLEntry], annotations: [String: String] = [:],
        comment: String? = nil
    ) -> KubeObject {
        KubeObject(
            apiVersion: api, kind: kind, name: name, file: "edge", annotations: annotations, comment: comment,
            body: [YAMLEntry("spec", .map(spec))])
    }

    private var gateway: KubeObject {
        var listeners: [YAMLTree] = [["name": "http", "protocol": "HTTP", "port": 80]]
        if isEncrypted {
            listeners += hosts.map { host in
                [
                    "name": .text(host.replacing(".", with: "-")), "hostname": .text(host), "protocol": "HTTPS",
                    "port": 443,
                    "tls": ["certificateRefs": .list([["kind": "Secret", "name": "edge-tls"]])],
                ]
            }
        }
        return object(
            "gateway.networking.k8s.io/v1", "Gateway", "edge",
            [YAMLEntry("gatewayClassName", "envoy"), YAMLEntry("listeners", .list(listeners))],
            annotations: isEncrypted && tls?.isOrdered == true ? ["cert-manager.io/issuer": issuerName] : [:],
            comment: "The only way in.")
    }

    private static let gatewayReference: YAMLTree = [
        "group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "edge",
    ]

    private func clients(_ tls: TLS) -> KubeObject {
        object(
            "gateway.envoyproxy.io/v1alpha1", "ClientTrafficPolicy", "edge",
            [
                YAMLEntry("targetRefs", .list([Self.gatewayReference])),
                YAMLEntry("tls", ["minVersion": .text(tls.minimum.rawValue)]),
            ])
    }

    private var issuerName: String { tls?.issuer == .acme ? "acme" : "letsencrypt" }

    private func issuer(_ tls: TLS) -> KubeObject {
        let reference: YAMLTree = ["group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "edge"]
        let directory = tls.directory ?? "https://acme-v02.api.letsencrypt.org/directory"
        var acme: [YAMLEntry] = [YAMLEntry("server", .text(directory))]
        if let email = tls.email { acme.append(YAMLEntry("email", .text(email))) }
        acme.append(YAMLEntry("privateKeySecretRef", ["name": .text(issuerName + "-account")]))
        let route: YAMLTree = ["parentRefs": .list([reference])]
        acme.append(YAMLEntry("solvers", .list([["http01": ["gatewayHTTPRoute": route]]])))
        return object("cert-manager.io/v1", "Issuer", issuerName, [YAMLEntry("acme", .map(acme))])
    }

    /// cert-manager answers Let's Encrypt from a pod of its own in this namespace.
    private var challenges: KubeObject {
        let proxies: YAMLTree = [
            "namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": .text(Self.gatewayNamespace)]],
            "podSelector": ["matchLabels": ["gateway.envoyproxy.io/owning-gateway-name": "edge"]],
        ]
        return policy(
            "allow-acme", "edge",
            [
                "podSelector": ["matchLabels": ["acme.cert-manager.io/http01-solver": .text("true")]],
                "policyTypes": .row(["Ingress"]),
                "ingress": .list([rule("from", [proxies], [8089], comment: "Let's Encrypt asks through the edge.")]),
            ], comment: "cert-manager answers Let's Encrypt from a pod of its own here, for as long as it is asked.")
    }

    private var certificate: KubeObject {
        var object = externalSecret(
            "edge-tls", file: "edge",
            [(local: "certificate", remote: "edge-certificate"), (local: "key", remote: "edge-key")],
            template: [
                YAMLEntry("type", "kubernetes.io/tls"),
                YAMLEntry("data", ["tls.crt": "{{ .certificate }}", "tls.key": "{{ .key }}"]),
            ])
        object.comment = "issuer: files. The PEM texts of both files are in the secret store."
        return object
    }

    private var redirect: KubeObject {
        let filter: YAMLTree = [
            "type": "RequestRedirect", "requestRedirect": ["scheme": "https", "statusCode": 301],
        ]
        return object(
            "gateway.networking.k8s.io/v1", "HTTPRoute", "redirect-to-https",
            [
                YAMLEntry("parentRefs", .list([["name": "edge", "sectionName": "http"]])),
                YAMLEntry("hostnames", .list(hosts.map { .text($0) })),
                YAMLEntry("rules", .list([["filters": .list([filter])]])),
            ])
    }

    private func route(_ route: Route) -> KubeObject {
        var spec: [YAMLEntry] = []
        let sections = isEncrypted ? route.hosts.map { $0.replacing(".", with: "-") } : []
        var parents: [YAMLTree] = sections.map { ["name": "edge", "sectionName": .text($0)] }
        if !isEncrypted || tls?.redirect == false { parents.append(["name": "edge", "sectionName": "http"]) }
        spec.append(YAMLEntry("parentRefs", .list(parents)))
        if !route.hosts.isEmpty { spec.append(YAMLEntry("hostnames", .list(route.hosts.map { .text($0) }))) }
        spec.append(YAMLEntry("rules", .list(rules(route))))
        let isShared = platform.services[route.service].map { isRouted(route.service, $0) } ?? false
        return object(
            "gateway.networking.k8s.io/v1", "HTTPRoute", route.name, spec,
            comment: isShared ? "Argo Rollouts changes the weights while a canary is under way." : nil)
    }

    private func rules(_ route: Route) -> [YAMLTree] {
        var rules: [YAMLTree] = []
        let plain = route.exposures.filter { !$0.strip || $0.path == "/" }
        var groups = plain.isEmpty ? [] : [plain]
        groups += route.exposures.filter { $0.strip && $0.path != "/" }.map { [$0] }
        for group in groups {
            let matches = group.map { exposure -> YAMLTree in
                ["path": ["type": "PathPrefix", "value": .text(Self.prefix(exposure.path))]]
            }
            var filters: [YAMLTree] = []
            if let tls, isEncrypted {
                let header: YAMLTree = [
                    "name": "Strict-Transport-Security", "value": .text("max-age=\(tls.hsts.components.seconds)"),
                ]
                filters.append([
                    "type": "ResponseHeaderModifier", "responseHeaderModifier": ["set": .list([header])],
                ])
            }
            if group[0].strip, group[0].path != "/" {
                let path: YAMLTree = ["type": "ReplacePrefixMatch", "replacePrefixMatch": "/"]
                filters.append(["type": "URLRewrite", "urlRewrite": ["path": path]])
            }
            var rule: [YAMLEntry] = [YAMLEntry("matches", .list(matches))]
            if !filters.isEmpty { rule.append(YAMLEntry("filters", .list(filters))) }
            rule.append(YAMLEntry("backendRefs", .list(backends(route))))
            rules.append(.map(rule))
        }
        return rules
    }

    private static func prefix(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    private func backends(_ route: Route) -> [YAMLTree] {
        guard let service = platform.services[route.service], isRouted(route.service, service) else {
            return [["name": .text(route.service.text), "port": .integer(route.port)]]
        }
        return [
            ["name": .text(route.service.text), "port": .integer(route.port), "weight": 100],
            ["name": .text("\(route.service)-canary"), "port": .integer(route.port), "weight": 0],
        ]
    }

    /// Limits of rate and size, which the Gateway API itself does not know.
    private func limits(_ route: Route) -> KubeObject? {
        let exposure = route.exposures[0]
        guard exposure.rate != nil || exposure.body != nil else { return nil }
        let target: YAMLTree = [
            "group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": .text(route.name),
        ]
        var spec: [YAMLEntry] = [YAMLEntry("targetRefs", .list([target]))]
        if let rate = exposure.rate {
            let unit = rate.per == 1 ? "Second" : rate.per == 60 ? "Minute" : "Hour"
            let limit: YAMLTree = ["requests": .integer(rate.count), "unit": .text(unit)]
            let rules = ["0.0.0.0/0", "::/0"].map { range -> YAMLTree in
                let client: YAMLTree = ["sourceCIDR": ["type": "Distinct", "value": .text(range)]]
                return ["clientSelectors": .list([client]), "limit": limit]
            }
            spec.append(
                YAMLEntry(
                    "rateLimit", ["local": ["rules": .list(rules)]],
                    comment: "For each client's address; every proxy counts for itself."))
        }
        if let body = exposure.body {
            spec.append(
                YAMLEntry(
                    "requestBuffer", ["limit": .text("\(body)")], comment: "A larger body is answered 413."))
        }
        return object("gateway.envoyproxy.io/v1alpha1", "BackendTrafficPolicy", route.name, spec)
    }
}
