package import World

/// Where the control plane listens, and what protects what is said there; valid once made.
package struct GuardedListener: Sendable, Hashable {
    package let host: String
    package let port: Int
    /// It speaks TLS itself.
    package let hasTLS: Bool
    package let proxy: TrustedProxy?

    /// - Throws: `WorldError` with `listen-in-clear`, where passwords and tokens would cross a network as they are.
    package init(host: String, port: Int, hasTLS: Bool = false, proxy: TrustedProxy? = nil) throws(WorldError) {
        guard Self.isLoopback(host) || hasTLS || proxy != nil else {
            throw WorldError(
                code: "listen-in-clear", operation: "listen on \(host):\(port)",
                underlying: "others could read passwords and tokens on their way",
                hint: "Listen on 127.0.0.1, give a certificate, or declare the addresses of the proxy that speaks TLS.")
        }
        self.host = host
        self.port = port
        self.hasTLS = hasTLS
        self.proxy = proxy
    }

    /// The address under which this machine reaches what listens on a host.
    package static func reaches(itself host: String) -> String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: host
        }
    }

    static func isLoopback(_ host: String) -> Bool {
        host.lowercased() == "localhost" || IPAddress(host)?.isLoopback == true
    }

    /// Who sent a request, and whether anybody could listen.
    package func client(of request: APIRequest) -> Client {
        if let hop = request.via { return hop.client }
        let peer = IPAddress(request.peer)
        if let proxy, let peer, proxy.contains(peer) {
            let address = proxy.client(peer: peer, forwarded: request.field("x-forwarded-for"))
            // A proxy that is declared and says nothing speaks TLS: that is what declaring one means.
            let said = Self.last(request.field("x-forwarded-proto"))?.lowercased() ?? "https"
            return Client(
                address: address.description, neighbourhood: address.neighbourhood.description,
                isSecure: said == "https", isLocal: false,
                host: Self.last(request.field("x-forwarded-host")) ?? request.field("host"))
        }
        return Client(
            address: peer?.description ?? request.peer, neighbourhood: peer?.neighbourhood.description ?? request.peer,
            isSecure: hasTLS, isLocal: peer?.isLoopback ?? Self.isLoopback(host), host: request.field("host"))
    }

    private static func last(_ list: String?) -> String? {
        list?.split(separator: ",").last.map { $0.filter { $0 != " " && $0 != "\t" } }
    }
}

/// Who sent a request, as far as the network shows it.
package struct Client: Sendable, Hashable, Codable {
    package var address: String
    /// What is counted as one when sign-ins fail.
    var neighbourhood: String
    /// Over TLS, up to us or to the declared proxy.
    package var isSecure: Bool
    /// From this machine, without a proxy between.
    var isLocal: Bool
    /// What the browser calls us: the `Host` field, or what the proxy says that it was.
    var host: String?

    /// Our own origin as this client sees it (RFC 6454 §6.2).
    package var origin: String? { host.map { (isSecure ? "https://" : "http://") + $0.lowercased() } }

    /// Nobody else hears what is said.
    package var isPrivate: Bool { isSecure || isLocal }
}

/// Proxies whose word about the client is taken.
package struct TrustedProxy: Sendable, Hashable {
    private let networks: [IPNetwork]

    /// - Throws: `WorldError` with `proxy-unreadable` for what is no address and no network, and where there is none.
    package init(_ texts: [String]) throws(WorldError) {
        var networks: [IPNetwork] = []
        for text in texts {
            guard let network = IPNetwork(text) else {
                throw WorldError(
                    code: "proxy-unreadable", operation: "trust the proxy \(text)",
                    underlying: "that is neither an address nor a network",
                    hint: "Give it as 10.0.0.7 or 10.0.0.0/24.")
            }
            networks.append(network)
        }
        guard !networks.isEmpty else {
            throw WorldError(
                code: "proxy-unreadable", operation: "trust a proxy", underlying: "no address is given",
                hint: "Give it as 10.0.0.7 or 10.0.0.0/24.")
        }
        self.networks = networks
    }

    func contains(_ address: IPAddress) -> Bool { networks.contains { $0.contains(address) } }

    /// The last address of `X-Forwarded-For` that is not a trusted proxy's: what stands before it anybody can write.
    func client(peer: IPAddress, forwarded: String?) -> IPAddress {
        var client = peer
        for part in (forwarded ?? "").split(separator: ",").reversed() {
            guard contains(client), let address = IPAddress(part.filter { $0 != " " && $0 != "\t" }) else { break }
            client = address
        }
        return client
    }
}
