import Glibc
import World

/// The control plane as a process of its own.
package enum ControlPlaneProcess {
    /// Serves until SIGTERM or SIGINT.
    ///
    /// - Parameters:
    ///   - data: the folder of its store.
    ///   - report: told in a line what happens.
    ///   - starting: called once the store is this process's alone, before anybody can connect.
    ///   - listening: told the port; gives the address under which this machine reaches it.
    /// - Throws: `WorldError`
    package static func run(
        _ configuration: ControlPlaneConfiguration, data: String,
        remedies: any RemedyPerformer = NoRemedies(),
        report: @escaping @Sendable (String) -> Void = { _ in },
        starting: @Sendable () throws -> Void = {},
        listening: @Sendable (Int) throws -> String
    ) async throws {
        signal(SIGPIPE, SIG_IGN)
        let signals = SignalWatch.stream([SIGTERM, SIGINT])
        let store = try SQLiteStore(path: data + "/plane.sqlite")
        try starting()
        let plane = try await ControlPlane.start(configuration, store: store, remedies: remedies)
        do {
            let url = try listening(plane.port)
            report("listening on \(configuration.host):\(plane.port), data in \(data)")
            if let link = try await plane.openSetUp() {
                report("nobody can sign in yet; the first administrator comes by this link, good for a day:")
                report("  \(url)/set-up?token=\(link.exposed)")
            }
        } catch {
            await plane.stop()
            throw error
        }
        for await number in signals {
            report("stopping: signal \(number)")
            await plane.stop()
            report("stopped")
            break
        }
    }
}
