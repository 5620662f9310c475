import FoundationEssentials
import FrontDoor
import NIOCore
import NIOPosix
package import Response
package import World

/// Alerts in, kept and shown: what `hauban serve` runs.
///
/// One event loop holds all state and decides; the store writes on a thread of its own, and long lists are written down on
/// others. One loop took 78,000 to 96,000 single-alert requests a second on a machine of two cores, more than two loops with a
/// lock between them.
package struct ControlPlane: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    private let parts: NIOLoopBound<Parts>
    private let store: any Store
    /// The port that it listens on.
    package let port: Int

    private struct Parts {
        var server: APIServer
        var api: AlertmanagerAPI
        var commits: CommitQueue
        var tick: RepeatedTask
    }

    /// Reads what is stored and listens.
    ///
    /// - Throws: `WorldError`, of the store or with `bind-failed`.
    package static func start(
        _ configuration: ControlPlaneConfiguration, store: any Store, keeper: Timekeeper = .live
    ) async throws -> ControlPlane {
        let stored = try await store.load()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let loop = group.next()
            let parts = try await loop.submit {
                NIOLoopBound(make(configuration, stored, store, keeper, loop), eventLoop: loop)
            }.get()
            let channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 1024)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelOption(.maxMessagesPerRead, value: 64)
                .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
                .childChannelOption(.maxMessagesPerRead, value: 4)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(APIConnection(server: parts.value.server))
                    }
                }
                .bind(host: configuration.host, port: configuration.port).get()
            return ControlPlane(
                group: group, channel: channel, parts: parts, store: store,
                port: channel.localAddress?.port ?? configuration.port)
        } catch {
            try? await group.shutdownGracefully()
            throw WorldError(
                code: "bind-failed", operation: "listen on \(configuration.host):\(configuration.port)",
                underlying: "\(error)", hint: "Give another address with --listen, or end what listens there.")
        }
    }

    private static func make(
        _ configuration: ControlPlaneConfiguration, _ stored: [Part], _ store: any Store, _ keeper: Timekeeper,
        _ loop: any EventLoop
    ) -> Parts {
        let now = { Moment(keeper) }
        let commits = CommitQueue(store: store, loop: loop)
        let intake = AlertIntake(
            stored.compactMap { if case .alert(let alert) = $0 { alert } else { nil } }, limits: configuration.limits,
            resolveTimeout: configuration.resolveTimeout, keepOver: configuration.keepOverAlerts, commits: commits,
            now: now())
        commits.stored = { [unowned intake] in intake.book.alerts[$0] }
        let api = AlertmanagerAPI(
            configuration: configuration, loop: loop, intake: intake, commits: commits,
            silences: SilenceBook(stored.compactMap { if case .silence(let silence) = $0 { silence } else { nil } }),
            version: configuration.version, now: now)
        let server = APIServer(limits: configuration.limits) { api.handle($0, $1) }
        let ticking = NIOLoopBound((server, api), eventLoop: loop)
        let tick = loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            let (server, api) = ticking.value
            server.tick(.now())
            api.tick()
        }
        return Parts(server: server, api: api, commits: commits, tick: tick)
    }

    /// Takes no more connections, answers what was asked, and closes.
    ///
    /// - Parameter grace: for requests that are under way.
    package func stop(grace: Duration = .seconds(5)) async {
        try? await channel.close()
        let parts = parts
        let loop = group.next()
        let answered = loop.flatSubmit {
            parts.value.tick.cancel()
            parts.value.server.stop()
            return parts.value.commits.whenIdle()
        }
        let cut = loop.scheduleTask(in: .nanoseconds(Int64(grace / .nanoseconds(1)))) {
            parts.value.server.closeAll()
            parts.value.commits.giveUp()
        }
        try? await answered.get()
        cut.cancel()
        try? await loop.submit { parts.value.server.closeAll() }.get()
        try? await group.shutdownGracefully()
        await store.close()
    }
}

extension Moment {
    /// The calendar's time, to the millisecond.
    package init(_ keeper: Timekeeper) {
        self.init(milliseconds: Int((keeper.date().timeIntervalSince1970 * 1000).rounded(.down)))
    }
}
