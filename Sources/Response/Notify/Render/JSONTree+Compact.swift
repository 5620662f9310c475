package import Spec

extension JSONTree {
    /// On one line, without a line end: the body of a request.
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

    /// An object without the members that are null.
    static func some(_ members: [(String, JSONTree)]) -> JSONTree {
        .object(members.filter { $0.1 != .null }.map { Member($0.0, $0.1) })
    }
}

extension String {
    /// At most so many characters, the last one an ellipsis where something was cut.
    func cut(_ limit: Int) -> String { count <= limit ? self : prefix(max(0, limit - 1)) + "…" }
}
