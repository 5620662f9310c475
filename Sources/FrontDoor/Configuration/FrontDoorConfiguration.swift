/// Everything that a front door needs to know to serve: where it listens, where a request goes, and within which bounds.
///
/// The JSON form is what the control API takes and what the state file holds. Unknown keys are ignored, so that an
/// older front door can read a newer file; a missing key takes its production default.
package struct FrontDoorConfiguration: Codable, Sendable, Hashable {
    /// Grows by at least one with each applied configuration; a smaller or equal one is refused as stale.
    package var generation: Int
    package var listeners: [Listener]
    package var routes: [Route]
    package var services: [String: Service]
    package var limits: Limits
    package var timeouts: Timeouts
    package var balance: Balance
    /// Asks the world to come back later, on every route.
    package var maintenance: Maintenance?
    /// Absolute path of a file that gets one JSON line a request; `nil` writes none.
    package var accessLog: String?
    /// Whether requests that end are counted and their latencies kept. Without, no release can be watched: it is there to
    /// measure what that costs (`make bench ONLY=watching`). Requests in flight are counted always, drains need them.
    package var metrics: Bool

    package init(
        generation: Int, listeners: [Listener] = [], routes: [Route] = [], services: [String: Service] = [:],
        limits: Limits = Limits(), timeouts: Timeouts = Timeouts(), balance: Balance = Balance(),
        maintenance: Maintenance? = nil, accessLog: String? = nil, metrics: Bool = true
    ) {
        self.generation = generation
        self.listeners = listeners
        self.routes = routes
        self.services = services
        self.limits = limits
        self.timeouts = timeouts
        self.balance = balance
        self.maintenance = maintenance
        self.accessLog = accessLog
        self.metrics = metrics
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        generation = try values.decode(Int.self, forKey: .generation)
        listeners = try values.decodeIfPresent([Listener].self, forKey: .listeners) ?? []
        routes = try values.decodeIfPresent([Route].self, forKey: .routes) ?? []
        services = try values.decodeIfPresent([String: Service].self, forKey: .services) ?? [:]
        limits = try values.decodeIfPresent(Limits.self, forKey: .limits) ?? Limits()
        timeouts = try values.decodeIfPresent(Timeouts.self, forKey: .timeouts) ?? Timeouts()
        balance = try values.decodeIfPresent(Balance.self, forKey: .balance) ?? Balance()
        maintenance = try values.decodeIfPresent(Maintenance.self, forKey: .maintenance)
        accessLog = try values.decodeIfPresent(String.self, forKey: .accessLog)
        metrics = try values.decodeIfPresent(Bool.self, forKey: .metrics) ?? true
    }
}

