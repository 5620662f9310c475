/// What `hauban explain ID` prints about one kind of finding.
package struct DiagnosticPage: Sendable {
    /// One line, no full stop.
    package var title: String
    /// Why it is a finding and what to do: whole sentences, one paragraph.
    package var why: String
    /// Part of a hauban.yaml that has the finding, as shown.
    package var wrong: String
    /// The same part without it.
    package var mended: String
    /// The bytes of the wrong file where they cannot be shown as text.
    package var wrongBytes: [UInt8]?
    /// Examples that are whole files; others are printed without the two lines that every file starts with.
    package var isWhole: Bool

    init(
        _ title: String, _ why: String, wrong: String, mended: String, wrongBytes: [UInt8]? = nil,
        isWhole: Bool = false
    ) {
        self.title = title
        self.why = why
        self.wrong = wrong
        self.mended = mended
        self.wrongBytes = wrongBytes
        self.isWhole = isWhole
    }

    /// The wrong example as a file that can be checked.
    package var wrongFile: [UInt8] { wrongBytes ?? file(wrong) }

    /// The mended example as a file that can be checked.
    package var mendedFile: [UInt8] { file(mended) }

    private func file(_ example: String) -> [UInt8] {
        Array((isWhole ? "" : "hauban: 1\nplatform: shop\n").utf8) + Array((example + "\n").utf8)
    }

    /// For a terminal, ending with a line end.
    package var text: String {
        let example = wrong.isEmpty ? "(nothing)" : wrong
        return """
            \(title)

            \(Self.wrap(why))

            Wrong:

            \(Self.indent(example))

            Mended:

            \(Self.indent(mended))

            """
    }

    /// For the catalogue, without a heading, ending with a line end.
    package var markdown: String {
        let example = wrong.isEmpty ? "# an empty file" : wrong
        return """
            \(Self.wrap(why))

            ```yaml
            # wrong
            \(example)
            ```

            ```yaml
            # mended
            \(mended)
            ```

            """
    }

    private static func indent(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }.joined(separator: "\n")
    }

    /// At word gaps, so that lines stay within 80 columns.
    package static func wrap(_ text: String) -> String {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty && line.count + 1 + word.count > 80 {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return (lines + [line]).joined(separator: "\n")
    }
}
