/// What the world refused: which operation, why, and what mends it.
package struct WorldError: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    /// A stable word for programs: `program-missing`, `timed-out`, `locked`.
    package var code: String
    /// What was being done, with its object: "start /usr/bin/redis-server".
    package var operation: String
    /// The underlying error as text.
    package var underlying: String
    /// What a person can do about it; empty when nothing better is known.
    package var hint: String

    package init(code: String, operation: String, underlying: String, hint: String = "") {
        self.code = code
        self.operation = operation
        self.underlying = underlying
        self.hint = hint
    }

    package var description: String {
        let head = "cannot \(operation): \(underlying) [\(code)]"
        return hint.isEmpty ? head : "\(head)\n  hint: \(hint)"
    }
}
