import Spec

extension ComposeStack {
    /// What every container is denied, and the folders that it may write to all the same.
    func hardening(_ memory: [MemoryFolder] = [MemoryFolder(path: "/tmp", mebibytes: 64)]) -> [YAMLEntry] {
        var unit = [
            YAMLEntry("init", true), YAMLEntry("read_only", true),
            YAMLEntry("tmpfs", .list(memory.map(isMountedAsVolume ? \.volume : \.text))),
            YAMLEntry("cap_drop", .row(["ALL"])),
        ]
        if !isSwarm { unit.append(YAMLEntry("security_opt", .row(["no-new-privileges:true"]))) }
        return unit
    }

    /// Restart and logs.
    func closing(_ stays: Bool) -> [YAMLEntry] {
        var unit: [YAMLEntry] = []
        if !isSwarm { unit.append(YAMLEntry("restart", stays ? "unless-stopped" : "no")) }
        var options: [YAMLEntry] = []
        if hasMonitoring {
            // By these the shipper knows whose a line is.
            options.append(YAMLEntry("labels", .text(Self.containerLabels.joined(separator: ","))))
        }
        options += [YAMLEntry("max-file", .text("5")), YAMLEntry("max-size", "10m")]
        unit.append(YAMLEntry("logging", ["driver": "json-file", "options": .map(options)]))
        return unit
    }

    func limits(_ size: Size) -> YAMLTree {
        [
            "limits": [
                "cpus": .text(Self.processors(size.cpu)), "memory": .text(Self.memory(size.memory)), "pids": 256,
            ]
        ]
    }

    private static func processors(_ count: CPUCount) -> String {
        let rest = count.millis % 1000
        guard rest != 0 else { return "\(count.millis / 1000)" }
        var digits = String(String(1000 + rest).dropFirst())
        while digits.last == "0" { digits.removeLast() }
        return "\(count.millis / 1000).\(digits)"
    }

    /// Docker's `M` is 1024 × 1024.
    private static func memory(_ bytes: ByteCount) -> String {
        bytes.bytes % (1 << 20) == 0 ? "\(bytes.bytes >> 20)M" : "\(bytes.bytes)"
    }

    func deployTree(_ service: Service) -> YAMLTree {
        var deploy: [YAMLEntry] = []
        let replicas = max(1, service.scale.min)
        guard isSwarm else {
            if replicas > 1 { deploy.append(YAMLEntry("replicas", .integer(replicas))) }
            deploy.append(YAMLEntry("resources", limits(service.size)))
            return .map(deploy)
        }
        let order = service.rollout.way == .replace ? "stop-first" : "start-first"
        deploy.append(
            YAMLEntry(
                "replicas", .integer(service.schedule == nil ? replicas : 0),
                comment: service.schedule == nil
                    ? nil : "On a schedule (\(service.schedule?.text ?? "")), which Swarm does not know."))
        let health = service.health ?? .tcp
        // Counted from where a replica is healthy (swarmkit, manager/orchestrator/update); one that never is fails whenever.
        let monitor = health.interval * health.failures + health.timeout
        deploy.append(
            YAMLEntry(
                "update_config",
                [
                    "parallelism": 1, "order": .text(order), "failure_action": "rollback",
                    "monitor": .text(EngineText.duration(monitor)), "max_failure_ratio": 0,
                ],
                comment:
                    "A replica that does not become healthy, or does not stay so while it is watched, returns the release."
            ))
        deploy.append(
            YAMLEntry(
                "rollback_config",
                ["parallelism": 1, "order": .text(order), "failure_action": "pause", "monitor": "10s"]))
        deploy.append(YAMLEntry("restart_policy", ["condition": "any", "delay": "5s"]))
        deploy.append(
            YAMLEntry(
                "placement", ["preferences": .list([["spread": "node.id"]])],
                comment: "One server that fails takes as few replicas with it as can be."))
        deploy.append(YAMLEntry("resources", limits(service.size)))
        return .map(deploy)
    }

    /// What keeps data stays where its volume is.
    func storeDeploy(_ name: ResourceName, _ size: Size) -> YAMLTree {
        var deploy: [YAMLEntry] = []
        if isSwarm {
            let label = "\(platform.name).\(name)"
            deploy.append(YAMLEntry("replicas", 1))
            deploy.append(
                YAMLEntry("update_config", ["order": "stop-first", "failure_action": "rollback", "monitor": "60s"]))
            deploy.append(YAMLEntry("rollback_config", ["order": "stop-first", "monitor": "10s"]))
            deploy.append(YAMLEntry("restart_policy", ["condition": "any", "delay": "5s"]))
            deploy.append(
                YAMLEntry(
                    "placement", ["constraints": .list([.text("node.labels.\(label) == true")])],
                    comment: "Its volume is on one server: docker node update --label-add \(label)=true NODE"))
        }
        deploy.append(YAMLEntry("resources", limits(size)))
        return .map(deploy)
    }
}
