package import World

/// Where a replica is; `docs/supervision.md` draws the arrows.
package enum ReplicaState: String, Codable, Hashable, Sendable, CaseIterable {
    /// Not started yet: something it depends on is not ready.
    case waiting
    /// Runs, and was not ready since it was started.
    case starting
    case ready
    /// Runs, was ready, and its readiness probe fails.
    case unready
    /// Ended; will be started again.
    case backingOff
    /// Was told to end.
    case stopping
    case stopped
    /// Will not be started again without being asked.
    case failed

    /// A process of it exists.
    package var isRunning: Bool {
        switch self {
        case .starting, .ready, .unready, .stopping: true
        case .waiting, .backingOff, .stopped, .failed: false
        }
    }

    /// It stays as it is until somebody asks for something.
    package var isFinal: Bool { self == .stopped || self == .failed }
}

/// Why a probe did not pass.
package enum ProbeFailure: Codable, Hashable, Sendable, CustomStringConvertible {
    case late(Duration)
    case refused(String)
    case status(Int)
    case exited(ExitStatus, lastLine: String)
    /// Somebody else answered on its port.
    case stranger(port: Int, pid: Int32, command: String)

    package var description: String {
        switch self {
        case .late(let timeout): "no answer within \(timeout)"
        case .refused(let text): text
        case .status(let status): "answered \(status)"
        case .stranger(let port, let pid, let command):
            "port \(port) is taken by process \(pid) (\(command)), which answers in its place"
        case .exited(let status, let line): line.isEmpty ? "the command \(status)" : "the command \(status): \(line)"
        }
    }
}

/// Who wanted a replica to end.
package enum StopCause: String, Codable, Hashable, Sendable {
    case asked
    case removed
    case restart
    case shutdown
    case notAlive
}

/// Why a replica ended or could not begin.
package enum ReplicaFault: Codable, Hashable, Sendable, CustomStringConvertible {
    case ended(ExitStatus)
    case notStarted(WorldError)
    case notAlive(failures: Int, ProbeFailure)

    package var description: String {
        switch self {
        case .ended(let status): "it \(status)"
        case .notStarted(let error):
            "cannot \(error.operation): \(error.underlying) [\(error.code)]"
                + (error.hint.isEmpty ? "" : ". \(error.hint)")
        case .notAlive(let failures, let failure): "the liveness probe failed \(failures) times: \(failure)"
        }
    }
}

/// Why a replica is where it is: returned with each decision, logged, stored and shown.
package enum SupervisionReason: Codable, Hashable, Sendable, CustomStringConvertible {
    case waitingFor([String])
    case dependenciesReady
    case started
    case withoutProbe
    case passed(times: Int)
    case notReady(failures: Int, ProbeFailure)
    case fault(ReplicaFault)
    case restarting(attempt: Int, after: Duration, ReplicaFault)
    case restartAsked
    case limitReached(restarts: Int, within: Duration, ReplicaFault)
    case stopping(StopCause)
    case graceOver(Duration)
    case stopped(StopCause, ExitStatus)
    /// It outlived its grace.
    case killed(StopCause, after: Duration)
    /// Passes and failures take turns: never enough passes in a row.
    case unsteady(passed: Int, of: Int, needed: Int, ProbeFailure)
    case neverStarted(StopCause)
    case adopted
    case machineRestarted

    /// Who answers on the replica's port in its place.
    package var stranger: ProbeFailure? {
        switch self {
        case .notReady(_, let failure), .unsteady(_, _, _, let failure):
            if case .stranger = failure { failure } else { nil }
        default: nil
        }
    }

    package var description: String {
        switch self {
        case .waitingFor(let ids): "waits for \(ids.joined(separator: ", "))"
        case .dependenciesReady: "what it depends on is ready"
        case .started: "was started"
        case .withoutProbe: "runs, and has no readiness probe"
        case .passed(let times): "the readiness probe passed \(times) \(times == 1 ? "time" : "times") in a row"
        case .notReady(let failures, let failure): "the readiness probe failed \(failures) times in a row: \(failure)"
        case .fault(let fault): "\(fault)"
        case .restarting(let attempt, let wait, let fault): "\(fault); restart \(attempt) after \(wait)"
        case .restartAsked: "a restart was asked for"
        case .limitReached(let restarts, let window, let fault):
            "\(fault), after \(restarts) restarts within \(window): it is not restarted any more"
        case .stopping(let cause): "is told to end (\(cause.rawValue))"
        case .graceOver(let grace): "did not end within \(grace), so it is killed"
        case .stopped(let cause, let status): "it \(status) (\(cause.rawValue))"
        case .killed(let cause, let grace):
            "did not end within \(grace) of the signal to stop, and was killed (\(cause.rawValue))"
        case .unsteady(let passed, let all, let needed, let failure):
            "the readiness probe passed \(passed) of \(all) times, never \(needed) times in a row; the last failure: \(failure)"
        case .neverStarted(let cause): "was not running (\(cause.rawValue))"
        case .adopted: "was taken over from an earlier supervisor"
        case .machineRestarted: "the machine was restarted"
        }
    }
}
