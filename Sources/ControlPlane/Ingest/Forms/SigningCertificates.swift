package import Response

/// Certificates that signatures are checked by, fetched once and kept for a while.
package struct SigningCertificates: Sendable {
    /// How many are kept: SNS has one for each region, and changes them rarely.
    static let most = 16
    static let keep = Duration.seconds(86_400)
    /// The longest that is taken; SNS's have about 2 KiB.
    static let bytes = 64 << 10

    private var known: [String: (pem: [UInt8], fetched: Moment)] = [:]

    package init() {}

    /// Keeps what was fetched from a URL that an outcome wanted.
    ///
    /// - Parameter pem: the body of the answer.
    package mutating func put(_ pem: [UInt8], from url: String, now: Moment) {
        guard pem.count <= Self.bytes else { return }
        known[url] = (pem, now)
        guard known.count > Self.most else { return }
        let oldest = known.min { ($0.value.fetched, $0.key) < ($1.value.fetched, $1.key) }
        if let oldest { known[oldest.key] = nil }
    }

    func valid(at now: Moment) -> [String: [UInt8]] {
        known.filter { $0.value.fetched + Self.keep > now }.mapValues(\.pem)
    }
}
