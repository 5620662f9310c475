import Spec

/// What watches the services of an environment: containers of their own in the zone `monitoring`, with the files that
/// ``MonitoringRenderer`` writes.
extension ComposeStack {
    /// Where code reloads, monitoring is started when somebody wants it.
    private var isOptional: Bool { place.settings.reload && !isSwarm }

    var monitoringUnits: [(String, YAMLTree)] {
        guard let monitored else { return [] }
        var units: [(String, YAMLTree)] = [
            ("prometheus", prometheusTree(monitored)), ("grafana", grafanaTree), ("loki", lokiTree(monitored)),
            ("alloy", alloyTree), ("cadvisor", cadvisorTree), ("node-exporter", nodeExporterTree),
        ]
        if monitored.hasAlertmanager { units.append(("alertmanager", alertmanagerTree)) }
        if !Probes(monitored).list.isEmpty { units.append(("blackbox-exporter", blackboxTree(monitored))) }
        for (name, resource) in stores {
            units.append(("\(name)-exporter", exporterTree(name, resource)))
        }
        return units
    }

    /// What every container of monitoring has, with what is its own between.
    private func unit(
        _ image: String, user: String, size: Size, networks: Set<String>, health: YAMLTree?, stays: Bool = true,
        isGlobal: Bool = false, _ own: [YAMLEntry], after: [YAMLEntry] = []
    ) -> YAMLTree {
        var entries = [YAMLEntry("image", .text(image)), YAMLEntry("user", .text(user))]
        if isOptional { entries.append(YAMLEntry("profiles", .row(["monitoring"]))) }
        entries += own
        entries.append(YAMLEntry("networks", .row(networks.sorted().map { .text($0) })))
        entries += after
        if let health { entries.append(YAMLEntry("healthcheck", health)) }
        entries += hardening()
        entries.append(YAMLEntry("deploy", monitoringDeploy(size, keeps: !isGlobal && stays, isGlobal: isGlobal)))
        entries += closing(true)
        return .map(entries)
    }

    private func monitoringDeploy(_ size: Size, keeps: Bool, isGlobal: Bool) -> YAMLTree {
        guard isSwarm else { return ["resources": limits(size)] }
        var deploy: [YAMLEntry] = [isGlobal ? YAMLEntry("mode", "global") : YAMLEntry("replicas", 1)]
        deploy.append(
            YAMLEntry("update_config", ["order": "stop-first", "failure_action": "rollback", "monitor": "60s"]))
        deploy.append(YAMLEntry("rollback_config", ["order": "stop-first", "monitor": "10s"]))
        deploy.append(YAMLEntry("restart_policy", ["condition": "any", "delay": "5s"]))
        if keeps {
            let label = "\(platform.name).monitoring"
            deploy.append(
                YAMLEntry(
                    "placement", ["constraints": .list([.text("node.labels.\(label) == true")])],
                    comment: "What it keeps is on one server: docker node update --label-add \(label)=true NODE"))
        }
        deploy.append(YAMLEntry("resources", limits(size)))
        return .map(deploy)
    }

    private static func size(_ millis: Int, _ mebibytes: Int) -> Size {
        Size(cpu: CPUCount(millis: millis), memory: ByteCount(bytes: mebibytes << 20))
    }

    private func asked(_ url: String, start: Int = 30) -> YAMLTree {
        Self.health(words(["CMD", "wget", "-q", "-T", "3", "-O", "/dev/null", url]), start: start)
    }

    private static func health(_ test: YAMLTree, start: Int = 30) -> YAMLTree {
        ["test": test, "interval": "10s", "timeout": "5s", "retries": 5, "start_period": .text("\(start)s")]
    }

    // MARK: Files

    /// Files of ``MonitoringRenderer`` below one of its folders, as mounts: one of the whole folder, or in Swarm, whose servers
    /// need not have the files, a config for each.
    private func files(_ part: String, at target: String) -> [YAMLEntry] {
        if isSwarm {
            let configs = monitoringFiles.filter { $0.path.hasPrefix(part) }.map { file -> YAMLTree in
                [
                    "source": .text(file.config),
                    "target": .text(target + file.path.dropFirst(part.count)),
                ]
            }
            return configs.isEmpty ? [] : [YAMLEntry("configs", .list(configs))]
        }
        return [YAMLEntry("volumes", .list([.text("./\(monitoringFolder)/\(part):\(target):ro")]))]
    }

    /// Mounts of files and of volumes under their keys.
    private func mounted(_ files: [[YAMLEntry]], volumes: [String] = []) -> [YAMLEntry] {
        var lists: [String: [YAMLTree]] = [:]
        for entry in files.joined() {
            if case .list(let items) = entry.value { lists[entry.key, default: []] += items }
        }
        if !volumes.isEmpty { lists["volumes", default: []] += volumes.map { .text($0) } }
        return lists.sorted { $0.key < $1.key }.map { YAMLEntry($0.key, .list($0.value)) }
    }

