import World

/// A service of a Swarm as it shall be made: so many equal containers, wherever there is room.
///
/// Its names lead to its tasks, not to an address of its own (`dnsrr`): who calls them chooses among them. A change that somebody makes by
/// hand and that fails stops where it is (`pause`): Swarm never undoes it in silence.
package struct SwarmServiceSpec: Sendable, Hashable {
    /// A secret of the Swarm as a file in `/run/secrets`, readable for one user.
    package struct SecretFile: Sendable, Hashable {
        package var secret: SwarmSecret
        package var file: String
        package var user: String
        package var group: String

        package init(secret: SwarmSecret, file: String, user: String, group: String) {
            self.secret = secret
            self.file = file
            self.user = user
            self.group = group
        }
    }

    /// What is run. Of its mounts only those in memory, of its networks only those that all servers share, no ports and no name.
    package var container: ContainerSpec
    package var name: String
    package var labels: [String: String] = [:]
    package var replicas = 1
    package var secrets: [SecretFile] = []
    /// Between the end of a task and the start of the one in its place.
    package var restartDelay = Duration.seconds(1)

    package init(_ container: ContainerSpec, name: String) {
        self.container = container
        self.name = name
    }

    /// The body of `POST /services/create`.
    func body(for version: DockerVersion) -> JSONValue {
        let task = JSONValue.members(
            ("ContainerSpec", containerBody(version)),
            ("Networks", .array(container.networks.map { .members(("Target", .string($0.network))) })),
            ("RestartPolicy", .members(("Condition", .string("any")), ("Delay", Self.nanoseconds(restartDelay)))),
            ("Resources", .members(("Limits", limits))),
            // Over the servers first, as `render compose` says it.
            (
                "Placement",
                .members(
                    (
                        "Preferences",
                        .array([.members(("Spread", .dictionary(["SpreadDescriptor": "node.id"])))])
                    ))
            ),
            (
                "LogDriver",
                .members(
                    ("Name", .string("json-file")),
                    ("Options", .dictionary(["max-size": "\(container.logBytes)", "max-file": "5"])))
            ))
        let update = JSONValue.members(("Parallelism", .integer(1)), ("FailureAction", .string("pause")))
        return .members(
            ("Name", .string(name)), ("Labels", .dictionary(labels)), ("TaskTemplate", task),
            ("Mode", .members(("Replicated", .members(("Replicas", .integer(replicas)))))),
            ("UpdateConfig", update), ("RollbackConfig", update),
            ("EndpointSpec", .dictionary(["Mode": "dnsrr"])))
    }

    private func containerBody(_ version: DockerVersion) -> JSONValue {
        let mounts = container.mounts.compactMap { mount -> JSONValue? in
            guard case .memory(let bytes, let mode) = mount.source else { return nil }
            return .members(
                ("Type", .string("tmpfs")), ("Target", .string(mount.target)),
                ("TmpfsOptions", .members(("SizeBytes", .integer(bytes)), ("Mode", .integer(mode)))))
        }
        let files = secrets.map { use in
            JSONValue.members(
                (
                    "File",
                    .members(
                        ("Name", .string(use.file)), ("UID", .string(use.user)), ("GID", .string(use.group)),
                        ("Mode", .integer(0o400)))
                ),
                ("SecretID", .string(use.secret.id)), ("SecretName", .string(use.secret.name)))
        }
        // Older engines know no such member; there `"no-new-privileges": true` of daemon.json says it for all.
        let privileges: JSONValue? =
            version >= DockerVersion(1, 44) ? .members(("NoNewPrivileges", .bool(true))) : nil
        return .members(
            ("Image", .string(container.image)), ("Command", container.entrypoint.map { .texts($0) }),
            ("Args", container.command.map { .texts($0) }),
            ("Env", .texts(container.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })),
            ("User", container.user.map { .string($0) }), ("Labels", .dictionary(container.labels)),
            ("Hosts", .texts(container.hosts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" })),
            ("Mounts", .array(mounts)), ("Secrets", .array(files)), ("ReadOnly", .bool(true)), ("Init", .bool(true)),
            ("CapabilityDrop", .texts(["ALL"])), ("CapabilityAdd", .texts(container.addedCapabilities)),
            ("Privileges", privileges), ("StopGracePeriod", Self.nanoseconds(container.stopGrace)),
            ("Healthcheck", container.healthBody))
    }

    private var limits: JSONValue {
        .members(
            ("MemoryBytes", container.memory.map { .integer($0) }),
            ("NanoCPUs", container.milliCPUs.map { .integer($0 * 1_000_000) }),
            ("Pids", container.processes.map { .integer($0) }))
    }

    private static func nanoseconds(_ duration: Duration) -> JSONValue { .integer(Int(duration / .nanoseconds(1))) }
}
