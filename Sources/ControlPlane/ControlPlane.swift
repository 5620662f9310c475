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
    private let caller: HTTPCaller
    /// The port that it listens on.
    package let port: Int

    private struct Parts {
        var server: APIServer
        var engine: ResponseEngine
        var accounts: AccountDesk
        var signals: SignalDesk
        var ticks: [RepeatedTask]
    }

    /// Reads what is stored and listens.
    ///
    /// - Parameters:
    ///   - courier: takes messages to their readers; by default what the configuration's channels say.
    ///   - remedies: does what runbooks and escalations ask for.
    ///   - random: from 0 to 1.
    /// - Throws: `WorldError`, of the store or with `bind-failed`.
    package static func start(
        _ configuration: ControlPlaneConfiguration, store: any Store, courier: (any Courier)? = nil,
        remedies: any RemedyPerformer = NoRemedies(), keeper: Timekeeper = .live,
        random: @escaping @Sendable () -> Double = { .random(in: 0...1) }
    ) async throws -> ControlPlane {
        let listener = try GuardedListener(
            host: configuration.host, port: configuration.port, hasTLS: configuration.tls != nil,
            proxy: configuration.proxy)
        let tls = try configuration.tls.map(ServerSocket.context)
        let stored = try await store.load()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let caller = HTTPCaller()
        do {
            let loop = group.next()
            let courier = courier ?? CourierBoard(configuration.channels, caller: caller, keeper: keeper)
            let parts = try await loop.submit {
                let commits = CommitQueue(store: store, loop: loop)
                let clock = PlaneClock(keeper)
                let engine = ResponseEngine(
                    rules: configuration.rules, stored: stored.parts, commits: commits, courier: courier,
                    remedies: remedies, loop: loop, now: { clock.now }, random: random)
                let authority = try Authority(stored.records, listener: listener)
                let audit = AuditDesk(stored, commits: commits, now: { clock.now })
                let accounts = AccountDesk(
                    authority, local: configuration.local, commits: commits, audit: audit, loop: loop,
                    now: { clock.now })
                return NIOLoopBound(
                    make(configuration, engine, accounts, audit, stored.records, listener, store, caller, clock, loop),
                    eventLoop: loop)
            }.get()
            let channel = try await ServerSocket(
                host: configuration.host, port: configuration.port, tls: tls
            ).listen(group) { parts.value.server }
            return ControlPlane(
                group: group, channel: channel, parts: parts, store: store, caller: caller,
                port: channel.localAddress?.port ?? configuration.port)
        } catch {
            await caller.close()
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private static func make(
        _ configuration: ControlPlaneConfiguration, _ engine: ResponseEngine, _ accounts: AccountDesk,
        _ audit: AuditDesk, _ records: [Record], _ listener: GuardedListener, _ store: any Store,
        _ caller: HTTPCaller, _ clock: PlaneClock, _ loop: any EventLoop
    ) -> Parts {
        let now = { clock.now }
        let live = LiveHub(loop: loop)
        engine.changed = { live.tell($0) }
        let intake = AlertIntake(engine, limits: configuration.limits)
        let deeds = DecidedDeeds(engine, limits: configuration.limits)
        let ingest = IngestService(
            keys: IntegrationKeys(records), limits: configuration.limits, sink: deeds, caller: caller, loop: loop,
            now: now, newID: configuration.newID)
        for integration in configuration.integrations {
            for record in ingest.change({ $0.declare(integration) }) { engine.commits.save(record) }
        }
        let report = SelfReport(
            engine: engine, intake: intake, live: live, role: configuration.inner == nil ? nil : .incidents, now: now)
        let signOfLife = configuration.signOfLife.map {
            SignOfLife($0, report: report, caller: caller, loop: loop)
        }
        let figures = FigureDesk(store: store, engine: engine, now: now)
        let signals = SignalDesk(configuration, loop: loop, now: now)
        signals.changed = { live.tell(topic: "signals") }
        let parts = PlaneRouter.Parts(
            alertmanager: AlertmanagerAPI(
                configuration: configuration, loop: loop, engine: engine, intake: intake, now: now),
            report: report, ingest: ingest,
            inbound: InboundService(
                settings: configuration.channels, engine: engine, caller: caller, now: now),
            accounts: accounts,
            api: APIService(
                engine: engine, accounts: accounts, audit: audit, ingest: ingest, store: store,
                figures: figures,
                signals: (configuration.services, signals), loop: loop, now: now, newID: configuration.newID),
            console: ConsoleService(
                .init(
                    engine: engine, accounts: accounts, audit: audit, ingest: ingest, report: report,
                    signOfLife: signOfLife, store: store, signals: signals, figures: figures),
                configuration: configuration, loop: loop, now: now))
        let inner = configuration.inner.map { token in
            InnerDoor(
                token: token, listener: listener,
                desk: InnerDesk(
                    engine: engine, ingest: ingest, deeds: deeds, accounts: accounts, spools: SpoolBook(records),
                    report: report, limits: configuration.limits, life: configuration.newID(), loop: loop, now: now),
                bodyBytes: configuration.limits.bodyBytes)
        }
        let router = PlaneRouter(
            parts, asksForKeys: !GuardedListener.isLoopback(configuration.host), inner: inner)
        var limits = configuration.limits
        // What an ingest role hands over in one go: one message at least, written in our own words.
        if inner != nil { limits.bodyBytes = limits.bodyBytes * 4 }
        let server = APIServer(limits: limits, live: live) { router.handle($0, $1, $2) }
        engine.resume()
        let ticking = NIOLoopBound((server, engine, signOfLife, signals), eventLoop: loop)
        let second = loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            let (server, engine, signOfLife, signals) = ticking.value
            server.tick(.now())
            engine.tick()
            signOfLife?.tick(.now())
            signals.tick(.now())
        }
        let sweeping = NIOLoopBound((accounts, ingest, live, figures, engine.commits), eventLoop: loop)
        let minute = loop.scheduleRepeatedTask(initialDelay: .seconds(15), delay: .seconds(15)) { _ in
            let (accounts, ingest, live, figures, commits) = sweeping.value
            accounts.sweep()
            for record in ingest.takeUsed() { commits.save(record) }
            live.beat()
            figures.warm()
        }
        return Parts(server: server, engine: engine, accounts: accounts, signals: signals, ticks: [second, minute])
    }

    /// The token of the one-time link by which the first administrator comes; `nil`: there is one.
    package func openSetUp() async throws -> Secret? {
        let parts = parts
        let promise = group.next().makePromise(of: Secret?.self)
        group.next().execute {
            let link = parts.value.accounts.openSetUp()
            parts.value.engine.commits.afterCommit { promise.completeWith($0.map { link }.mapError { $0 }) }
        }
        return try await promise.futureResult.get()
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

    /// Takes no more connections, answers what was asked, hears what providers say of what was sent, and closes.
    ///
    /// - Parameter grace: for what is under way.
    package func stop(grace: Duration = .seconds(5)) async {
        try? await channel.close()
        let parts = parts
        let loop = group.next()
        let answered = loop.flatSubmit {
            for tick in parts.value.ticks { tick.cancel() }
            parts.value.server.stop()
            let engine = parts.value.engine
            let signals = parts.value.signals.stop()
            return parts.value.accounts.stop().assumeIsolated().flatMap { engine.stop() }.flatMap { signals }
                .nonisolated()
        }
        let cut = loop.scheduleTask(in: .nanoseconds(Int64(grace / .nanoseconds(1)))) {
            parts.value.server.closeAll()
            parts.value.engine.giveUp()
        }
        try? await answered.get()
        cut.cancel()
        try? await loop.submit {
            parts.value.server.closeAll()
            parts.value.engine.close()
        }.get()
        await caller.close()
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
