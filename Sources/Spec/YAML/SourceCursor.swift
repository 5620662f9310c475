/// Finds where values end on their line.
///
/// It remembers the last place, since values come in the order of the file: a file of one long line takes time in
/// proportion to its length, not to its square.
struct SourceCursor: Sendable {
    /// Longer spans are cut: no report shows more of a line.
    private static let longest = 200

    private let source: SourceText
    private var line = 0
    private var column = 1
    private var rest: Substring.UnicodeScalarView = Substring().unicodeScalars

    init(_ source: SourceText) { self.source = source }

    /// The character at a place.
    mutating func scalar(at start: Span) -> Unicode.Scalar? { text(from: start).first }

    /// From the opening bracket to its partner, or as far as the line goes.
    mutating func brackets(at start: Span) -> Span {
        var depth = 0
        var length = 0
        var quote: Unicode.Scalar?
        var previous: Unicode.Scalar = " "
        scan: for scalar in text(from: start).prefix(Self.longest) {
            length += 1
            if let open = quote {
                if scalar == open && !(open == "\"" && previous == "\\") { quote = nil }
            } else {
                switch scalar {
                case "[", "{": depth += 1
                case "]", "}":
                    depth -= 1
                    if depth == 0 { break scan }
                case "\"", "'":
                    // A quote opens only where a value may start; elsewhere it is an apostrophe.
                    if " ,[{:".unicodeScalars.contains(previous) { quote = scalar }
                default: break
                }
            }
            previous = scalar
        }
        return Span(line: start.line, column: start.column, length: length)
    }

    /// From the opening quote to the closing one, or as far as the line goes.
    mutating func quotes(at start: Span) -> Span {
        let scalars = Array(text(from: start).prefix(Self.longest))
        guard let quote = scalars.first else { return start }
        var index = 1
        while index < scalars.count {
            if scalars[index] == "\\" && quote == "\"" {
                index += 2
                continue
            }
            if scalars[index] == quote {
                guard quote == "'", index + 1 < scalars.count, scalars[index + 1] == "'" else { break }
                index += 1
            }
            index += 1
        }
        return Span(line: start.line, column: start.column, length: min(index + 1, scalars.count))
    }

    /// As far as the line agrees with a plain value's text.
    mutating func run(of value: String, at start: Span) -> Span {
        var length = 0
        for (written, meant) in zip(text(from: start).prefix(Self.longest), value.unicodeScalars) {
            guard written == meant else { break }
            length += 1
        }
        return Span(line: start.line, column: start.column, length: length)
    }

    private mutating func text(from start: Span) -> Substring.UnicodeScalarView {
        if start.line != line || start.column < column {
            line = start.line
            column = 1
            rest = source.line(line)?.unicodeScalars ?? Substring().unicodeScalars
        }
        rest = rest.dropFirst(start.column - column)
        column = start.column
        return rest
    }
}
