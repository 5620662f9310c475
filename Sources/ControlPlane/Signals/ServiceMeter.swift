package import Response

/// Measures the services of what runs beside the control plane.
package protocol ServiceMeter: Sendable {
    /// What each service does now, by its name; one that is left out is not known.
    ///
    /// Asked once every ten seconds at most, beside the event loop; what takes longer than the limit is given up.
    /// - Throws: `WorldError` when nothing can be measured.
    func readings(within limit: Duration) async throws -> [String: ServiceReading]
}

/// What is measured of a service at one time; what is not measured says why.
package struct ServiceReading: Sendable, Hashable {
    /// Requests of the last minute.
    package struct Traffic: Sendable, Hashable {
        package var requestsPerSecond: Double
        /// Of them, 0 to 1: answered 5xx, or not at all.
        package var errorShare: Double
        package var p95: Duration

        package init(requestsPerSecond: Double, errorShare: Double, p95: Duration) {
            self.requestsPerSecond = requestsPerSecond
            self.errorShare = errorShare
            self.p95 = p95
        }
    }

    package struct Replicas: Sendable, Hashable {
        package var ready: Int
        package var wanted: Int
        /// Starts after the first, of those that run.
        package var restarts: Int
        /// When one of them last began or ceased to be ready.
        package var since: Moment?

        package init(ready: Int, wanted: Int, restarts: Int = 0, since: Moment? = nil) {
            self.ready = ready
            self.wanted = wanted
            self.restarts = restarts
            self.since = since
        }
    }

    /// Why there is no figure.
    package enum Absence: Error, Sendable, Hashable {
        /// Nobody asked it for anything within the last minute.
        case noRequests
        /// No request comes to it through the front door.
        case notRouted
        /// Files that the front door serves: no process runs.
        case isSite
        case notDeployed
        /// Of services that only alerts or releases name.
        case unknown
        /// What serves is none of this machine's environments.
        case noMeter
        /// The first figures are not here yet.
        case notYet
        /// Whoever measures does not answer, in English.
        case unreachable(String)

        /// For programs: the reason in English.
        package var words: String {
            switch self {
            case .noRequests: "no request within the last minute"
            case .notRouted: "takes no requests through the front door"
            case .isSite: "files that the front door serves: no process runs"
            case .notDeployed: "nothing of it runs"
            case .unknown: "the platform that is served has no such service"
            case .noMeter: "no environment of this machine is served, and others are not measured"
            case .notYet: "not measured yet"
            case .unreachable(let detail): "cannot be measured: \(detail)"
            }
        }
    }

    package var traffic: Result<Traffic, Absence>
    package var replicas: Result<Replicas, Absence>

    package init(traffic: Result<Traffic, Absence>, replicas: Result<Replicas, Absence>) {
        self.traffic = traffic
        self.replicas = replicas
    }

    package static func absent(_ why: Absence) -> ServiceReading {
        ServiceReading(traffic: .failure(why), replicas: .failure(why))
    }
}

/// What users are promised of a service.
package struct ServicePromise: Sendable, Hashable {
    /// Share of requests that are answered well, 0 to 1.
    package var availability: Double?
    package var p95: Duration?

    package init(availability: Double? = nil, p95: Duration? = nil) {
        self.availability = availability
        self.p95 = p95
    }

    /// Whether more fails than was promised.
    func isBroken(errors share: Double) -> Bool { availability.map { share > 1 - $0 } ?? false }

    func isBroken(p95 length: Duration) -> Bool { p95.map { length > $0 } ?? false }
}
