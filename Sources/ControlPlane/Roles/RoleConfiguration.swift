package import Response
import World

/// What a role that stands before the one that decides is to do.
package struct RoleConfiguration: Sendable {
    package var role: PlaneRole
    package var host = "127.0.0.1"
    /// 0 takes a free one.
    package var port = 0
    package var tls: ControlPlaneConfiguration.TLS?
    package var proxy: TrustedProxy?
    package var plane: PlaneAddress
    package var limits = IngestLimits()
    /// Ingest's: the folder of its spool.
    package var data = ""
    /// Ingest's: bytes that may wait to be handed over; above it senders are told to come again.
    package var spoolBytes = 256 << 20
    /// Oncall's: what the platform's file says, so that it can stand in while nobody decides; `nil`: it cannot.
    package var rules: Rulebook?
    package var version: String
    /// A new id: a UUID of version 4.
    package var newID: @Sendable () -> String

    package init(role: PlaneRole, plane: PlaneAddress, version: String, newID: @escaping @Sendable () -> String) {
        self.role = role
        self.plane = plane
        self.version = version
        self.newID = newID
    }
}
