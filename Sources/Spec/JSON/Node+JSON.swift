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

extension Node {
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
