package import World
package import Spec

/// The state machine of one replica: events and times in, actions out; no process, no clock, no log.
///
/// `now` is time since the machine started. Stored as it is, so that the next supervisor goes on where this one ended.
package struct Supervision: Codable, Hashable, Sendable {
    /// What happened.
    package enum Event: Hashable, Sendable {
        /// It shall run; `waitingFor` names what is not ready yet.
        case start(waitingFor: [String])
        /// What it waited for changed; empty when all is ready.
        case dependencies(waitingFor: [String])
        case launched
        case launchFailed(WorldError)
        case ended(ExitStatus)
        case readiness(ProbeFailure?)
        case liveness(ProbeFailure?)
        /// A time that was asked for with ``Action/wake(at:)`` has come.
        case woken
        case stop(StopCause)
        case restart
        /// A new supervisor found it running.
        case adopted
        /// The machine started again: nothing runs.
        case machineRestarted(waitingFor: [String])
    }

    /// What is to be done, in this order.
    package enum Action: Hashable, Sendable {
        case launch
        /// To the whole process group when the stop policy says so.
        case signal(Int32)
        /// SIGKILL to everything that belongs to the replica, now and until nothing is left.
        case kill
        case probeReadiness
        case probeLiveness
        case stopProbing
        /// Send ``Event/woken`` at that time; a later request replaces an earlier one.
        case wake(at: Duration)
        /// The state or its reason changed.
        case report(ReplicaState, SupervisionReason)
    }

    package let readiness: Probe?
    package let liveness: Probe?
    package let restart: RestartPolicy
    package let stop: StopPolicy

    package private(set) var state: ReplicaState = .stopped
    package private(set) var reason: SupervisionReason = .neverStarted(.asked)
    /// When the state began.
    package private(set) var since: Duration = .zero
    /// Restarts since it was asked to start.
    package private(set) var restarts = 0

    private var passes = 0
    private var failures = 0
    private var livenessFailures = 0
    /// Restarts in a row without a stable time between them.
    private var attempt = 0
    private var recentRestarts: [Duration] = []
    private var stopCause: StopCause?
    private var pendingFault: ReplicaFault?
    private var deadline: Duration?
    // Optional: the state of an earlier supervisor has none of these.
    private var isOverdue: Bool?
    private var startPasses: Int?
    private var startFailures: Int?
    /// Failed readiness probes since it was ready for the first time after its last start.
    package private(set) var failedProbes: Int?
    /// Why it ended or could not be started the last time, by itself.
    package private(set) var lastFault: ReplicaFault?

    package init(_ workload: Workload) {
        readiness = workload.readiness
        liveness = workload.liveness
        restart = workload.restart
        stop = workload.stop
    }

    /// Takes an event; one that makes no sense in the present state changes nothing.
    package mutating func on(_ event: Event, now: Duration) -> [Action] {
        switch event {
        case .start(let ids): start(ids, now)
        case .dependencies(let ids): dependencies(ids, now)
        case .launched: launched(now)
        case .launchFailed(let error): state == .starting ? fault(.notStarted(error), now) : []
        case .ended(let status): ended(status, now)
        case .readiness(let failure): judgeReadiness(failure, now)
        case .liveness(let failure): judgeLiveness(failure, now)
        case .woken: woken(now)
        case .stop(let cause): stop(cause, now)
        case .restart: askRestart(now)
        case .adopted: adopted(now)
        case .machineRestarted(let ids): machineRestarted(ids, now)
        }
    }

    // MARK: - Beginning

    private mutating func start(_ ids: [String], _ now: Duration) -> [Action] {
        // Told to end and wanted again before it did: it ends, then starts.
        if state == .stopping, stopCause == .asked || stopCause == .shutdown { stopCause = .restart }
        guard state.isFinal else { return [] }
        restarts = 0
        attempt = 0
        recentRestarts = []
        return begin(ids, .started, now)
    }

    private mutating func begin(_ ids: [String], _ reason: SupervisionReason, _ now: Duration) -> [Action] {
        stopCause = nil
        pendingFault = nil
        deadline = nil
        if !ids.isEmpty { return enter(.waiting, .waitingFor(ids), now) }
        return enter(.starting, reason, now) + [.launch]
    }

    private mutating func dependencies(_ ids: [String], _ now: Duration) -> [Action] {
        guard state == .waiting else { return [] }
        if ids.isEmpty { return begin([], .dependenciesReady, now) }
        return reason == .waitingFor(ids) ? [] : enter(.waiting, .waitingFor(ids), now)
    }

    private mutating func launched(_ now: Duration) -> [Action] {
        guard state == .starting else { return [] }
        passes = 0
        failures = 0
        livenessFailures = 0
        startPasses = 0
        startFailures = 0
        failedProbes = 0
        return readiness == nil ? becomeReady(.withoutProbe, now) : [.probeReadiness]
    }

    private mutating func becomeReady(_ reason: SupervisionReason, _ now: Duration) -> [Action] {
        let isFirst = state == .starting
        deadline = now + restart.maximumBackoff
        return enter(.ready, reason, now) + [.wake(at: now + restart.maximumBackoff)]
            + (isFirst && liveness != nil ? [.probeLiveness] : [])
    }

    // MARK: - Probes

    private mutating func judgeReadiness(_ failure: ProbeFailure?, _ now: Duration) -> [Action] {
        guard let readiness, state == .starting || state == .ready || state == .unready else { return [] }
        guard let failure else {
            failures = 0
            passes = min(passes + 1, readiness.passes)
            if state == .starting { startPasses = (startPasses ?? 0) + 1 }
            guard state != .ready, passes >= readiness.passes else { return [] }
            return becomeReady(.passed(times: passes), now)
        }
        let wasPassing = passes > 0
        passes = 0
        failures += 1
        if state == .starting {
            startFailures = (startFailures ?? 0) + 1
        } else {
            failedProbes = (failedProbes ?? 0) + 1
        }
        if state == .starting, wasPassing, let passed = startPasses {
            return enter(
                .starting,
                .unsteady(passed: passed, of: passed + (startFailures ?? 0), needed: readiness.passes, failure), since)
        }
        guard failures >= readiness.failures else { return [] }
        let reason = SupervisionReason.notReady(failures: failures, failure)
        switch state {
        case .ready:
            deadline = nil
            return enter(.unready, reason, now)
        case .starting:
            // Said when it changes, so that a person who waits for it learns why; its time goes on.
            if case .notReady(_, failure) = self.reason { return [] }
            return enter(.starting, reason, since)
        default:
            return []
        }
    }

    private mutating func judgeLiveness(_ failure: ProbeFailure?, _ now: Duration) -> [Action] {
        guard let liveness, state == .ready || state == .unready else { return [] }
        guard let failure else {
            livenessFailures = 0
            return []
        }
        livenessFailures += 1
        guard livenessFailures >= liveness.failures else { return [] }
        pendingFault = .notAlive(failures: livenessFailures, failure)
        return beginStopping(.notAlive, now)
    }

    // MARK: - Ending

    private mutating func stop(_ cause: StopCause, _ now: Duration) -> [Action] {
        switch state {
        case .waiting, .backingOff, .failed:
            deadline = nil
            return [.stopProbing] + enter(.stopped, .neverStarted(cause), now)
        case .starting, .ready, .unready: return beginStopping(cause, now)
        case .stopping:
            stopCause = cause
            return []
        case .stopped: return []
        }
    }

    private mutating func askRestart(_ now: Duration) -> [Action] {
        attempt = 0
        recentRestarts = []
        switch state {
        case .stopped, .failed, .backingOff: return begin([], .restartAsked, now)
        case .starting, .ready, .unready: return beginStopping(.restart, now)
        case .waiting, .stopping: return []
        }
    }

    private mutating func beginStopping(_ cause: StopCause, _ now: Duration) -> [Action] {
        stopCause = cause
        isOverdue = nil
        let end = now + stop.grace
        deadline = end
        return [.stopProbing] + enter(.stopping, .stopping(cause), now) + [.signal(stop.signal), .wake(at: end)]
    }

    private mutating func ended(_ status: ExitStatus, _ now: Duration) -> [Action] {
        switch state {
        case .stopping: break
        case .starting, .ready, .unready: return fault(.ended(status), now)
        case .waiting, .backingOff, .stopped, .failed: return []
        }
        deadline = nil
        switch stopCause ?? .asked {
        case .restart:
            restarts += 1
            // What is left of the old one goes before the new one comes: it may hold the port.
            return [.kill] + begin([], .restartAsked, now)
        case .notAlive: return fault(pendingFault ?? .ended(status), now)
        case .asked, .removed, .shutdown:
            let reason: SupervisionReason =
                isOverdue == true
                ? .killed(stopCause ?? .asked, after: stop.grace) : .stopped(stopCause ?? .asked, status)
            return [.kill] + enter(.stopped, reason, now)
        }
    }

    private mutating func fault(_ fault: ReplicaFault, _ now: Duration) -> [Action] {
        lastFault = fault
        pendingFault = nil
        stopCause = nil
        recentRestarts.removeAll { $0 + restart.window <= now }
        guard recentRestarts.count < restart.limit else {
            deadline = nil
            let reason = SupervisionReason.limitReached(restarts: recentRestarts.count, within: restart.window, fault)
            return [.stopProbing, .kill] + enter(.failed, reason, now)
        }
        let wait = Self.backoff(attempt: attempt, restart)
        attempt += 1
        restarts += 1
        recentRestarts.append(now)
        deadline = now + wait
        return [.stopProbing, .kill]
            + enter(.backingOff, .restarting(attempt: attempt, after: wait, fault), now) + [.wake(at: now + wait)]
    }

    /// The initial wait, doubled with each attempt, up to the maximum.
    package static func backoff(attempt: Int, _ policy: RestartPolicy) -> Duration {
        var wait = policy.initialBackoff
        for _ in 0..<min(attempt, 40) where wait < policy.maximumBackoff { wait *= 2 }
        return min(wait, policy.maximumBackoff)
    }

    private mutating func woken(_ now: Duration) -> [Action] {
        guard let deadline else { return [] }
        guard deadline <= now else { return [.wake(at: deadline)] }
        self.deadline = nil
        switch state {
        case .backingOff: return enter(.starting, reason, now) + [.launch]
        case .stopping:
            isOverdue = true
            return enter(.stopping, .graceOver(stop.grace), since) + [.kill]
        case .ready:
            // It was stable: the next fault starts with the first wait again.
            attempt = 0
            return []
        case .waiting, .starting, .unready, .stopped, .failed: return []
        }
    }

    // MARK: - A new supervisor

    private mutating func adopted(_ now: Duration) -> [Action] {
        passes = 0
        failures = 0
        livenessFailures = 0
        let probes: [Action] = (readiness == nil ? [] : [.probeReadiness]) + (liveness == nil ? [] : [.probeLiveness])
        switch state {
        case .starting where readiness == nil: return becomeReady(.withoutProbe, now)
        case .starting: return [.report(state, .adopted), .probeReadiness]
        case .ready, .unready:
            deadline = now + restart.maximumBackoff
            return [.report(state, .adopted)] + probes + [.wake(at: now + restart.maximumBackoff)]
        case .stopping: return beginStopping(stopCause ?? .asked, now)
        case .backingOff, .waiting, .stopped, .failed:
            // It was launched just before the old supervisor died: as if it had been told so.
            _ = enter(.starting, .adopted, now)
            return [.report(state, .adopted)] + launched(now)
        }
    }

    /// Goes on waiting where the earlier supervisor waited: for the one that found no process to adopt.
    package mutating func resume(now: Duration) -> [Action] {
        switch state {
        case .backingOff: [.wake(at: deadline ?? now)]
        case .starting, .ready, .unready, .stopping: ended(.unknown, now)
        case .waiting, .stopped, .failed: []
        }
    }

    private mutating func machineRestarted(_ ids: [String], _ now: Duration) -> [Action] {
        guard !state.isFinal else { return [] }
        if state == .stopping, stopCause != .restart, stopCause != .notAlive {
            return enter(.stopped, .stopped(stopCause ?? .asked, .unknown), now)
        }
        attempt = 0
        recentRestarts = []
        return begin(ids, .machineRestarted, now)
    }

    private mutating func enter(_ state: ReplicaState, _ reason: SupervisionReason, _ now: Duration) -> [Action] {
        self.state = state
        self.reason = reason
        since = now
        return [.report(state, reason)]
    }
}
