import Dispatch
import Glibc
import World

/// The control plane as a process of its own.
package enum ControlPlaneProcess {
    /// Serves until SIGTERM or SIGINT.
    ///
    /// - Parameters:
    ///   - data: the folder of its store.
    ///   - report: told in a line what happens.
    /// - Throws: `WorldError`
    package static func run(
        _ configuration: ControlPlaneConfiguration, data: String,
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws {
        signal(SIGPIPE, SIG_IGN)
        let (stops, stop) = AsyncStream.makeStream(of: Int32.self)
        let signals = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { stop.yield(number) }
            source.resume()
            return source
        }
        defer { for source in signals { source.cancel() } }
        let store = try SQLiteStore(path: data + "/plane.sqlite")
        let plane = try await ControlPlane.start(configuration, store: store)
        report("listening on \(configuration.host):\(plane.port), data in \(data)")
        for await number in stops {
            report("stopping: signal \(number)")
            await plane.stop()
            report("stopped")
            break
        }
    }
}
