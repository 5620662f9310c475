import Response

/// What a control plane is to do; it does not change while it runs.
package struct ControlPlaneConfiguration: Sendable {
    package var host = "127.0.0.1"
    /// 0 takes a free one.
    package var port = 0
    package var routing: Routing
    /// How long an alert without an end fires after it was last told.
    package var resolveTimeout = Duration.seconds(300)
    /// How long ended alerts are known; Alertmanager's garbage collection runs as often.
    package var keepOverAlerts = Duration.seconds(1800)
    /// How long ended silences are known (Alertmanager's `--data.retention`).
    package var keepOverSilences = Duration.seconds(120 * 3600)
    package var limits = IngestLimits()
    /// The binary's version.
    package var version: String
    /// A new id: a UUID of version 4.
    package var newID: @Sendable () -> String

    package init(routing: Routing, version: String, newID: @escaping @Sendable () -> String) {
        self.routing = routing
        self.version = version
        self.newID = newID
    }
}
