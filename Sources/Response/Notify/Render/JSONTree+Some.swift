import Spec

extension JSONTree {
    /// An object without the members that are null.
    static func some(_ members: [(String, JSONTree)]) -> JSONTree {
        .object(members.filter { $0.1 != .null }.map { Member($0.0, $0.1) })
    }
}

extension String {
    /// At most so many characters, the last one an ellipsis where something was cut.
    func cut(_ limit: Int) -> String { count <= limit ? self : prefix(max(0, limit - 1)) + "…" }
}
