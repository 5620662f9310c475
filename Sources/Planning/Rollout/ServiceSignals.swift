package import Spec

/// A release of a service whose signals are asked for.
package struct SignalSubject: Codable, Hashable, Sendable {
    package var service: ServiceName
    package var release: ReleaseID

    package init(service: ServiceName, release: ReleaseID) {
        self.service = service
        self.release = release
    }
}

/// What was counted about one release of one service over some time.
package struct ServiceSignals: Codable, Hashable, Sendable {
    package var service: ServiceName
    package var release: ReleaseID
    package var requests: Int
    /// Answers with a 5xx, and requests that got no answer.
    package var errors: Int
    /// Nil without requests.
    package var p50: Duration?
    package var p95: Duration?
    package var p99: Duration?
    /// Replicas that ended and were started again.
    package var restarts: Int
    /// Replicas that were given up, or are not ready.
    package var failedReplicas: Int
    /// Failed readiness probes of the replica with the most of them, since it was ready for the first time; nil when not known.
    package var failedProbes: Int?
    /// Of a replica that is not well: its id and why.
    package var detail: String?
    /// Replicas that the front door passes over since they fail while the others do well.
    package var ejectedReplicas: Int

    package init(
        service: ServiceName, release: ReleaseID, requests: Int = 0, errors: Int = 0, p50: Duration? = nil,
        p95: Duration? = nil, p99: Duration? = nil, restarts: Int = 0, failedReplicas: Int = 0,
        failedProbes: Int? = nil, detail: String? = nil, ejectedReplicas: Int = 0
    ) {
        self.service = service
        self.release = release
        self.requests = requests
        self.errors = errors
        self.p50 = p50
        self.p95 = p95
        self.p99 = p99
        self.restarts = restarts
        self.failedReplicas = failedReplicas
        self.failedProbes = failedProbes
        self.detail = detail
        self.ejectedReplicas = ejectedReplicas
    }

    /// The share of requests that failed, 0 without requests.
    package var errorShare: Double { requests == 0 ? 0 : Double(errors) / Double(requests) }
}
