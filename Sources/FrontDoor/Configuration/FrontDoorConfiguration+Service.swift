extension FrontDoorConfiguration {
    /// A service and the releases that answer for it now.
    package struct Service: Codable, Sendable, Hashable {
        /// In an ordinary state one; during a canary two. None answers 503.
        package var releases: [ReleaseTarget]
        /// How clients are told apart while a new release takes a share; `nil` shares each request out by weight alone.
        package var canary: Canary?
        /// Replaces the configuration's `limits.bodyBytes` for this service.
        package var maxBodyBytes: Int?
        /// Replaces the configuration's `timeouts.responseHeaderMilliseconds` for this service.
        package var responseHeaderMilliseconds: Int?
        /// Whether an idempotent request without a body that met a dead connection is sent once more.
        package var retriesDeadConnection: Bool
        /// Asks the world to come back later; concerns the routes, not the service's own listener.
        package var maintenance: Maintenance?

        package init(
            releases: [ReleaseTarget], canary: Canary? = nil, maxBodyBytes: Int? = nil,
            responseHeaderMilliseconds: Int? = nil, retriesDeadConnection: Bool = true,
            maintenance: Maintenance? = nil
        ) {
            self.releases = releases
            self.canary = canary
            self.maxBodyBytes = maxBodyBytes
            self.responseHeaderMilliseconds = responseHeaderMilliseconds
            self.retriesDeadConnection = retriesDeadConnection
            self.maintenance = maintenance
        }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            releases = try values.decodeIfPresent([ReleaseTarget].self, forKey: .releases) ?? []
            canary = try values.decodeIfPresent(Canary.self, forKey: .canary)
            maxBodyBytes = try values.decodeIfPresent(Int.self, forKey: .maxBodyBytes)
            responseHeaderMilliseconds = try values.decodeIfPresent(Int.self, forKey: .responseHeaderMilliseconds)
            retriesDeadConnection = try values.decodeIfPresent(Bool.self, forKey: .retriesDeadConnection) ?? true
            maintenance = try values.decodeIfPresent(Maintenance.self, forKey: .maintenance)
        }
    }

    /// One release of a service: replicas to forward to, or a folder to serve.
    package struct ReleaseTarget: Codable, Sendable, Hashable {
        package var release: String
        /// Share of the requests relative to the service's other releases; 0 takes none.
        package var weight: Int
        package var upstreams: [Upstream]
        /// Where its replicas are found once they have moved; until a first answer they are `upstreams`.
        package var lookup: Lookup?
        package var site: Site?
        /// Takes no share of the requests, but those that no replica of the chosen release takes a connection for: the release
        /// before one that is still being watched.
        package var standsIn: Bool

        package init(
            release: String, weight: Int = 100, upstreams: [Upstream] = [], lookup: Lookup? = nil, site: Site? = nil,
            standsIn: Bool = false
        ) {
            self.release = release
            self.weight = weight
            self.upstreams = upstreams
            self.lookup = lookup
            self.site = site
            self.standsIn = standsIn
        }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            release = try values.decode(String.self, forKey: .release)
            weight = try values.decodeIfPresent(Int.self, forKey: .weight) ?? 100
            upstreams = try values.decodeIfPresent([Upstream].self, forKey: .upstreams) ?? []
            lookup = try values.decodeIfPresent(Lookup.self, forKey: .lookup)
            site = try values.decodeIfPresent(Site.self, forKey: .site)
            standsIn = try values.decodeIfPresent(Bool.self, forKey: .standsIn) ?? false
        }
    }

    /// Where one replica of a release listens.
    package struct Upstream: Codable, Sendable, Hashable {
        package var host: String
        package var port: Int
        package var replica: String

        package init(host: String = "127.0.0.1", port: Int, replica: String) {
            self.host = host
            self.port = port
            self.replica = replica
        }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            host = try values.decodeIfPresent(String.self, forKey: .host) ?? "127.0.0.1"
            port = try values.decode(Int.self, forKey: .port)
            replica = try values.decodeIfPresent(String.self, forKey: .replica) ?? "0"
        }
    }

    /// A folder of static files.
    package struct Site: Codable, Sendable, Hashable {
        /// Absolute path of the folder.
        package var root: String
        package var index: String
        /// A file, relative to `root`, that answers every path without a file and without an extension (single-page apps).
        package var fallback: String?
        /// Whether `FILE.br` and `FILE.gz` beside a file are sent to clients that accept them.
        package var precompressed: Bool

        package init(
            root: String, index: String = "index.html", fallback: String? = nil, precompressed: Bool = true
        ) {
            self.root = root
            self.index = index
            self.fallback = fallback
            self.precompressed = precompressed
        }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            root = try values.decode(String.self, forKey: .root)
            index = try values.decodeIfPresent(String.self, forKey: .index) ?? "index.html"
            fallback = try values.decodeIfPresent(String.self, forKey: .fallback)
            precompressed = try values.decodeIfPresent(Bool.self, forKey: .precompressed) ?? true
        }
    }
}
