/// The world's refusal to let a front door serve, or a front door's refusal of a call, with what mends it.
package struct FrontDoorError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, as a stable word.
    package enum Code: String, Codable, Sendable {
        case configurationInvalid = "configuration-invalid"
        case generationStale = "generation-stale"
        case certificateInvalid = "certificate-invalid"
        case bindFailed = "bind-failed"
        case stateUnreadable = "state-unreadable"
        case stateUnwritable = "state-unwritable"
        case alreadyRunning = "already-running"
        case unreachable = "unreachable"
        case deadlineExceeded = "deadline-exceeded"
        case answerUnreadable = "answer-unreadable"
        case requestInvalid = "request-invalid"
        case stopped = "stopped"
    }

    package var code: Code
    /// What was attempted, for example `bind 127.0.0.1:8080`.
    package var operation: String
    /// What the system, or the other side, said.
    package var underlying: String
    /// What to do about it.
    package var hint: String

    package init(code: Code, operation: String, underlying: String, hint: String) {
        self.code = code
        self.operation = operation
        self.underlying = underlying
        self.hint = hint
    }

    package var description: String { "\(operation): \(underlying) [\(code.rawValue)]. \(hint)" }
}
