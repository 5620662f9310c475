package import Planning
package import Spec

/// What a release tells while it works.
package enum ReleaseEvent: Sendable {
    /// A release was found interrupted; `intent` says what is done about it.
    case recovering(ReleaseID, intent: String)
    case planned(Plan)
    case began(ReleaseID)
    case stepBegan(Step)
    /// `note` is what the engine said: `from the cache`.
    case stepEnded(Step, took: Duration, note: String?)
    case stepFailed(Step, took: Duration, ReleaseFailure)
    /// One look of the watch.
    case watched(elapsed: Duration, window: Duration, [ServiceSignals])
    /// One look at a canary's share. `isMilestone` where a reader without a live line should hear of it.
    case held(
        Step, elapsed: Duration, window: Duration, new: [ServiceSignals], old: [ServiceSignals], isMilestone: Bool)
    case returning(ReleaseFailure)
    case undoBegan(Step)
    case undoEnded(Step, took: Duration, note: String?)
    case undoFailed(Step, message: String)
    /// The last lines that the service at fault wrote.
    case logTail(ServiceName, [String])
    case ended(ReleaseID, Verdict)
}

/// Where an executor stands between two commits: every point at which a kill must do no harm.
package enum Checkpoint: Hashable, Sendable, CustomStringConvertible {
    case releaseBegan
    case beforeStep(String)
    /// Written down, not yet taken.
    case stepWritten(String)
    /// Taken, its outcome not yet written down.
    case stepTaken(String)
    case stepRecorded(String)
    case beforeKeep
    case keepRecorded
    case undoWritten(String)
    case undoTaken(String)
    case undoRecorded(String)
    case beforeEnd
    case ended

    package var description: String {
        switch self {
        case .releaseBegan: "release-began"
        case .beforeStep(let id): "before:\(id)"
        case .stepWritten(let id): "written:\(id)"
        case .stepTaken(let id): "taken:\(id)"
        case .stepRecorded(let id): "recorded:\(id)"
        case .beforeKeep: "before-keep"
        case .keepRecorded: "keep-recorded"
        case .undoWritten(let id): "undo-written:\(id)"
        case .undoTaken(let id): "undo-taken:\(id)"
        case .undoRecorded(let id): "undo-recorded:\(id)"
        case .beforeEnd: "before-end"
        case .ended: "ended"
        }
    }
}

/// What a deploy, rollback or recovery came to.
package struct ReleaseReport: Sendable {
    /// Nil when nothing was begun.
    package var release: ReleaseID?
    package var verdict: Verdict
    package var plan: Plan?
    /// The last lines of what failed, by service.
    package var logTails: [LogTail]
    /// An interrupted release that was found and ended first.
    package var recovered: [Ended]

    /// The last lines of one service.
    package struct LogTail: Sendable, Hashable {
        package var service: ServiceName
        package var lines: [String]
    }

    /// An earlier release that was ended on the way.
    package struct Ended: Sendable, Hashable {
        package var release: ReleaseID
        package var verdict: Verdict
    }

    package init(
        release: ReleaseID? = nil, verdict: Verdict, plan: Plan? = nil, logTails: [LogTail] = [],
        recovered: [Ended] = []
    ) {
        self.release = release
        self.verdict = verdict
        self.plan = plan
        self.logTails = logTails
        self.recovered = recovered
    }
}
