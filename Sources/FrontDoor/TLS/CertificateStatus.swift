/// How a certificate of the configuration is, as `GET /v1/health` tells it.
package struct CertificateStatus: Codable, Sendable, Hashable {
    /// Which certificate connections get.
    package enum State: String, Codable, Sendable {
        /// The one in the files.
        case current
        /// The one before: the files hold one that cannot be used.
        case kept
        /// None: there never was one that could be used.
        case missing
    }

    /// Path of the chain's file.
    package var certificate: String
    /// Path of the key's file.
    package var key: String
    /// Host names in the certificate.
    package var names: [String]
    /// When its time is over, RFC 3339.
    package var notAfter: String?
    /// Whole days until then.
    package var daysLeft: Int?
    package var state: State
    /// Why the files as they are now are not used.
    package var problem: String?
    package var warnings: [String]

    package init(
        certificate: String, key: String, names: [String], notAfter: String?, daysLeft: Int?, state: State,
        problem: String?, warnings: [String]
    ) {
        self.certificate = certificate
        self.key = key
        self.names = names
        self.notAfter = notAfter
        self.daysLeft = daysLeft
        self.state = state
        self.problem = problem
        self.warnings = warnings
    }
}
