package import Spec

/// What one environment of one platform should be: plain values, lowered from the platform's model, stored with each release.
///
/// Lists are kept sorted by name, so that equal states are equal values and print alike.
package struct DesiredState: Codable, Hashable, Sendable {
    package var platform: PlatformName
    package var environment: EnvironmentName
    /// What it runs on; nil, as in what older versions stored, is this machine.
    package var target: Environment.Target?
    package var services: [DesiredService]
    package var resources: [DesiredResource]
    package var routes: [DesiredRoute]
    /// How the routes are served over TLS; nil serves them in the clear.
    package var tls: DesiredTLS?
    package var watch: WatchSettings
    /// Asked in order after the watch, through the public routes.
    package var smoke: [SmokeRequest]
    package var limits: StepLimits

    package init(
        platform: PlatformName, environment: EnvironmentName, target: Environment.Target? = nil,
        services: [DesiredService] = [],
        resources: [DesiredResource] = [], routes: [DesiredRoute] = [], tls: DesiredTLS? = nil,
        watch: WatchSettings = WatchSettings(),
        smoke: [SmokeRequest] = [], limits: StepLimits = StepLimits()
    ) {
        self.platform = platform
        self.environment = environment
        self.target = target
        self.services = services.sorted { $0.name < $1.name }
        self.resources = resources.sorted { $0.name < $1.name }
        self.routes = routes.sorted()
        self.tls = tls
        self.watch = watch
        self.smoke = smoke
        self.limits = limits
    }

    /// The service of that name.
    package func service(_ name: ServiceName) -> DesiredService? { services.first { $0.name == name } }

    /// The resource of that name.
    package func resource(_ name: ResourceName) -> DesiredResource? { resources.first { $0.name == name } }
}

/// A data service that the platform needs, whose data outlives every release.
package struct DesiredResource: Codable, Hashable, Sendable {
    package var name: ResourceName
    /// As the language names it: `postgres`, `redis`, `bucket`, `topic`.
    package var kind: String
    package var version: String?
    package var extensions: [String]
    package var options: [String: String]
    /// Of everything else here; equal means unchanged.
    package var fingerprint: String
    /// Present where it runs in a container.
    package var container: DesiredStore?

    package init(
        name: ResourceName, kind: String, version: String? = nil, extensions: [String] = [],
        options: [String: String] = [:], fingerprint: String, container: DesiredStore? = nil
    ) {
        self.name = name
        self.kind = kind
        self.version = version
        self.extensions = extensions.sorted()
        self.options = options
        self.fingerprint = fingerprint
        self.container = container
    }
}

/// A public route of the front door.
package struct DesiredRoute: Codable, Hashable, Sendable, Comparable {
    /// Any host when nil.
    package var host: String?
    /// A prefix, cut at slashes; `/` takes what no longer prefix took.
    package var path: String
    package var service: ServiceName
    /// Whether the service sees the path without the prefix.
    package var stripPrefix: Bool
    /// Largest request body; the front door's own bound when nil.
    package var maxBodyBytes: Int?
    /// Most requests of one client.
    package var rate: Rate?

    package init(
        host: String? = nil, path: String, service: ServiceName, stripPrefix: Bool = false, maxBodyBytes: Int? = nil,
        rate: Rate? = nil
    ) {
        self.host = host
        self.path = path
        self.service = service
        self.stripPrefix = stripPrefix
        self.maxBodyBytes = maxBodyBytes
        self.rate = rate
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.host ?? "", left.path, left.service.text) < (right.host ?? "", right.path, right.service.text)
    }
}

/// How long a new release is looked at before it is kept, and what counts as knowing enough.
package struct WatchSettings: Codable, Hashable, Sendable {
    /// Zero skips the watch.
    package var window: Duration
    /// Time between two looks.
    package var interval: Duration
    /// Below it, the share of errors and the latencies say too little to be judged.
    package var minimumRequests: Int
    /// Data may be missing for this long; longer fails the release.
    package var patience: Duration
    /// The objective of a service that declares none, as a share of requests answered without a 5xx.
    package var defaultAvailability: Double

    package init(
        window: Duration = .seconds(30), interval: Duration = .seconds(1), minimumRequests: Int = 20,
        patience: Duration = .seconds(5), defaultAvailability: Double = 0.99
    ) {
        self.window = window
        self.interval = interval
        self.minimumRequests = minimumRequests
        self.patience = patience
        self.defaultAvailability = defaultAvailability
    }
}

/// The longest that kinds of steps may take; what has a per-service limit (gate, drain, stop) lies in the service.
package struct StepLimits: Codable, Hashable, Sendable {
    package var provision: Duration
    package var build: Duration
    package var migrate: Duration
    package var start: Duration
    /// Swaps of the front door and other short calls.
    package var call: Duration

    package init(
        provision: Duration = .seconds(180), build: Duration = .seconds(900), migrate: Duration = .seconds(600),
        start: Duration = .seconds(60), call: Duration = .seconds(15)
    ) {
        self.provision = provision
        self.build = build
        self.migrate = migrate
        self.start = start
        self.call = call
    }
}

/// One request that a new release must answer as expected.
package struct SmokeRequest: Codable, Hashable, Sendable {
    package var service: ServiceName
    package var method: String
    package var host: String?
    /// With the query; as a client of the public route writes it.
    package var path: String
    package var headers: [String: String]
    package var body: String?
    package var expectStatus: Int
    /// Text that the answer's body must hold.
    package var expectBody: String?
    package var timeout: Duration

    package init(
        service: ServiceName, method: String = "GET", host: String? = nil, path: String,
        headers: [String: String] = [:],
        body: String? = nil, expectStatus: Int = 200, expectBody: String? = nil, timeout: Duration = .seconds(10)
    ) {
        self.service = service
        self.method = method
        self.host = host
        self.path = path
        self.headers = headers
        self.body = body
        self.expectStatus = expectStatus
        self.expectBody = expectBody
        self.timeout = timeout
    }

    /// For messages: `POST /api/orders`.
    package var text: String { "\(method) \(path)" }
}
