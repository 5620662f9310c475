/// One finding about the author's file: what, where, why, and how to mend it.
package struct Diagnostic: Sendable, Hashable {
    package enum Severity: String, Sendable, Hashable, Comparable, Codable {
        case error, warning, note

        private var rank: Int {
            switch self {
            case .error: 0
            case .warning: 1
            case .note: 2
            }
        }

        package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    }

    /// A replacement of the diagnostic's own span.
    package struct Fix: Sendable, Hashable {
        package var replacement: String

        package init(_ replacement: String) { self.replacement = replacement }
    }

    /// A second place that the reader must see to understand the first.
    package struct Note: Sendable, Hashable {
        package var message: String
        package var span: Span?

        package init(_ message: String, at span: Span?) {
            self.message = message
            self.span = span
        }
    }

    package var id: DiagnosticID
    package var severity: Severity
    /// One lower-case clause with the value and the bound.
    package var message: String
    /// Where in the file; `nil` only when the file has no such place (an empty file, a missing section).
    package var span: Span?
    /// Where in the platform.
    package var path: SpecPath
    /// Whole sentences: why, and what to do.
    package var help: String?
    package var fix: Fix?
    package var notes: [Note]
    /// The environment that it was found in; `nil` when it holds for all.
    package var environment: String?

    package init(
        _ id: DiagnosticID, _ message: String, at path: SpecPath, span: Span? = nil, severity: Severity? = nil,
        help: String? = nil, fix: Fix? = nil, notes: [Note] = [], environment: String? = nil
    ) {
        self.id = id
        self.severity = severity ?? id.severity
        self.message = message
        self.span = span
        self.path = path
        self.help = help
        self.fix = fix
        self.notes = notes
        self.environment = environment
    }
}

extension [Diagnostic] {
    /// In the order of the file; the same finding of several environments stands once.
    package var ordered: [Diagnostic] {
        var seen: Set<Key> = []
        let sorted = self.sorted {
            let left = $0.span ?? Span(line: 1, column: 1)
            let right = $1.span ?? Span(line: 1, column: 1)
            if left != right { return left < right }
            if $0.severity != $1.severity { return $0.severity < $1.severity }
            return ($0.id.rawValue, $0.message, $0.environment ?? "")
                < ($1.id.rawValue, $1.message, $1.environment ?? "")
        }
        return sorted.filter { seen.insert(Key(id: $0.id, message: $0.message, span: $0.span)).inserted }
    }

    package var hasErrors: Bool { contains { $0.severity == .error } }
}

private struct Key: Hashable {
    let id: DiagnosticID
    let message: String
    let span: Span?
}
