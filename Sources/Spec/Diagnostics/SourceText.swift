/// The file as read: its name for messages, its text and its lines.
package struct SourceText: Sendable, Hashable {
    /// As the user named it, for messages.
    package let name: String
    package let text: String
    /// Without their line ends.
    package let lines: [Substring]

    package init(name: String, text: String) {
        self.name = name
        self.text = text
        lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
    }

    /// The text of a 1-based line, `nil` beyond the end.
    package func line(_ number: Int) -> Substring? {
        lines.indices.contains(number - 1) ? lines[number - 1] : nil
    }

    /// What stands at a span.
    package func text(at span: Span) -> String? {
        guard let line = line(span.line) else { return nil }
        let scalars = line.unicodeScalars.dropFirst(span.column - 1).prefix(span.length)
        return scalars.isEmpty ? nil : String(String.UnicodeScalarView(scalars))
    }
}
