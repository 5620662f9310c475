/// The series that an expression of PromQL reads.
///
/// Not a parser: enough of the language to tell a metric's name from functions, keywords, labels and numbers. What is read
/// wrongly would be a rule that promtool refuses or that fires at once, not one that is silent.
enum PromNames {
    private static let words: Set<String> = [
        "and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring", "group_left", "group_right", "inf",
        "nan", "start", "end", "atan2",
    ]
    /// Keywords that a list of labels follows.
    private static let lists: Set<String> = ["by", "without", "on", "ignoring", "group_left", "group_right"]

    /// Whether a byte may be part of a name (Prometheus, "Data model").
    static func isPart(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: ":"): true
        default: false
        }
    }

    /// Names in their order, each once.
    static func series(in expression: String) -> [String] {
        let text = Array(expression.unicodeScalars)
        var names: [String] = []
        var index = 0
        while index < text.count {
            let scalar = text[index]
            switch scalar {
            case "\"", "'", "`": index = past(scalar, text, index + 1)
            case "{": index = past("}", text, index + 1)
            case "[": index = past("]", text, index + 1)
            case "#": while index < text.count, text[index] != "\n" { index += 1 }
            case _ where isStart(scalar):
                var word = ""
                while index < text.count, isStart(text[index]) || isDigit(text[index]) {
                    word.unicodeScalars.append(text[index])
                    index += 1
                }
                var next = index
                while next < text.count, text[next].properties.isWhitespace { next += 1 }
                let opens = next < text.count && text[next] == "("
                // `sum by (le) (x)`: an aggregation may name its labels first.
                let following = String(String.UnicodeScalarView(text[next...].prefix { isStart($0) })).lowercased()
                let aggregates = following == "by" || following == "without"
                let lower = word.lowercased()
                if lists.contains(lower) {
                    if opens { index = past(")", text, next + 1) }
                } else if !opens, !aggregates, !words.contains(lower), !names.contains(word) {
                    names.append(word)
                }
            case _ where isDigit(scalar):
                // Numbers and durations, with what may stand in them.
                while index < text.count, isDigit(text[index]) || isStart(text[index]) || text[index] == "." {
                    index += 1
                }
            default: index += 1
            }
        }
        return names
    }

    /// The place after a sign that is not within quotes.
    private static func past(_ sign: Unicode.Scalar, _ text: [Unicode.Scalar], _ start: Int) -> Int {
        let isQuote = sign == "\"" || sign == "'" || sign == "`"
        var index = start
        while index < text.count {
            let scalar = text[index]
            if scalar == sign { return index + 1 }
            if isQuote, scalar == "\\", sign != "`" {
                index += 2
            } else if !isQuote, scalar == "\"" || scalar == "'" || scalar == "`" {
                index = past(scalar, text, index + 1)
            } else {
                index += 1
            }
        }
        return index
    }

    private static func isStart(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_" || scalar == ":"
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
}
