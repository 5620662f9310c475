/// What the value of one label of an alert must be: `critical`, `[api, web]`, `"!= dev"`, `=~ db-.*`.
package enum LabelMatch: Sendable, Hashable {
    case equals(String)
    case differs(String)
    /// The whole value, by a regular expression (RE2).
    case matches(String)
    case matchesNot(String)
    case oneOf([String])

    /// Labels and what they must be; all must hold.
    static var map: Shape<[String: LabelMatch]> { .map(of: shape, key: .label) }

    private static let shape: Shape<LabelMatch> = .either(
        list: Shape<[String]>.list(of: .text("a value")).map(LabelMatch.oneOf, show: { $0.text }),
        or: .scalar(
            "a label's value", examples: ["critical", "\"!= dev\"", "=~ db-.*"],
            parse: { text in
                let ways: [(String, @Sendable (String) -> LabelMatch)] = [
                    ("=~", LabelMatch.matches), ("!~", LabelMatch.matchesNot), ("!=", LabelMatch.differs),
                ]
                for (sign, make) in ways where text.hasPrefix(sign) {
                    let rest = String(text.dropFirst(2)).trimmed
                    if rest.isEmpty, sign != "!=" { return .failure(.init("'\(text)' has no regular expression")) }
                    return .success(make(rest))
                }
                return .success(.equals(text))
            },
            show: { $0.text }))

    /// As it is written.
    var text: String {
        switch self {
        case .equals(let value): JSONText.quoted(value)
        case .differs(let value): JSONText.quoted("!= " + value)
        case .matches(let pattern): JSONText.quoted("=~ " + pattern)
        case .matchesNot(let pattern): JSONText.quoted("!~ " + pattern)
        case .oneOf(let values): "[" + values.map(JSONText.quoted).joined(separator: ", ") + "]"
        }
    }

    /// The regular expression that has to be read, if there is one.
    package var pattern: String? {
        switch self {
        case .matches(let pattern), .matchesNot(let pattern): pattern
        case .equals, .differs, .oneOf: nil
        }
    }
}

extension Shape where Value == String {
    /// The name of a label (Prometheus, "Metric names and labels").
    static var label: Shape {
        .text(
            "a label", pattern: "^[A-Za-z_][A-Za-z0-9_]*$", examples: ["severity"],
            help: "Letters, digits and underscores, no digit in front.",
            where: { text in
                guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
                return text.utf8.allSatisfy {
                    (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f
                }
            })
    }
}
