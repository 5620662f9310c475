import World

/// A container as it shall be made.
///
/// What is not said is denied: no capability, no new privileges, no writing but to what is mounted.
package struct ContainerSpec: Sendable, Hashable {
    package struct Mount: Sendable, Hashable {
        package enum Source: Sendable, Hashable {
            case volume(String)
            /// An absolute path of the engine's machine, which must be there.
            case folder(String)
            /// The same, made by the engine when it is not there.
            case lastingFolder(String)
            case memory(bytes: Int, mode: Int)
        }
        package var source: Source
        package var target: String
        package var isReadOnly: Bool

        package init(_ source: Source, at target: String, isReadOnly: Bool = true) {
            self.source = source
            self.target = target
            self.isReadOnly = isReadOnly
        }
    }

    /// A port of the engine's machine that leads to one of the container's.
    package struct Publication: Sendable, Hashable {
        package var address: String
        /// 0 lets the engine choose.
        package var port: Int
        package var containerPort: Int

        package init(address: String, port: Int, containerPort: Int) {
            self.address = address
            self.port = port
            self.containerPort = containerPort
        }
    }

    /// A network that it is in.
    package struct Membership: Sendable, Hashable {
        package var network: String
        /// Further names that others in the network know it by.
        package var aliases: [String]
        /// An address that lasts as long as the container; the engine chooses one for each start when nil.
        package var address: String?

        package init(_ network: String, aliases: [String] = [], address: String? = nil) {
            self.network = network
            self.aliases = aliases
            self.address = address
        }

        var body: JSONValue {
            .members(
                ("Aliases", .texts(aliases)), ("IPAMConfig", address.map { .dictionary(["IPv4Address": $0]) }))
        }
    }

    package struct Health: Sendable, Hashable {
        /// The program first; it is run without a shell.
        package var command: [String]
        package var interval: Duration
        package var timeout: Duration
        package var retries: Int
        package var start: Duration

        package init(command: [String], interval: Duration, timeout: Duration, retries: Int, start: Duration) {
            self.command = command
            self.interval = interval
            self.timeout = timeout
            self.retries = retries
            self.start = start
        }
    }

    package enum Restart: String, Sendable, Hashable {
        case never = "no"
        case unlessStopped = "unless-stopped"
    }

    package var name: String
    package var image: String
    /// In place of the image's own, when said.
    package var entrypoint: [String]?
    package var command: [String]?
    package var environment: [String: String] = [:]
    /// Absolute; the image's own when nil.
    package var workingFolder: String?
    /// `UID:GID`; the image's own when nil.
    package var user: String?
    package var labels: [String: String] = [:]
    package var networks: [Membership] = []
    /// Names and addresses beside what the networks know.
    package var hosts: [String: String] = [:]
    package var mounts: [Mount] = []
    package var ports: [Publication] = []
    /// Bytes; without a bound when nil.
    package var memory: Int?
    package var milliCPUs: Int?
    package var processes: Int? = 256
    package var addedCapabilities: [String] = []
    /// Among the processes of the engine's machine and in its networks, and free to write its own files: for hauban alone.
    package var isOfTheHost = false
    package var health: Health?
    package var restart = Restart.never
    package var stopGrace = Duration.seconds(10)
    /// The image's own, or SIGTERM, when nil.
    package var stopSignal: String?
    /// Bytes of `/dev/shm`; 64 MiB when nil.
    package var sharedMemory: Int?
    /// Bytes of each of five files of output.
    package var logBytes = 10 << 20

    package init(name: String, image: String) {
        self.name = name
        self.image = image
    }

    /// The body of `POST /containers/create`.
    var body: JSONValue {
        let exposed = JSONValue.object(ports.map { .init("\($0.containerPort)/tcp", .object([])) })
        let bindings = JSONValue.object(
            ports.map { port in
                .init(
                    "\(port.containerPort)/tcp",
                    .array([
                        .members(
                            ("HostIp", .string(port.address)),
                            ("HostPort", .string(port.port == 0 ? "" : "\(port.port)")))
                    ]))
            })
        let logs = JSONValue.members(
            ("Type", .string("json-file")),
            ("Config", .dictionary(["max-size": "\(logBytes)", "max-file": "5"])))
        let host = JSONValue.members(
            ("Mounts", .array(mounts.compactMap(\.body))),
            ("Binds", .texts(mounts.compactMap(\.bind))),
            ("Tmpfs", .dictionary(memoryMounts)), ("PortBindings", bindings), ("LogConfig", logs),
            ("RestartPolicy", .members(("Name", .string(restart.rawValue)))),
            ("NetworkMode", .string(isOfTheHost ? "host" : networks.first?.network ?? "none")),
            ("PidMode", isOfTheHost ? .string("host") : nil), ("UTSMode", isOfTheHost ? .string("host") : nil),
            ("UsernsMode", isOfTheHost ? .string("host") : nil),
            ("ReadonlyRootfs", .bool(!isOfTheHost)), ("CapDrop", .texts(["ALL"])),
            ("CapAdd", .texts(addedCapabilities)),
            // A policy that labels files would keep even root from the engine's socket.
            ("SecurityOpt", .texts(["no-new-privileges:true"] + (isOfTheHost ? ["label=disable"] : []))),
            // An init is one only as the first process of its own.
            ("Init", .bool(!isOfTheHost)),
            ("ExtraHosts", .texts(hosts.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" })),
            ("Memory", memory.map { .integer($0) }), ("NanoCpus", milliCPUs.map { .integer($0 * 1_000_000) }),
            ("PidsLimit", processes.map { .integer($0) }), ("ShmSize", sharedMemory.map { .integer($0) }))
        let endpoint = networks.first.map { network in
            JSONValue.object([.init(network.network, network.body)])
        }
        return .members(
            ("Image", .string(image)), ("Entrypoint", entrypoint.map { .texts($0) }),
            ("Cmd", command.map { .texts($0) }),
            ("Env", .texts(environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })),
            ("WorkingDir", workingFolder.map { .string($0) }), ("User", user.map { .string($0) }),
            ("Labels", .dictionary(labels)), ("ExposedPorts", exposed),
            ("Healthcheck", healthBody), ("StopTimeout", .integer(Int(stopGrace.components.seconds))),
            ("StopSignal", stopSignal.map { .string($0) }),
            ("HostConfig", host), ("NetworkingConfig", .members(("EndpointsConfig", endpoint))))
    }

    private var memoryMounts: [String: String] {
        var result: [String: String] = [:]
        for mount in mounts {
            guard case .memory(let bytes, let mode) = mount.source else { continue }
            result[mount.target] = "rw,noexec,nosuid,nodev,size=\(bytes),mode=\(String(mode, radix: 8))"
        }
        return result
    }

    var healthBody: JSONValue? {
        guard let health else { return .members(("Test", .texts(["NONE"]))) }
        func nanoseconds(_ duration: Duration) -> JSONValue { .integer(Int(duration / .nanoseconds(1))) }
        return .members(
            ("Test", .texts(["CMD"] + health.command)), ("Interval", nanoseconds(health.interval)),
            ("Timeout", nanoseconds(health.timeout)), ("Retries", .integer(health.retries)),
            ("StartPeriod", nanoseconds(health.start)))
    }
}

extension ContainerSpec.Mount {
    /// Of `HostConfig.Mounts`, which insists that a folder is there.
    fileprivate var body: JSONValue? {
        let (kind, from): (String, String)
        switch source {
        case .volume(let name): (kind, from) = ("volume", name)
        case .folder(let path): (kind, from) = ("bind", path)
        case .lastingFolder, .memory: return nil
        }
        return .members(
            ("Type", .string(kind)), ("Source", .string(from)), ("Target", .string(target)),
            ("ReadOnly", .bool(isReadOnly)))
    }

    /// Of `HostConfig.Binds`, which makes a folder that is not there.
    fileprivate var bind: String? {
        guard case .lastingFolder(let path) = source else { return nil }
        return "\(path):\(target)" + (isReadOnly ? ":ro" : "")
    }
}
