/// Prints diagnostics as a compiler does: place, message, line, caret, help, fix.
package struct TextReport: Sendable {
    package var source: SourceText
    /// ANSI colours; only for a terminal.
    package var colour: Bool
    /// What must not be shown although its line is: the secrets that were found.
    private var hidden: [Hidden] = []

    private struct Hidden: Hashable {
        var file: String?
        var span: Span
    }

    /// Other files that findings are about, by their names.
    private let others: [String: SourceText]

    package init(source: SourceText, others: [SourceText] = [], colour: Bool = false) {
        self.source = source
        self.others = Dictionary(others.map { ($0.name, $0) }) { first, _ in first }
        self.colour = colour
    }

    package func text(_ diagnostics: [Diagnostic]) -> String {
        // Any finding may show a line on which another one found a secret.
        var report = self
        report.hidden = diagnostics.compactMap(Self.hides)
        return diagnostics.map { report.text($0) }.joined(separator: "\n")
    }

    /// One diagnostic, ending with a line end.
    package func text(_ diagnostic: Diagnostic) -> String {
        if let secret = Self.hides(diagnostic), !hidden.contains(secret) {
            var report = self
            report.hidden.append(secret)
            return report.text(diagnostic)
        }
        var out = ""
        let where_ = diagnostic.environment.map { " (environment \($0))" } ?? ""
        let file = diagnostic.file ?? source.name
        let place = diagnostic.span.map { "\(file):\($0.line):\($0.column)" } ?? file
        out += paint("\(place): ", .bold) + paint("\(diagnostic.severity.rawValue): ", severityColour(diagnostic))
        out += paint(visible(diagnostic.message), .bold) + where_ + " [\(diagnostic.code)]\n"
        if let span = diagnostic.span { out += excerpt(span, in: diagnostic.file, .red) }
        for note in diagnostic.notes {
            if let span = note.span {
                out += "\(file):\(span.line):\(span.column): note: \(visible(note.message))\n"
                out += excerpt(span, in: diagnostic.file, .blue)
            } else {
                out += "    = note: \(visible(note.message))\n"
            }
        }
        if let help = diagnostic.help { out += "    = help: \(visible(help))\n" }
        if let fix = diagnostic.fix { out += "    = fix: replace with `\(visible(fix.replacement))`\n" }
        return out
    }

    /// What a finding shows that nobody must see.
    private static func hides(_ diagnostic: Diagnostic) -> Hidden? {
        guard diagnostic.isSecret, let span = diagnostic.span else { return nil }
        return Hidden(file: diagnostic.file, span: span)
    }

    private func excerpt(_ span: Span, in file: String?, _ style: Style) -> String {
        guard let line = (file.map { others[$0] } ?? source)?.line(span.line) else { return "" }
        let number = String(span.line)
        let gutter = max(3, number.count + 1)
        var scalars = Array(line.unicodeScalars)
        for secret in hidden where secret.file == file && secret.span.line == span.line {
            for index in scalars.indices.dropFirst(secret.span.column - 1).prefix(secret.span.length) {
                scalars[index] = "*"
            }
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
