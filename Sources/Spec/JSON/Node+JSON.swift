extension Shape where Value == String {
    /// Any YAML value, kept as compact JSON text with its keys in the order of the file.
    static var json: Shape {
        Shape(
            describe: { _ in .anything },
            read: { node, _, _ in node.jsonText },
            show: { $0 },
            standIn: { "null" })
    }
}

extension Shape where Value == JSONTree {
    /// Any YAML value.
    static var tree: Shape {
        Shape(
            describe: { _ in .anything },
            read: { node, _, _ in node.json },
            show: { $0.compact },
            standIn: { .null })
    }
}

extension Node {
    /// The tree with its keys in the order of the file; plain scalars by YAML 1.2's core schema.
    package var json: JSONTree {
        switch value {
        case .list(let items): .list(items.map(\.json))
        case .map(let entries): .object(entries.map { JSONTree.Member($0.key, $0.value.json) })
        case .scalar(let text, plain: false): .text(text)
        case .scalar(let text, plain: true): Self.plain(text, isNull: isNull)
        }
    }

    private static func plain(_ text: String, isNull: Bool) -> JSONTree {
        if isNull { return .null }
        let written = JSONText.plain(text)
        switch written {
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: break
        }
        if written.hasPrefix("\"") { return .text(text) }
        return Int(written).map { .number($0) } ?? .verbatim(written)
    }

    /// The tree as JSON (RFC 8259); plain scalars by YAML 1.2's core schema.
    package var jsonText: String {
        switch value {
        case .list(let items): "[" + items.map(\.jsonText).joined(separator: ",") + "]"
        case .map(let entries):
            "{" + entries.map { JSONText.quoted($0.key) + ":" + $0.value.jsonText }.joined(separator: ",") + "}"
        case .scalar(let text, let plain):
            if !plain { JSONText.quoted(text) } else if isNull { "null" } else { JSONText.plain(text) }
        }
    }
}