    // MARK: Who asks, keeps and shows

    private func prometheusTree(_ monitored: MonitoredPlace) -> YAMLTree {
        var own = [
            YAMLEntry(
                "command",
                words([
                    "--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus",
                    "--storage.tsdb.retention.time=\(DurationText.text(monitored.metricsKept))",
                ]), comment: "As long as the longest promise is counted over, and a day.")
        ]
        var zones: Set<String> = ["monitoring"]
        if platform.console != nil {
            zones.insert("egress")
            own.append(
                YAMLEntry(
                    "secrets", .row([.text(MonitoredPlace.integrationKey(platform))]),
                    comment: "With it alerts come into the control plane."))
        }
        let health = asked("http://127.0.0.1:9090/-/ready")
        return unit(
            MonitoringImages.prometheus, user: MonitoringImages.nobody, size: Self.size(1000, 1024), networks: zones,
            health: health, own,
            after: published("prometheus", 9090)
                + mounted(
                    [files("prometheus/", at: "/etc/prometheus/")], volumes: ["prometheus-data:/prometheus"]))
    }

    private var alertmanagerTree: YAMLTree {
        var own = [
            YAMLEntry(
                "command",
                words([
                    "--config.file=/etc/alertmanager/alertmanager.yml", "--storage.path=/alertmanager",
                    "--cluster.listen-address=",
                ]), comment: "One alone needs no neighbours to agree with.")
        ]
        let secrets = AlertmanagerFile.secrets(platform).map(\.text)
        if !secrets.isEmpty { own.append(YAMLEntry("secrets", .row(secrets.map { .text($0) }))) }
        let health = asked("http://127.0.0.1:9093/-/ready")
        return unit(
            MonitoringImages.alertmanager, user: MonitoringImages.nobody, size: Self.size(250, 128),
            networks: ["monitoring", "egress"], health: health, own,
            after: mounted(
                [files("alertmanager/", at: "/etc/alertmanager/")], volumes: ["alertmanager-data:/alertmanager"]))
    }

    private var grafanaTree: YAMLTree {
        let variables: YAMLTree = [
            "GF_ANALYTICS_CHECK_FOR_UPDATES": "false", "GF_ANALYTICS_REPORTING_ENABLED": "false",
            "GF_SECURITY_ADMIN_PASSWORD__FILE": "/run/secrets/grafana-admin", "GF_USERS_ALLOW_SIGN_UP": "false",
        ]
        let own = [YAMLEntry("environment", variables), YAMLEntry("secrets", .row(["grafana-admin"]))]
        let health = asked("http://127.0.0.1:3000/api/health", start: 60)
        return unit(
            MonitoringImages.grafana, user: MonitoringImages.grafanaUser, size: Self.size(500, 512),
            networks: isSwarm ? ["monitoring"] : ["monitoring", "public"], health: health, own,
            after: published("grafana", 3000)
                + mounted(
                    [
                        files("grafana/provisioning/", at: "/etc/grafana/provisioning/"),
                        files("grafana/dashboards/", at: "/etc/grafana/dashboards/"),
                    ], volumes: ["grafana-data:/var/lib/grafana"]))
    }

    private func lokiTree(_ monitored: MonitoredPlace) -> YAMLTree {
        var own = [YAMLEntry("command", words(["-config.file=/etc/loki/loki.yml"]))]
        let tells = platform.console != nil
        if tells { own.append(YAMLEntry("secrets", .row([.text(MonitoredPlace.integrationKey(platform))]))) }
        let health = Self.health(words(["CMD", "/usr/bin/loki", "-health"]), start: 60)
        return unit(
            MonitoringImages.loki, user: MonitoringImages.lokiUser, size: Self.size(500, 512),
            networks: tells ? ["monitoring", "egress"] : ["monitoring"], health: health, own,
            after: mounted([files("loki/", at: "/etc/loki/")], volumes: ["loki-data:/loki"]))
    }

    // MARK: Who tells

    private var alloyTree: YAMLTree {
        let command = YAMLEntry(
            "command",
            words([
                "run", "--server.http.listen-addr=0.0.0.0:12345", "--storage.path=/var/lib/alloy/data",
                "--disable-reporting", "/etc/alloy/config.alloy",
            ]))
        let question = HealthCommand.words(.http("/-/ready"), port: 12345, timeout: .seconds(5), tools: .bash) ?? []
        return unit(
            MonitoringImages.alloy, user: "0:0", size: Self.size(250, 256), networks: ["monitoring"],
            health: Self.health(words(["CMD"] + question)), isGlobal: true, [command],
            after: mounted(
                [files("alloy/", at: "/etc/alloy/")],
                volumes: [
                    "${DOCKER_ROOT:-/var/lib/docker}/containers:/containers:ro", "alloy-data:/var/lib/alloy/data",
                ]))
    }

