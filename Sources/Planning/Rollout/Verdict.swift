package import Spec

/// What became of a release, in one value.
package enum Verdict: Codable, Hashable, Sendable {
    /// It serves, stayed healthy, and is the state to return to. Notes say what is left or was not seen.
    case kept(notes: [String])
    /// Everything was as declared already.
    case unchanged
    /// What served before serves again, or still.
    case returned(ReleaseFailure)
    /// Nothing was begun.
    case refused(Refusal)
    /// It is not kept, and what served before could not be restored whole.
    case failed(ReleaseFailure, left: [String])

    /// The stable word for programs.
    package var code: String {
        switch self {
        case .kept: "kept"
        case .unchanged: "unchanged"
        case .returned: "returned"
        case .refused: "refused"
        case .failed: "failed"
        }
    }

    /// The process's exit code; `docs/exit-codes.md` lists them all.
    package var exitCode: Int32 {
        switch self {
        case .kept, .unchanged: 0
        case .returned: 3
        case .refused: 4
        case .failed: 5
        }
    }

    /// Why, as a clause; nil for what needs no reason.
    package var reason: String? {
        switch self {
        case .kept(let notes): notes.isEmpty ? nil : notes.joined(separator: "; ")
        case .unchanged: nil
        case .returned(let failure): failure.text
        case .refused(let refusal): refusal.text
        case .failed(let failure, let left): "\(failure.text); not restored: \(left.joined(separator: "; "))"
        }
    }
}

/// Why a release was not kept.
package enum ReleaseFailure: Codable, Hashable, Sendable {
    /// A step failed. `message` is what went wrong, `hint` what mends it, `code` the stable word for programs.
    case step(Step, message: String, hint: String?, code: String? = nil)
    case watch(WatchFailure)
    /// A canary failed at its share.
    case canary(share: Percent, WatchFailure)
    case smoke(service: ServiceName, request: String, problem: String)
    /// Somebody stopped it (Ctrl-C, SIGTERM).
    case cancelled
    /// It was found interrupted, and what was asked for next was not this release.
    case abandoned

    /// The failure as a clause.
    package var text: String {
        switch self {
        case .step(let step, let message, _, _): "\(step.line) failed: \(message)"
        case .watch(let failure): failure.text
        case .canary(let share, let failure): "at \(share) \(failure.text)"
        case .smoke(_, let request, let problem): "smoke request \(request) \(problem)"
        case .cancelled: "it was cancelled"
        case .abandoned: "it was interrupted, then given up"
        }
    }

    /// The service at fault, when it is one: its log says more.
    package var service: ServiceName? {
        switch self {
        case .step(let step, _, _, _): step.target.services.count == 1 ? step.target.services.first : nil
        case .watch(let failure), .canary(_, let failure): failure.service
        case .smoke(let service, _, _): service
        case .cancelled, .abandoned: nil
        }
    }

    /// What mends it, when that is known.
    package var hint: String? {
        switch self {
        case .step(_, _, let hint, _): hint
        case .watch(let failure), .canary(_, let failure): failure.hint
        case .smoke(let service, _, _):
            "`hauban logs \(service)` shows what it wrote; `smoke:` of services.\(service) says what was expected."
        case .cancelled, .abandoned: nil
        }
    }

    /// The stable word for programs: that of the error which the step met, or the kind of failure.
    package var code: String {
        switch self {
        case .step(_, _, _, let code): code ?? "step-failed"
        case .watch(let failure), .canary(_, let failure): failure.code
        case .smoke: "smoke-failed"
        case .cancelled: "cancelled"
        case .abandoned: "abandoned"
        }
    }
}

/// Why a release was not begun.
package enum Refusal: Codable, Hashable, Sendable {
    /// Another one is at work. `holder` names it, `since` is a moment in RFC 3339.
    case held(holder: String, since: String, release: ReleaseID?)
    /// No plan leads there.
    case impossible(String)
    /// There is no earlier release to go back to.
    case nothingToReturnTo

    /// The refusal as a clause.
    package var text: String {
        switch self {
        case .held(let holder, let since, let release):
            (release.map { "release \($0) is under way" } ?? "another command is at work")
                + ", held by \(holder) since \(since)"
        case .impossible(let why): why
        case .nothingToReturnTo: "there is no earlier kept release to return to"
        }
    }
}
