import Yams

/// Reads YAML 1.2 text into ``Node``s with places.
///
/// Anchors, aliases and explicit tags are refused: an alias has no place of its own to report, and a platform is read
/// by people who should see what is there. One document a file, at most ``largestFile`` bytes, ``deepest`` levels.
package struct YAMLReader: Sendable {
    /// Bytes; a platform of 500 services takes about 200 kB.
    package static let largestFile = 4 << 20
    package static let deepest = 100

    private let source: SourceText
    private var cursor: SourceCursor
    private var findings: [Diagnostic] = []
    /// An alias has its anchor's place: each is said once.
    private var refused: Set<Span> = []

    private init(source: SourceText) {
        self.source = source
        cursor = SourceCursor(source)
    }

    /// - Returns: the document, `nil` when it could not be read at all, and what was wrong.
    package static func read(_ source: SourceText) -> (node: Node?, diagnostics: [Diagnostic]) {
        var reader = YAMLReader(source: source)
        let node = reader.document()
        return (node, reader.findings)
    }

    private mutating func document() -> Node? {
        if let problem = NestingGuard.problem(in: source) {
            findings.append(problem)
            return nil
        }
        do {
            // Plain scalars mean what the language says at their place, so that nothing is to be guessed from how they look.
            guard let root = try compose(yaml: source.text, .basic) else {
                findings.append(empty)
                return nil
            }
            let node = convert(root)
            guard node.isNull else { return node }
            findings.append(empty)
        } catch let error as YamlError {
            findings.append(SyntaxProblem(source: source).diagnostic(for: error))
        } catch {
            findings.append(SyntaxProblem(source: source).unreadable)
        }
        return nil
    }

    private var empty: Diagnostic {
        Diagnostic(
            .emptyFile, "the file holds no platform", at: "", span: Span(line: 1, column: 1),
            help: "`hauban init` looks at the repository and writes a first one.")
    }

    private mutating func convert(_ node: Yams.Node) -> Node {
        let mark = node.mark
        let start = Span(line: mark?.line ?? 1, column: mark?.column ?? 1)
        if let refusal = refusal(at: start) {
            if refused.insert(start).inserted { findings.append(refusal) }
            // What stands behind it is not read, so that what aliases multiply is never built.
            return Node(value: .scalar("", plain: false), span: start, isRefused: true)
        }
        switch node {
        case .scalar(let scalar):
            let plain = scalar.style == .plain || scalar.style == .any
            return Node(value: .scalar(scalar.string, plain: plain), span: span(of: scalar, at: start))
        case .sequence(let sequence):
            let span = sequence.style == .flow ? cursor.brackets(at: start) : start
            return Node(value: .list(sequence.map { convert($0) }), span: span)
        case .mapping(let mapping):
            let span = mapping.style == .flow ? cursor.brackets(at: start) : nil
            var entries: [Node.Entry] = []
            for (key, value) in mapping {
                guard case .scalar(let scalar) = key else {
                    refuseKey(key, at: start)
                    continue
                }
                let keyNode = convert(key)
                var value = convert(value)
                value.holder = keyNode.span
                entries.append(Node.Entry(key: scalar.string, keySpan: keyNode.span, value: value))
            }
            return Node(value: .map(entries), span: span ?? entries.first?.keySpan ?? start)
        case .alias:
            findings.append(SyntaxProblem(source: source).alias(at: start))
            return Node(value: .scalar("", plain: false), span: start, isRefused: true)
        }
    }

    private mutating func refuseKey(_ key: Yams.Node, at start: Span) {
        let place = key.mark.map { Span(line: $0.line, column: $0.column) } ?? start
        findings.append(
            Diagnostic(
                .yamlKey, "a key must be text", at: "", span: cursor.brackets(at: place),
                help: "Write one key for each; what several share is repeated."))
    }

    /// Anchors, aliases and tags stand where the value's mark is.
    private mutating func refusal(at start: Span) -> Diagnostic? {
        switch cursor.scalar(at: start) {
        case "&", "*": SyntaxProblem(source: source).alias(at: start)
        case "!": SyntaxProblem(source: source).tag(at: start)
        default: nil
        }
    }

    /// libyaml gives only the start; the end follows from the style and the text on that line.
    private mutating func span(of scalar: Yams.Node.Scalar, at start: Span) -> Span {
        switch scalar.style {
        case .singleQuoted, .doubleQuoted: cursor.quotes(at: start)
        case .literal, .folded: start
        case .plain, .any: cursor.run(of: scalar.string, at: start)
        }
    }
}
