package import Planning
package import Spec

/// What an engine answers besides, so that what it deployed can be verified.
package protocol VerifiedEngine: Engine {
    /// Where everything is that a verification asks.
    ///
    /// - Throws: `WorldError` when nothing is known of what runs.
    func whereabouts(of desired: DesiredState, within deadline: Duration) async throws -> Whereabouts

    /// Asks one replica, past the front door: `GET path` on its port.
    ///
    /// - Throws: `WorldError` when it does not answer; ``UnaskedQuestion`` when it cannot be asked.
    func get(_ path: String, of replica: Whereabouts.Replica, within deadline: Duration) async throws -> HTTPGlance

    /// Connects to a database or cache as a service of the platform does, and asks it something.
    ///
    /// - Returns: its answer in words; `nil` when nobody uses it, so that nobody could ask.
    /// - Throws: `WorldError` with what it said.
    func ask(_ resource: DesiredResource, in desired: DesiredState, within deadline: Duration) async throws -> String?

    /// What processes use now, one entry for each replica of a service and for each resource.
    func usage(of desired: DesiredState, within deadline: Duration) async throws -> [ReplicaUsage]
}

/// Why something could not be asked, as a clause: nothing is known of it then.
package struct UnaskedQuestion: Error, Sendable, Hashable {
    package var why: String

    package init(_ why: String) { self.why = why }
}

/// Where everything is that a verification asks.
package struct Whereabouts: Sendable, Hashable {
    package struct Replica: Sendable, Hashable {
        package var service: ServiceName
        /// For people: `api.r3.0`.
        package var name: String
        /// Where `get` finds it; `nil` for one that takes no requests.
        package var port: Int?
        /// Why it is not ready; `nil` when it is.
        package var trouble: String?

        package init(service: ServiceName, name: String, port: Int? = nil, trouble: String? = nil) {
            self.service = service
            self.name = name
            self.port = port
            self.trouble = trouble
        }
    }

    /// A port of something that the world must not reach.
    package struct ClosedPort: Sendable, Hashable {
        /// For people: `db`.
        package var owner: String
        /// An IPv4 address.
        package var address: String
        package var port: Int

        package init(owner: String, address: String, port: Int) {
            self.owner = owner
            self.address = address
            self.port = port
        }
    }

    /// Scheme, host and port of the public routes; `nil` without one.
    package var address: String?
    /// A file of certificates in PEM that may vouch for that address; the system's when nil.
    package var authorities: String?
    /// Lets a request pass while the platform is in maintenance.
    package var bypass: String?
    package var replicas: [Replica]
    package var closedPorts: [ClosedPort]
    /// What has no port at the machine at all, by name: containers that publish none.
    package var unpublished: [String]
    /// Why the ports of these could not be looked up, by owner.
    package var unknownPorts: [String: String]
    /// Where the platform's Prometheus answers; `nil` without one.
    package var prometheus: String?

    package init(
        address: String?, authorities: String? = nil, bypass: String? = nil, replicas: [Replica],
        closedPorts: [ClosedPort], unpublished: [String] = [], unknownPorts: [String: String] = [:],
        prometheus: String? = nil
    ) {
        self.address = address
        self.authorities = authorities
        self.bypass = bypass
        self.replicas = replicas
        self.closedPorts = closedPorts
        self.unpublished = unpublished
        self.unknownPorts = unknownPorts
        self.prometheus = prometheus
    }
}

/// What the processes of a replica, or of a resource, use.
package struct ReplicaUsage: Sendable, Hashable {
    /// Of the service or resource.
    package var name: String
    package var replica: String
    package var isReady: Bool
    package var restarts: Int
    /// Processor time so far.
    package var cpu: Duration
    package var memory: Int
    /// How many processors it may use, and what that is in words.
    package var processors: Double
    package var processorWords: String
    /// How many bytes it may use, and what that is in words.
    package var memoryLimit: Int
    package var memoryWords: String
    /// Why processor time and memory are not known, as a clause; they mean nothing then.
    package var unknown: String?

    package init(
        name: String, replica: String, isReady: Bool, restarts: Int, cpu: Duration, memory: Int, processors: Double,
        processorWords: String, memoryLimit: Int, memoryWords: String, unknown: String? = nil
    ) {
        self.name = name
        self.replica = replica
        self.isReady = isReady
        self.restarts = restarts
        self.cpu = cpu
        self.memory = memory
        self.processors = processors
        self.processorWords = processorWords
        self.memoryLimit = memoryLimit
        self.memoryWords = memoryWords
        self.unknown = unknown
    }
}
