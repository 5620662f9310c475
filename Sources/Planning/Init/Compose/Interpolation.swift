/// Compose's `${VARIABLE:-default}` in values (Compose Specification, "Interpolation").
///
/// Values come from `.env.example` and the like; `.env` itself, which holds a person's own values, is never read.
struct Interpolation: Sendable {
    let values: [String: String]

    /// The text with variables put in, and which ones it named; an unknown one leaves nothing.
    func apply(_ text: String) -> (text: String, names: [String]) {
        var out = ""
        var names: [String] = []
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            out += rest[..<dollar]
            let after = rest[rest.index(after: dollar)...]
            if after.first == "$" {
                out += "$"
                rest = after.dropFirst()
            } else if after.first == "{", let end = Self.closing(after) {
                let body = after[after.index(after: after.startIndex)..<end]
                let name = String(body.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
                names.append(name)
                out += value(name, operation: body.dropFirst(name.count), names: &names)
                rest = after[after.index(after: end)...]
            } else {
                let name = String(after.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
                if name.isEmpty {
                    out += "$"
                } else {
                    names.append(name)
                    out += values[name] ?? ""
                }
                rest = after.dropFirst(name.count)
            }
        }
        return (out + rest, names)
    }

    private func value(_ name: String, operation: Substring, names: inout [String]) -> String {
        let known = values[name]
        for (mark, emptyCounts) in [(":-", false), ("-", true), (":+", false), ("+", true)]
        where operation.hasPrefix(mark) {
            let isSet = known.map { emptyCounts || !$0.isEmpty } ?? false
            let other = apply(String(operation.dropFirst(mark.count)))
            names += other.names
            if mark.hasSuffix("+") { return isSet ? other.text : "" }
            return isSet ? known ?? "" : other.text
        }
        // `:?` and `?` only complain.
        return known ?? ""
    }

    /// The brace that closes the one at the start; defaults may hold further ones.
    private static func closing(_ text: Substring) -> Substring.Index? {
        var depth = 0
        for index in text.indices {
            if text[index] == "{" { depth += 1 }
            if text[index] == "}" {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return nil
    }
}
