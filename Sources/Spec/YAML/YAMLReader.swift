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
    private var findings: [Diagnostic] = []

    private init(source: SourceText) { self.source = source }

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
            guard let root = try compose(yaml: source.text) else {
                report(.emptyFile, "the file is empty", line: 1, column: 1)
                return nil
            }
            return convert(root)
        } catch let error as YamlError {
            report(error)
        } catch {
            report(.yamlSyntax, "the file cannot be read as YAML", line: 1, column: 1)
        }
        return nil
    }

    private mutating func convert(_ node: Yams.Node) -> Node? {
        let mark = node.mark
        let start = Span(line: mark?.line ?? 1, column: mark?.column ?? 1)
        if let refused = refusal(at: start) {
            findings.append(refused)
            return nil
        }
        switch node {
        case .scalar(let scalar):
            let plain = scalar.style == .plain || scalar.style == .any
            return Node(
                value: .scalar(scalar.string, plain: plain), span: spanOfScalar(scalar, plain: plain, at: start),
                environment: nil)
        case .sequence(let sequence):
            var items: [Node] = []
            for item in sequence {
                guard let item = convert(item) else { return nil }
                items.append(item)
            }
            return Node(value: .list(items), span: start, environment: nil)
        case .mapping(let mapping):
            var entries: [Node.Entry] = []
            for (key, value) in mapping {
                guard case .scalar(let scalar) = key else {
                    report(
                        .yamlKey, "a key must be text", line: key.mark?.line ?? start.line,
                        column: key.mark?.column ?? start.column)
                    return nil
                }
                guard let keyNode = convert(key), var value = convert(value) else { return nil }
                value.holder = keyNode.span
                entries.append(Node.Entry(key: scalar.string, keySpan: keyNode.span, value: value))
            }
            return Node(value: .map(entries), span: entries.first?.keySpan ?? start, environment: nil)
        case .alias:
            report(.yamlAlias, "an alias is not allowed", line: start.line, column: start.column)
            return nil
        }
    }

    private func refusal(at start: Span) -> Diagnostic? {
        guard let first = source.text(at: start) else { return nil }
        let line = source.line(start.line).map(String.init) ?? ""
        let word = line.unicodeScalars.dropFirst(start.column - 1).prefix { !$0.properties.isWhitespace }
        let span = Span(line: start.line, column: start.column, length: word.count)
        switch first {
        case "&", "*":
            return Diagnostic(
                .yamlAlias, "the YAML anchor '\(String(String.UnicodeScalarView(word)))' is not allowed", at: "",
                span: span,
                help: "Write the value where it is used. What environments share stands once in the base; "
                    + "`environments.NAME.services` overrides it by key.")
        case "!":
            return Diagnostic(
                .yamlTag, "the YAML tag '\(String(String.UnicodeScalarView(word)))' is not allowed", at: "", span: span,
                help: "Every key has one type, so a tag says nothing new. Quote the value where text is meant.")
        default:
            return nil
        }
    }

    /// libyaml gives only the start; the end follows from the style and the text on that line.
    private func spanOfScalar(_ scalar: Yams.Node.Scalar, plain: Bool, at start: Span) -> Span {
        guard let line = source.line(start.line) else { return start }
        let rest = Array(line.unicodeScalars.dropFirst(start.column - 1))
        switch scalar.style {
        case .singleQuoted, .doubleQuoted:
            guard let quote = rest.first else { return start }
            var index = 1
            while index < rest.count {
                if rest[index] == "\\" && quote == "\"" {
                    index += 2
                    continue
                }
                if rest[index] == quote {
                    if quote == "'" && index + 1 < rest.count && rest[index + 1] == "'" {
                        index += 2
                        continue
                    }
                    break
                }
                index += 1
            }
            return Span(line: start.line, column: start.column, length: min(index + 1, max(1, rest.count)))
        case .literal, .folded:
            return start
        case .plain, .any:
            let text = Array(scalar.string.unicodeScalars)
            var length = 0
            while length < text.count, length < rest.count, text[length] == rest[length] { length += 1 }
            return Span(line: start.line, column: start.column, length: max(1, length))
        }
    }

    private mutating func report(_ error: YamlError) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
            report(.yamlSyntax, problem, line: mark.line, column: mark.column, help: Self.help(for: problem))
        case .composer(_, let problem, let mark, _):
            let alias = problem.contains("alias")
            report(
                alias ? .yamlAlias : .yamlSyntax, problem, line: mark.line, column: mark.column,
                help: alias ? nil : "A platform is one YAML document: remove the `---` that starts another.")
        case .reader(let problem, let offset, _, _):
            let place = place(ofByte: offset ?? 0)
            report(
                .yamlSyntax, problem, line: place.line, column: place.column,
                help: "Save the file as UTF-8 text without control characters.")
        case .duplicatedKeysInMapping(let duplicates, let context):
            reportDuplicate(duplicates.first ?? "", first: context.mark)
        default:
            report(.yamlSyntax, "the file cannot be read as YAML", line: 1, column: 1)
        }
    }

    private static func help(for problem: String) -> String? {
        if problem.contains("mapping values are not allowed") {
            return "A value that holds `: ` must be quoted, and a nested map starts on a line of its own."
        }
        if problem.contains("cannot start any token") {
            return "Indent with spaces, not tabs, and quote a value that starts with `@`, a backquote or `%`."
        }
        if problem.contains("expected <block end>") || problem.contains("did not find expected key") {
            return "Keys of one map start in one column; look at the indentation of this line and of the one before."
        }
        return nil
    }

    /// Yams gives the first key's place only; the second is looked for in the text below it.
    private mutating func reportDuplicate(_ key: String, first: Mark) {
        let firstSpan = Span(line: first.line, column: first.column, length: key.unicodeScalars.count)
        var second: Span?
        for number in stride(from: first.line + 1, through: source.lines.count, by: 1) {
            guard let line = source.line(number) else { break }
            let rest = line.unicodeScalars.dropFirst(first.column - 1)
            let text = String(String.UnicodeScalarView(rest))
            let indented = line.unicodeScalars.prefix(first.column - 1).allSatisfy { $0 == " " }
            if indented, text.hasPrefix(key + ":") || text.hasPrefix("\"\(key)\":") || text.hasPrefix("'\(key)':") {
                second = Span(line: number, column: first.column, length: key.unicodeScalars.count)
                break
            }
        }
        findings.append(
            Diagnostic(
                .duplicateKey, "the key '\(key)' stands twice in one map", at: "", span: second ?? firstSpan,
                help: "Keep one of them; the rest of the file is checked once this is mended.",
                notes: second == nil ? [] : [Diagnostic.Note("first here", at: firstSpan)]))
    }

    private func place(ofByte offset: Int) -> (line: Int, column: Int) {
        var line = 1
        var column = 1
        var bytes = 0
        for scalar in source.text.unicodeScalars {
            if bytes >= offset { break }
            bytes += UTF8.width(scalar)
            if scalar == "\n" {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return (line, column)
    }

    private mutating func report(
        _ id: DiagnosticID, _ message: String, line: Int, column: Int, help: String? = nil
    ) {
        // libyaml may point one line behind the end of the file, where there is nothing to show.
        let last = max(1, source.lines.count)
        let span = line > last ? Span(line: last, column: 1) : Span(line: line, column: column)
        findings.append(Diagnostic(id, message, at: "", span: span, help: help))
    }
}
