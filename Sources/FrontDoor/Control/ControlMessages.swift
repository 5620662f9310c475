/// How a front door is, as `GET /v1/health` answers.
package struct FrontDoorHealth: Codable, Sendable, Hashable {
    /// One open listener with the port that it really has.
    package struct Listener: Codable, Sendable, Hashable {
        package var name: String
        package var host: String
        package var port: Int
        /// Why it does not listen: what the system said when it was bound last; nil for one that listens.
        package var trouble: String?

        package init(name: String, host: String, port: Int, trouble: String? = nil) {
            self.name = name
            self.host = host
            self.port = port
            self.trouble = trouble
        }
    }

    /// `serving` or `stopping`.
    package var status: String
    package var generation: Int
    package var processIdentifier: Int
    package var listeners: [Listener]

    package init(status: String, generation: Int, processIdentifier: Int, listeners: [Listener]) {
        self.status = status
        self.generation = generation
        self.processIdentifier = processIdentifier
        self.listeners = listeners
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
