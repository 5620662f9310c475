import World

/// What a JSON value of the API looks like: written into its description, and checked where a client sends it.
indirect enum Shape: Sendable {
    case text
    /// RFC 3339, in UTC where it is ours.
    case moment
    case integer
    /// A whole number between two.
    case within(ClosedRange<Int>)
    case number
    case flag
    case choice([String])
    case list(Shape)
    /// Any names with values of one shape.
    case map(Shape)
    /// One of the described objects.
    case object(String)
    case any

    /// As JSON Schema 2020-12.
    var schema: JSONValue {
        switch self {
        case .text: Self.type("string")
        case .moment: .object([.init("type", .string("string")), .init("format", .string("date-time"))])
        case .integer: Self.type("integer")
        case .within(let range):
            .object([
                .init("type", .string("integer")), .init("minimum", .number("\(range.lowerBound)")),
                .init("maximum", .number("\(range.upperBound)")),
            ])
        case .number: Self.type("number")
        case .flag: Self.type("boolean")
        case .choice(let words):
            .object([.init("type", .string("string")), .init("enum", .array(words.map { .string($0) }))])
        case .list(let element): .object([.init("type", .string("array")), .init("items", element.schema)])
        case .map(let value):
            .object([.init("type", .string("object")), .init("additionalProperties", value.schema)])
        case .object(let name): .object([.init("$ref", .string("#/components/schemas/\(name)"))])
        case .any: .object([])
        }
    }

    private static func type(_ name: String) -> JSONValue { .object([.init("type", .string(name))]) }

    /// What is wrong with a parameter of a query, as the end of a sentence; `nil`: nothing.
    func fault(parameter text: String) -> String? {
        switch self {
        case .integer, .within, .number: fault(.number(text))
        case .flag: ["true", "false", "1", "0"].contains(text) ? nil : "is neither true nor false"
        case .text, .moment, .choice, .any: fault(.string(text))
        // Each of a list is a parameter of its own.
        case .list(let element): element.fault(parameter: text)
        case .map, .object: nil
        }
    }

    /// What is wrong with a value that a client sent, as the end of a sentence; `nil`: nothing.
    func fault(_ value: JSONValue) -> String? {
        switch (self, value) {
        case (.text, .string), (.number, .number), (.flag, .bool), (.any, _): nil
        case (.integer, .number(let digits)): Int(digits) == nil ? "is no whole number" : nil
        case (.within(let range), .number(let digits)):
            Int(digits).map(range.contains) == true
                ? nil : "is no whole number from \(range.lowerBound) to \(range.upperBound)"
        case (.moment, .string(let text)): InstantText.moment(text) == nil ? "is no date-time (RFC 3339)" : nil
        case (.choice(let words), .string(let text)):
            words.contains(text) ? nil : "is none of \(words.joined(separator: ", "))"
        case (.list(let element), .array(let values)): values.lazy.compactMap(element.fault).first
        case (.map(let element), .object(let members)): members.lazy.compactMap { element.fault($0.value) }.first
        case (.text, _), (.moment, _), (.choice, _): "is no text"
        case (.number, _), (.integer, _), (.within, _): "is no number"
        case (.flag, _): "is neither true nor false"
        case (.list, _): "is no list"
        case (.map, _), (.object, _): "is no object"
        }
    }
}
