/// A condition on one label: `severity="critical"`, `service=~"api|web"` (Alertmanager, "Matcher").
package struct Matcher: Hashable, Sendable {
    package enum Way: String, Hashable, Codable, Sendable, CaseIterable {
        case equals = "="
        case differs = "!="
        case matches = "=~"
        case matchesNot = "!~"
    }

    /// Why a text is no matcher.
    package struct Problem: Error, Hashable, CustomStringConvertible {
        package var description: String
    }

    package let name: String
    package let way: Way
    package let value: String
    private let pattern: Pattern?

    /// - Throws: `Problem` for an empty name or a regular expression that cannot be read.
    package init(_ name: String, _ way: Way, _ value: String) throws(Problem) {
        guard !name.isEmpty else { throw Problem(description: "a matcher needs the name of a label") }
        self.name = name
        self.way = way
        self.value = value
        switch way {
        case .equals, .differs: pattern = nil
        case .matches, .matchesNot: pattern = try Pattern(value)
        }
    }

    /// A missing label is an empty value.
    package func matches(_ labels: LabelSet) -> Bool {
        let found = labels[name] ?? ""
        switch way {
        case .equals: return found == value
        case .differs: return found != value
        case .matches: return pattern?.matches(found) ?? false
        case .matchesNot: return !(pattern?.matches(found) ?? true)
        }
    }

    /// Whether it also holds for every set of labels that lacks the name.
    package var acceptsMissing: Bool { matches(LabelSet([:])) }

    package static func == (one: Matcher, other: Matcher) -> Bool {
        one.name == other.name && one.way == other.way && one.value == other.value
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(way)
        hasher.combine(value)
    }
}

extension Matcher: Codable {
    private enum Key: String, CodingKey { case name, way, value }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(name, forKey: .name)
        try container.encode(way, forKey: .way)
        try container.encode(value, forKey: .value)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        try self.init(
            container.decode(String.self, forKey: .name), container.decode(Way.self, forKey: .way),
            container.decode(String.self, forKey: .value))
    }
}

extension Matcher: CustomStringConvertible {
    package var description: String { "\(name)\(way.rawValue)\"\(value)\"" }
}

extension [Matcher] {
    package func match(_ labels: LabelSet) -> Bool { allSatisfy { $0.matches(labels) } }
}
