import Response
import World

/// Something that the API shows: each member once, with what it is and how it is read from a value, so that the description and
/// the answers cannot differ.
struct Resource<Value>: Sendable {
    struct Member: Sendable {
        var name: String
        var shape: Shape
        var about: String
        /// `nil`: the member is left out.
        var isOptional: Bool
        var read: @Sendable (Value) -> JSONValue?
    }

    /// The name of its schema.
    var name: String
    var about: String
    var members: [Member]

    func json(_ value: Value) -> JSONValue {
        .object(members.compactMap { member in member.read(value).map { JSONValue.Member(member.name, $0) } })
    }

    var schema: APISchema {
        APISchema(
            name: name, about: about,
            members: members.map { .init(name: $0.name, shape: $0.shape, about: $0.about, isRequired: !$0.isOptional) })
    }
}

/// The description of an object.
struct APISchema: Sendable {
    struct Member: Sendable {
        var name: String
        var shape: Shape
        var about: String
        var isRequired: Bool
    }

    var name: String
    var about: String
    var members: [Member]

    /// As JSON Schema 2020-12: closed.
    var json: JSONValue {
        var all: [JSONValue.Member] = [.init("type", .string("object")), .init("description", .string(about))]
        let required = members.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { all.append(.init("required", .array(required))) }
        all.append(
            .init(
                "properties",
                .object(
                    members.map { member in
                        guard case .object(var schema) = member.shape.schema else { return .init(member.name, .null) }
                        schema.append(.init("description", .string(member.about)))
                        return .init(member.name, .object(schema))
                    })))
        all.append(.init("additionalProperties", .bool(false)))
        return .object(all)
    }
}

extension Resource.Member {
    static func text(_ name: String, _ about: String, _ read: @escaping @Sendable (Value) -> String) -> Self {
        .init(name: name, shape: .text, about: about, isOptional: false) { .string(read($0)) }
    }

    static func maybe(_ name: String, _ about: String, _ read: @escaping @Sendable (Value) -> String?) -> Self {
        .init(name: name, shape: .text, about: about, isOptional: true) { read($0).map { .string($0) } }
    }

    static func moment(_ name: String, _ about: String, _ read: @escaping @Sendable (Value) -> Moment) -> Self {
        .init(name: name, shape: .moment, about: about, isOptional: false) { .string(read($0).description) }
    }

    static func maybeMoment(_ name: String, _ about: String, _ read: @escaping @Sendable (Value) -> Moment?) -> Self {
        .init(name: name, shape: .moment, about: about, isOptional: true) {
            read($0).map { .string($0.description) }
        }
    }

    static func integer(_ name: String, _ about: String, _ read: @escaping @Sendable (Value) -> Int) -> Self {
        .init(name: name, shape: .integer, about: about, isOptional: false) { .number("\(read($0))") }
    }

    static func maybeInteger(_ name: String, _ about: String, _ read: @escaping @Sendable (Value) -> Int?) -> Self {
        .init(name: name, shape: .integer, about: about, isOptional: true) { read($0).map { .number("\($0)") } }
    }

    static func maybeNumber(_ name: String, _ about: String, _ read: @escaping @Sendable (Value) -> Double?) -> Self {
        .init(name: name, shape: .number, about: about, isOptional: true) { read($0).map { .number("\($0)") } }
    }

    static func flag(_ name: String, _ about: String, _ read: @escaping @Sendable (Value) -> Bool) -> Self {
        .init(name: name, shape: .flag, about: about, isOptional: false) { .bool(read($0)) }
    }

    static func choice(
        _ name: String, _ about: String, _ words: [String], _ read: @escaping @Sendable (Value) -> String
    ) -> Self {
        .init(name: name, shape: .choice(words), about: about, isOptional: false) { .string(read($0)) }
    }

    static func texts(_ name: String, _ about: String, _ read: @escaping @Sendable (Value) -> [String]) -> Self {
        .init(name: name, shape: .list(.text), about: about, isOptional: false) {
            .array(read($0).map { .string($0) })
        }
    }

    static func map(
        _ name: String, _ about: String, _ read: @escaping @Sendable (Value) -> [String: String]
    ) -> Self {
        .init(name: name, shape: .map(.text), about: about, isOptional: false) { value in
            .object(read(value).sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })
        }
    }

    static func list<Element>(
        _ name: String, _ about: String, of resource: Resource<Element>,
        _ read: @escaping @Sendable (Value) -> [Element]
    ) -> Self {
        .init(name: name, shape: .list(.object(resource.name)), about: about, isOptional: false) {
            .array(read($0).map(resource.json))
        }
    }

    static func maybe<Element>(
        _ name: String, _ about: String, of resource: Resource<Element>,
        _ read: @escaping @Sendable (Value) -> Element?
    ) -> Self {
        .init(name: name, shape: .object(resource.name), about: about, isOptional: true) {
            read($0).map(resource.json)
        }
    }
}
