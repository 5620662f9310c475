/// A YAML document in the order in which it is written, with comments.
///
/// Built as a tree and written once: two spaces of indentation, block style, a scalar quoted only where YAML 1.1 or 1.2 would
/// take it for something else. Read back by any parser it is the same tree.
package enum YAMLTree: Sendable, Hashable {
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
    indirect case commented(String, YAMLTree)
    /// A scalar with a comment behind it on its line.
    indirect case remarked(String, YAMLTree)

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
    /// UTF-8: a platform of many services makes tens of megabytes.
    private var out: [UInt8] = []

    /// A file of one or more documents below its header.
    package static func file(header: [String], _ documents: YAMLTree...) -> String {
        file(header: header, documents: documents)
    }

    package static func file(header: [String], documents: [YAMLTree]) -> String {
        var text = YAMLText()
        for line in header { text.put(line.isEmpty ? "#\n" : "# \(line)\n") }
        for (index, document) in documents.enumerated() {
            if index > 0 || documents.count > 1 { text.put("---\n") }
            text.write(document, indent: 0)
        }
        return String(decoding: text.out, as: UTF8.self)
    }

    private mutating func put(_ text: String) { out.append(contentsOf: text.utf8) }

    private mutating func write(_ tree: YAMLTree, indent: Int) {
        switch tree {
        case .map(let entries) where !entries.isEmpty:
            for entry in entries { write(entry, indent: indent) }
        case .list(let items) where !items.isEmpty:
            for item in items { write(item: item, indent: indent) }
        case .commented(let comment, let inner):
            self.comment(comment, indent: indent)
            write(inner, indent: indent)
        default:
            pad(indent)
            inline(tree)
            put("\n")
        }
    }

    /// - Parameter isFirst: whether it stands behind the dash of an item, with that item's comments above it.
    private mutating func write(_ entry: YAMLEntry, indent: Int, isFirst: Bool = false) {
        if !isFirst, let comment = entry.comment { self.comment(comment, indent: indent) }
        var value = entry.value
        if case .commented(let comment, let inner) = value {
            if !isFirst { self.comment(comment, indent: indent) }
            value = inner
        }
        if !isFirst { pad(indent) }
        key(entry.key)
        switch value {
        case .map(let entries) where !entries.isEmpty:
            put(":\n")
            for entry in entries { write(entry, indent: indent + 2) }
        case .list(let items) where !items.isEmpty:
            put(":\n")
            for item in items { write(item: item, indent: indent + 2) }
        case .text(let text) where Self.isBlock(text):
            put(": ")
            block(text, indent: indent + 2)
        default:
            put(": ")
            inline(value)
            put("\n")
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
            pad(indent)
            put("- ")
            write(entries[0], indent: indent + 2, isFirst: true)
            for entry in entries.dropFirst() { write(entry, indent: indent + 2) }
        case .list(let items) where !items.isEmpty:
            pad(indent)
            put("-\n")
            write(item, indent: indent + 2)
        case .text(let text) where Self.isBlock(text):
            pad(indent)
            put("- ")
            block(text, indent: indent + 2)
        default:
            pad(indent)
            put("- ")
            inline(item)
            put("\n")
        }
    }

    private mutating func comment(_ comment: String, indent: Int) {
        rows(comment, indent: indent, lead: "# ")
        put("\n")
    }

    /// A literal block from its sign on (YAML 1.2, "Literal Style").
    private mutating func block(_ text: String, indent: Int) {
        let ends = text.utf8.last == UInt8(ascii: "\n")
        put(ends ? "|\n" : "|-\n")
        rows(text, indent: indent)
        if !ends { put("\n") }
    }

    /// Each line of a text that is not empty behind its indentation; without a line break after the last.
    private mutating func rows(_ text: String, indent: Int, lead: String = "") {
        var isStart = true
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\n") {
                isStart = true
            } else if isStart {
                pad(indent)
                put(lead)
                isStart = false
            }
            out.append(byte)
        }
    }

    private mutating func pad(_ count: Int) {
        out.append(contentsOf: repeatElement(UInt8(ascii: " "), count: count))
    }

    private mutating func inline(_ tree: YAMLTree) {
        switch tree {
        case .text(let text): scalar(text)
        case .integer(let number): put(String(number))
        case .number(let number): put("\(number)")
        case .flag(let flag): put(flag ? "true" : "false")
        case .null: put("null")
        case .list(let items), .row(let items):
            put("[")
            for (index, item) in items.enumerated() {
                if index > 0 { put(", ") }
                inline(item)
            }
            put("]")
        case .map(let entries):
            put("{")
            for (index, entry) in entries.enumerated() {
                if index > 0 { put(", ") }
                key(entry.key)
                put(": ")
                inline(entry.value)
            }
            put("}")
        case .commented(_, let inner): inline(inner)
        case .remarked(let remark, let inner):
            inline(inner)
            put("  # ")
            put(remark)
        }
    }

    /// Keys such as `on` stay as they are: every program that reads such a file expects them so.
    private mutating func key(_ text: String) {
        if Self.isPlain(text) { put(text) } else { quoted(text) }
    }

    private mutating func scalar(_ text: String) {
        if Self.isPlain(text), !Self.isOtherType(text) { put(text) } else { quoted(text) }
    }

    /// Several lines that a literal block can hold: it neither begins with white space nor ends in several line breaks.
    private static func isBlock(_ text: String) -> Bool {
        guard text.utf8.contains(UInt8(ascii: "\n")), let first = text.unicodeScalars.first,
            !first.properties.isWhitespace
        else { return false }
        let space = UInt8(ascii: " ")
        var before: UInt8 = 0
        var beforeThat: UInt8 = 0
        var isASCII = true
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\n"): if before == space { return false }
            case 0..<0x20, 0x7f: return false
            case 0x80...: isASCII = false
            default: break
            }
            (beforeThat, before) = (before, byte)
        }
        guard before != space, !(before == UInt8(ascii: "\n") && beforeThat == before) else { return false }
        return isASCII || text.unicodeScalars.allSatisfy { $0 == "\n" || isPrintable($0) }
    }

    /// YAML 1.2, "Plain Style", with what flow collections forbid, so that a scalar looks the same everywhere.
    private static func isPlain(_ text: String) -> Bool {
        var first: UInt8 = 0
        var before: UInt8 = 0
        var count = 0
        for byte in text.utf8 {
            switch byte {
            case 0..<0x20, 0x7f...: return false
            case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"):
                return false
            case UInt8(ascii: "#") where before == 0x20: return false
            case 0x20:
                // A dash, a question mark or a colon before white space is a sign of YAML's own.
                if before == UInt8(ascii: ":") || count == 0 || count == 1 && first == UInt8(ascii: "-") {
                    return false
                }
            default: break
            }
            if count == 0 {
                switch byte {
                case UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: "#"), UInt8(ascii: "&"), UInt8(ascii: "*"),
                    UInt8(ascii: "!"), UInt8(ascii: "|"), UInt8(ascii: ">"), UInt8(ascii: "'"), UInt8(ascii: "\""),
                    UInt8(ascii: "%"), UInt8(ascii: "@"), UInt8(ascii: "`"):
                    return false
                default: first = byte
                }
            }
            before = byte
            count += 1
        }
        guard count > 0, before != 0x20, before != UInt8(ascii: ":") else { return false }
        // An option such as `-c` is plain, a dash by itself and the mark of a document are not.
        return first != UInt8(ascii: "-") || count > 1 && text != "---"
    }

    /// Whether a parser of YAML 1.1 or 1.2 would read a plain scalar as something else than text.
    private static func isOtherType(_ text: String) -> Bool {
        if text.utf8.count <= 5 {
            switch text.lowercased() {
            case "", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".nan", ".inf", "-.inf", "+.inf",
                "=", "<<":
                return true
            default: break
            }
        }
        // Numbers, dates and sexagesimals begin with a digit or a sign and a digit or point, and hold nothing else than these.
        guard let first = text.utf8.first else { return true }
        guard (0x30...0x39).contains(first) || first == 0x2b || first == 0x2d || first == 0x2e else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x46, 0x61...0x66, UInt8(ascii: "x"), UInt8(ascii: "o"), UInt8(ascii: "X"),
                UInt8(ascii: "O"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: ":"), UInt8(ascii: "T"), UInt8(ascii: "Z"), 0x20:
                true
            default: false
            }
        }
    }

    /// In the quotes in which less has to be escaped: single ones (YAML 1.2, "Single-Quoted Style") for expressions that
    /// quote themselves, else double ones.
    private mutating func quoted(_ text: String) {
        var escapes = 0
        var doubled = 0
        var isPlainASCII = true
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): escapes += 1
            case UInt8(ascii: "'"): doubled += 1
            case 0x20..<0x7f: break
            default: isPlainASCII = false
            }
        }
        if escapes > doubled, isPlainASCII || text.unicodeScalars.allSatisfy({ Self.isPrintable($0) }) {
            put("'")
            if doubled == 0 {
                put(text)
            } else {
                for byte in text.utf8 {
                    out.append(byte)
                    if byte == UInt8(ascii: "'") { out.append(byte) }
                }
            }
            put("'")
        } else if escapes == 0, isPlainASCII {
            put("\"")
            put(text)
            put("\"")
        } else {
            doublyQuoted(text)
        }
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x20 && scalar.value != 0x7f && scalar.value != 0x85 && scalar.value != 0xfeff
    }

    /// YAML 1.2, "Double-Quoted Style".
    private mutating func doublyQuoted(_ text: String) {
        put("\"")
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": put("\\\"")
            case "\\": put("\\\\")
            case "\n": put("\\n")
            case "\t": put("\\t")
            case "\r": put("\\r")
            case _ where !Self.isPrintable(scalar):
                let digits = String(scalar.value, radix: 16, uppercase: true)
                put("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
            default: put(String(scalar))
            }
        }
        put("\"")
    }
}
