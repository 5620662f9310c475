extension FrontDoorConfiguration {
    /// Sizes and counts above which a request is refused.
    package struct Limits: Codable, Sendable, Hashable {
        /// Request line without its line end; above it 414.
        package var requestLineBytes: Int
        /// All header fields of a message together; above it 431.
        package var headerBytes: Int
        /// Above it 431.
        package var headerCount: Int
        /// Request body of a service that names no bound of its own; above it 413.
        package var bodyBytes: Int
        /// Client connections at once; above it a new one is answered 503 and closed.
        package var connections: Int
        /// Idle connections kept per replica and event loop.
        package var idleUpstreamConnections: Int
        /// Requests at once on one connection of HTTP/2; a stream above it is refused (RFC 9113 §5.1.2).
        package var concurrentStreams: Int
        /// Clients of limited routes that are remembered at once, 16 bytes each. Read when the front door starts.
        package var rateClients: Int
        /// The access log begins a new file above it.
        package var accessLogBytes: Int
        /// Files of the access log, the present one included; the oldest goes.
        package var accessLogFiles: Int

        package init(
            requestLineBytes: Int = 8 * 1024, headerBytes: Int = 32 * 1024, headerCount: Int = 100,
            bodyBytes: Int = 64 * 1024 * 1024, connections: Int = 8_000, idleUpstreamConnections: Int = 128,
            concurrentStreams: Int = 128,
            rateClients: Int = 65_536, accessLogBytes: Int = 16 * 1024 * 1024, accessLogFiles: Int = 5
        ) {
            self.requestLineBytes = requestLineBytes
            self.headerBytes = headerBytes
            self.headerCount = headerCount
            self.bodyBytes = bodyBytes
            self.connections = connections
            self.idleUpstreamConnections = idleUpstreamConnections
            self.concurrentStreams = concurrentStreams
            self.rateClients = rateClients
            self.accessLogBytes = accessLogBytes
            self.accessLogFiles = accessLogFiles
        }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            let standard = Limits()
            func value(_ key: CodingKeys, _ fallback: Int) throws -> Int {
                try values.decodeIfPresent(Int.self, forKey: key) ?? fallback
            }
            requestLineBytes = try value(.requestLineBytes, standard.requestLineBytes)
            headerBytes = try value(.headerBytes, standard.headerBytes)
            headerCount = try value(.headerCount, standard.headerCount)
            bodyBytes = try value(.bodyBytes, standard.bodyBytes)
            connections = try value(.connections, standard.connections)
            idleUpstreamConnections = try value(.idleUpstreamConnections, standard.idleUpstreamConnections)
            concurrentStreams = try value(.concurrentStreams, standard.concurrentStreams)
            rateClients = try value(.rateClients, standard.rateClients)
            accessLogBytes = try value(.accessLogBytes, standard.accessLogBytes)
            accessLogFiles = try value(.accessLogFiles, standard.accessLogFiles)
        }
    }

    /// How long the front door waits for whom. Measured with a resolution of 50 ms.
    package struct Timeouts: Codable, Sendable, Hashable {
        /// For a connection to one replica to come up.
        package var connectMilliseconds: Int
        /// From the request's last byte until the head of the answer; after it 504.
        package var responseHeaderMilliseconds: Int
        /// Between two bytes of a body, either way, and in a tunnel.
        package var idleMilliseconds: Int
        /// From the first byte of a request's head to its last; after it 408.
        package var headerReadMilliseconds: Int
        /// A client connection without a request.
        package var keepAliveMilliseconds: Int
        /// A pooled upstream connection without a request. Shorter than common servers keep theirs (gunicorn 2 s,
        /// uvicorn and node 5 s), so that a request seldom meets a connection that its server is closing.
        package var upstreamKeepAliveMilliseconds: Int
        /// After a release has left the configuration its requests have this long; what then remains is cut.
        package var drainMilliseconds: Int

        package init(
            connectMilliseconds: Int = 2_000, responseHeaderMilliseconds: Int = 60_000,
            idleMilliseconds: Int = 60_000, headerReadMilliseconds: Int = 10_000,
            keepAliveMilliseconds: Int = 75_000, upstreamKeepAliveMilliseconds: Int = 1_500,
            drainMilliseconds: Int = 30_000
        ) {
            self.connectMilliseconds = connectMilliseconds
            self.responseHeaderMilliseconds = responseHeaderMilliseconds
            self.idleMilliseconds = idleMilliseconds
            self.headerReadMilliseconds = headerReadMilliseconds
            self.keepAliveMilliseconds = keepAliveMilliseconds
            self.upstreamKeepAliveMilliseconds = upstreamKeepAliveMilliseconds
            self.drainMilliseconds = drainMilliseconds
        }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            let standard = Timeouts()
            func value(_ key: CodingKeys, _ fallback: Int) throws -> Int {
                try values.decodeIfPresent(Int.self, forKey: key) ?? fallback
            }
            connectMilliseconds = try value(.connectMilliseconds, standard.connectMilliseconds)
            responseHeaderMilliseconds = try value(.responseHeaderMilliseconds, standard.responseHeaderMilliseconds)
            idleMilliseconds = try value(.idleMilliseconds, standard.idleMilliseconds)
            headerReadMilliseconds = try value(.headerReadMilliseconds, standard.headerReadMilliseconds)
            keepAliveMilliseconds = try value(.keepAliveMilliseconds, standard.keepAliveMilliseconds)
            upstreamKeepAliveMilliseconds = try value(
                .upstreamKeepAliveMilliseconds, standard.upstreamKeepAliveMilliseconds)
            drainMilliseconds = try value(.drainMilliseconds, standard.drainMilliseconds)
        }
    }
}
