package import World

/// A JSON value that the engine sent, read with distrust: what is missing or of another type is an error that names its place.
package struct DockerAnswer: Sendable {
    package let value: JSONValue
    /// `[2].State` in the answer.
    let place: String
    let operation: String

    init(_ value: JSONValue, operation: String, place: String = "") {
        self.value = value
        self.operation = operation
        self.place = place
    }

    /// What a key holds; `nil` when it is absent or null.
    func member(_ key: String) -> DockerAnswer? {
        guard let found = value[key], found != .null else { return nil }
        return DockerAnswer(found, operation: operation, place: place.isEmpty ? key : "\(place).\(key)")
    }

    func required(_ key: String) throws -> DockerAnswer {
        guard let found = member(key) else { throw invalid("has no \(key)") }
        return found
    }

    func text(_ key: String) throws -> String { try required(key).text() }

    func text() throws -> String {
        guard let text = value.string else { throw invalid("is no text") }
        return text
    }

    func number(_ key: String) throws -> Int {
        let found = try required(key)
        guard case .number(let digits) = found.value, let number = Int(digits) else {
            throw found.invalid("is no whole number")
        }
        return number
    }

    func flag(_ key: String) throws -> Bool {
        let found = try required(key)
        guard case .bool(let flag) = found.value else { throw found.invalid("is neither true nor false") }
        return flag
    }

    /// The entries of an array; the engine writes null for an empty one.
    func list(_ key: String) throws -> [DockerAnswer] { try member(key)?.list() ?? [] }

    func list() throws -> [DockerAnswer] {
        if value == .null { return [] }
        guard case .array(let values) = value else { throw invalid("is no list") }
        return values.enumerated().map { DockerAnswer($1, operation: operation, place: "\(place)[\($0)]") }
    }

    /// The texts of an array.
    func texts(_ key: String) throws -> [String] { try list(key).map { try $0.text() } }

    /// The members of an object; empty when it is absent.
    func members(_ key: String) throws -> [(key: String, value: DockerAnswer)] {
        guard let found = member(key) else { return [] }
        guard case .object(let members) = found.value else { throw found.invalid("is no object") }
        return members.map { member in
            (member.key, DockerAnswer(member.value, operation: operation, place: "\(found.place).\(member.key)"))
        }
    }

    /// An object whose values are texts, as labels are.
    func dictionary(_ key: String) throws -> [String: String] {
        var result: [String: String] = [:]
        for (name, value) in try members(key) { result[name] = try value.text() }
        return result
    }

    func invalid(_ reason: String) -> WorldError {
        WorldError(
            code: "docker-answer-invalid", operation: operation,
            underlying: "the answer's \(place.isEmpty ? "top" : Printable.text(place)) \(reason)",
            hint: "What answers is no Docker Engine, or a newer one than this hauban knows.")
    }
}
