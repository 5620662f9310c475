import NIOCore
import NIOPosix
import Response
package import World

/// A role that stands before the one that decides, as it runs.
package struct RoleServer: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    private let parts: NIOLoopBound<Parts>
    private let link: PlaneLink
    private let caller: HTTPCaller
    private let file: SpoolFile?
    private let handOver: HandOver?
    private let handing: Task<Void, Never>?
    /// The port that it listens on.
    package let port: Int

    private struct Parts {
        var server: APIServer
        var front: RoleFront
        var spool: Spool?
        var ticks: [RepeatedTask]
    }

    /// Opens what it keeps, and listens; it does not wait for the role that decides.
    ///
    /// - Throws: `WorldError`: of the spool, `listen-in-clear`, `certificate-invalid`, `bind-failed`.
    package static func start(
        _ configuration: RoleConfiguration, keeper: Timekeeper = .live
    ) async throws -> RoleServer {
        let listener = try GuardedListener(
            host: configuration.host, port: configuration.port, hasTLS: configuration.tls != nil,
            proxy: configuration.proxy)
        let tls = try configuration.tls.map(ServerSocket.context)
        let file =
            configuration.role == .ingest
            ? try SpoolFile(path: configuration.data + "/spool.sqlite", newID: configuration.newID) : nil
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let link = PlaneLink(configuration.plane)
        let caller = HTTPCaller()
        let spooling = NIOLoopBoundBox.makeEmptyBox(valueType: Spool.self, eventLoop: loop)
        let handOver = file.map { file in
            HandOver(file, link, keeper: keeper, newID: configuration.newID) { entries, bytes in
                loop.execute { spooling.value?.handedOver(entries, bytes: bytes) }
            }
        }
        do {
            let parts = try await loop.submit {
                let clock = PlaneClock(keeper)
                let front = RoleFront(configuration, listener, link, loop: loop, now: { clock.now })
                let parts = make(configuration, front, file, handOver, caller, clock, loop)
                spooling.value = parts.spool
                return NIOLoopBound(parts, eventLoop: loop)
            }.get()
            let channel = try await ServerSocket(
                host: configuration.host, port: configuration.port, tls: tls
            ).listen(group) { parts.value.server }
            return RoleServer(
                group: group, channel: channel, parts: parts, link: link, caller: caller, file: file,
                handOver: handOver, handing: handOver.map { handOver in Task { await handOver.run() } },
                port: channel.localAddress?.port ?? configuration.port)
        } catch {
            file?.close()
            await link.close()
            await caller.close()
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private static func make(
        _ configuration: RoleConfiguration, _ front: RoleFront, _ file: SpoolFile?, _ handOver: HandOver?,
        _ caller: HTTPCaller, _ clock: PlaneClock, _ loop: any EventLoop
    ) -> Parts {
        let now = { clock.now }
        let live = LiveHub(loop: loop)
        let server: APIServer
        let spool: Spool?
        let ask: () -> Void
        if let file, let handOver {
            let own = Spool(file, limit: configuration.spoolBytes, loop: loop)
            own.written = { handOver.wake() }
            let role = IngestRole(
                configuration, front: front, spool: own, handOver: handOver, caller: caller, now: now)
            server = APIServer(limits: configuration.limits, live: live) { role.handle($0, $1, $2) }
            ask = { role.tick() }
            spool = own
        } else {
            let role = SurfaceRole(configuration, front: front, now: now)
            server = APIServer(limits: configuration.limits, live: live) { role.handle($0, $1, $2) }
            ask = { role.tick() }
            spool = nil
        }
        ask()
        let ticking = NIOLoopBound((server, ask), eventLoop: loop)
        let second = loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            let (server, ask) = ticking.value
            server.tick(.now())
            ask()
        }
        return Parts(server: server, front: front, spool: spool, ticks: [second])
    }

    /// Takes no more connections, answers what was asked, hands over what it can, and closes.
    ///
    /// - Parameter grace: for what is under way.
    package func stop(grace: Duration = .seconds(5)) async {
        try? await channel.close()
        let parts = parts
        let loop = group.next()
        let end = ContinuousClock.now + grace
        try? await loop.flatSubmit {
            for tick in parts.value.ticks { tick.cancel() }
            parts.value.server.stop()
            return parts.value.spool?.whenIdle() ?? loop.makeSucceededVoidFuture()
        }.get()
        if let handOver {
            // What is left is handed over by the next start.
            while await !handOver.isDone(), handOver.standing.trouble == nil, ContinuousClock.now < end {
                handOver.wake()
                try? await Task.sleep(for: .milliseconds(20))
            }
            handing?.cancel()
            await handing?.value
        }
        try? await loop.submit { parts.value.server.closeAll() }.get()
        await link.close()
        await caller.close()
        // What was broken off comes back once more.
        let last = ContinuousClock.now + .seconds(10)
        while let pending = try? await loop.submit({ parts.value.front.pending }).get(), pending > 0,
            ContinuousClock.now < last
        {
            try? await Task.sleep(for: .milliseconds(5))
        }
        try? await group.shutdownGracefully()
        file?.close()
    }
}
