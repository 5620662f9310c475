/// The JSON Schema of hauban.yaml, printed from the same book as the reference.
///
/// Draft-07, because the YAML servers of today's editors read that draft best; it needs nothing that came later.
/// A record may be needed in two forms: whole, and as an environment's overlay, where no key is required and `null`
/// removes what the base holds.
package struct JSONSchema: Sendable {
    private let book: SchemaBook
    /// Records that are needed as overlays, in the order in which they are met.
    private var overlays: [String] = []

    package init(book: SchemaBook) { self.book = book }

    /// The published document, ending with a line end.
    package static func document(of book: SchemaBook = Platform.schemaBook) -> String {
        var schema = JSONSchema(book: book)
        return schema.tree().document
    }

    private mutating func tree() -> JSONTree {
        var definitions: [JSONTree.Member] = []
        var root: [JSONTree.Member] = []
        for record in book.records {
            if record.name == book.top {
                root = object(record, overlay: false)
            } else {
                definitions.append(.init(Self.slug(record.name), definition(record, overlay: false)))
            }
        }
        var next = 0
        while next < overlays.count {
            let name = overlays[next]
            next += 1
            guard let record = book.record(name) else { continue }
            definitions.append(.init(Self.slug(name) + "-overlay", definition(record, overlay: true)))
        }
        let head: [JSONTree.Member] = [
            .init("$schema", .text("http://json-schema.org/draft-07/schema#")),
            .init("title", .text("hauban.yaml")),
        ]
        return .object(head + root + [.init("definitions", .object(definitions))])
    }

    private mutating func definition(_ record: RecordDescription, overlay: Bool) -> JSONTree {
        let whole = JSONTree.object(object(record, overlay: overlay))
        guard let short = record.short else { return whole }
        return ["anyOf": .list([type(short, overlay: false), whole])]
    }

    private mutating func object(_ record: RecordDescription, overlay: Bool) -> [JSONTree.Member] {
        var properties: [JSONTree.Member] = []
        for field in record.fields { properties.append(.init(field.key, property(field, overlay: overlay))) }
        var members: [JSONTree.Member] = [
            .init("description", .text(record.meaning)),
            .init("type", .text("object")),
            .init("additionalProperties", .bool(false)),
            .init("properties", .object(properties)),
        ]
        let required = record.fields.filter { $0.presence == .required }.map { JSONTree.text($0.key) }
        if !overlay && !required.isEmpty { members.append(.init("required", .list(required))) }
        return members
    }

    private mutating func property(_ field: FieldDescription, overlay: Bool) -> JSONTree {
        let resolved = section(field.type)
        var members: [JSONTree.Member] = [.init("description", .text(Self.description(of: field)))]
        if overlay || resolved != nil {
            let type = type(resolved ?? field.type, overlay: true)
            members.append(.init("anyOf", .list([type, ["type": .text("null")]])))
        } else if case .record = field.type {
            // Draft-07 ignores what stands beside `$ref`, so that the description needs the detour.
            members.append(.init("allOf", .list([type(field.type, overlay: false)])))
        } else if case .object(let own) = type(field.type, overlay: false) {
            members += own
        }
        if !overlay, case .defaulted(let text, _) = field.presence, let value = Self.value(text) {
            members.append(.init("default", value))
        }
        if let example = field.example.flatMap(Self.value) {
            members.removeAll { $0.key == "examples" }
            members.append(.init("examples", .list([example])))
        }
        return .object(members)
    }

    /// The type behind an environment's section: `platform.services` is what the platform's `services` is.
    private func section(_ type: SchemaType) -> SchemaType? {
        guard case .record(let name) = type else { return nil }
        let parts = name.split(separator: ".").map(String.init)
        guard parts.count == 2 else { return nil }
        return book.record(parts[0])?.fields.first { $0.key == parts[1] }?.type
    }

    private mutating func type(_ type: SchemaType, overlay: Bool) -> JSONTree {
        switch type {
        case .text(_, let pattern, let examples): return Self.text(pattern, examples)
        case .integer(let range):
            return [
                "type": .text("integer"), "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound),
            ]
        case .boolean: return ["type": .text("boolean")]
        case .choice(let choices): return Self.choice(choices)
        case .list(let element):
            // A list of an overlay replaces the base's, so that its elements are whole.
            return ["type": .text("array"), "items": self.type(element, overlay: false)]
        case .map(let key, let value):
            let element = self.type(value, overlay: overlay)
            let removable: JSONTree = overlay ? ["anyOf": .list([element, ["type": .text("null")]])] : element
            return ["type": .text("object"), "propertyNames": Self.key(key), "additionalProperties": removable]
        case .record(let name):
            if overlay && !overlays.contains(name) { overlays.append(name) }
            return ["$ref": .text("#/definitions/" + Self.slug(name) + (overlay ? "-overlay" : ""))]
        case .either(let types): return ["anyOf": .list(types.map { self.type($0, overlay: overlay) })]
        case .anything: return [:]
        }
    }

    /// Text; a value that YAML takes for a number or a truth value is text too where its form allows.
    private static func text(_ pattern: String?, _ examples: [String]) -> JSONTree {
        var types: [JSONTree] = [.text("string")]
        if matches(pattern, "7") { types.append(.text("number")) }
        if pattern == nil { types.append(.text("boolean")) }
        var members: [JSONTree.Member] = [.init("type", types.count == 1 ? types[0] : .list(types))]
        if let pattern { members.append(.init("pattern", .text(pattern))) }
        if !examples.isEmpty { members.append(.init("examples", .list(examples.map { .text($0) }))) }
        return .object(members)
    }

    private static func matches(_ pattern: String?, _ text: String) -> Bool {
        guard let pattern else { return true }
        guard let expression = try? Regex(pattern) else { return false }
        return (try? expression.wholeMatch(in: text)) != nil
    }

    private static func choice(_ choices: [SchemaType.Choice]) -> JSONTree {
        let words = choices.map { JSONTree.text($0.word) }
        // `minimum: 1.3` is a number for YAML.
        let numbers = choices.filter { matches("[0-9]+(\\.[0-9]+)?", $0.word) }.map { JSONTree.verbatim($0.word) }
        let meanings = choices.map { JSONTree.text($0.meaning) }
        return [
            "enum": .list(words + numbers),
            "enumDescriptions": .list(meanings + numbers.indices.map { meanings[$0] }),
        ]
    }

    private static func key(_ type: SchemaType) -> JSONTree {
        switch type {
        case .text(_, let pattern?, _): ["pattern": .text(pattern)]
        case .choice(let choices): ["enum": .list(choices.map { .text($0.word) })]
        case .text, .integer, .boolean, .list, .map, .record, .either, .anything: [:]
        }
    }

    private static func description(of field: FieldDescription) -> String {
        switch field.presence {
        case .required, .optional: field.meaning
        case .defaulted(let text, let reason):
            text.contains("…")
                ? "\(field.meaning) Default: \(reason)." : "\(field.meaning) Default: \(text) (\(reason))."
        }
    }

    /// YAML as the author writes it, as JSON; `nil` for a default that stands for a whole record.
    private static func value(_ yaml: String) -> JSONTree? {
        guard !yaml.contains("…") else { return nil }
        let (node, problems) = YAMLReader.read(SourceText(name: "example", text: yaml))
        guard let node, problems.isEmpty else { return nil }
        return .verbatim(node.jsonText)
    }

    private static func slug(_ name: String) -> String {
        name.split(separator: " ").joined(separator: "-")
    }
}

extension Platform {
    /// Everything that hauban.yaml may hold.
    package static var schemaBook: SchemaBook {
        var book = SchemaBook()
        _ = shape.describe(&book)
        return book
    }
}

extension SchemaBook {
    /// The record that the whole file is: the first one described.
    package var top: String? { records.first?.name }
}
