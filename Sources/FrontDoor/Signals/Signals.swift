/// The front door's golden signals at one moment: what a release's watch judges and what `status` shows.
package struct Signals: Codable, Sendable, Hashable {
    /// Of the configuration in force.
    package var generation: Int
    /// When the figures were taken, RFC 3339.
    package var takenAt: String
    /// How many seconds the figures look back; `nil` when they count from the start of the process.
    package var windowSeconds: Int?
    /// Sorted by service and release. A release that has left stays for five minutes.
    package var releases: [ReleaseSignals]
    /// Requests since the start that reached no release, by reason.
    package var refused: [String: Int]

    package init(
        generation: Int, takenAt: String, windowSeconds: Int?, releases: [ReleaseSignals], refused: [String: Int]
    ) {
        self.generation = generation
        self.takenAt = takenAt
        self.windowSeconds = windowSeconds
        self.releases = releases
        self.refused = refused
    }

    /// The figures of one release, or `nil` when the front door has not seen it.
    package func release(_ release: String, of service: String) -> ReleaseSignals? {
        releases.first { $0.service == service && $0.release == release }
    }
}

/// The golden signals of one release of one service.
package struct ReleaseSignals: Codable, Sendable, Hashable {
    /// Where a release stands with the front door.
    package enum State: String, Codable, Sendable {
        case serving
        /// Out of the configuration, with requests still in flight.
        case draining
        case drained
    }

    package var service: String
    package var release: String
    package var state: State
    /// Requests and tunnels that have not ended, whatever the window.
    package var inFlight: Int
    /// Requests that ended, with an answer of the service or of the front door.
    package var requests: Int
    /// By class: `1xx` to `5xx`.
    package var responses: [String: Int]
    /// Answers with a 5xx status, of the service or of the front door in its stead.
    package var serverErrors: Int
    /// Requests whose client left before the answer was complete.
    package var clientAborted: Int
    /// Requests that failed at the service: no connection, a broken one, or an answer that is not HTTP.
    package var upstreamFailures: Int
    /// Requests that were sent once more after a dead connection.
    package var retries: Int
    /// Requests and tunnels that were ended because the drain time was over.
    package var cut: Int
    /// From the end of the request's head to the last byte of the answer.
    package var latency: Latency

    /// Latencies in milliseconds; all 0 when there was no request.
    package struct Latency: Codable, Sendable, Hashable {
        package var p50: Double
        package var p95: Double
        package var p99: Double
        package var max: Double
        package var mean: Double

        package init(p50: Double, p95: Double, p99: Double, max: Double, mean: Double) {
            self.p50 = p50
            self.p95 = p95
            self.p99 = p99
            self.max = max
            self.mean = mean
        }
    }

    package init(
        service: String, release: String, state: State, inFlight: Int, requests: Int, responses: [String: Int],
        serverErrors: Int, clientAborted: Int, upstreamFailures: Int, retries: Int, cut: Int, latency: Latency
    ) {
        self.service = service
        self.release = release
        self.state = state
        self.inFlight = inFlight
        self.requests = requests
        self.responses = responses
        self.serverErrors = serverErrors
        self.clientAborted = clientAborted
        self.upstreamFailures = upstreamFailures
        self.retries = retries
        self.cut = cut
        self.latency = latency
    }
}