    private var cadvisorTree: YAMLTree {
        let labels = Self.containerLabels.joined(separator: ",")
        let command = YAMLEntry(
            "command",
            words([
                "--docker_only=true", "--housekeeping_interval=15s", "--store_container_labels=false",
                "--whitelisted_container_labels=\(labels)",
            ]))
        let volumes: [YAMLTree] = [
            "/:/rootfs:ro", "/sys:/sys:ro", "${DOCKER_ROOT:-/var/lib/docker}:/var/lib/docker:ro",
            .commented(
                "Names and labels of containers come from there. Who may ask it may do anything on the server:\n"
                    + "cadvisor alone has it, and nothing of it is published.",
                "${DOCKER_SOCKET:-/var/run/docker.sock}:/var/run/docker.sock:ro"),
        ]
        return unit(
            MonitoringImages.cadvisor, user: "0:0", size: Self.size(250, 256), networks: ["monitoring"],
            health: asked("http://127.0.0.1:8080/healthz"), isGlobal: true, [command],
            after: [YAMLEntry("volumes", .list(volumes))])
    }

    private var nodeExporterTree: YAMLTree {
        let command = YAMLEntry(
            "command",
            words([
                "--path.procfs=/host/proc", "--path.sysfs=/host/sys", "--path.rootfs=/host/root",
                "--collector.filesystem.mount-points-exclude=^/(dev|proc|run|sys|var/lib/docker)($|/)",
            ]))
        let volumes: YAMLTree = ["/proc:/host/proc:ro", "/sys:/host/sys:ro", "/:/host/root:ro,rslave"]
        return unit(
            MonitoringImages.nodeExporter, user: MonitoringImages.nobody, size: Self.size(250, 64),
            networks: ["monitoring"], health: asked("http://127.0.0.1:9100/"), isGlobal: true, [command],
            after: [YAMLEntry("volumes", volumes)])
    }

    private func blackboxTree(_ monitored: MonitoredPlace) -> YAMLTree {
        let command = YAMLEntry("command", words(["--config.file=/etc/blackbox/blackbox.yml"]))
        return unit(
            MonitoringImages.blackbox, user: MonitoringImages.nobody, size: Self.size(250, 64),
            networks: ["monitoring", Probes(monitored).zone], health: asked("http://127.0.0.1:9115/-/healthy"),
            stays: false, [command], after: mounted([files("blackbox/", at: "/etc/blackbox/")]))
    }

    private func exporterTree(_ name: ResourceName, _ resource: Resource) -> YAMLTree {
        let secret = "\(name)-exporter"
        let gate = YAMLEntry("depends_on", .map([YAMLEntry(name.text, ["condition": "service_healthy"])]))
        var own: [YAMLEntry]
        if resource.kind == .postgres {
            let variables: YAMLTree = [
                "DATA_SOURCE_PASS_FILE": .text("/run/secrets/\(secret)"),
                "DATA_SOURCE_URI": .text(
                    "\(name):5432/\(PostgresRoles.database(resource, platform))?sslmode=disable"),
                "DATA_SOURCE_USER": .text(PostgresRoles.exporter),
            ]
            own = [YAMLEntry("environment", variables)]
        } else {
            let script =
                "export REDIS_PASSWORD=\"$(cat /run/secrets/\(secret))\"\nexec /redis_exporter\n"
            own = [
                YAMLEntry("entrypoint", .list(["/bin/sh", "-euc", .text(escaped(script))])),
                YAMLEntry(
                    "environment",
                    ["REDIS_ADDR": .text("redis://\(name):6379"), "REDIS_USER": .text(PostgresRoles.exporter)]),
            ]
        }
        own.append(YAMLEntry("secrets", .row([.text(secret)])))
        if !isSwarm { own.append(gate) }
        let isPostgres = resource.kind == .postgres
        return unit(
            isPostgres ? MonitoringImages.postgresExporter : MonitoringImages.redisExporter,
            user: MonitoringImages.nobody, size: Self.size(100, 64), networks: ["data", "monitoring"],
            health: asked("http://127.0.0.1:\(isPostgres ? 9187 : 9121)/"), stays: false, own)
    }

    // MARK: Ports

    /// On this machine alone; in Swarm nothing can be published on one address.
    private func published(_ name: String, _ port: Int) -> [YAMLEntry] {
        guard !isSwarm, name == "grafana" || place.settings.openPorts else { return [] }
        return [
            YAMLEntry(
                "ports", .list([.text("127.0.0.1:${\(name.uppercased())_PORT:-\(port)}:\(port)")]),
                comment: "From elsewhere: ssh -L \(port):127.0.0.1:\(port) SERVER")
        ]
    }

    /// By which the engine knows whose a container is (Docker Compose, "Labels"; Docker Engine, `docker service create`).
    static let containerLabels = [
        "com.docker.compose.project", "com.docker.compose.service", "com.docker.stack.namespace",
        "com.docker.swarm.service.name",
    ]
}