extension FrontDoorConfiguration {
    /// An address that the front door accepts connections on.
    package struct Listener: Codable, Sendable, Hashable {
        package var name: String
        /// An IP address of this machine, such as `127.0.0.1`, `0.0.0.0` or `::1`.
        package var host: String
        /// 0 lets the system choose; the configuration in force then names the chosen port.
        package var port: Int
        package var scope: Scope
        /// Whether the peer is trusted to have set `X-Forwarded-*` honestly: then they are kept and added to, else replaced.
        package var trustsForwarded: Bool
        /// `nil` speaks plain HTTP/1.
        package var tls: TLS?
        /// Sends everyone to https instead of serving.
        package var redirect: Redirect?
        /// Absolute path of a web root whose `.well-known/acme-challenge/` a certificate authority is answered from, before routes and
        /// before a redirect (RFC 8555 §8.3); `nil` answers none.
        package var challenges: String?

        /// - Parameter trustsForwarded: by default only listeners of a single service trust, since only services reach them.
        package init(
            name: String, host: String, port: Int, scope: Scope, trustsForwarded: Bool? = nil, tls: TLS? = nil,
            redirect: Redirect? = nil, challenges: String? = nil
        ) {
            self.name = name
            self.host = host
            self.port = port
            self.scope = scope
            self.trustsForwarded = trustsForwarded ?? (scope != .public)
            self.tls = tls
            self.redirect = redirect
            self.challenges = challenges
        }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            self.init(
                name: try values.decode(String.self, forKey: .name),
                host: try values.decodeIfPresent(String.self, forKey: .host) ?? "127.0.0.1",
                port: try values.decode(Int.self, forKey: .port),
                scope: try values.decodeIfPresent(Scope.self, forKey: .scope) ?? .public,
                trustsForwarded: try values.decodeIfPresent(Bool.self, forKey: .trustsForwarded),
                tls: try values.decodeIfPresent(TLS.self, forKey: .tls),
                redirect: try values.decodeIfPresent(Redirect.self, forKey: .redirect),
                challenges: try values.decodeIfPresent(String.self, forKey: .challenges))
        }
    }

    /// What a listener serves: the routes, or one service and nothing else. JSON: `"public"` or `{"service": "api"}`.
    package enum Scope: Codable, Sendable, Hashable {
        case `public`
        case service(String)

        private enum CodingKeys: String, CodingKey { case service }

        package init(from decoder: any Decoder) throws {
            if let word = try? decoder.singleValueContainer().decode(String.self) {
                guard word == "public" else {
                    throw DecodingError.dataCorrupted(
                        .init(
                            codingPath: decoder.codingPath,
                            debugDescription: "scope \"\(word)\" is neither \"public\" nor {\"service\": NAME}"))
                }
                self = .public
            } else {
                let values = try decoder.container(keyedBy: CodingKeys.self)
                self = .service(try values.decode(String.self, forKey: .service))
            }
        }

        package func encode(to encoder: any Encoder) throws {
            switch self {
            case .public:
                var value = encoder.singleValueContainer()
                try value.encode("public")
            case .service(let name):
                var values = encoder.container(keyedBy: CodingKeys.self)
                try values.encode(name, forKey: .service)
            }
        }
    }

    /// Sends the requests of a host and path to a service. The longest host that matches wins, then the longest path.
    package struct Route: Codable, Sendable, Hashable {
        /// Compared without case and without port; `nil` is any host.
        package var host: String?
        /// Matches whole segments: `/api` takes `/api` and `/api/x`, not `/apis`.
        package var path: String
        package var service: String
        /// Whether the service sees the path without `path`.
        package var stripPrefix: Bool
        /// Replaces the service's bound of request bodies on this route.
        package var maxBodyBytes: Int?
        /// Most requests of one client; `nil` limits nobody.
        package var rate: Rate?

        package init(
            host: String? = nil, path: String = "/", service: String, stripPrefix: Bool = false,
            maxBodyBytes: Int? = nil, rate: Rate? = nil
        ) {
            self.host = host
            self.path = path
            self.service = service
            self.stripPrefix = stripPrefix
            self.maxBodyBytes = maxBodyBytes
            self.rate = rate
        }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            host = try values.decodeIfPresent(String.self, forKey: .host)
            path = try values.decodeIfPresent(String.self, forKey: .path) ?? "/"
            service = try values.decode(String.self, forKey: .service)
            stripPrefix = try values.decodeIfPresent(Bool.self, forKey: .stripPrefix) ?? false
            maxBodyBytes = try values.decodeIfPresent(Int.self, forKey: .maxBodyBytes)
            rate = try values.decodeIfPresent(Rate.self, forKey: .rate)
        }
    }

    /// So many requests in so many seconds.
    package struct Rate: Codable, Sendable, Hashable {
        package var requests: Int
        package var perSeconds: Int
        /// Requests at once; `nil` is `requests`.
        package var burst: Int?

        package init(requests: Int, perSeconds: Int, burst: Int? = nil) {
            self.requests = requests
            self.perSeconds = perSeconds
            self.burst = burst
        }
    }
}
