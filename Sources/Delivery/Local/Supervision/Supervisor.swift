import FoundationEssentials
import Glibc
import Spec
package import World

/// Keeps the workloads of one environment running: the only place that starts, asks, restarts and ends them.
///
/// It decides nothing itself: each replica's ``Supervision`` does. Its processes carry three variables, `HAUBAN_SUPERVISOR`,
/// `HAUBAN_WORKLOAD` and `HAUBAN_INSTANCE`: by them the next supervisor finds those that it was not told of, and the end of a replica
/// reaches the descendants that left its process group.
package actor Supervisor {
    static let supervisorMark = "HAUBAN_SUPERVISOR"
    static let workloadMark = "HAUBAN_WORKLOAD"
    static let instanceMark = "HAUBAN_INSTANCE"

    /// One replica and what belongs to it while this supervisor lives.
    struct Replica {
        var stored: SupervisorState.Replica
        var exit: Task<Void, Never>?
        var readiness: Task<Void, Never>?
        var liveness: Task<Void, Never>?
        var alarm: Task<Void, Never>?
        var lastUsage: (at: Duration, cpu: Duration)?

        var workload: Workload { stored.workload }
        var state: ReplicaState { stored.supervision.state }
    }

    let configuration: SupervisorConfiguration
    /// Reads and stores what the replicas write.
    nonisolated package let logs: LogCollector
    var replicas: [String: Replica] = [:]
    let shelf = ListenerShelf()
    /// Ends the wait for a front door that does not come back.
    var patience: Task<Void, Never>?
    private let prober: Prober
    private var lock: FileLock?
    private var fence: Int?
    private var collecting: Task<Void, Never>?
    private var listeners: [Int: AsyncStream<SupervisorEvent>.Continuation] = [:]
    private var nextListener = 0
    /// Why the state could not be stored; tried again with the next change.
    package private(set) var trouble: WorldError?

    package init(_ configuration: SupervisorConfiguration) {
        self.configuration = configuration
        logs = LogCollector(folder: configuration.logFolder, limits: configuration.logs, keeper: configuration.keeper)
        prober = Prober(commands: configuration.commands)
    }

    var now: Duration { configuration.keeper.uptime() }

    // MARK: - Beginning

    /// Takes the environment over: its lock, its stored state, and what runs of it.
    ///
    /// - Throws: `WorldError` with the code `supervisor-held` when another supervisor lives.
    package func takeOver() async throws {
        try Folder.make(configuration.state)
        let holder = "pid \(getpid()) since \(Timestamp.text(configuration.keeper.date()))\n"
        var taken = try FileLock.take(configuration.lockFile, holder: holder)
        // A supervisor that was killed while it started a process holds its lock until that one executes its program.
        for _ in 0..<5 where taken == nil {
            try await configuration.keeper.sleep(.milliseconds(50))
            taken = try FileLock.take(configuration.lockFile, holder: holder)
        }
        guard let lock = taken else {
            let who = (SmallFile.text(configuration.lockFile) ?? "").filter { $0 != "\n" }
            throw WorldError(
                code: "supervisor-held", operation: "supervise \(configuration.state)",
                underlying: "another supervisor does (\(who.isEmpty ? "unknown" : who))",
                hint: "Use that one, or end it with `hauban down`.")
        }
        let state = try SupervisorState.load(configuration.stateFile)
        self.lock = lock
        fence = state?.fence
        var marked = ProcessMark.find(Self.supervisorMark, configuration.state)
            .map { (entry: $0.entry, instance: ProcessMark.value(of: Self.instanceMark, in: $0.entry.pid) ?? "") }
        for stored in state?.replicas ?? [] {
            replicas[stored.workload.id] = Replica(stored: stored)
            do {
                try await logs.follow(LogCollector.Source(stored.workload), tally: stored.tally)
            } catch let error as WorldError {
                trouble = error
            }
        }
        // In no instance of ours: started by a supervisor that died before it could say so, or left by a removed workload.
        let known = Set(replicas.values.map { $0.stored.instance })
        // Under another boot id nothing noted can be trusted, so nothing is adopted.
        let isSameBoot = state?.boot == .current
        for stray in marked where !isSameBoot || !known.contains(stray.instance) { kill(stray.entry.pid, SIGKILL) }
        marked.removeAll { !isSameBoot || !known.contains($0.instance) }
        for id in replicas.keys.sorted() { resume(id, marked, isSameBoot: isSameBoot) }
        collecting = Task { await self.logs.run() }
        save(durable: true)
    }

    private func resume(_ id: String, _ marked: [(entry: ProcessEntry, instance: String)], isSameBoot: Bool) {
        guard let replica = replicas[id] else { return }
        guard isSameBoot else {
            replicas[id]?.stored.record = nil
            if wasShutDown(replica) {
                send(.start(waitingFor: missingDependencies(of: replica.workload)), to: id)
            } else {
                send(.machineRestarted(waitingFor: missingDependencies(of: replica.workload)), to: id)
            }
            return
        }
        var record = replica.stored.record
        if record?.isAlive != true {
            // The first of the instance: a descendant may have a session of its own too.
            record = marked.filter { $0.instance == replica.stored.instance && $0.entry.pid == $0.entry.session }
                .min { $0.entry.startTime < $1.entry.startTime }
                .map { ProcessRecord(pid: $0.entry.pid, startTime: $0.entry.startTime, boot: .current) }
        }
        if let record, record.isAlive {
            replicas[id]?.stored.record = record
            watchExit(of: id, record)
            send(.adopted, to: id)
        } else if wasShutDown(replica) {
            // Ended only because its supervisor was told to end.
            send(.start(waitingFor: missingDependencies(of: replica.workload)), to: id)
        } else {
            replicas[id]?.stored.record = nil
            let actions = replicas[id]?.stored.supervision.resume(now: now) ?? []
            perform(actions, on: id)
        }
    }

    private func wasShutDown(_ replica: Replica) -> Bool {
        switch replica.stored.supervision.reason {
        case .stopped(.shutdown, _), .killed(.shutdown, _): true
        default: false
        }
    }

    /// Starts workloads, each when what it depends on is ready; those that run already are left alone.
    ///
    /// - Throws: `WorldError` with the code `workload-conflict` when an id runs with another content.
    package func start(_ workloads: [Workload]) async throws {
        for workload in workloads {
            guard workload.hasSafeID, !workload.command.isEmpty else {
                throw WorldError(
                    code: "workload-invalid", operation: "start '\(workload.id)'",
                    underlying: "its id or its command cannot be used")
            }
            if let old = replicas[workload.id], old.workload != workload, !old.state.isFinal {
                throw WorldError(
                    code: "workload-conflict", operation: "start \(workload.id)",
                    underlying: "it is \(old.state.rawValue) with another content",
                    hint: "Stop it first, or use another id.")
            }
        }
        for workload in workloads {
            try await logs.follow(LogCollector.Source(workload))
            if let old = replicas[workload.id], old.workload == workload || !old.state.isFinal { continue }
            let stored = SupervisorState.Replica(
                workload: workload, supervision: Supervision(workload), instance: "", record: nil,
                since: configuration.keeper.date(), tally: LogTally())
            replicas[workload.id] = Replica(stored: stored)
        }
        for workload in workloads {
            send(.start(waitingFor: missingDependencies(of: workload)), to: workload.id)
        }
        save(durable: true)
    }

    /// Refuses the holder of a lease that another took over; see ``Fence``.
    ///
    /// - Throws: `WorldError` with the code `lease-lost`.
    func admit(_ asker: Int?) throws {
        guard let asker, asker != fence else { return }
        guard asker > fence ?? 0 else { throw Lease.lost }
        fence = asker
        save(durable: false)
    }

    private func missingDependencies(of workload: Workload) -> [String] {
        workload.dependsOn.filter { replicas[$0]?.state != .ready }
    }

    // MARK: - Events and actions

    func send(_ event: Supervision.Event, to id: String) {
        guard let actions = replicas[id]?.stored.supervision.on(event, now: now) else { return }
        perform(actions, on: id)
    }

    private func perform(_ actions: [Supervision.Action], on id: String) {
        var isChanged = false
        for action in actions {
            guard let replica = replicas[id] else { return }
            switch action {
            case .launch: launch(id)
            case .signal(let number):
                replica.stored.record?.send(number, toGroup: replica.workload.stop.wholeGroup)
            case .kill: killAll(of: replica.stored)
            case .probeReadiness: probe(id, \.readiness, replica.workload.readiness) { .readiness($0) }
            case .probeLiveness: probe(id, \.liveness, replica.workload.liveness) { .liveness($0) }
            case .stopProbing:
                replica.readiness?.cancel()
                replica.liveness?.cancel()
            case .wake(let time): setAlarm(id, time)
            case .report(let state, let reason):
                isChanged = true
                report(id, state, reason)
            }
        }
        if isChanged { save(durable: false) }
    }

    private func report(_ id: String, _ state: ReplicaState, _ reason: SupervisionReason) {
        let date = configuration.keeper.date()
        replicas[id]?.stored.since = date
        let event = SupervisorEvent(
            time: date, id: id, state: state, reason: reason, pid: replicas[id]?.stored.record?.pid)
        for listener in listeners.values { listener.yield(event) }
        if replicas[id]?.workload.kind == .frontDoor { settleListeners(state, reason) }
        // Whoever waits for this one looks again.
        for (other, replica) in replicas where replica.state == .waiting && replica.workload.dependsOn.contains(id) {
            send(.dependencies(waitingFor: missingDependencies(of: replica.workload)), to: other)
        }
    }

    private func launch(_ id: String) {
        guard var replica = replicas[id] else { return }
        let workload = replica.workload
        replica.stored.instance = UUID().uuidString
        replica.stored.record = nil
        replicas[id] = replica
        // Written first: the process of a supervisor that dies right after the next line is found by its mark.
        save(durable: false)
        do {
            var environment = try environment(of: workload)
            environment[Self.supervisorMark] = configuration.state
            environment[Self.workloadMark] = id
            environment[Self.instanceMark] = replica.stored.instance
            let custody = custody(of: workload)
            environment.merge(custody.environment) { $1 }
            if let port = workload.port, !FreePort.isFree(port) {
                throw PortHolder.refusal(
                    of: port, during: "start \(id)", then: "\(id) is then started again by itself, with growing waits.")
            }
            let record = try start(workload, environment, custody.sockets)
            replicas[id]?.stored.record = record
            save(durable: false)
            watchExit(of: id, record)
            send(.launched, to: id)
        } catch let error as WorldError {
            send(.launchFailed(error), to: id)
        } catch {
            send(.launchFailed(WorldError(code: "launch", operation: "start \(id)", underlying: "\(error)")), to: id)
        }
    }

    /// Starts its process; without its log where the disk takes none, because serving matters more.
    private func start(
        _ workload: Workload, _ environment: [String: String], _ descriptors: [Descriptor]
    ) throws -> ProcessRecord {
        var child = ChildProcess(
            command: workload.command, environment: environment, workingDirectory: workload.workingDirectory,
            standardOutput: logs.rawPath(workload.id, .output), standardError: logs.rawPath(workload.id, .error),
            identity: workload.identity, descriptors: descriptors)
        do {
            return try child.launch()
        } catch let error as WorldError where error.code == "disk-full" || error.code == "disk-read-only" {
            trouble = error
            child.standardOutput = "/dev/null"
            child.standardError = "/dev/null"
            return try child.launch()
        }
    }

    private func environment(of workload: Workload) throws -> [String: String] {
        try workload.environment.mapValues { try configuration.resolve($0) }
    }

    private func watchExit(of id: String, _ record: ProcessRecord) {
        replicas[id]?.exit?.cancel()
        replicas[id]?.exit = Task {
            guard let status = await ProcessExit.wait(for: record), !Task.isCancelled else { return }
            await self.ended(id, record, status)
        }
    }

    private func ended(_ id: String, _ record: ProcessRecord, _ status: ExitStatus) async {
        guard replicas[id]?.stored.record == record else { return }
        replicas[id]?.stored.record = nil
        await logs.collect(id, flush: true)
        guard replicas[id]?.stored.record == nil else { return }
        send(.ended(status), to: id)
    }

    /// SIGKILL to the group and to everything with the instance's mark, until nothing of it is left.
    private func killAll(of stored: SupervisorState.Replica) {
        stored.record?.send(SIGKILL, toGroup: true)
        guard !stored.instance.isEmpty else { return }
        // A killed process is gone within a millisecond or so; one that hangs in the kernel must not hold us up.
        for _ in 0..<5 {
            let left = ProcessMark.find(Self.instanceMark, stored.instance).map { $0.entry }
            if left.isEmpty { return }
            for entry in left { kill(entry.pid, SIGKILL) }
            for _ in 0..<20 where left.contains(where: { ProcessEntry(pid: $0.pid)?.isZombie == false }) {
                usleep(1000)
            }
        }
    }

    private func setAlarm(_ id: String, _ time: Duration) {
        let wait = max(.zero, time - now)
        let keeper = configuration.keeper
        replicas[id]?.alarm?.cancel()
        replicas[id]?.alarm = Task {
            guard (try? await keeper.sleep(wait)) != nil else { return }
            self.send(.woken, to: id)
        }
    }

    // MARK: - Probes

    /// Asks at the declared interval; while the replica starts sooner, so that a quick start is seen quickly, and the passes in
    /// a row that it needs stand half a second apart.
    private func probe(
        _ id: String, _ slot: WritableKeyPath<Replica, Task<Void, Never>?>, _ probe: Probe?,
        _ event: @escaping @Sendable (ProbeFailure?) -> Supervision.Event
    ) {
        replicas[id]?[keyPath: slot]?.cancel()
        guard let probe, let replica = replicas[id] else { return }
        let instance = replica.stored.instance
        let keeper = configuration.keeper
        let environment: [String: String]
        do { environment = try self.environment(of: replica.workload) } catch { environment = [:] }
        replicas[id]?[keyPath: slot] = Task {
            var wait = Duration.milliseconds(50)
            var hasPassed = false
            while !Task.isCancelled {
                var failure = await self.prober.ask(probe, of: replica.workload, environment: environment)
                if failure == nil, let now = self.replicas[id], now.state == .starting {
                    failure = await self.prober.stranger(
                        probe, of: now.workload, now.stored.record, instance: instance)
                }
                guard !Task.isCancelled, self.replicas[id]?.stored.instance == instance else { return }
                self.send(event(failure), to: id)
                hasPassed = hasPassed || failure == nil
                let isStarting = self.replicas[id]?.state == .starting
                let pause = hasPassed ? .milliseconds(500) : wait
                guard (try? await keeper.sleep(isStarting ? min(pause, probe.interval) : probe.interval)) != nil else {
                    return
                }
                wait = min(wait * 2, .seconds(1))
            }
        }
    }

    // MARK: - Ending

    /// Tells replicas to end and waits until they have.
    ///
    /// - Throws: `WorldError` with the code `timed-out` when one lives beyond its grace and the kill.
    package func stop(_ ids: [String], _ cause: StopCause = .asked) async throws {
        for id in ids { send(.stop(cause), to: id) }
        let grace = ids.compactMap { replicas[$0]?.workload.stop.grace }.max() ?? .zero
        let end = now + grace + .seconds(10)
        while let living = ids.first(where: { replicas[$0].map { !$0.state.isFinal } ?? false }) {
            guard now < end else {
                throw WorldError(
                    code: "timed-out", operation: "stop \(living)", underlying: "it survived SIGKILL",
                    hint: "A process that waits for a device ends when that answers; see its state in `ps`.")
            }
            try await configuration.keeper.sleep(.milliseconds(10))
        }
    }

    /// Ends replicas and forgets them, their raw output included; their structured logs stay.
    package func remove(_ ids: [String]) async throws {
        try await stop(ids, .removed)
        for id in ids {
            guard replicas[id]?.state.isFinal == true, let replica = replicas.removeValue(forKey: id) else { continue }
            cancelTasks(of: replica)
            await logs.forget(id)
        }
        save(durable: true)
    }

    /// Ends a replica and starts it again; one that was stopped or failed is started.
    package func restart(_ ids: [String]) { for id in ids { send(.restart, to: id) } }

    /// Ends everything, what depends on others before those, and gives the environment up.
    ///
    /// - Parameter cause: after `.shutdown` the next supervisor starts again what ran; after `.asked` it does not.
    package func shutdown(_ cause: StopCause = .asked) async throws {
        var left = Set(replicas.values.filter { !$0.state.isFinal }.map { $0.workload.id })
        while !left.isEmpty {
            let needed = Set(left.flatMap { replicas[$0]?.workload.dependsOn ?? [] })
            let wave = left.subtracting(needed).isEmpty ? left : left.subtracting(needed)
            try await stop(wave.sorted(), cause)
            left.subtract(wave)
        }
        await detach()
    }

    /// Gives the environment up and leaves everything running for the next supervisor.
    package func detach() async {
        for id in replicas.keys { replicas[id].map(cancelTasks) }
        collecting?.cancel()
        await collecting?.value
        for (id, _) in replicas { replicas[id]?.stored.tally = await logs.tally(id) }
        save(durable: false)
        patience?.cancel()
        shelf.release()
        await logs.finish()
        for listener in listeners.values { listener.finish() }
        listeners = [:]
        lock = nil
    }

    private func cancelTasks(of replica: Replica) {
        for task in [replica.exit, replica.readiness, replica.liveness, replica.alarm] { task?.cancel() }
    }

    /// Durable only where the set of workloads changes: a sync waits for the disk, seconds when it is busy, and meanwhile no probe is
    /// answered. What a change of state means after a power cut is the same either way: nothing runs.
    private func save(durable: Bool) {
        guard lock != nil else { return }
        let stored = replicas.values.map { $0.stored }.sorted { $0.workload.id < $1.workload.id }
        do {
            try SupervisorState(boot: .current, fence: fence, replicas: stored).save(
                configuration.stateFile, durable: durable)
            trouble = nil
        } catch let error as WorldError {
            trouble = error
        } catch {
            trouble = WorldError(code: "state", operation: "store the state", underlying: "\(error)")
        }
    }

    // MARK: - Listening

    /// What happens from now on.
    package func events() -> AsyncStream<SupervisorEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: SupervisorEvent.self, bufferingPolicy: .bufferingNewest(1000))
        let number = nextListener
        nextListener += 1
        listeners[number] = continuation
        continuation.onTermination = { _ in Task { await self.drop(number) } }
        return stream
    }

    private func drop(_ number: Int) { listeners[number] = nil }
}
