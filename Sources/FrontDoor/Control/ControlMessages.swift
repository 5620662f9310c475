import NIOCore

/// How a front door is, as `GET /v1/health` answers.
package struct FrontDoorHealth: Codable, Sendable, Hashable {
    /// One open listener with the port that it really has.
    package struct Listener: Codable, Sendable, Hashable {
        package var name: String
        package var host: String
        package var port: Int
        /// Whether it speaks TLS.
        package var isSecure: Bool
        /// Why it does not listen: what the system said when it was bound last; nil for one that listens.
        package var trouble: String?

        package init(name: String, host: String, port: Int, isSecure: Bool = false, trouble: String? = nil) {
            self.name = name
            self.host = host
            self.port = port
            self.isSecure = isSecure
            self.trouble = trouble
        }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            name = try values.decode(String.self, forKey: .name)
            host = try values.decode(String.self, forKey: .host)
            port = try values.decode(Int.self, forKey: .port)
            isSecure = try values.decodeIfPresent(Bool.self, forKey: .isSecure) ?? false
            trouble = try values.decodeIfPresent(String.self, forKey: .trouble)
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
    /// Of all listeners, sorted by path.
    package var certificates: [CertificateStatus]
    /// Of the releases in force; absent from a front door of an older version.
    package var replicas: [Replica]?

    package init(
        status: String, generation: Int, processIdentifier: Int, listeners: [Listener],
        certificates: [CertificateStatus] = [], replicas: [Replica]? = nil
    ) {
        self.status = status
        self.generation = generation
        self.processIdentifier = processIdentifier
        self.listeners = listeners
        self.certificates = certificates
        self.replicas = replicas
    }

    /// A front door of an earlier version tells nothing of certificates.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        status = try values.decode(String.self, forKey: .status)
        generation = try values.decode(Int.self, forKey: .generation)
        processIdentifier = try values.decode(Int.self, forKey: .processIdentifier)
        listeners = try values.decode([Listener].self, forKey: .listeners)
        certificates = try values.decodeIfPresent([CertificateStatus].self, forKey: .certificates) ?? []
        replicas = try values.decodeIfPresent([Replica].self, forKey: .replicas)
    }
}

/// What `POST /v1/drain` asks.
package struct DrainRequest: Codable, Sendable, Hashable {
    package var service: String
    package var release: String
    /// Of the wait.
    package var deadlineMilliseconds: Int
    /// From the moment at which the release left to the one at which what it still holds is cut; without it
    /// `timeouts.drain` of the configuration.
    package var cutAfterMilliseconds: Int?

    package init(service: String, release: String, deadlineMilliseconds: Int, cutAfterMilliseconds: Int? = nil) {
        self.service = service
        self.release = release
        self.deadlineMilliseconds = deadlineMilliseconds
        self.cutAfterMilliseconds = cutAfterMilliseconds
    }
}

/// What `POST /v1/drain` answers.
package struct DrainResult: Codable, Sendable, Hashable {
    /// Requests that the release still holds; 0 when it is drained.
    package var inFlight: Int
    /// What was cut of the release since it left.
    package var cut: CutCounts
    package var isDrained: Bool { inFlight == 0 }

    package init(inFlight: Int, cut: CutCounts = CutCounts()) {
        self.inFlight = inFlight
        self.cut = cut
    }

    /// A front door of an earlier version says nothing of what it cut.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        inFlight = try values.decode(Int.self, forKey: .inFlight)
        cut = try values.decodeIfPresent(CutCounts.self, forKey: .cut) ?? CutCounts()
    }
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
