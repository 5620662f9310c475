/// A piece of a page: what is put into it is text and becomes nothing else.
///
/// Written as a string literal; each `\(…)` is escaped for text and for attributes in double quotes, except for other pieces.
/// Only ``init(raw:)`` and `\(raw:)` take text as it is.
struct HTML: Sendable, Hashable, ExpressibleByStringInterpolation {
    private(set) var text: String

    static let nothing = HTML(raw: "")

    init(raw text: String) { self.text = text }

    init(stringLiteral text: String) { self.text = text }

    init(stringInterpolation interpolation: StringInterpolation) { text = interpolation.text }

    /// Text in which nothing is markup.
    init(_ text: some StringProtocol) {
        self.text = ""
        self.text.reserveCapacity(text.utf8.count)
        HTML.escape(text, into: &self.text)
    }

    var isEmpty: Bool { text.isEmpty }

    static func += (one: inout HTML, other: HTML) { one.text += other.text }

    static func + (one: HTML, other: HTML) -> HTML { HTML(raw: one.text + other.text) }

    struct StringInterpolation: StringInterpolationProtocol {
        var text: String

        init(literalCapacity: Int, interpolationCount: Int) {
            text = ""
            text.reserveCapacity(literalCapacity + interpolationCount * 16)
        }

        mutating func appendLiteral(_ literal: String) { text += literal }

        mutating func appendInterpolation(_ value: some StringProtocol) { HTML.escape(value, into: &text) }

        mutating func appendInterpolation(_ value: Int) { text += String(value) }

        mutating func appendInterpolation(_ value: HTML) { text += value.text }

        mutating func appendInterpolation(_ values: [HTML]) {
            for value in values { text += value.text }
        }

        mutating func appendInterpolation(raw value: String) { text += value }

        /// ` name="value"`, or nothing.
        mutating func appendInterpolation(attribute name: String, _ value: String?) {
            guard let value else { return }
            text += " \(name)=\""
            HTML.escape(value, into: &text)
            text += "\""
        }

        /// ` name`, or nothing.
        mutating func appendInterpolation(flag name: String, _ isSet: Bool) {
            if isSet { text += " \(name)" }
        }
    }

    private static func escape(_ value: some StringProtocol, into text: inout String) {
        for byte in value.utf8 where mustBeEscaped(byte) {
            for scalar in value.unicodeScalars {
                switch scalar {
                case "&": text += "&amp;"
                case "<": text += "&lt;"
                case ">": text += "&gt;"
                case "\"": text += "&quot;"
                case "'": text += "&#39;"
                // Control characters have no place in a page (HTML, "Preprocessing the input stream").
                case _ where scalar.value < 0x20 && scalar != "\n" && scalar != "\t": text += "\u{fffd}"
                default: text.unicodeScalars.append(scalar)
                }
            }
            return
        }
        text += value
    }

    private static func mustBeEscaped(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
        case 0x09, 0x0a: false
        default: byte < 0x20
        }
    }
}

extension [HTML] {
    func joined(_ separator: HTML = .nothing) -> HTML {
        HTML(raw: map(\.text).joined(separator: separator.text))
    }
}
