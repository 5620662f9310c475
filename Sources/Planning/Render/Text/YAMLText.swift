/// A YAML document in the order in which it is written, with comments.
///
/// Built as a tree and written once: two spaces of indentation, block style, a scalar quoted only where YAML 1.1 or 1.2 would
/// take it for something else. Read back by any parser it is the same tree.
package indirect enum YAMLTree: Sendable, Hashable {
    case text(String)
    case integer(Int)
    case number(Double)
    case flag(Bool)
    case null
    case list([YAMLTree])
    case map([YAMLEntry])
    /// `[a, b]` on one line: for short lists of scalars.
    case row([YAMLTree])
    /// A node with a comment in the lines above it; for the items of a list.
    case commented(String, YAMLTree)
    /// A scalar with a comment behind it on its line.
    case remarked(String, YAMLTree)

    /// A map without comments.
    package static func pairs(_ entries: [(String, YAMLTree)]) -> YAMLTree {
        .map(entries.map { YAMLEntry($0.0, $0.1) })
    }

    /// A map in the order of its keys.
    package static func sorted(_ values: [String: String]) -> YAMLTree {
        .map(values.sorted { $0.key < $1.key }.map { YAMLEntry($0.key, .text($0.value)) })
    }
}

extension YAMLTree: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .flag(value) }
    package init(arrayLiteral elements: YAMLTree...) { self = .list(elements) }
    package init(dictionaryLiteral elements: (String, YAMLTree)...) { self = .pairs(elements) }
}

/// A key of a map with what stands under it.
package struct YAMLEntry: Sendable, Hashable {
    package var key: String
    package var value: YAMLTree
    /// Written in the lines above the key; an empty one is an empty line.
    package var comment: String?

    package init(_ key: String, _ value: YAMLTree, comment: String? = nil) {
        self.key = key
        self.value = value
        self.comment = comment
    }
}

