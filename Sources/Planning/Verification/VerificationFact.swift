package import Spec

/// What somebody who asked got to know.
package enum Answer<Value: Sendable & Hashable>: Sendable, Hashable {
    case got(Value)
    /// It was asked and did not answer as anything does that is well; why, as a clause.
    case failed(String)
    /// It could not be asked; why, as a clause.
    case unasked(String)
}

/// What an HTTP question was answered.
package struct HTTPGlance: Sendable, Hashable {
    package var status: Int
    package var body: String
    /// Why the front door itself answered, in its word; `nil` when a service did.
    package var ownReason: String?

    package init(status: Int, body: String = "", ownReason: String? = nil) {
        self.status = status
        self.body = body
        self.ownReason = ownReason
    }
}

/// The certificate that a front door shows.
package struct CertificateGlance: Sendable, Hashable {
    /// Whole days until its time is over; negative when it is.
    package var daysLeft: Int
    /// Why it is not trusted for the name that was asked; `nil` when it is.
    package var distrust: String?

    package init(daysLeft: Int, distrust: String? = nil) {
        self.daysLeft = daysLeft
        self.distrust = distrust
    }
}

/// What was measured of a service or resource over some time.
package struct VerificationMeasure: Sendable, Hashable {
    /// What the front door counted; `nil` for what takes no requests.
    package var traffic: Answer<ServiceSignals>?
    /// Processors in use on average, as a share of what the busiest replica may take; `nil` without a process.
    package var cpu: Answer<Double>?
    /// The most memory in use, as a share of what that replica may take; `nil` without a process.
    package var memory: Answer<Double>?
    /// What the shares are of: `1 processor`, `the machine's 8 processors`.
    package var cpuOf: String?
    package var memoryOf: String?
    package var ready: Int?
    package var restarts: Int?

    package init(
        traffic: Answer<ServiceSignals>? = nil, cpu: Answer<Double>? = nil, memory: Answer<Double>? = nil,
        cpuOf: String? = nil, memoryOf: String? = nil, ready: Int? = nil, restarts: Int? = nil
    ) {
        self.traffic = traffic
        self.cpu = cpu
        self.memory = memory
        self.cpuOf = cpuOf
        self.memoryOf = memoryOf
        self.ready = ready
        self.restarts = restarts
    }
}

/// One thing that was seen of a deployed platform, and when.
package struct VerificationFact: Sendable, Hashable {
    package enum Seen: Sendable, Hashable {
        case route(DesiredRoute, Answer<HTTPGlance>)
        /// Whether something took a connection where nothing may; `place` is `192.0.2.7:5432`.
        case closedPort(owner: String, place: String, Answer<Bool>)
        /// The answer of a database or cache to whoever uses it, in words.
        case resource(ResourceName, kind: String, Answer<String>)
        /// The status with which a replica says that it is ready.
        case api(ServiceName, replica: String, question: String, Answer<Int>)
        case metrics(ServiceName, replica: String, path: String, Answer<HTTPGlance>)
        /// The body of `GET /api/v1/targets?state=active` of a Prometheus.
        case targets(url: String, Answer<String>)
        /// Whether a handshake with exactly this version is accepted: `1.2`.
        case tls(version: String, Answer<Bool>)
        case certificate(host: String, Answer<CertificateGlance>)
        /// A smoke request; what its answer came to, in words, with the time to it.
        case smoke(SmokeRequest, Answer<String>)
        /// The first step of a flow that did not pass; the words of all that did.
        case flow(PlainName, step: String, Answer<String>)
        /// How long the control plane took to make an incident of an alert.
        case incident(Answer<Duration>)
        /// What `accept` asks for, by the name of a service or resource.
        case measures(over: Duration, Answer<[String: VerificationMeasure]>)
    }

    package var seen: Seen
    /// Seconds since 1970.
    package var at: Double
    package var took: Duration

    package init(_ seen: Seen, at: Double, took: Duration = .zero) {
        self.seen = seen
        self.at = at
        self.took = took
    }
}

extension SmokeRequest {
    /// Why an answer does not pass; `nil` when it does.
    package func refusal(status: Int, body: String) -> String? {
        if status != expectStatus { return "was answered \(status), expected \(expectStatus)" }
        if let text = expectBody, !body.contains(text) { return "was answered without '\(text)'" }
        return nil
    }

    /// With a word in the place of `${run}`.
    package func filled(run: String) -> SmokeRequest {
        func fill(_ text: String) -> String { text.replacing("${run}", with: run) }
        var request = self
        request.path = fill(path)
        request.headers = headers.mapValues(fill)
        request.body = body.map(fill)
        request.expectBody = expectBody.map(fill)
        return request
    }
}
