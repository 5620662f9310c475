/// The limit of one route as its requests meet it.
struct RouteLimit: Sendable {
    let rate: FrontDoorConfiguration.Rate
    let limit: RateLimit
    /// Which route, in the keys of the table: the same after a new configuration, so that a release resets nobody.
    private let route: Int

    init(_ rate: FrontDoorConfiguration.Rate, host: String?, path: String) {
        self.rate = rate
        limit = RateLimit(rate)
        var hasher = Hasher()
        hasher.combine(host)
        hasher.combine(path)
        route = hasher.finalize()
    }

    func key(of client: ClientAddress?) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(route)
        hasher.combine(client)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}

/// Why a request was refused, and when it would not be.
struct RateRefusal {
    let rate: FrontDoorConfiguration.Rate
    let nanoseconds: UInt64

    /// Until a request is admitted again, at least 1.
    var seconds: Int { max(1, Int((nanoseconds + 999_999_999) / 1_000_000_000)) }

    /// The fields of draft-ietf-httpapi-ratelimit-headers-09, §3 and §4.
    var fields: String {
        "RateLimit-Policy: \"client\";q=\(rate.requests);w=\(rate.perSeconds)\r\n"
            + "RateLimit: \"client\";r=0;t=\(seconds)\r\n"
    }
}
