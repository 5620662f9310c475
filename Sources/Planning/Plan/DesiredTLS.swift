/// How the public routes are served over TLS.
package struct DesiredTLS: Hashable, Sendable {
    /// Where the certificate and its key come from.
    package enum Source: Hashable, Sendable {
        /// Two PEM files, by absolute paths.
        case files(certificate: String, key: String)
        /// An authority that is asked for one, and again before it ends.
        case order(CertificateOrder)
    }

    package var source: Source
    /// `1.2` or `1.3`.
    package var minimum: String
    /// Seconds that browsers come back over TLS only.
    package var hsts: Int
    /// Whether plain HTTP is sent to https instead of being served.
    package var redirect: Bool

    package init(source: Source, minimum: String, hsts: Int, redirect: Bool) {
        self.source = source
        self.minimum = minimum
        self.hsts = hsts
        self.redirect = redirect
    }

    package init(certificate: String, key: String, minimum: String, hsts: Int, redirect: Bool) {
        self.init(
            source: .files(certificate: certificate, key: key), minimum: minimum, hsts: hsts, redirect: redirect)
    }

    /// What an authority is asked for, if one is.
    package var order: CertificateOrder? {
        if case .order(let order) = source { order } else { nil }
    }

    /// A PEM file of certificates that vouch for what is served; nil trusts those that the system knows.
    package var authorities: String? {
        switch source {
        case .files(let certificate, _): certificate
        case .order(let order): order.root
        }
    }
}

/// One certificate for all host names of an environment, from an authority that speaks ACME (RFC 8555).
package struct CertificateOrder: Codable, Hashable, Sendable {
    /// Sorted, not empty.
    package var names: [String]
    /// The address of the authority's directory; Let's Encrypt's when nil.
    package var directory: String?
    /// Absolute path of a PEM file that vouches for the directory and for what it gives out; the system's when nil.
    package var root: String?
    /// Whom the authority writes to.
    package var email: String?

    package init(names: [String], directory: String? = nil, root: String? = nil, email: String? = nil) {
        self.names = names.sorted()
        self.directory = directory
        self.root = root
        self.email = email
    }

    /// Who is asked, for people.
    package var authority: String { directory ?? "Let's Encrypt" }

    /// Whether what the other was answered with serves this one too.
    package func isSatisfied(by other: CertificateOrder) -> Bool {
        names == other.names && directory == other.directory
    }
}

extension DesiredTLS: Codable {
    private enum Key: String, CodingKey { case certificate, key, order, minimum, hsts, redirect }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        let source: Source =
            if let order = try values.decodeIfPresent(CertificateOrder.self, forKey: .order) {
                .order(order)
            } else {
                .files(
                    certificate: try values.decode(String.self, forKey: .certificate),
                    key: try values.decode(String.self, forKey: .key))
            }
        self.init(
            source: source, minimum: try values.decode(String.self, forKey: .minimum),
            hsts: try values.decode(Int.self, forKey: .hsts), redirect: try values.decode(Bool.self, forKey: .redirect))
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        switch source {
        case .files(let certificate, let key):
            try values.encode(certificate, forKey: .certificate)
            try values.encode(key, forKey: .key)
        case .order(let order): try values.encode(order, forKey: .order)
        }
        try values.encode(minimum, forKey: .minimum)
        try values.encode(hsts, forKey: .hsts)
        try values.encode(redirect, forKey: .redirect)
    }
}
