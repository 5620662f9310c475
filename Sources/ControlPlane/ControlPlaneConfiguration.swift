package import Response
package import World

/// What a control plane is to do; it does not change while it runs.
package struct ControlPlaneConfiguration: Sendable {
    package var host = "127.0.0.1"
    /// 0 takes a free one.
    package var port = 0
    /// What is decided by.
    package var rules: Rulebook
    package var limits = IngestLimits()
    /// A certificate chain and its key, in PEM.
    package struct TLS: Sendable, Hashable {
        package var certificate: String
        package var key: String

        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// What it speaks TLS with; `nil`: it does not.
    package var tls: TLS?
    /// Senders that were declared; others are added by administrators.
    package var integrations: [Integration] = []
    /// The platform's services in the order in which they are shown.
    package var services: [String] = []
    /// Measures them; `nil`: nobody does.
    package var meter: (any ServiceMeter)?
    /// What users are promised of each of them.
    package var promises: [String: ServicePromise] = [:]
    package var signOfLife: SignOfLife.Settings?
    /// The proxy that speaks TLS before it, if one does.
    package var proxy: TrustedProxy?
    /// How people are told.
    package var channels = ChannelSettings()
    /// What programs of this machine show that can read our folder.
    package var local: Secret?
    /// What the other roles show: this process has the role `incidents` alone; `nil`: it has all of them.
    package var inner: Secret?
    /// The binary's version.
    package var version: String
    /// A new id: a UUID of version 4.
    package var newID: @Sendable () -> String

    package init(rules: Rulebook, version: String, newID: @escaping @Sendable () -> String) {
        self.rules = rules
        self.version = version
        self.newID = newID
    }
}
