package import NIOCore
import NIOPosix
import Synchronization

/// The way of a request through the front door on one event loop that the caller drives: the connections are any channels,
/// nothing listens, and no thread or timer runs.
///
/// For tests and fuzzing, where bytes must come in any order and any pieces. Serves one public listener; files of sites are
/// not served.
package final class LoopDoor {
    private let traffic: Traffic
    private let loop: LoopContext

    /// - Parameter dial: asked for a connection to a port, answers now or later with an active channel, or `nil` when the
    ///   port takes none.
    package init(
        _ configuration: FrontDoorConfiguration, eventLoop: any EventLoop, seed: UInt64,
        dial: @escaping (_ port: Int, _ answer: @escaping ((any Channel)?) -> Void) -> Void
    ) {
        let snapshot = Snapshot(
            configuration, version: 1, after: nil, draining: [], listenerNumbers: Self.numbers(configuration))
        traffic = Traffic(
            snapshot, rateClients: configuration.limits.rateClients, logThread: NIOThreadPool(numberOfThreads: 1))
        loop = LoopContext(
            eventLoop: eventLoop, traffic: traffic, files: FileReader(threads: NIOThreadPool(numberOfThreads: 1)),
            seed: seed)
        let loop = loop
        loop.dial = { [unowned loop] upstream, then in
            dial(upstream.runtime.upstream.port) { channel in
                guard let channel else {
                    then(.failure(ChannelError.connectTimeout(.zero)))
                    return
                }
                let connection = UpstreamConnection(upstream: upstream, loop: loop)
                then(Result { try channel.pipeline.syncOperations.addHandler(connection) }.map { connection })
            }
        }
    }

    private static func numbers(_ configuration: FrontDoorConfiguration) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: configuration.listeners.enumerated().map { ($0.element.name, $0.offset + 1) })
    }

    /// Makes a channel, not yet active, a client's connection.
    package func accept(_ channel: any Channel) throws {
        try channel.pipeline.syncOperations.addHandler(ClientConnection(loop: loop, listener: 1))
    }

    /// Puts another configuration in force, as a swap does.
    package func apply(_ configuration: FrontDoorConfiguration) {
        _ = traffic.swap(now: .now()) { previous, leaving in
            Snapshot(
                configuration, version: previous.version + 1, after: previous, draining: leaving,
                listenerNumbers: Self.numbers(configuration))
        }
        loop.refreshIfStale()
    }

    /// Ends what has waited too long by `now`.
    package func tick(now: NIODeadline) { loop.tick(now: now) }

    /// What is still counted: client connections, requests of releases, requests of replicas, connections in the loop's
    /// list. All are 0 once every connection has ended.
    package var held: [Int] {
        let runtimes = traffic.leaving.map(\.runtime) + traffic.snapshot.releases.map(\.runtime)
        let upstreams = traffic.snapshot.releases.flatMap(\.upstreams)
        return [
            traffic.connections.load(ordering: .relaxed),
            runtimes.reduce(0) { $0 + $1.inFlight.load(ordering: .relaxed) },
            upstreams.reduce(0) { $0 + $1.inFlight.load(ordering: .relaxed) }, loop.clients.count,
        ]
    }
}
