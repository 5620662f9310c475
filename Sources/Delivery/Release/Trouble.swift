import FrontDoor
package import World

/// What any error of a step says to people and programs: a stable code, one clause, and the mend.
package struct Trouble: Sendable, Hashable {
    package var code: String
    package var message: String
    package var hint: String?

    /// Reads an error of any of our parts.
    package init(_ error: any Error) {
        switch error {
        case let error as WorldError:
            self.init(error.code, "\(error.operation): \(error.underlying)", error.hint)
        case let error as BuildFailure:
            self.init(error.code, "`\(error.step)` \(error.ending)", error.mend)
        case let error as FrontDoorError:
            self.init(error.code.rawValue, "\(error.operation): \(error.underlying)", error.hint)
        case is CancellationError: self.init("interrupted", "it was interrupted", "")
        default: self.init("failed", "\(error)", "")
        }
    }

    private init(_ code: String, _ message: String, _ hint: String) {
        self.code = code
        self.message = message
        self.hint = hint.isEmpty ? nil : hint
    }
}

extension WorldError {
    /// The same for what ends a command outside a release; nil for what is no refusal of the world.
    package init?(refusal error: any Error) {
        switch error {
        case let error as WorldError: self = error
        case let error as FrontDoorError:
            self.init(
                code: error.code.rawValue, operation: error.operation, underlying: error.underlying, hint: error.hint)
        case let error as BuildFailure:
            self.init(
                code: error.code, operation: "build \(error.service)", underlying: "`\(error.step)` \(error.ending)",
                hint: error.mend)
        default: return nil
        }
    }
}
