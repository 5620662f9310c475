/// A place in the platform: map keys and list positions from the top, printed as `services.api.smoke[0].post`.
package struct SpecPath: Sendable, Hashable, Comparable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// Map keys as written; a list position is `[3]`.
    package var components: [String]

    package init(_ components: [String] = []) {
        self.components = components
    }

    /// Reads a dotted path. A key that holds a dot cannot be written this way.
    package init(text: String) {
        var parts: [String] = []
        for piece in text.split(separator: ".") {
            let pieces = piece.split(separator: "[", omittingEmptySubsequences: false)
            if let key = pieces.first, !key.isEmpty { parts.append(String(key)) }
            parts += pieces.dropFirst().map { "[" + $0 }
        }
        components = parts
    }

    package init(stringLiteral value: String) {
        self.init(text: value)
    }

    package func appending(_ key: String) -> SpecPath {
        SpecPath(components + [key])
    }

    package func appending(index: Int) -> SpecPath {
        SpecPath(components + ["[\(index)]"])
    }

    /// The path one level up; the top's parent is the top.
    package var parent: SpecPath { SpecPath(Array(components.dropLast())) }

    package func starts(with other: SpecPath) -> Bool {
        components.starts(with: other.components)
    }

    package var description: String {
        var text = ""
        for component in components {
            if !text.isEmpty && !component.hasPrefix("[") { text += "." }
            text += component
        }
        return text.isEmpty ? "(top)" : text
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.components.lexicographicallyPrecedes(right.components)
    }
}
