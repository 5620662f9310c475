extension FrontDoorConfiguration {
    /// How a listener speaks TLS.
    package struct TLS: Codable, Sendable, Hashable {
        /// The first one answers clients that name no host, or one that no certificate is for.
        package var certificates: [Certificate]
        package var minimumVersion: TLSVersion
        /// Whether HTTP/2 is offered beside HTTP/1.1 (ALPN, RFC 7301).
        package var http2: Bool
        /// What answers tell browsers about coming back over TLS only; `nil` tells nothing.
        package var transportSecurity: TransportSecurity?

        package init(
            certificates: [Certificate], minimumVersion: TLSVersion = .v12, http2: Bool = true,
            transportSecurity: TransportSecurity? = nil
        ) {
            self.certificates = certificates
            self.minimumVersion = minimumVersion
            self.http2 = http2
            self.transportSecurity = transportSecurity
        }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            certificates = try values.decode([Certificate].self, forKey: .certificates)
            minimumVersion = try values.decodeIfPresent(TLSVersion.self, forKey: .minimumVersion) ?? .v12
            http2 = try values.decodeIfPresent(Bool.self, forKey: .http2) ?? true
            transportSecurity = try values.decodeIfPresent(TransportSecurity.self, forKey: .transportSecurity)
        }
    }

    /// The least version of TLS that a listener speaks; older ones than 1.2 are never spoken (RFC 8996).
    package enum TLSVersion: String, Codable, Sendable, Hashable {
        case v12 = "1.2"
        case v13 = "1.3"
    }

    /// A certificate with its key, as files that are read again when they change.
    package struct Certificate: Codable, Sendable, Hashable {
        /// Absolute path of a PEM file: the certificate, then those that lead to its root.
        package var certificate: String
        /// Absolute path of a PEM file with the private key, not encrypted.
        package var key: String
        /// Host names that it answers for, `*.example.com` for one label; `nil` takes them from the certificate.
        package var names: [String]?

        package init(certificate: String, key: String, names: [String]? = nil) {
            self.certificate = certificate
            self.key = key
            self.names = names
        }
    }

    /// The field Strict-Transport-Security (RFC 6797 §6.1).
    package struct TransportSecurity: Codable, Sendable, Hashable {
        /// How long browsers remember; 0 makes them forget.
        package var maxAgeSeconds: Int
        package var includeSubDomains: Bool
        package var preload: Bool

        package init(maxAgeSeconds: Int = 31_536_000, includeSubDomains: Bool = false, preload: Bool = false) {
            self.maxAgeSeconds = maxAgeSeconds
            self.includeSubDomains = includeSubDomains
            self.preload = preload
        }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            let standard = TransportSecurity()
            maxAgeSeconds = try values.decodeIfPresent(Int.self, forKey: .maxAgeSeconds) ?? standard.maxAgeSeconds
            includeSubDomains = try values.decodeIfPresent(Bool.self, forKey: .includeSubDomains) ?? false
            preload = try values.decodeIfPresent(Bool.self, forKey: .preload) ?? false
        }

        var line: String {
            "Strict-Transport-Security: max-age=\(maxAgeSeconds)\(includeSubDomains ? "; includeSubDomains" : "")"
                + "\(preload ? "; preload" : "")\r\n"
        }
    }

    /// A listener that sends everyone to https instead of serving.
    package struct Redirect: Codable, Sendable, Hashable {
        /// Where https is served, as clients reach it; 443 is left out of the address.
        package var port: Int

        package init(port: Int = 443) { self.port = port }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            port = try values.decodeIfPresent(Int.self, forKey: .port) ?? 443
        }
    }
}

extension FrontDoorConfiguration.Listener {
    /// What makes TLS or a redirect unfit to serve.
    func transportProblems(_ label: String) -> [String] {
        var problems: [String] = []
        if tls != nil, redirect != nil { problems.append("\(label) has both tls and redirect") }
        if let redirect {
            if !(1...65_535).contains(redirect.port) {
                problems.append("\(label): redirect to port \(redirect.port), which is not between 1 and 65535")
            }
            if scope != .public { problems.append("\(label): only a public listener redirects") }
        }
        if let folder = challenges {
            if !folder.hasPrefix("/") {
                problems.append("\(label): challenges \"\(folder)\" is not an absolute path")
            }
            if scope != .public || tls != nil {
                problems.append("\(label): only a public listener without tls answers challenges")
            }
        }
        guard let tls else { return problems }
        if tls.certificates.isEmpty { problems.append("\(label): tls without a certificate") }
        for certificate in tls.certificates {
            for path in [certificate.certificate, certificate.key] where !path.hasPrefix("/") {
                problems.append("\(label): \"\(path)\" is not an absolute path")
            }
            if let names = certificate.names {
                if names.isEmpty { problems.append("\(label): certificate \(certificate.certificate) has no names") }
                for name in names where !Self.isName(name) {
                    problems.append("\(label): \"\(name)\" is neither a host name nor *. and a host name")
                }
            }
        }
        if let security = tls.transportSecurity, security.maxAgeSeconds < 0 {
            problems.append("\(label): maxAgeSeconds \(security.maxAgeSeconds) is negative")
        }
        return problems
    }

    private static func isName(_ name: String) -> Bool {
        let host = name.hasPrefix("*.") ? name.dropFirst(2) : name[...]
        return !host.isEmpty
            && host.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x2D || $0 == 0x2E
                    || $0 == 0x5F
            }
    }
}
