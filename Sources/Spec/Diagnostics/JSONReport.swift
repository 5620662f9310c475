/// Prints diagnostics for programs: the answer of `hauban check --json`, whose keys docs/cli-json.md documents.
///
/// Every key is always there, `null` when it has no value, so that a reader never asks whether one exists.
package struct JSONReport: Sendable {
    /// Version of the form; a change that could break a reader raises it.
    package static let format = 1

    package var source: SourceText

    package init(source: SourceText) { self.source = source }

    /// One document, in the order of the file, ending with a line end.
    package func text(_ diagnostics: [Diagnostic]) -> String {
        let ordered = diagnostics.ordered
        func count(_ severity: Diagnostic.Severity) -> JSONTree {
            .number(ordered.count { $0.severity == severity })
        }
        let document: JSONTree = [
            "format": .number(Self.format),
            "file": .text(source.name),
            "ok": .bool(!ordered.hasErrors),
            "errors": count(.error),
            "warnings": count(.warning),
            "diagnostics": .list(ordered.map(tree)),
        ]
        return document.document
    }

    private func tree(_ diagnostic: Diagnostic) -> JSONTree {
        [
            "id": .text(diagnostic.code),
            "severity": .text(diagnostic.severity.rawValue),
            "message": .text(diagnostic.message),
            "file": .text(diagnostic.file ?? source.name),
            "path": .text(diagnostic.path.components.isEmpty ? "" : diagnostic.path.description),
            "environment": .text(orNull: diagnostic.environment),
            "place": place(diagnostic.span),
            "help": .text(orNull: diagnostic.help),
            "fix": diagnostic.fix.map { ["replacement": .text($0.replacement)] } ?? .null,
            "notes": .list(diagnostic.notes.map { ["message": .text($0.message), "place": place($0.span)] }),
        ]
    }

    private func place(_ span: Span?) -> JSONTree {
        guard let span else { return .null }
        return [
            "line": .number(span.line), "column": .number(span.column), "length": .number(span.length),
        ]
    }
}
