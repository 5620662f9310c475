import Glibc
import World

/// A role that stands before the one that decides, as a process of its own.
package enum RoleProcess {
    /// Serves until SIGTERM or SIGINT.
    ///
    /// - Parameter report: told in a line what happens.
    /// - Throws: `WorldError`
    package static func run(
        _ configuration: RoleConfiguration, report: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws {
        signal(SIGPIPE, SIG_IGN)
        let signals = SignalWatch.stream([SIGTERM, SIGINT])
        let server = try await RoleServer.start(configuration)
        let kept = configuration.role == .ingest ? ", spool in \(configuration.data)" : ""
        report(
            "role \(configuration.role.rawValue): listening on \(configuration.host):\(server.port), "
                + "plane at \(configuration.plane.url)\(kept)")
        for await number in signals {
            report("stopping: signal \(number)")
            await server.stop()
            report("stopped")
            break
        }
    }
}
