import Yams

/// Says what libyaml found in words that an author understands.
struct SyntaxProblem: Sendable {
    let source: SourceText

    var unreadable: Diagnostic {
        Diagnostic(.yamlSyntax, "the file cannot be read as YAML", at: "", span: Span(line: 1, column: 1))
    }

    func alias(at start: Span) -> Diagnostic {
        let (word, span) = word(at: start)
        let kind = word.hasPrefix("*") ? "alias" : "anchor"
        return Diagnostic(
            .yamlAlias, "the YAML \(kind) '\(word)' is not allowed", at: "", span: span,
            help: "Write the value where it is used. What environments share stands once in the base; "
                + "`environments.NAME.services` overrides it by key.")
    }

    func tag(at start: Span) -> Diagnostic {
        let (word, span) = word(at: start)
        return Diagnostic(
            .yamlTag, "the YAML tag '\(word)' is not allowed", at: "", span: span,
            help: "Every key has one type, so a tag says nothing new. Quote the value where text is meant.")
    }

    func diagnostic(for error: YamlError) -> Diagnostic {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            return syntax(problem, at: place(mark), opened: context.map { ($0.text, place($0.mark)) })
        case .composer(_, let problem, let mark, _):
            if problem.contains("alias") { return alias(at: place(mark)) }
            return Diagnostic(
                .yamlSyntax, "another document starts here", at: "", span: word(at: place(mark)).1,
                help: "A platform is one YAML document: remove the `---` that starts another.")
        case .reader(let problem, let offset, _, _):
            return Diagnostic(
                .yamlSyntax, problem, at: "", span: place(ofByte: offset ?? 0),
                help: "Save the file as UTF-8 text without control characters.")
        case .duplicatedKeysInMapping(let duplicates, let context):
            return duplicate(duplicates.first ?? "", first: context.mark)
        default: return unreadable
        }
    }

    private func syntax(_ problem: String, at span: Span, opened: (text: String, span: Span)?) -> Diagnostic {
        func finding(_ message: String, at place: Span, _ help: String?) -> Diagnostic {
            var notes: [Diagnostic.Note] = []
            if let opened, opened.text.contains("flow"), opened.span != place {
                notes.append(Diagnostic.Note("opened here", at: opened.span))
            }
            return Diagnostic(.yamlSyntax, message, at: "", span: place, help: help, notes: notes)
        }
        let first = source.text(at: span)?.unicodeScalars.first
        if problem.contains("mapping values are not allowed") {
            return finding(
                "a `:` stands where no key can be", at: span,
                "A value that holds `: ` must be quoted, and a nested map starts on a line of its own.")
        }
        if problem.contains("cannot start any token") {
            if first == "\t" { return finding("a tab indents this line", at: span, "Indent with spaces.") }
            let shown = first.map { String(Character($0)) } ?? ""
            return finding("a value cannot start with '\(shown)'", at: span, "Quote the value.")
        }
        if problem.contains("unexpected end of stream"), let opened {
            return finding("this quote is never closed", at: opened.span, "Close it on the same line.")
        }
        if problem.contains("',' or ']'") {
            return finding("the list is not closed: `,` or `]` belongs here", at: span, "Close it with `]`.")
        }
        if problem.contains("',' or '}'") {
            return finding("the map is not closed: `,` or `}` belongs here", at: span, "Close it with `}`.")
        }
        if problem.contains("<block end>") || problem.contains("did not find expected key") {
            return finding(
                "this line does not fit the lines before", at: span,
                "Keys of one map start in one column; look at the indentation of this line and of the one before.")
        }
        if problem.contains("could not find expected ':'") {
            return finding("this key has no `:`", at: span, "A key, a colon and a space come before each value.")
        }
        return finding(problem, at: span, nil)
    }

    /// Yams gives the first key's place only; the second is looked for in the text behind it.
    private func duplicate(_ key: String, first mark: Mark) -> Diagnostic {
        let length = key.unicodeScalars.count
        let first = place(mark)
        let firstSpan = Span(line: first.line, column: first.column, length: length)
        let second = again(key, behind: firstSpan).map { Span(line: $0.line, column: $0.column, length: length) }
        return Diagnostic(
            .duplicateKey, "the key '\(key)' stands twice in one map", at: "", span: second ?? firstSpan,
            help: "Keep one of them; the rest of the file is checked once this is mended.",
            notes: second == nil ? [] : [Diagnostic.Note("first here", at: firstSpan)])
    }

    private func again(_ key: String, behind first: Span) -> Span? {
        let forms = [key + ":", "\"\(key)\":", "'\(key)':"]
        if let line = source.line(first.line) {
            var rest = line.unicodeScalars.dropFirst(first.column - 1 + first.length)
            var column = first.column + first.length
            var previous: Unicode.Scalar = " "
            var depth = 0
            while let scalar = rest.first, depth >= 0 {
                if depth == 0, previous == " " || previous == ",", forms.contains(where: Substring(rest).hasPrefix) {
                    return Span(line: first.line, column: column)
                }
                if scalar == "{" || scalar == "[" { depth += 1 }
                if scalar == "}" || scalar == "]" { depth -= 1 }
                previous = scalar
                rest = rest.dropFirst()
                column += 1
            }
            if depth < 0 { return nil }
        }
        for number in stride(from: first.line + 1, through: source.lines.count, by: 1) {
            guard let line = source.line(number) else { break }
            let text = Substring(line.unicodeScalars.dropFirst(first.column - 1))
            let indented = line.unicodeScalars.prefix(first.column - 1).allSatisfy { $0 == " " }
            if indented, forms.contains(where: text.hasPrefix) { return Span(line: number, column: first.column) }
        }
        return nil
    }

    /// What stands at a place up to the next white space.
    private func word(at start: Span) -> (String, Span) {
        let line = source.line(start.line)?.unicodeScalars ?? Substring().unicodeScalars
        let word = line.dropFirst(start.column - 1).prefix(60).prefix {
            !$0.properties.isWhitespace && !",]}".unicodeScalars.contains($0)
        }
        return (String(word), Span(line: start.line, column: start.column, length: word.count))
    }

    /// libyaml may point behind the end of the file or of a line, where there is nothing to show.
    private func place(_ mark: Mark) -> Span {
        var number = max(1, mark.line)
        if number >= source.lines.count, source.lines.count > 1, source.lines.last?.isEmpty == true {
            number = source.lines.count - 1
        }
        number = min(number, max(1, source.lines.count))
        let length = source.line(number)?.unicodeScalars.count ?? 0
        let column = number == mark.line ? min(mark.column, length + 1) : length + 1
        return Span(line: number, column: column)
    }

    private func place(ofByte offset: Int) -> Span {
        var line = 1
        var column = 1
        var bytes = 0
        var previous: Unicode.Scalar = " "
        for scalar in source.text.unicodeScalars {
            if bytes >= offset { break }
            bytes += UTF8.width(scalar)
            if scalar == "\n" && previous == "\r" {
                // Counted with the carriage return.
            } else if scalar == "\n" || scalar == "\r" {
                line += 1
                column = 1
            } else {
                column += 1
            }
            previous = scalar
        }
        return Span(line: line, column: column)
    }
}
