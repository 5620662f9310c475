/// A JSON document as a tree whose objects keep the order in which they were written, so that output is byte-stable.
package indirect enum JSONTree: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(Int)
    case text(String)
    /// JSON text made elsewhere, for example by ``Node/jsonText``.
    case verbatim(String)
    case list([JSONTree])
    case object([Member])

    package struct Member: Sendable, Hashable {
        package var key: String
        package var value: JSONTree

        package init(_ key: String, _ value: JSONTree) {
            self.key = key
            self.value = value
        }
    }

    /// `.null` for nothing.
    package static func text(orNull text: String?) -> JSONTree { text.map { .text($0) } ?? .null }

    package static func number(orNull number: Int?) -> JSONTree { number.map { .number($0) } ?? .null }

    /// Indented by two spaces, with a line end at the end; empty containers stay on one line.
    package var document: String {
        var out = ""
        write(into: &out, indent: 0)
        return out + "\n"
    }

    /// On one line, without spaces.
    package var compact: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let value): "\(value)"
        case .text(let text): JSONText.quoted(text)
        case .verbatim(let text): text
        case .list(let items): "[" + items.map(\.compact).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { JSONText.quoted($0.key) + ":" + $0.value.compact }.joined(separator: ",") + "}"
        }
    }

    private func write(into out: inout String, indent: Int) {
        switch self {
        case .null: out += "null"
        case .bool(let value): out += value ? "true" : "false"
        case .number(let value): out += "\(value)"
        case .text(let text): out += JSONText.quoted(text)
        case .verbatim(let text): out += text
        case .list(let items):
            Self.write(items, "[", "]", into: &out, indent: indent) { item, out in
                item.write(into: &out, indent: indent + 1)
            }
        case .object(let members):
            Self.write(members, "{", "}", into: &out, indent: indent) { member, out in
                out += JSONText.quoted(member.key) + ": "
                member.value.write(into: &out, indent: indent + 1)
            }
        }
    }

    private static func write<Item>(
        _ items: [Item], _ open: String, _ close: String, into out: inout String, indent: Int,
        _ one: (Item, inout String) -> Void
    ) {
        guard !items.isEmpty else {
            out += open + close
            return
        }
        out += open + "\n"
        for (index, item) in items.enumerated() {
            out += String(repeating: "  ", count: indent + 1)
            one(item, &out)
            out += index + 1 < items.count ? ",\n" : "\n"
        }
        out += String(repeating: "  ", count: indent) + close
    }
}

extension JSONTree: ExpressibleByDictionaryLiteral {
    /// An object with its keys in the order written; a key may not stand twice.
    package init(dictionaryLiteral elements: (String, JSONTree)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}
