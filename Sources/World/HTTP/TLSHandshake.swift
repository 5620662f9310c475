import AsyncHTTPClient
import Glibc
import NIOCore
import NIOSSL
import Synchronization

/// Shakes hands over TLS with a server, to learn which versions it takes and which certificate it shows.
package struct TLSHandshake: Sendable {
    package enum Version: String, Sendable, CaseIterable {
        case tls10 = "1.0"
        case tls11 = "1.1"
        case tls12 = "1.2"
        case tls13 = "1.3"
    }

    package enum Outcome: Sendable, Hashable {
        /// - Parameter notAfter: when the time of the server's certificate is over, in seconds since 1970.
        case accepted(notAfter: Int?)
        /// The server, or with `verifies` this client, did not go on; in a few words.
        case refused(String)
        /// No handshake began; in a few words.
        case unreachable(String)
    }

    /// The name in the certificate; it is also looked up, unless an address is given.
    package var host: String
    package var port: Int
    /// Where the server is, whatever its name is said to lead to.
    package var address: String?
    /// A file of certificates in PEM that may vouch for the server; the system's when nil.
    package var authorities: String?

    package init(host: String, port: Int, address: String? = nil, authorities: String? = nil) {
        self.host = host
        self.port = port
        self.address = address
        self.authorities = authorities
    }

    /// - Parameters:
    ///   - version: exactly this one is offered; all that are safe when nil.
    ///   - verifies: whether the certificate has to be trusted and to hold the name.
    package func attempt(_ version: Version? = nil, verifies: Bool = false, within deadline: Duration) async -> Outcome
    {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let version {
            tls.minimumTLSVersion = version.wire
            tls.maximumTLSVersion = version.wire
            // Old versions know none of the suites that clients offer by themselves.
            if version < .tls12 { tls.cipherSuites = "ALL" }
        }
        if verifies {
            if let authorities { tls.trustRoots = .file(authorities) }
        } else {
            tls.certificateVerification = .none
        }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        configuration.timeout.connect = .nanoseconds(Int64(deadline / .nanoseconds(1)))
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        if let address { configuration.dnsOverride[host] = address }
        let shown = Shown()
        // Called after the handshake and before the connection takes a request.
        configuration.http1_1ConnectionDebugInitializer = { channel in
            channel.nioSSL_peerCertificate().map { shown.take($0.map { Int($0.notValidAfter) }) }
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        var trouble = "no answer"
        do {
            let request = HTTPClientRequest(url: "https://\(host):\(port)/")
            _ = try await client.execute(request, timeout: .nanoseconds(Int64(deadline / .nanoseconds(1))))
        } catch {
            trouble = HTTPCaller.words(error)
        }
        try? await client.shutdown()
        // What came after the handshake is no matter here.
        if let seen = shown.value { return .accepted(notAfter: seen.notAfter) }
        let isAbsent = ["refused", "not known", "unreachable", "no route"].contains { trouble.contains($0) }
        let isLate = ["imeout", "deadline"].contains { trouble.contains($0) }
        return isAbsent || isLate ? .unreachable(trouble) : .refused(trouble)
    }

    /// What a handshake that ended well brought.
    private final class Shown: Sendable {
        struct Seen: Sendable { var notAfter: Int? }

        private let seen = Mutex<Seen?>(nil)

        var value: Seen? { seen.withLock { $0 } }

        func take(_ notAfter: Int?) { seen.withLock { $0 = Seen(notAfter: notAfter) } }
    }
}

extension TLSHandshake.Version: Comparable {
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    fileprivate var wire: TLSVersion {
        switch self {
        case .tls10: .tlsv1
        case .tls11: .tlsv11
        case .tls12: .tlsv12
        case .tls13: .tlsv13
        }
    }
}
