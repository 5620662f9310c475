import Response

/// Matchers as people type them for `amtool`: `service=api severity=~"critical|high"`, `{a="b", c!="d"}`, or a bare alert name.
struct MatcherLine: Sendable {
    let text: String
    let matchers: [Matcher]
    /// What cannot be read, in words.
    let problem: String?

    init(_ text: String) {
        self.text = text
        var matchers: [Matcher] = []
        var problem: String?
        for (index, piece) in Self.pieces(text).enumerated() {
            do throws(MatcherText.Problem) {
                matchers.append(try MatcherText.read(piece))
            } catch {
                // amtool takes a first word without a sign as the name of an alert.
                if index == 0, !piece.contains(where: { "=!~\"".contains($0) }),
                    let matcher = try? Matcher("alertname", .equals, piece)
                {
                    matchers.append(matcher)
                } else {
                    problem = error.description
                    break
                }
            }
        }
        self.matchers = problem == nil ? matchers : []
        self.problem = problem
    }

    /// Parts between blanks and commas that stand outside quotes.
    private static func pieces(_ text: String) -> [String] {
        var pieces: [String] = []
        var piece = ""
        var isQuoted = false
        var isEscaped = false
        var body = text[...]
        while let first = body.first, first.isWhitespace { body = body.dropFirst() }
        while let last = body.last, last.isWhitespace { body = body.dropLast() }
        if body.first == "{", body.last == "}" { body = body.dropFirst().dropLast() }
        for character in body {
            if isEscaped {
                isEscaped = false
            } else if character == "\\", isQuoted {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            } else if !isQuoted, character == "," || character.isWhitespace {
                if !piece.isEmpty { pieces.append(piece) }
                piece = ""
                continue
            }
            piece.append(character)
        }
        if !piece.isEmpty { pieces.append(piece) }
        return pieces
    }

    /// Matchers in the form that is read back.
    static func text(_ matchers: [Matcher]) -> String {
        matchers.map { matcher in
            let value = matcher.value.map { "\"\\".contains($0) ? "\\\($0)" : $0 == "\n" ? "\\n" : "\($0)" }.joined()
            return "\(matcher.name)\(matcher.way.rawValue)\"\(value)\""
        }.joined(separator: " ")
    }

    /// Matchers that mean exactly these labels.
    static func text(_ labels: LabelSet) -> String {
        text(labels.labels.compactMap { try? Matcher($0.name, .equals, $0.value) })
    }
}
