/// Prints diagnostics as a compiler does: place, message, line, caret, help, fix.
package struct TextReport: Sendable {
    package var source: SourceText
    /// ANSI colours; only for a terminal.
    package var colour: Bool
    /// What must not be shown although its line is: the secrets that were found.
    private var hidden: [Span] = []

    package init(source: SourceText, colour: Bool = false) {
        self.source = source
        self.colour = colour
    }

    package func text(_ diagnostics: [Diagnostic]) -> String {
        // Any finding may show a line on which another one found a secret.
        var report = self
        report.hidden = diagnostics.filter { $0.id == .secretInText }.compactMap(\.span)
        return diagnostics.map { report.text($0) }.joined(separator: "\n")
    }

    /// One diagnostic, ending with a line end.
    package func text(_ diagnostic: Diagnostic) -> String {
        if diagnostic.id == .secretInText, let span = diagnostic.span, !hidden.contains(span) {
            var report = self
            report.hidden.append(span)
            return report.text(diagnostic)
        }
        var out = ""
        let where_ = diagnostic.environment.map { " (environment \($0))" } ?? ""
        let place = diagnostic.span.map { "\(source.name):\($0.line):\($0.column)" } ?? source.name
        out += paint("\(place): ", .bold) + paint("\(diagnostic.severity.rawValue): ", severityColour(diagnostic))
        out += paint(visible(diagnostic.message), .bold) + where_ + " [\(diagnostic.id.rawValue)]\n"
        if let span = diagnostic.span { out += excerpt(span, .red) }
        for note in diagnostic.notes {
            if let span = note.span {
                out += "\(source.name):\(span.line):\(span.column): note: \(visible(note.message))\n"
                out += excerpt(span, .blue)
            } else {
                out += "    = note: \(visible(note.message))\n"
            }
        }
        if let help = diagnostic.help { out += "    = help: \(visible(help))\n" }
        if let fix = diagnostic.fix { out += "    = fix: replace with `\(visible(fix.replacement))`\n" }
        return out
    }

    private func excerpt(_ span: Span, _ style: Style) -> String {
        guard let line = source.line(span.line) else { return "" }
        let number = String(span.line)
        let gutter = max(3, number.count + 1)
        var scalars = Array(line.unicodeScalars)
        for secret in hidden where secret.line == span.line {
            for index in scalars.indices.dropFirst(secret.column - 1).prefix(secret.length) { scalars[index] = "*" }
        }
        let longest = 200
        // A line that does not fit is shown from a little before the place.
        let start = span.column > longest - 40 ? span.column - 40 : 0
        let shown = scalars.dropFirst(start).prefix(longest).map(Self.printable)
        let before = shown.prefix(max(0, span.column - 1 - start)).map { $0 == "\t" ? "\t" : " " }.joined()
        let room = max(1, min(span.length, shown.count - (span.column - 1 - start)))
        var out = pad(number, gutter) + " | " + shown.joined() + "\n"
        out += String(repeating: " ", count: gutter) + " | " + before
        out += paint(String(repeating: "^", count: room), style) + "\n"
        return out
    }

    /// A control character would move the terminal's cursor or colour: shown as U+FFFD instead.
    private static func printable(_ scalar: Unicode.Scalar) -> String {
        if scalar == "\t" { return "\t" }
        if scalar == "\n" { return "\\n" }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator: return "\u{FFFD}"
        default: return String(Character(scalar))
        }
    }

    private func visible(_ text: String) -> String {
        text.unicodeScalars.map(Self.printable).joined()
    }

    private func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private enum Style: String {
        case bold = "1"
        case red = "31;1"
        case yellow = "33;1"
        case blue = "34;1"
    }

    private func severityColour(_ diagnostic: Diagnostic) -> Style {
        switch diagnostic.severity {
        case .error: .red
        case .warning: .yellow
        case .note: .blue
        }
    }

    private func paint(_ text: String, _ style: Style) -> String {
        colour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }
}
