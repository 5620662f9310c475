import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// A reverse proxy in this process: open listeners, event loops that serve them, and one configuration in force.
///
/// Requests never wait for this actor: they read one atomic version and work on their event loop. The actor orders what is
/// rare: a new configuration, a drain, a stop.
package actor FrontDoor {
    let traffic: Traffic
    private let group: MultiThreadedEventLoopGroup
    let fileThreads: NIOThreadPool
    let loops: [NIOLoopBound<LoopContext>]
    private let ticks: [RepeatedTask]
    private let stateFile: StateFile?
    let keeper: CertificateKeeper
    var watch: Task<Void, Never>?
    /// What lookups found last, and who asks.
    var found: [FrontDoorConfiguration.Lookup: [String]] = [:]
    var looking: Task<Void, Never>?
    let resolver: Resolver
    var listeners: [OpenListener] = []
    private var nextListener = 1
    var configurationInForce: FrontDoorConfiguration
    var lastChange: Task<Void, Never>?
    var isStopped = false
    /// Listeners of the configuration in force that could not be bound, and why.
    private var unbound: [String: String] = [:]
    private var binding: Task<Void, Never>?
    /// Sockets of the front door before this one that no listener has taken yet.
    private var inherited: [ListenSocket] = []
    private let handover: ListenerHandover?
    private var handing: Task<Void, Never>?

    struct OpenListener {
        let number: Int
        let name: String
        let host: String
        let port: Int
        let socket: ListenSocket
        let channel: any Channel

        /// Refuses clients from now on, whoever keeps the socket too.
        func end() async {
            try? await channel.close()
            socket.end()
        }
    }

    /// Starts serving a configuration.
    ///
    /// - Parameters:
    ///   - threads: event loops; each serves its share of the connections.
    ///   - stateFile: where each configuration that comes into force is stored; `nil` stores none.
    ///   - isRestart: serve all that can be served: without the listeners whose addresses are taken, each of which is bound as
    ///     soon as it is free, and without certificates that cannot be used.
    ///   - custody: sockets that are open already, and who keeps them while there is no front door.
    ///   - resolver: who finds replicas by name, for releases that have a lookup.
    ///   - report: told in a line what becomes of certificates and replicas.
    /// - Throws: `FrontDoorError` when the configuration is invalid, a certificate cannot be used or a listener cannot be
    ///   bound.
    package static func start(
        _ configuration: FrontDoorConfiguration, threads: Int = System.coreCount, stateFile: StateFile? = nil,
        isRestart: Bool = false, custody: ListenerCustody = ListenerCustody(), resolver: Resolver = .system,
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> FrontDoor {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        let fileThreads = NIOThreadPool(numberOfThreads: 4)
        fileThreads.start()
        let logThread = NIOThreadPool(numberOfThreads: 1)
        logThread.start()
        let empty = FrontDoorConfiguration(generation: -1)
        let traffic = Traffic(
            Snapshot(empty, version: 0, after: nil, draining: [], listenerNumbers: [:]),
            rateClients: configuration.limits.rateClients, logThread: logThread, report: report)
        let files = FileReader(threads: fileThreads)
        var loops: [NIOLoopBound<LoopContext>] = []
        var ticks: [RepeatedTask] = []
        var random = SystemRandomNumberGenerator()
        for eventLoop in group.makeIterator() {
            let seed = UInt64.random(in: .min ... .max, using: &random)
            let bound = try await eventLoop.submit {
                NIOLoopBound(
                    LoopContext(eventLoop: eventLoop, traffic: traffic, files: files, seed: seed), eventLoop: eventLoop)
            }.get()
            loops.append(bound)
            let period = TimeAmount.milliseconds(50)
            ticks.append(
                eventLoop.scheduleRepeatedTask(initialDelay: period, delay: period) { _ in
                    bound.value.tick(now: .now())
                })
        }
        let door = FrontDoor(
            traffic: traffic, group: group, fileThreads: fileThreads, loops: loops, ticks: ticks, stateFile: stateFile,
            configuration: empty, handover: custody.shelf.map { ListenerHandover(path: $0) }, resolver: resolver)
        await door.inherit(custody.inherited, for: configuration.listeners)
        do {
            if isRestart { await door.expect(configuration.listeners) }
            try await door.apply(configuration, isStart: isRestart)
            await door.keepHandedOver()
            await door.watchCertificates(report)
            await door.lookAgainAndAgain()
        } catch {
            await door.stop(deadline: .zero)
            throw error
        }
        return door
    }

    private init(
        traffic: Traffic, group: MultiThreadedEventLoopGroup, fileThreads: NIOThreadPool,
        loops: [NIOLoopBound<LoopContext>], ticks: [RepeatedTask], stateFile: StateFile?,
        configuration: FrontDoorConfiguration, handover: ListenerHandover?, resolver: Resolver
    ) {
        self.handover = handover
        self.resolver = resolver
        self.traffic = traffic
        self.group = group
        self.fileThreads = fileThreads
        self.loops = loops
        self.ticks = ticks
        self.stateFile = stateFile
        keeper = CertificateKeeper()
        configurationInForce = configuration
    }

    /// What is in force, with the ports that the system chose in place of 0.
    package var configuration: FrontDoorConfiguration { configurationInForce }

    /// Whether `stop` was called.
    package var isStopping: Bool { isStopped }

    // MARK: Change

    /// Puts a configuration in force and returns it as it serves.
    ///
    /// New listeners are bound first, then the configuration is stored, then one step swaps it in, then listeners that it
    /// no longer names close. A failure before the swap leaves everything as it was. The configuration in force may be
    /// applied again.
    ///
    /// - Throws: `FrontDoorError` with `configuration-invalid`, `certificate-invalid`, `generation-stale`, `bind-failed` or
    ///   `state-unwritable`.
    @discardableResult
    package func apply(_ configuration: FrontDoorConfiguration) async throws -> FrontDoorConfiguration {
        try await apply(configuration, isStart: false)
    }

    @discardableResult
    private func apply(_ configuration: FrontDoorConfiguration, isStart: Bool) async throws -> FrontDoorConfiguration {
        // An actor admits others while one waits; changes must not overlap.
        let before = lastChange
        let change = Task {
            await before?.value
            return try await perform(configuration, isStart: isStart)
        }
        lastChange = Task { _ = await change.result }
        return try await change.value
    }

    private func perform(
        _ requested: FrontDoorConfiguration, isStart: Bool
    ) async throws -> FrontDoorConfiguration {
        guard !isStopped else {
            throw FrontDoorError(
                code: .stopped, operation: "apply generation \(requested.generation)",
                underlying: "the front door is stopping", hint: "Start it again.")
        }
        let problems = requested.validate()
        guard problems.isEmpty else {
            throw FrontDoorError(
                code: .configurationInvalid, operation: "apply generation \(requested.generation)",
                underlying: problems.joined(separator: "; "), hint: "The configuration before this one still serves.")
        }
        if requested.generation <= configurationInForce.generation {
            if requested == configurationInForce { return requested }
            throw FrontDoorError(
                code: .generationStale, operation: "apply generation \(requested.generation)",
                underlying: "generation \(configurationInForce.generation) is in force",
                hint: "Read the configuration in force, change it, and give it a higher generation.")
        }
        let keeper = keeper
        let certificates = try await fileThreads.runIfActive {
            Result { () throws(FrontDoorError) in
                try keeper.prepare(requested.listeners, isStart: isStart, now: UnixTime.now())
            }
        }.get()
        var configuration = requested
        let mayLack = Set(unbound.keys)
        let (open, bound, lacking) = try await bind(&configuration, mayLack: mayLack)
        // Before anybody is told of them: from now on a death of this process closes none.
        if !bound.isEmpty { await hand(listeners + bound) }
        do {
            try await persist(configuration)
        } catch {
            for listener in bound { await listener.end() }
            if !bound.isEmpty { await hand(listeners) }
            throw error
        }
        let kept = Set(open.map(\.number))
        let dropped = listeners.filter { !kept.contains($0.number) }
        listeners = open
        unbound = lacking
        if !unbound.isEmpty { bindLater() }
        configurationInForce = configuration
        keeper.commit(certificates)
        await swap(
            configuration, listenerNumbers: Dictionary(uniqueKeysWithValues: open.map { ($0.name, $0.number) }),
            secure: certificates.secure)
        // Not before: whoever connected since the address was bound has waited, instead of finding no route.
        for listener in bound { try? await listener.channel.setOption(.autoRead, value: true).get() }
        for listener in dropped { await listener.end() }
        if !dropped.isEmpty { await hand(open) }
        return configuration
    }

    func swap(
        _ configuration: FrontDoorConfiguration, listenerNumbers: [String: Int], secure: [String: SecureListener]
    ) async {
        let configuration = configuration.found(found)
        _ = traffic.swap(now: .now()) { previous, leaving in
            Snapshot(
                configuration, version: previous.version + 1, after: previous, draining: leaving,
                listenerNumbers: listenerNumbers, secure: secure, accessLog: traffic.accessLog)
        }
        // Requests see the swap by themselves; this closes idle connections to releases that have left.
        for loop in loops { try? await loop.eventLoop.submit { loop.value.refreshIfStale() }.get() }
    }

    // MARK: Sockets that outlive this process

    /// Takes the sockets over that this process was started with; those that nobody asks for any more are ended.
    private func inherit(_ count: Int, for wanted: [FrontDoorConfiguration.Listener]) {
        for number in 3..<(3 + Int32(clamping: min(max(count, 0), 65_536))) {
            guard let socket = ListenSocket(inherited: number) else { continue }
            if wanted.contains(where: { socket.serves(host: $0.host, port: $0.port) }) {
                inherited.append(socket)
            } else {
                socket.end()
            }
        }
    }

    private func inheritedSocket(_ host: String, _ port: Int) -> ListenSocket? {
        guard let index = inherited.firstIndex(where: { $0.serves(host: host, port: port) }) else { return nil }
        let socket = inherited.remove(at: index)
        return socket.isListening ? socket : nil
    }

    private func hand(_ listeners: [OpenListener]) async { await handover?.offer(listeners.map(\.socket)) }

    /// Says once what is open now, and again to each keeper that follows one that died.
    private func keepHandedOver() async {
        guard let handover else { return }
        for socket in inherited { socket.end() }
        inherited = []
        await hand(listeners)
        handing = Task {
            while (try? await ContinuousClock().sleep(for: .milliseconds(100))) != nil { await handover.look() }
        }
    }

    /// Opens a listener again whose socket was shut down by its keeper, or that the system closed.
    private func lost(_ number: Int) async {
        let before = lastChange
        let change = Task {
            await before?.value
            self.forget(number)
        }
        lastChange = change
        await change.value
    }

    private func forget(_ number: Int) {
        guard !isStopped, let index = listeners.firstIndex(where: { $0.number == number }) else { return }
        let listener = listeners.remove(at: index)
        if listener.socket.isListening { inherited.append(listener.socket) } else { listener.socket.close() }
        unbound[listener.name] = "it was closed by the system"
        bindLater()
    }

    // MARK: Addresses that are taken

    /// Listeners that may be bound later than the others: those of a front door that starts again.
    private func expect(_ listeners: [FrontDoorConfiguration.Listener]) {
        for listener in listeners where listener.port != 0 { unbound[listener.name] = "not bound yet" }
    }

    /// Listeners that are not open because somebody else has their address, by name, and what the system said.
    package var lackingListeners: [String: String] { unbound }

    /// Tries what is not bound again until it is.
    private func bindLater() {
        guard binding == nil else { return }
        binding = Task {
            while !Task.isCancelled, !self.unbound.isEmpty, !self.isStopped {
                do { try await ContinuousClock().sleep(for: .milliseconds(100)) } catch { return }
                await self.bindAgain()
            }
            self.binding = nil
        }
    }

    private func bindAgain() async {
        // In turn with the changes of configuration, which bind too.
        let before = lastChange
        let change = Task {
            await before?.value
            await self.bindLacking()
        }
        lastChange = change
        await change.value
    }

    private func bindLacking() async {
        for wanted in configurationInForce.listeners where unbound[wanted.name] != nil && !isStopped {
            do {
                let listener = try await bind(wanted)
                listeners.append(listener)
                unbound[wanted.name] = nil
                await hand(listeners)
                await swap(
                    configurationInForce,
                    listenerNumbers: Dictionary(uniqueKeysWithValues: listeners.map { ($0.name, $0.number) }),
                    secure: keeper.secure)
                try await listener.channel.setOption(.autoRead, value: true).get()
            } catch {
                unbound[wanted.name] = Self.reason(error)
            }
        }
    }

    private func persist(_ configuration: FrontDoorConfiguration) async throws {
        guard let stateFile else { return }
        try await fileThreads.runIfActive {
            // A front door that starts again finds it stored: on a disk that became read-only it serves all the same.
            if (try? stateFile.load()) == configuration { return }
            try stateFile.store(configuration)
        }
    }

    /// Keeps the listeners that stay, binds the new ones, and writes chosen ports into the configuration.
    ///
    /// - Parameter mayLack: names of listeners that may stay unbound; why they did is returned.
    private func bind(
        _ configuration: inout FrontDoorConfiguration, mayLack: Set<String>
    ) async throws -> (open: [OpenListener], bound: [OpenListener], lacking: [String: String]) {
        var lacking: [String: String] = [:]
        var open: [OpenListener] = []
        var bound: [OpenListener] = []
        var free = listeners
        for (index, wanted) in configuration.listeners.enumerated() {
            let same = free.firstIndex {
                $0.host == wanted.host && (wanted.port == 0 ? $0.name == wanted.name : $0.port == wanted.port)
            }
            if let same {
                let listener = free.remove(at: same)
                configuration.listeners[index].port = listener.port
                open.append(
                    OpenListener(
                        number: listener.number, name: wanted.name, host: listener.host, port: listener.port,
                        socket: listener.socket, channel: listener.channel))
                continue
            }
            do {
                let listener = try await bind(wanted)
                configuration.listeners[index].port = listener.port
                open.append(listener)
                bound.append(listener)
            } catch  where mayLack.contains(wanted.name) {
                lacking[wanted.name] = Self.reason(error)
            } catch {
                for listener in bound { await listener.end() }
                throw FrontDoorError(
                    code: .bindFailed, operation: "bind \(wanted.host):\(wanted.port) for listener \"\(wanted.name)\"",
                    underlying: Self.reason(error),
                    hint: "The configuration before this one still serves. Find who holds the port with "
                        + "`ss -ltnp 'sport = :\(wanted.port)'`, or choose another.")
            }
        }
        return (open, bound, lacking)
    }

    private func bind(_ listener: FrontDoorConfiguration.Listener) async throws -> OpenListener {
        let number = nextListener
        nextListener += 1
        let byLoop = Dictionary(uniqueKeysWithValues: loops.map { (ObjectIdentifier($0.eventLoop), $0) })
        let socket =
            try inheritedSocket(listener.host, listener.port)
            ?? ListenSocket.open(host: listener.host, port: listener.port)
        let copy = try socket.duplicate()
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.autoRead, value: false)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 32 * 1024, high: 128 * 1024))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let loop = byLoop[ObjectIdentifier(channel.eventLoop)] else {
                        preconditionFailure("a connection came up on an event loop of another group")
                    }
                    try loop.value.accept(channel, listener: number)
                }
            }
            .withBoundSocket(copy).get()
        channel.closeFuture.whenComplete { _ in Task { await self.lost(number) } }
        return OpenListener(
            number: number, name: listener.name, host: listener.host, port: socket.address.port ?? listener.port,
            socket: socket, channel: channel)
    }

    private static func reason(_ error: any Error) -> String {
        (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? String(describing: error)
    }

    // MARK: Ending

    /// Waits until a release that has left the configuration holds no request any more.
    ///
    /// - Parameters:
    ///   - deadline: of the wait.
    ///   - cutAfter: how long after it left what it still holds is cut, in place of `timeouts.drain`; at once when that
    ///     time is over. `nil` leaves it as it is.
    /// - Returns: what is in flight when the deadline passed, and what was cut. A release that the front door does not know
    ///   holds nothing.
    package func drain(
        service: String, release: String, deadline: Duration, cutAfter: Duration? = nil
    ) async -> DrainResult {
        if let cutAfter {
            traffic.cut(service: service, release: release, after: .nanoseconds(Int64(cutAfter / .nanoseconds(1))))
        }
        let clock = ContinuousClock()
        let end = clock.now + deadline
        while true {
            let held = held(service: service, release: release)
            if held.isDrained || clock.now >= end { return held }
            do { try await clock.sleep(for: .milliseconds(5)) } catch { return held }
        }
    }

    private func held(service: String, release: String) -> DrainResult {
        var result = DrainResult(inFlight: 0)
        for runtime in traffic.leaving.map(\.runtime) + traffic.snapshot.releases.map(\.runtime)
        where runtime.service == service && runtime.release == release {
            // In this order: what is cut is counted before it leaves.
            result.inFlight += runtime.inFlight.load(ordering: .sequentiallyConsistent)
            result.cut = runtime.cut.withLock { $0 }
        }
        return result
    }

    /// Takes no more connections, lets requests in flight end, then ends everything.
    ///
    /// - Parameter deadline: how long requests in flight may take; what remains then is cut.
    /// - Returns: the connections that were cut.
    @discardableResult
    package func stop(deadline: Duration) async -> Int {
        guard !isStopped else { return 0 }
        isStopped = true
        watch?.cancel()
        looking?.cancel()
        traffic.isStopping.store(true, ordering: .relaxed)
        binding?.cancel()
        handing?.cancel()
        // Closed and not ended: who keeps them decides whether another front door follows.
        for listener in listeners {
            try? await listener.channel.close()
            listener.socket.close()
        }
        for socket in inherited { socket.close() }
        listeners = []
        inherited = []
        await handover?.stop()
        let clock = ContinuousClock()
        let end = clock.now + deadline
        var open = traffic.connections.load(ordering: .relaxed)
        while open > 0, clock.now < end {
            do { try await clock.sleep(for: .milliseconds(10)) } catch { break }
            open = traffic.connections.load(ordering: .relaxed)
        }
        for task in ticks { task.cancel() }
        for loop in loops { try? await loop.eventLoop.submit { loop.value.accessLog?.flush() }.get() }
        // The lines that were handed over are written first: the thread takes them in turn.
        try? await traffic.logThread.runIfActive {}
        try? await traffic.logThread.shutdownGracefully()
        try? await fileThreads.shutdownGracefully()
        try? await group.shutdownGracefully()
        return open
    }
}
