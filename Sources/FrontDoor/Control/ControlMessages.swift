import NIOCore

/// How a front door is, as `GET /v1/health` answers.
package struct FrontDoorHealth: Codable, Sendable, Hashable {
    /// One open listener with the port that it really has.
    package struct Listener: Codable, Sendable, Hashable {
        package var name: String
        package var host: String
        package var port: Int

        package init(name: String, host: String, port: Int) {
            self.name = name
            self.host = host
            self.port = port
        }
    }

    /// How one replica of a release stands in the balance.
    package struct Replica: Codable, Sendable, Hashable {
        package enum State: String, Codable, Sendable {
            case serving
            /// New or back; its share of the load grows.
            case rising
            /// Failed while the others did well: passed over for a while.
            case ejected
        }

        package var service: String
        package var release: String
        package var replica: String
        package var port: Int
        package var state: State
        /// Of the load that an equal replica takes, 0 to 1.
        package var share: Double
        package var inFlight: Int
        /// Since the start of the process, by reason: `unreachable`, `broken`, `timeout`, `5xx`, `share`.
        package var ejections: [String: Int]
        /// Why it is ejected, a clause such as `failed 5 times in a row, at last with a 5xx`.
        package var reason: String?
        /// Until it returns.
        package var remainingMilliseconds: Int?
    }

    /// `serving` or `stopping`.
    package var status: String
    package var generation: Int
    package var processIdentifier: Int
    package var listeners: [Listener]
    /// Of the releases in force; absent from a front door of an older version.
    package var replicas: [Replica]?

    package init(
        status: String, generation: Int, processIdentifier: Int, listeners: [Listener], replicas: [Replica]? = nil
    ) {
        self.status = status
        self.generation = generation
        self.processIdentifier = processIdentifier
        self.listeners = listeners
        self.replicas = replicas
    }
}

/// What `POST /v1/drain` asks.
package struct DrainRequest: Codable, Sendable, Hashable {
    package var service: String
    package var release: String
    package var deadlineMilliseconds: Int

    package init(service: String, release: String, deadlineMilliseconds: Int) {
        self.service = service
        self.release = release
        self.deadlineMilliseconds = deadlineMilliseconds
    }
}

/// What `POST /v1/drain` answers.
package struct DrainResult: Codable, Sendable, Hashable {
    /// Requests that the release still holds; 0 when it is drained.
    package var inFlight: Int
    package var isDrained: Bool { inFlight == 0 }

    package init(inFlight: Int) { self.inFlight = inFlight }
}

/// What `POST /v1/stop` asks.
package struct StopRequest: Codable, Sendable, Hashable {
    /// How long requests in flight may take.
    package var deadlineMilliseconds: Int

    package init(deadlineMilliseconds: Int) { self.deadlineMilliseconds = deadlineMilliseconds }
}

/// The body of every answer of the control API that is not a success.
struct ControlProblem: Codable, Sendable {
    var code: FrontDoorError.Code
    var operation: String
    var message: String
    var hint: String
}

extension FrontDoorHealth.Replica {
    init(service: String, release: String, _ report: ReplicaReport) {
        self.service = service
        self.release = release
        replica = report.replica
        port = report.port
        share = report.share ?? 0
        state = report.share.map { $0 < 1 ? .rising : .serving } ?? .ejected
        inFlight = report.inFlight
        ejections = report.ejections
        reason = report.reason
        remainingMilliseconds = report.remaining.map { Int(max(0, $0.nanoseconds) / 1_000_000) }
    }
}
