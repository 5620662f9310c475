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
        var engine: ResponseEngine
        var tick: RepeatedTask
    }

    /// Reads what is stored and listens.
    ///
    /// - Parameters:
    ///   - courier: takes messages to their readers.
    ///   - remedies: does what runbooks and escalations ask for.
    ///   - random: from 0 to 1.
    /// - Throws: `WorldError`, of the store or with `bind-failed`.
    package static func start(
        _ configuration: ControlPlaneConfiguration, store: any Store, courier: any Courier = NoCourier(),
        remedies: any RemedyPerformer = NoRemedies(), keeper: Timekeeper = .live,
        random: @escaping @Sendable () -> Double = { .random(in: 0...1) }
    ) async throws -> ControlPlane {
        let stored = try await store.load()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let loop = group.next()
            let parts = try await loop.submit {
                let commits = CommitQueue(store: store, loop: loop)
                let clock = PlaneClock(keeper)
                let engine = ResponseEngine(
                    rules: configuration.rules, stored: stored.parts, commits: commits, courier: courier,
                    remedies: remedies, loop: loop, now: { clock.now }, random: random)
                return NIOLoopBound(make(configuration, engine, clock, loop), eventLoop: loop)
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
        _ configuration: ControlPlaneConfiguration, _ engine: ResponseEngine, _ clock: PlaneClock,
        _ loop: any EventLoop
    ) -> Parts {
        let now = { clock.now }
        let intake = AlertIntake(engine, limits: configuration.limits)
        let alertmanager = AlertmanagerAPI(
            configuration: configuration, loop: loop, engine: engine, intake: intake, now: now)
        let router = PlaneRouter(
            alertmanager: alertmanager, report: SelfReport(engine: engine, intake: intake, now: now))
        let server = APIServer(limits: configuration.limits) { router.handle($0, $1) }
        engine.resume()
        let ticking = NIOLoopBound((server, engine, intake), eventLoop: loop)
        let tick = loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            let (server, engine, intake) = ticking.value
            server.tick(.now())
            engine.tick()
            intake.tidy()
        }
        return Parts(server: server, engine: engine, tick: tick)
    }

    /// Takes an event of this process: a release, what somebody did.
    ///
    /// - Returns: why it was refused; `nil` when it is done and on disk.
    /// - Throws: `WorldError` when it cannot be written.
    @discardableResult
    package func submit(_ event: Event) async throws -> Refusal? {
        let parts = parts
        let promise = group.next().makePromise(of: Refusal?.self)
        group.next().execute {
            parts.value.engine.submit(event) { outcome in
                switch outcome {
                case .done: promise.succeed(nil)
                case .refused(let refusal): promise.succeed(refusal)
                case .unwritten(let error): promise.fail(error)
                }
            }
        }
        return try await promise.futureResult.get()
    }

    /// Everything that is known at this moment.
    package func state() async throws -> Responder {
        let parts = parts
        return try await group.next().submit { parts.value.engine.responder }.get()
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
            parts.value.engine.stop()
            return parts.value.engine.commits.whenIdle()
        }
        let cut = loop.scheduleTask(in: .nanoseconds(Int64(grace / .nanoseconds(1)))) {
            parts.value.server.closeAll()
            parts.value.engine.commits.giveUp()
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
