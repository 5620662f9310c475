import Response

/// Reads one matcher as Alertmanager's `filter` parameters and `amtool` write it: `service="api"`, `code=~5..`.
enum MatcherText {
    struct Problem: Error, Hashable, CustomStringConvertible {
        var description: String
    }

    /// - Throws: `Problem`, in Alertmanager's words.
    static func read(_ text: String) throws(Problem) -> Matcher {
        let (name, way, raw) = try split(text)
        let value = try unquoted(raw)
        do throws(Matcher.Problem) {
            return try Matcher(name, way, value)
        } catch {
            throw Problem(description: error.description)
        }
    }

    private static func split(_ text: String) throws(Problem) -> (String, Matcher.Way, Substring) {
        let bad = Problem(description: "bad matcher format: \(text)")
        var rest = text[...]
        func trim() { rest = rest.drop(while: \.isWhitespace) }
        trim()
        let name = rest.prefix { character in
            character.isASCII && (character.isLetter || character.isNumber || character == "_" || character == ":")
        }
        guard let first = name.first, !first.isNumber else { throw bad }
        rest = rest.dropFirst(name.count)
        trim()
        let ways: [Matcher.Way] = [.matches, .matchesNot, .differs, .equals]
        guard let way = ways.first(where: { rest.hasPrefix($0.rawValue) }) else { throw bad }
        rest = rest.dropFirst(way.rawValue.count)
        trim()
        while rest.last?.isWhitespace == true { rest = rest.dropLast() }
        return (String(name), way, rest)
    }

    /// The value without its quotes, which may be missing, and without escapes (OpenMetrics).
    private static func unquoted(_ raw: Substring) throws(Problem) -> String {
        let bad = Problem(description: "matcher value contains unescaped double quote: \(raw)")
        var rest = raw
        let isQuoted = rest.first == "\""
        if isQuoted { rest = rest.dropFirst() }
        var value = ""
        var isEscaped = false
        var isClosed = false
        for character in rest {
            if isClosed { throw bad }
            if isEscaped {
                isEscaped = false
                switch character {
                case "n": value.append("\n")
                case "\"", "\\": value.append(character)
                default:
                    value.append("\\")
                    value.append(character)
                }
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                guard isQuoted else { throw bad }
                isClosed = true
            } else {
                value.append(character)
            }
        }
        if isEscaped { value.append("\\") }
        guard isClosed == isQuoted else { throw bad }
        return value
    }
}
