/// A run of characters on one line of the source: 1-based line and column, length in Unicode scalars.
package struct Span: Sendable, Hashable, Comparable, Codable {
    package var line: Int
    package var column: Int
    /// At least 1, so that a caret can be drawn.
    package var length: Int

    package init(line: Int, column: Int, length: Int = 1) {
        self.line = max(1, line)
        self.column = max(1, column)
        self.length = max(1, length)
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.line, left.column, left.length) < (right.line, right.column, right.length)
    }
}
