import Spec

extension ComposeStack {
    /// The edge and, where certificates come from an authority that is asked, their renewal.
    var edgeUnits: [(String, YAMLTree)] {
        var units = [("edge", edgeTree)]
        if edge.renews { units.append(("certbot", certbotTree)) }
        return units
    }

    private var edgeSize: Size { Size(cpu: CPUCount(millis: 500), memory: ByteCount(bytes: 128 << 20)) }

    private var edgeTree: YAMLTree {
        var unit: [YAMLEntry] = [
            YAMLEntry("image", .text(ImageBases.edge)), YAMLEntry("user", "101:101"),
        ]
        // The image's own entrypoint writes into its configuration, which cannot be written here.
        let reload = "while :; do sleep 6h; nginx -s reload; done &\nexec nginx -g 'daemon off;'\n"
        if edge.renews {
            unit.append(
                YAMLEntry(
                    "entrypoint", .list(["/bin/sh", "-euc", .text(reload)]),
                    comment: "Reads its certificates again four times a day."))
        } else {
            unit.append(YAMLEntry("entrypoint", .row(["nginx", "-g", "daemon off;"])))
        }
        if place.settings.tls?.issuer == .files {
            unit.append(YAMLEntry("secrets", .row(["edge-certificate", "edge-key"])))
        }
        unit.append(
            YAMLEntry("configs", .list([["source": "edge", "target": "/etc/nginx/nginx.conf"]])))
        if !isSwarm {
            var gates: [YAMLEntry] = edge.renews ? [YAMLEntry("certbot", ["condition": "service_healthy"])] : []
            gates += Set(edge.ways.map(\.service)).sorted().compactMap { name in
                platform.services[name].map {
                    YAMLEntry(name.text, ["condition": hasHealth($0) ? "service_healthy" : "service_started"])
                }
            }
            unit.append(YAMLEntry("depends_on", .map(gates)))
        }
        unit.append(YAMLEntry("networks", .row(["dmz", "public"])))
        unit.append(YAMLEntry("ports", edgePorts))
        unit.append(
            YAMLEntry(
                "healthcheck",
                [
                    "test": words(["CMD", "wget", "-q", "-T", "3", "-O", "/dev/null", "http://127.0.0.1:8081/healthz"]),
                    "interval": "10s", "timeout": "5s", "retries": 3, "start_period": "10s",
                ]))
        if edge.renews {
            unit.append(
                YAMLEntry("volumes", .list(["certificates:/certificates:ro", "challenges:/challenges:ro"])))
        }
        unit.append(YAMLEntry("stop_signal", "SIGQUIT", comment: "Requests under way are finished."))
        unit.append(YAMLEntry("stop_grace_period", "30s"))
        unit += hardening()
        unit.append(YAMLEntry("deploy", edgeDeploy))
        unit += closing(true)
        return .map(unit)
    }

    private var edgeDeploy: YAMLTree {
        guard isSwarm else { return ["resources": limits(edgeSize)] }
        var deploy: [YAMLEntry] = []
        if edge.renews {
            deploy.append(YAMLEntry("replicas", 1))
            deploy.append(
                YAMLEntry(
                    "placement",
                    ["constraints": .list([.text("node.labels.\(platform.name).edge == true")])],
                    comment:
                        "Where the name's address points and the certificates lie: docker node update --label-add \(platform.name).edge=true NODE"
                ))
        } else {
            deploy.append(YAMLEntry("mode", "global"))
        }
        deploy.append(
            YAMLEntry("update_config", ["order": "stop-first", "failure_action": "rollback", "monitor": "35s"]))
        deploy.append(YAMLEntry("rollback_config", ["order": "stop-first", "monitor": "10s"]))
        deploy.append(YAMLEntry("restart_policy", ["condition": "any", "delay": "5s"]))
        deploy.append(YAMLEntry("resources", limits(edgeSize)))
        return .map(deploy)
    }

    private var edgePorts: YAMLTree {
        if isSwarm {
            var ports: [YAMLTree] = [
                .commented("In host mode: the mesh of Swarm would hide who asks.", port(80, EdgeConfiguration.httpPort))
            ]
            if edge.tls != nil { ports.append(port(443, EdgeConfiguration.tlsPort)) }
            return .list(ports)
        }
        // Without a domain it is a machine of somebody's own.
        guard place.settings.domain != nil else {
            var ports: [YAMLTree] = [.text("127.0.0.1:${EDGE_PORT:-8080}:\(EdgeConfiguration.httpPort)")]
            if edge.tls != nil { ports.append(.text("127.0.0.1:${EDGE_TLS_PORT:-8443}:\(EdgeConfiguration.tlsPort)")) }
            return .list(ports)
        }
        return .list(
            [.text("80:\(EdgeConfiguration.httpPort)")]
                + (edge.tls == nil ? [] : [.text("443:\(EdgeConfiguration.tlsPort)")]))
    }

    private func port(_ published: Int, _ target: Int) -> YAMLTree {
        ["target": .integer(target), "published": .integer(published), "protocol": "tcp", "mode": "host"]
    }

    private static let rootPath = "/authority.pem"

    private var certbotTree: YAMLTree {
        var unit: [YAMLEntry] = [
            YAMLEntry("image", .text(Certbot.image)), YAMLEntry("user", "0:0"),
            YAMLEntry("entrypoint", .row(["/bin/sh", "/renew.sh"])),
        ]
        var configs: [YAMLTree] = [["source": "renew", "target": "/renew.sh"]]
        if edge.tls?.root != nil {
            unit.append(YAMLEntry("environment", .map([YAMLEntry(Certbot.rootVariable, .text(Self.rootPath))])))
            configs.append(["source": "authority", "target": .text(Self.rootPath)])
        }
        unit.append(YAMLEntry("configs", .list(configs)))
        unit += [
            YAMLEntry("networks", .row(["egress"])),
            YAMLEntry(
                "healthcheck",
                [
                    "test": words(["CMD", "test", "-e", "/certificates/tls.crt"]),
                    "interval": "5s", "timeout": "3s", "retries": 3, "start_period": "30s",
                ]),
            YAMLEntry(
                "volumes",
                .list(["certificates:/certificates", "challenges:/challenges", "letsencrypt:/etc/letsencrypt"])),
        ]
        unit += hardening()
        unit.append(YAMLEntry("cap_add", .row(["CHOWN"])))
        let size = Size(cpu: CPUCount(millis: Certbot.milliCPUs), memory: ByteCount(bytes: Certbot.memory))
        var deploy: [YAMLEntry] = []
        if isSwarm {
            deploy.append(YAMLEntry("replicas", 1))
            deploy.append(YAMLEntry("restart_policy", ["condition": "any", "delay": "60s"]))
            deploy.append(
                YAMLEntry("placement", ["constraints": .list([.text("node.labels.\(platform.name).edge == true")])]))
        }
        deploy.append(YAMLEntry("resources", limits(size)))
        unit.append(YAMLEntry("deploy", .map(deploy)))
        unit += closing(true)
        return .map(unit)
    }
}
