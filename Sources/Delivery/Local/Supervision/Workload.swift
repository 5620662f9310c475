package import Spec
package import World

/// One replica to run: everything that is needed to start it again after any crash, and no secret value.
package struct Workload: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, Sendable { case service, resource, frontDoor, renewal }

    /// Unique in the environment: "api.r3.0", "resource.db", "front-door". Letters, digits, `.`, `_` and `-`.
    package var id: String
    package var kind: Kind
    /// The service's or the resource's name.
    package var name: String
    /// Empty for resources and the front door.
    package var release: String
    package var replica: Int
    /// The argument vector; the program is absolute or looked up in the workload's `PATH`.
    package var command: [String]
    /// Complete: nothing is inherited. One variable is added, the supervisor's mark (see ``Supervisor``).
    package var environment: [String: EnvironmentValue]
    /// Absolute.
    package var workingDirectory: String
    /// The chosen free port; `nil` when it listens nowhere.
    package var port: Int?
    /// The user to become when root starts it; `nil` = as is.
    package var identity: ProcessIdentity?
    /// `nil` = ready once started.
    package var readiness: Probe?
    /// Asked from the first readiness on; `nil` = never.
    package var liveness: Probe?
    package var restart: RestartPolicy
    package var stop: StopPolicy
    package var logFormat: LogFormat
    /// Workloads that must have been ready before this one is started for the first time.
    package var dependsOn: [String]

    package init(
        id: String, kind: Kind, name: String, release: String = "", replica: Int = 0, command: [String],
        environment: [String: EnvironmentValue] = [:], workingDirectory: String, port: Int? = nil,
        identity: ProcessIdentity? = nil, readiness: Probe? = nil, liveness: Probe? = nil,
        restart: RestartPolicy = RestartPolicy(), stop: StopPolicy = StopPolicy(), logFormat: LogFormat = .json,
        dependsOn: [String] = []
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.release = release
        self.replica = replica
        self.command = command
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.port = port
        self.identity = identity
        self.readiness = readiness
        self.liveness = liveness
        self.restart = restart
        self.stop = stop
        self.logFormat = logFormat
        self.dependsOn = dependsOn
    }

    /// Ids become file names, so only safe characters are allowed.
    package var hasSafeID: Bool {
        !id.isEmpty && id.utf8.count <= 120 && !id.hasPrefix(".")
            && id.utf8.allSatisfy { byte in
                (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte)
                    || byte == 0x2d || byte == 0x2e || byte == 0x5f
            }
    }
}

/// What happens when a replica ends by itself or is not alive.
package struct RestartPolicy: Codable, Hashable, Sendable {
    /// The wait before the first restart; doubled with each further one.
    package var initialBackoff: Duration
    /// The longest wait; a replica that stayed ready this long starts again with the first.
    package var maximumBackoff: Duration
    /// Restarts within the window after which it is failed.
    package var limit: Int
    package var window: Duration

    package init(
        initialBackoff: Duration = .milliseconds(200), maximumBackoff: Duration = .seconds(30), limit: Int = 8,
        window: Duration = .seconds(600)
    ) {
        self.initialBackoff = initialBackoff
        self.maximumBackoff = maximumBackoff
        self.limit = limit
        self.window = window
    }
}

/// How a replica is asked to end.
package struct StopPolicy: Codable, Hashable, Sendable {
    /// The signal's number; 15 is SIGTERM.
    package var signal: Int32
    /// After it, SIGKILL for everything that is left.
    package var grace: Duration
    /// The signal goes to the whole process group, not only to its leader.
    package var wholeGroup: Bool

    package init(signal: Int32 = 15, grace: Duration = .seconds(10), wholeGroup: Bool = true) {
        self.signal = signal
        self.grace = grace
        self.wholeGroup = wholeGroup
    }
}

/// What a workload is expected to write.
package enum LogFormat: String, Codable, Hashable, Sendable {
    /// JSON lines with the mandatory fields of SF-18; others are counted and shown.
    case json
    /// Anything.
    case plain
}
