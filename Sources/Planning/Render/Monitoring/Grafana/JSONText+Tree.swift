import Spec

extension YAMLTree {
    /// As JSON with two spaces of indentation; keys keep their order, comments are left out.
    var json: String { json(indent: 0) + "\n" }

    private func json(indent: Int) -> String {
        let pad = String(repeating: " ", count: indent + 2)
        let end = "\n" + String(repeating: " ", count: indent)
        switch self {
        case .text(let text): return JSONText.quoted(text)
        case .integer(let number): return "\(number)"
        case .number(let number): return "\(number)"
        case .flag(let flag): return flag ? "true" : "false"
        case .null: return "null"
        case .list(let items), .row(let items):
            if items.isEmpty { return "[]" }
            return "[\n" + items.map { pad + $0.json(indent: indent + 2) }.joined(separator: ",\n") + end + "]"
        case .map(let entries):
            if entries.isEmpty { return "{}" }
            let lines = entries.map { pad + JSONText.quoted($0.key) + ": " + $0.value.json(indent: indent + 2) }
            return "{\n" + lines.joined(separator: ",\n") + end + "}"
        case .commented(_, let inner), .remarked(_, let inner): return inner.json(indent: indent)
        }
    }
}
