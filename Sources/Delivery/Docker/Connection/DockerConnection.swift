import FoundationEssentials
import World

/// Connections to one engine, which stay open between calls.
final class DockerConnection: Sendable {
    let endpoint: DockerEndpoint
    /// What every URL begins with.
    let base: String
    let caller: HTTPCaller
    /// Only for engines behind SSH.
    private let tunnel: SSHTunnel?

    /// - Throws: `WorldError` for TLS files that cannot be used.
    init(_ endpoint: DockerEndpoint, environment: [String: String]) throws {
        self.endpoint = endpoint
        // Following logs and events takes a connection each for as long as it lasts.
        let limits = HTTPCaller.Limits(connecting: .seconds(10), idle: .seconds(15), connectionsPerServer: 64)
        switch endpoint {
        case .unix(let path):
            base = Self.base(path)
            caller = HTTPCaller(limits)
            tunnel = nil
        case .tcp(let host, let port, let tls):
            base = (tls == nil ? "http" : "https") + "://\(DockerEndpoint.bracketed(host)):\(port)"
            caller = HTTPCaller(
                limits, authorities: tls?.authority,
                identity: try tls.map { try ClientIdentity(certificate: $0.certificate, key: $0.key) })
            tunnel = nil
        case .ssh(let place):
            let tunnel = try SSHTunnel(place, environment: environment)
            base = Self.base(tunnel.socket)
            caller = HTTPCaller(limits)
            self.tunnel = tunnel
        }
    }

    /// A client must be closed before it goes, and nobody has a place to do so for a value that is passed around.
    deinit {
        let (caller, tunnel) = (caller, tunnel)
        Task {
            await caller.close()
            tunnel?.close()
        }
    }

    /// What the other end of a tunnel said, when that is why nobody answers.
    var complaint: String? { tunnel?.complaint }

    private static func base(_ path: String) -> String { "http+unix://" + PercentEncoding.encoded(path) }
}