/// Writes trees.
package struct YAMLText {
    private var lines: [String] = []

    /// A file of one or more documents below its header.
    package static func file(header: [String], _ documents: YAMLTree...) -> String {
        file(header: header, documents: documents)
    }

    package static func file(header: [String], documents: [YAMLTree]) -> String {
        var text = YAMLText()
        text.lines = header.map { $0.isEmpty ? "#" : "# \($0)" }
        for (index, document) in documents.enumerated() {
            if index > 0 || documents.count > 1 { text.lines.append("---") }
            text.write(document, indent: 0)
        }
        return text.lines.joined(separator: "\n") + "\n"
    }

    private mutating func write(_ tree: YAMLTree, indent: Int) {
        switch tree {
        case .map(let entries) where !entries.isEmpty:
            for entry in entries { write(entry, indent: indent, lead: "") }
        case .list(let items) where !items.isEmpty:
            for item in items { write(item: item, indent: indent) }
        case .commented(let comment, let inner):
            self.comment(comment, indent: indent)
            write(inner, indent: indent)
        default: lines.append(Self.pad(indent) + Self.inline(tree))
        }
    }

    /// - Parameter lead: what stands before the key on its first line, in the place of as much indentation.
    private mutating func write(_ entry: YAMLEntry, indent: Int, lead: String) {
        if let comment = entry.comment, lead.isEmpty { self.comment(comment, indent: indent) }
        let start = (lead.isEmpty ? Self.pad(indent) : lead) + Self.key(entry.key) + ":"
        var value = entry.value
        if case .commented(let comment, let inner) = value {
            if lead.isEmpty { self.comment(comment, indent: indent) }
            value = inner
        }
        switch value {
        case .map(let entries) where !entries.isEmpty:
            lines.append(start)
            write(value, indent: indent + 2)
        case .list(let items) where !items.isEmpty:
            lines.append(start)
            write(value, indent: indent + 2)
        case .text(let text) where Self.isBlock(text):
            lines.append(start + " " + Self.blockSign(text))
            block(text, indent: indent + 2)
        default: lines.append(start + " " + Self.inline(value))
        }
    }

    private mutating func write(item: YAMLTree, indent: Int) {
        var item = item
        if case .commented(let comment, let inner) = item {
            self.comment(comment, indent: indent)
            item = inner
        }
        switch item {
        case .map(let entries) where !entries.isEmpty:
            if let comment = entries[0].comment { self.comment(comment, indent: indent) }
            write(entries[0], indent: indent + 2, lead: Self.pad(indent) + "- ")
            for entry in entries.dropFirst() { write(entry, indent: indent + 2, lead: "") }
        case .list(let items) where !items.isEmpty:
            lines.append(Self.pad(indent) + "-")
            write(item, indent: indent + 2)
        case .text(let text) where Self.isBlock(text):
            lines.append(Self.pad(indent) + "- " + Self.blockSign(text))
            block(text, indent: indent + 2)
        default: lines.append(Self.pad(indent) + "- " + Self.inline(item))
        }
    }

    private mutating func comment(_ comment: String, indent: Int) {
        for line in comment.split(separator: "\n", omittingEmptySubsequences: false) {
            lines.append(line.isEmpty ? "" : Self.pad(indent) + "# " + line)
        }
    }

    private mutating func block(_ text: String, indent: Int) {
        var rows = text.split(separator: "\n", omittingEmptySubsequences: false)
        if text.hasSuffix("\n") { rows.removeLast() }
        for row in rows { lines.append(row.isEmpty ? "" : Self.pad(indent) + row) }
    }

    private static func pad(_ count: Int) -> String { String(repeating: " ", count: count) }

    /// Several lines that a literal block can hold: it neither begins with white space nor ends in several line breaks.
    private static func isBlock(_ text: String) -> Bool {
        guard text.contains("\n"), let first = text.first, !first.isWhitespace, !text.hasSuffix("\n\n") else {
            return false
        }
        return text.unicodeScalars.allSatisfy { $0 == "\n" || isPrintable($0) }
            && !text.split(separator: "\n").contains { $0.last == " " }
    }

    private static func blockSign(_ text: String) -> String { text.hasSuffix("\n") ? "|" : "|-" }

    private static func inline(_ tree: YAMLTree) -> String {
        switch tree {
        case .text(let text): scalar(text)
        case .integer(let number): String(number)
        case .number(let number): "\(number)"
        case .flag(let flag): flag ? "true" : "false"
        case .null: "null"
        case .list, .row: "[" + items(tree).map(inline).joined(separator: ", ") + "]"
        case .map(let entries):
            "{" + entries.map { "\(key($0.key)): \(inline($0.value))" }.joined(separator: ", ") + "}"
        case .commented(_, let inner): inline(inner)
        case .remarked(let remark, let inner): inline(inner) + "  # " + remark
        }
    }

    private static func items(_ tree: YAMLTree) -> [YAMLTree] {
        switch tree {
        case .list(let items), .row(let items): items
        default: []
        }
    }

    /// Keys such as `on` stay as they are: every program that reads such a file expects them so.
    private static func key(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

    private static func scalar(_ text: String) -> String {
        isPlain(text) && !isOtherType(text) ? text : quoted(text)
    }

    /// YAML 1.2, "Plain Style", with what flow collections forbid, so that a scalar looks the same everywhere.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, first != 0x20, last != 0x20 else { return false }
        if "-?:,[]{}#&*!|>'\"%@`".utf8.contains(first) {
            // A path option such as `-c`, or `:8080`, is plain where no white space follows.
            guard first == UInt8(ascii: "-"), text.utf8.count > 1, text.utf8.dropFirst().first != 0x20, text != "---"
            else {
                return false
            }
        }
        guard last != UInt8(ascii: ":") else { return false }
        var before: UInt8 = 0
        for byte in text.utf8 {
            switch byte {
            case 0..<0x20, 0x7f...: return false
            case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"):
                return false
            case UInt8(ascii: "#") where before == 0x20: return false
            case 0x20 where before == UInt8(ascii: ":"): return false
            default: before = byte
            }
        }
        return true
    }

    /// Whether a parser of YAML 1.1 or 1.2 would read a plain scalar as something else than text.
    private static func isOtherType(_ text: String) -> Bool {
        switch text.lowercased() {
        case "", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".nan", ".inf", "-.inf", "+.inf",
            "=", "<<":
            return true
        default: break
        }
        // Numbers, dates and sexagesimals begin with a digit or a sign and a digit or point, and hold nothing else than these.
        guard let first = text.utf8.first else { return true }
        let numeric = "0123456789+-."
        guard numeric.utf8.contains(first) else { return false }
        return text.utf8.allSatisfy { "0123456789abcdefABCDEFxoXO+-._:eETZ ".utf8.contains($0) }
    }

    /// In the quotes in which less has to be escaped: single ones (YAML 1.2, "Single-Quoted Style") for expressions that
    /// quote themselves, else double ones.
    private static func quoted(_ text: String) -> String {
        let escapes = text.utf8.count { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
        let doubled = text.utf8.count { $0 == UInt8(ascii: "'") }
        if escapes > doubled, text.unicodeScalars.allSatisfy({ isPrintable($0) }) {
            return "'" + text.replacing("'", with: "''") + "'"
        }
        return doublyQuoted(text)
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x20 && scalar.value != 0x7f && scalar.value != 0x85 && scalar.value != 0xfeff
    }

    /// YAML 1.2, "Double-Quoted Style".
    private static func doublyQuoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case "\r": out += "\\r"
            case _ where !isPrintable(scalar):
                let digits = String(scalar.value, radix: 16, uppercase: true)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
