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

    /// The guideline that a finding of ``DiagnosticID/guideline`` is about, as reports tell of it.
    package struct Rule: Sendable, Hashable {
        package var id: String
        /// One line, no full stop.
        package var title: String
        package var reason: String
        package var fix: String

        package init(id: String, title: String, reason: String, fix: String) {
            self.id = id
            self.title = title
            self.reason = reason
            self.fix = fix
        }
    }

    package var id: DiagnosticID
    package var rule: Rule?
    package var severity: Severity
    /// One lower-case clause with the value and the bound.
    package var message: String
    /// The file that it is about, named from the folder of hauban.yaml; `nil` for hauban.yaml itself.
    package var file: String?
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

    /// Whether its span holds a secret, which no report shows.
    package var isSecret: Bool

    /// What reports print in brackets and waivers name: the guideline's id, or ``id``.
    package var code: String { rule?.id ?? id.rawValue }

    package init(
        _ id: DiagnosticID, _ message: String, at path: SpecPath, span: Span? = nil, severity: Severity? = nil,
        help: String? = nil, fix: Fix? = nil, notes: [Note] = [], environment: String? = nil, rule: Rule? = nil,
        file: String? = nil
    ) {
        self.id = id
        self.rule = rule
        isSecret = id == .secretInText
        self.file = file
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
    /// In the order of the file, other files behind it by their names; the same finding of several environments stands
    /// once.
    package var ordered: [Diagnostic] {
        var seen: Set<Key> = []
        let sorted = self.sorted {
            let left = $0.span ?? Span(line: 1, column: 1)
            let right = $1.span ?? Span(line: 1, column: 1)
            if $0.file != $1.file { return ($0.file ?? "") < ($1.file ?? "") }
            if left != right { return left < right }
            if $0.severity != $1.severity { return $0.severity < $1.severity }
            return ($0.code, $0.message, $0.environment ?? "")
                < ($1.code, $1.message, $1.environment ?? "")
        }
        return sorted.filter {
            seen.insert(Key(code: $0.code, message: $0.message, file: $0.file, span: $0.span)).inserted
        }
    }

    package var hasErrors: Bool { contains { $0.severity == .error } }
}

private struct Key: Hashable {
    let code: String
    let message: String
    let file: String?
    let span: Span?
}
