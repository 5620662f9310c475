package import Spec

/// One service as it should run.
package struct DesiredService: Codable, Hashable, Sendable {
    /// How a new release takes the old one's place.
    package enum Rollout: String, Codable, Hashable, Sendable {
        /// The new one starts beside the old one, which stops after the switch.
        case beside
        /// The old one stops first: for consumers that must not run twice.
        case replace
    }

    /// What the service's output should look like.
    package enum LogExpectation: String, Codable, Hashable, Sendable {
        case json
        case plain
    }

    package var name: ServiceName
    /// Hash of the source's content and the resolved configuration; equal means unchanged.
    package var fingerprint: String
    package var source: DesiredSource?
    /// Nil when the stack says how to run it, or when it is a static site.
    package var run: CommandLine?
    package var replicas: Int
    /// Whether replicas accept connections on the port handed to them.
    package var listens: Bool
    /// The port that the author names, for targets where it is free to choose.
    package var port: Port?
    /// Texts may hold `${edge.attribute}`, `${port}` and `${secrets.name}`, resolved by the engine.
    package var environment: [String: String]
    package var secrets: [SecretName]
    package var uses: [DesiredEdge]
    package var readiness: Probe?
    package var liveness: Probe?
    /// Runs once per release, with the new build and environment, before any replica.
    package var migrate: CommandLine?
    /// Whether the version before can run on the schema that the migration leaves; nil when nobody said.
    package var isMigrationCompatible: Bool?
    package var rollout: Rollout
    /// Present when traffic moves in shares; only with `beside`.
    package var canary: DesiredCanary?
    /// Services that must serve before this one starts.
    package var dependsOn: [ServiceName]
    /// Time between the signal to stop and the kill.
    package var stopGrace: Duration
    /// The longest that a new replica may take to be ready.
    package var gateDeadline: Duration
    /// The longest that requests in flight may take on the old release after the switch.
    package var drain: Duration
    package var logs: LogExpectation
    package var objective: ServiceObjective
    /// Present where it runs in containers.
    package var container: DesiredContainer?

    package init(
        name: ServiceName, fingerprint: String, source: DesiredSource? = nil, run: CommandLine? = nil,
        replicas: Int = 1, listens: Bool = false, port: Port? = nil, environment: [String: String] = [:],
        secrets: [SecretName] = [], uses: [DesiredEdge] = [], readiness: Probe? = nil, liveness: Probe? = nil,
        migrate: CommandLine? = nil, isMigrationCompatible: Bool? = nil, rollout: Rollout = .beside,
        canary: DesiredCanary? = nil, dependsOn: [ServiceName] = [],
        stopGrace: Duration = .seconds(10), gateDeadline: Duration = .seconds(60), drain: Duration = .seconds(30),
        logs: LogExpectation = .plain, objective: ServiceObjective = ServiceObjective(),
        container: DesiredContainer? = nil
    ) {
        self.name = name
        self.fingerprint = fingerprint
        self.source = source
        self.run = run
        self.replicas = replicas
        self.listens = listens
        self.port = port
        self.environment = environment
        self.secrets = secrets.sorted()
        self.uses = uses.sorted { ($0.target, $0.access) < ($1.target, $1.access) }
        self.readiness = readiness
        self.liveness = liveness
        self.migrate = migrate
        self.isMigrationCompatible = isMigrationCompatible
        self.rollout = rollout
        self.canary = canary
        self.dependsOn = dependsOn.sorted()
        self.stopGrace = stopGrace
        self.gateDeadline = gateDeadline
        self.drain = drain
        self.logs = logs
        self.objective = objective
        self.container = container
    }

    /// Whether the front door serves files of it and no process runs.
    package var isSite: Bool { source?.siteOutput != nil }

    /// Whether the front door leads to it.
    package var isRouted: Bool { listens || isSite }
}

/// Where a service's code lies and how it is built.
package struct DesiredSource: Codable, Hashable, Sendable {
    /// A folder, absolute.
    package var path: String
    /// `python`, `node`, `swift`, `go`, `none`; nil lets the engine look.
    package var stack: String?
    package var build: CommandLine?
    /// A folder below the source that holds a static site once built.
    package var siteOutput: String?
    /// The file of a site that answers paths without a file of their own.
    package var siteFallback: String?

    package init(
        path: String, stack: String? = nil, build: CommandLine? = nil, siteOutput: String? = nil,
        siteFallback: String? = nil
    ) {
        self.path = path
        self.stack = stack
        self.build = build
        self.siteOutput = siteOutput
        self.siteFallback = siteFallback
    }
}

/// An edge that a service declares under `uses:`.
package struct DesiredEdge: Codable, Hashable, Sendable {
    /// What lies at its end.
    package enum Kind: String, Codable, Hashable, Sendable { case service, resource }

    package var kind: Kind
    /// The name of the service or resource, and the word before the dot in placeholders.
    package var target: String
    /// As the language names it: `read`, `write`, `publish`, `subscribe`, `call`.
    package var access: String

    package init(kind: Kind, target: String, access: String) {
        self.kind = kind
        self.target = target
        self.access = access
    }
}

/// What a service promises about its answers; nil where it promises nothing.
package struct ServiceObjective: Codable, Hashable, Sendable {
    /// The share of requests answered without a 5xx, 0 to 1.
    package var availability: Double?
    package var p50: Duration?
    package var p95: Duration?
    package var p99: Duration?

    package init(
        availability: Double? = nil, p50: Duration? = nil, p95: Duration? = nil, p99: Duration? = nil
    ) {
        self.availability = availability
        self.p50 = p50
        self.p95 = p95
        self.p99 = p99
    }
}
