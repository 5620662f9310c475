import NIOCore
import NIOSSL
import Synchronization

/// One listener's certificates, as the next handshake gets them.
final class CertificateShelf: Sendable {
    private struct Contexts {
        var exact: [String: NIOSSLContext] = [:]
        /// By the name behind `*.`.
        var wildcard: [String: NIOSSLContext] = [:]
        var first: NIOSSLContext?
    }

    private let contexts = Mutex(Contexts())

    /// Finds a context: the exact name, then the wildcard for its first label, then the first certificate.
    ///
    /// A name that no certificate is for gets the first one too: the client judges it (RFC 6066 §3 allows both), and a
    /// health check by address still reaches the service.
    ///
    /// - Parameter name: what the client asked for (SNI, RFC 6066 §3).
    /// - Returns: `nil` when no certificate can be used.
    func context(for name: String?) -> NIOSSLContext? {
        contexts.withLock { contexts in
            guard let name = name?.lowercased() else { return contexts.first }
            if let context = contexts.exact[name] { return context }
            if let dot = name.firstIndex(of: "."),
                let context = contexts.wildcard[String(name[name.index(after: dot)...])]
            {
                return context
            }
            return contexts.first
        }
    }

    /// Replaces all contexts in one step. Earlier certificates win a name that two are for.
    func fill(_ pairs: [(pair: CertificatePair, names: [String])], _ tls: FrontDoorConfiguration.TLS) {
        var next = Contexts()
        for (pair, names) in pairs {
            guard let context = try? pair.context(minimum: tls.minimumVersion, http2: tls.http2) else { continue }
            if next.first == nil { next.first = context }
            for name in names.map({ $0.lowercased() }) {
                if name.hasPrefix("*.") {
                    let parent = String(name.dropFirst(2))
                    next.wildcard[parent] = next.wildcard[parent] ?? context
                } else {
                    next.exact[name] = next.exact[name] ?? context
                }
            }
        }
        let filled = next
        contexts.withLock { $0 = filled }
    }
}

/// What a listener over TLS needs for its connections and answers.
final class SecureListener: Sendable {
    let shelf: CertificateShelf
    /// Strict-Transport-Security with its line end, or nothing.
    let transportSecurity: ByteBuffer?

    init(shelf: CertificateShelf, tls: FrontDoorConfiguration.TLS) {
        self.shelf = shelf
        transportSecurity = tls.transportSecurity.map { ByteBuffer(string: $0.line) }
    }
}
