/// What gathers while a tree becomes values: findings, and on request the value and origin of every key.
final class Reading {
    private(set) var findings: [Diagnostic] = []
    /// Filled only when `explains` is set.
    private(set) var explained: [ExplainedValue] = []
    /// What could not be read, so that stand-ins are told from what the author wrote.
    private(set) var gaps = Gaps()
    let explains: Bool
    let environment: String?

    init(environment: String?, explains: Bool) {
        self.environment = environment
        self.explains = explains
    }

    /// Whether nothing was wrong: only then does the value mean what the author wrote.
    var isWhole: Bool { gaps.isEmpty && !findings.contains { $0.severity == .error } }

    func gap(at path: SpecPath) { gaps.insert(path) }

    func gap(at path: SpecPath, lost word: String) { gaps.insert(path, lost: word) }

    func report(_ diagnostic: Diagnostic) {
        var finding = diagnostic
        finding.environment = finding.environment ?? environment
        findings.append(finding)
    }

    func report(
        _ id: DiagnosticID, _ message: String, at path: SpecPath, span: Span?, help: String? = nil,
        fix: String? = nil, notes: [Diagnostic.Note] = []
    ) {
        report(
            Diagnostic(
                id, message, at: path, span: span, help: help, fix: fix.map { Diagnostic.Fix($0) }, notes: notes))
    }

    /// A value of another shape, or none at all.
    func report(wrong node: Node, wanted: String, at path: SpecPath, help: String?, fix: String? = nil) {
        if node.isNull {
            report(.noValue, "\(path.last) has no value; \(wanted) belongs here", at: path, span: node.span, help: help)
        } else {
            report(
                .wrongType, "\(path.last) must be \(wanted), not \(node.kind)", at: path, span: node.span, help: help,
                fix: fix)
        }
    }

    func explain(
        _ path: @autoclosure () -> SpecPath, _ text: @autoclosure () -> String, _ origin: ExplainedValue.Origin
    ) {
        guard explains else { return }
        explained.append(ExplainedValue(path: path(), value: text(), origin: origin))
    }
}

/// A key's value in force and where it comes from.
package struct ExplainedValue: Sendable, Hashable {
    package enum Origin: Sendable, Hashable {
        /// Written in the base.
        case written(Span)
        /// Written in an environment's overlay.
        case overlay(environment: String, Span)
        /// The language's default and its reason.
        case defaulted(because: String)
    }

    package var path: SpecPath
    package var value: String
    package var origin: Origin
}

extension ExplainedValue.Origin: CustomStringConvertible {
    /// For people: `hauban.yaml` lines, the environment whose overlay wrote it, or the default's reason.
    package var description: String {
        switch self {
        case .written(let span): "written at \(span.line):\(span.column)"
        case .overlay(let environment, let span): "environment \(environment) at \(span.line):\(span.column)"
        case .defaulted(let reason): "default: \(reason)"
        }
    }
}
