import FoundationEssentials
import World

/// Where a Docker Engine listens.
package enum DockerEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// An absolute path.
    case unix(path: String)
    case tcp(host: String, port: Int, tls: TLSFiles?)
    /// Through `docker system dial-stdio` on the other side, as Docker's own command line does.
    case ssh(SSHPlace)

    /// PEM files by which both sides know each other.
    package struct TLSFiles: Sendable, Hashable {
        package var authority: String
        package var certificate: String
        package var key: String

        package init(authority: String, certificate: String, key: String) {
            self.authority = authority
            self.certificate = certificate
            self.key = key
        }

        /// The three files of a folder, with the names that Docker gives them.
        package init(folder: String) {
            self.init(authority: folder + "/ca.pem", certificate: folder + "/cert.pem", key: folder + "/key.pem")
        }
    }

    /// A server that is reached over SSH.
    package struct SSHPlace: Sendable, Hashable {
        package var user: String?
        package var host: String
        package var port: Int?

        package init(user: String? = nil, host: String, port: Int? = nil) {
            self.user = user
            self.host = host
            self.port = port
        }
    }

    /// Where an engine listens when nobody says otherwise.
    package static var standard: DockerEndpoint { .unix(path: "/var/run/docker.sock") }

    /// Reads an address as `DOCKER_HOST` holds it: `unix:///run/docker.sock`, `tcp://host:2376`, `ssh://user@host:22`.
    ///
    /// - Parameter tls: the files for `tcp`; without them it is spoken in the clear, which only this machine may.
    /// - Throws: `WorldError`: `docker-address`, `docker-insecure`.
    package init(_ address: String, tls: TLSFiles? = nil) throws {
        guard let mark = address.firstRange(of: "://") else { throw Self.refusal(of: address, "it has no scheme") }
        let rest = String(address[mark.upperBound...])
        switch address[..<mark.lowerBound] {
        case "unix":
            guard rest.hasPrefix("/"), !rest.contains("\0") else {
                throw Self.refusal(of: address, "the socket's path is not absolute")
            }
            self = .unix(path: rest)
        case "tcp":
            let place = try Self.place(rest, in: address)
            guard place.user == nil else { throw Self.refusal(of: address, "it names a user") }
            guard tls != nil || Self.isHere(place.host) else {
                throw WorldError(
                    code: "docker-insecure", operation: "use the Docker Engine at \(address)",
                    underlying: "who can reach it unencrypted owns that server, and whoever listens owns it too",
                    hint: "Set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, or use ssh://USER@\(place.host).")
            }
            self = .tcp(host: place.host, port: place.port ?? (tls == nil ? 2375 : 2376), tls: tls)
        case "ssh": self = .ssh(try Self.place(rest, in: address))
        default: throw Self.refusal(of: address, "its scheme is none of unix, tcp and ssh")
        }
    }

    /// Whether files of this machine are files of the engine's machine.
    package var isHere: Bool {
        if case .unix = self { true } else { false }
    }

    package var description: String {
        switch self {
        case .unix(let path): "unix://\(path)"
        case .tcp(let host, let port, _): "tcp://\(Self.bracketed(host)):\(port)"
        case .ssh(let place):
            "ssh://" + (place.user.map { $0 + "@" } ?? "") + Self.bracketed(place.host)
                + (place.port.map { ":\($0)" } ?? "")
        }
    }

    /// `[::1]`, but `example.org`.
    static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

    private static func isHere(_ host: String) -> Bool { ["localhost", "127.0.0.1", "::1"].contains(host) }

    private static func place(_ text: String, in address: String) throws -> SSHPlace {
        var rest = Substring(text)
        while rest.hasSuffix("/") { rest = rest.dropLast() }
        var place = SSHPlace(host: "")
        if let at = rest.lastIndex(of: "@") {
            place.user = String(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        var port: Substring?
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            place.host = String(rest[rest.index(after: rest.startIndex)..<end])
            let behind = rest[rest.index(after: end)...]
            guard behind.isEmpty || behind.hasPrefix(":") else { throw refusal(of: address, "text follows its host") }
            port = behind.isEmpty ? nil : behind.dropFirst()
        } else if let colon = rest.firstIndex(of: ":") {
            place.host = String(rest[..<colon])
            port = rest[rest.index(after: colon)...]
        } else {
            place.host = String(rest)
        }
        if let port {
            guard let number = Int(port), (1...65535).contains(number) else {
                throw refusal(of: address, "its port is none")
            }
            place.port = number
        }
        // These become words of a command line, where a leading `-` would be an option of ssh's.
        for word in [place.host, place.user].compactMap({ $0 }) {
            let isPlain = word.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || "._-:%".unicodeScalars.contains($0))
            }
            guard !word.isEmpty, !word.hasPrefix("-"), isPlain else {
                throw refusal(of: address, "its host or user is no name")
            }
        }
        return place
    }

    private static func refusal(of address: String, _ reason: String) -> WorldError {
        WorldError(
            code: "docker-address", operation: "use the Docker Engine at \(Printable.text(address))",
            underlying: reason,
            hint: "Write unix:///var/run/docker.sock, tcp://HOST:2376 with DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, "
                + "or ssh://USER@HOST.")
    }
}
