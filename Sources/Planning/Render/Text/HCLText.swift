/// A value of Terraform's language (HashiCorp, "Terraform language: Expressions").
package enum HCLValue: Sendable, Hashable {
    /// A text as it is: `${` and `%{` in it are written so that they stand for themselves.
    case text(String)
    /// A text in which `${…}` is filled in by Terraform.
    case template(String)
    /// An expression or a reference: `var.region`, `aws_vpc.main.id`.
    case code(String)
    case integer(Int)
    case number(Double)
    case flag(Bool)
    case null
    case list([HCLValue])
    case map([HCLAttribute])
    /// `jsonencode(…)` and the like.
    case call(String, [HCLValue])

    /// A map without comments, in the given order.
    package static func pairs(_ entries: [(String, HCLValue)]) -> HCLValue {
        .map(entries.map { HCLAttribute($0.0, $0.1) })
    }

    /// A map of texts in the order of its keys.
    package static func sorted(_ values: [String: String]) -> HCLValue {
        .map(values.sorted { $0.key < $1.key }.map { HCLAttribute($0.key, .text($0.value)) })
    }
}

extension HCLValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .flag(value) }
    package init(arrayLiteral elements: HCLValue...) { self = .list(elements) }
    package init(dictionaryLiteral elements: (String, HCLValue)...) { self = .pairs(elements) }
}

/// A name with its value: an argument of a block or a key of a map.
package struct HCLAttribute: Sendable, Hashable {
    package var name: String
    package var value: HCLValue
    /// Written in the lines above.
    package var comment: String?

    package init(_ name: String, _ value: HCLValue, comment: String? = nil) {
        self.name = name
        self.value = value
        self.comment = comment
    }
}

/// What stands between the braces of a block, or in a file.
package struct HCLBody: Sendable, Hashable {
    package enum Item: Sendable, Hashable {
        case attribute(HCLAttribute)
        case block(HCLBlock)
        case comment(String)
        /// An empty line between groups of arguments.
        case gap
    }

    package internal(set) var items: [Item] = []

    package init() {}

    package var isEmpty: Bool { items.isEmpty }

    package mutating func set(_ name: String, _ value: HCLValue, comment: String? = nil) {
        items.append(.attribute(HCLAttribute(name, value, comment: comment)))
    }

    /// As ``set(_:_:comment:)`` where there is a value; nothing otherwise.
    package mutating func set(_ name: String, ifAny value: HCLValue?, comment: String? = nil) {
        if let value { set(name, value, comment: comment) }
    }

    package mutating func block(
        _ kind: String, _ labels: String..., comment: String? = nil, _ fill: (inout HCLBody) -> Void = { _ in }
    ) {
        add(HCLBlock(kind, labels, comment: comment, fill))
    }

    package mutating func add(_ block: HCLBlock) { items.append(.block(block)) }
    package mutating func comment(_ text: String) { items.append(.comment(text)) }
    package mutating func gap() { items.append(.gap) }
}

/// `resource "aws_vpc" "main" { … }`.
package struct HCLBlock: Sendable, Hashable {
    package var kind: String
    package var labels: [String]
    /// Written in the lines above.
    package var comment: String?
    package var body: HCLBody

    package init(
        _ kind: String, _ labels: [String] = [], comment: String? = nil, _ fill: (inout HCLBody) -> Void = { _ in }
    ) {
        self.kind = kind
        self.labels = labels
        self.comment = comment
        body = HCLBody()
        fill(&body)
    }
}

/// Writes files of Terraform's language in the form that `terraform fmt` leaves as it is: two spaces of indentation, `=` in
/// one column over neighbouring arguments of one line, an empty line around blocks.
package struct HCLText {
    /// The longest line that a list or a map may make.
    private static let width = 100

    /// UTF-8, one whole line after another.
    private var out: [UInt8] = []
    /// Where the last line begins.
    private var last = 0

    package static func file(header: [String], _ fill: (inout HCLBody) -> Void) -> String {
        var body = HCLBody()
        fill(&body)
        return file(header: header, body)
    }

    package static func file(header: [String], _ body: HCLBody) -> String {
        var text = HCLText()
        for row in header { text.line(row.isEmpty ? ["#"] : ["# ", row], 0) }
        if !header.isEmpty, !body.isEmpty { text.line([], 0) }
        text.write(body, indent: 0)
        return String(decoding: text.out, as: UTF8.self)
    }

    /// On one line, for people.
    static func oneLine(_ value: HCLValue) -> String { short(value) ?? "" }

    /// On one line, for people, without comments.
    static func oneLine(_ body: HCLBody) -> String {
        let parts = body.items.compactMap { item -> String? in
            switch item {
            case .attribute(let attribute): "\(key(attribute.name)) = \(oneLine(attribute.value))"
            case .block(let block): ([block.kind] + block.labels).joined(separator: ".") + " " + oneLine(block.body)
            case .comment, .gap: nil
            }
        }
        return parts.isEmpty ? "{}" : "{ " + parts.joined(separator: ", ") + " }"
    }

    private mutating func write(_ body: HCLBody, indent: Int) {
        var run: [HCLAttribute] = []
        var last: HCLBody.Item?
        for item in body.items {
            if case .attribute(let attribute) = item, isOneLine(attribute, indent) {
                if attribute.comment != nil { flush(&run, indent) }
                if case .block = last { gap() }
                run.append(attribute)
                last = item
                continue
            }
            flush(&run, indent)
            switch item {
            case .attribute(let attribute):
                if case .block = last { gap() }
                write([attribute], indent)
            case .block(let block):
                if last != nil { gapUnlessCommented() }
                write(block, indent)
            case .comment(let text):
                if case .block = last { gap() }
                comment(text, indent)
            case .gap: gap()
            }
            last = item
        }
        flush(&run, indent)
    }

    private mutating func write(_ block: HCLBlock, _ indent: Int) {
        if let comment = block.comment { self.comment(comment, indent) }
        let head = ([block.kind] + block.labels.map(Self.quoted)).joined(separator: " ")
        guard !block.body.isEmpty else { return line([head, " {}"], indent) }
        line([head, " {"], indent)
        write(block.body, indent: indent + 1)
        line(["}"], indent)
    }

    private mutating func flush(_ run: inout [HCLAttribute], _ indent: Int) {
        write(run, indent)
        run = []
    }

    /// Neighbours of one line each share the column of their `=`; one of several lines stands for itself.
    private mutating func write(_ attributes: [HCLAttribute], _ indent: Int) {
        var index = 0
        while index < attributes.count {
            var end = index + 1
            if isOneLine(attributes[index], indent) {
                while end < attributes.count, attributes[end].comment == nil, isOneLine(attributes[end], indent) {
                    end += 1
                }
            }
            let neighbours = attributes[index..<end]
            let keys = neighbours.map { Self.key($0.name) }
            let widths = keys.map(Self.width)
            let column = widths.max() ?? 0
            for (place, attribute) in neighbours.enumerated() {
                if let comment = attribute.comment { self.comment(comment, indent) }
                let space = String(repeating: " ", count: column - widths[place])
                write(attribute.value, lead: keys[place] + space + " = ", indent)
            }
            index = end
        }
    }

    private mutating func write(_ value: HCLValue, lead: String, tail: String = "", _ indent: Int) {
        if let short = Self.short(value), Self.fits(value, indent) || !Self.canBreak(value) {
            return line([lead, short, tail], indent)
        }
        switch value {
        case .list(let items):
            line([lead, "["], indent)
            for item in items { write(item, lead: "", tail: ",", indent + 1) }
            line(["]", tail], indent)
        case .map(let entries):
            line([lead, "{"], indent)
            write(entries, indent + 1)
            line(["}", tail], indent)
        case .call(let name, let arguments):
            if arguments.count == 1, let only = arguments.first {
                return write(only, lead: "\(lead)\(name)(", tail: ")" + tail, indent)
            }
            line([lead, name, "("], indent)
            for (index, argument) in arguments.enumerated() {
                write(argument, lead: "", tail: index == arguments.count - 1 ? "" : ",", indent + 1)
            }
            line([")", tail], indent)
        case .text, .template, .code, .integer, .number, .flag, .null: break
        }
    }

    private func isOneLine(_ attribute: HCLAttribute, _ indent: Int) -> Bool {
        Self.fits(attribute.value, indent) || !Self.canBreak(attribute.value)
    }

    private static func canBreak(_ value: HCLValue) -> Bool {
        switch value {
        case .list(let items): !items.isEmpty
        case .map(let entries): !entries.isEmpty
        case .call(_, let arguments): arguments.contains(where: canBreak)
        case .text, .template, .code, .integer, .number, .flag, .null: false
        }
    }

    /// Whether a value stands on one line: scalars, short lists of them, maps of at most one entry.
    private static func fits(_ value: HCLValue, _ indent: Int) -> Bool {
        switch value {
        case .list(let items):
            items.allSatisfy { !canBreak($0) } && isNarrow(value, indent)
        case .map(let entries):
            entries.count <= 1 && entries.allSatisfy { !canBreak($0.value) && $0.comment == nil }
                && isNarrow(value, indent)
        case .call(_, let arguments): arguments.allSatisfy { fits($0, indent) }
        case .text, .template, .code, .integer, .number, .flag, .null: true
        }
    }

    private static func isNarrow(_ value: HCLValue, _ indent: Int) -> Bool {
        width(short(value) ?? "") + 2 * indent <= width
    }

    /// In columns.
    private static func width(_ text: String) -> Int {
        text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.count : text.count
    }

    /// A value on one line.
    private static func short(_ value: HCLValue) -> String? {
        switch value {
        case .text(let text): return quoted(text)
        case .template(let text): return "\"" + template(text) + "\""
        case .code(let code): return code
        case .integer(let value): return "\(value)"
        case .number(let value): return "\(value)"
        case .flag(let value): return "\(value)"
        case .null: return "null"
        case .list(let items): return "[" + items.compactMap(short).joined(separator: ", ") + "]"
        case .map(let entries):
            if entries.isEmpty { return "{}" }
            return "{ " + entries.map { "\(key($0.name)) = \(short($0.value) ?? "")" }.joined(separator: ", ") + " }"
        case .call(let name, let arguments):
            return "\(name)(" + arguments.compactMap(short).joined(separator: ", ") + ")"
        }
    }

    private mutating func comment(_ text: String, _ indent: Int) {
        for row in text.split(separator: "\n", omittingEmptySubsequences: false) {
            line(row.isEmpty ? ["#"] : ["# ", String(row)], indent)
        }
    }

    private mutating func line(_ parts: [String], _ indent: Int) {
        last = out.count
        out.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * indent))
        for part in parts { out.append(contentsOf: part.utf8) }
        out.append(UInt8(ascii: "\n"))
    }

    private mutating func gap() {
        if !out.isEmpty, out[last] != UInt8(ascii: "\n") { line([], 0) }
    }

    /// A comment by itself belongs to the block that follows.
    private mutating func gapUnlessCommented() {
        if out[last...].first(where: { $0 != UInt8(ascii: " ") }) != UInt8(ascii: "#") { gap() }
    }

    /// A name of letters, digits, `_` and `-` stands as it is; `(…)` is computed; anything else is quoted.
    private static func key(_ name: String) -> String {
        let isName =
            name.utf8.first.map { $0.isLetter || $0 == UInt8(ascii: "_") } == true
            && name.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
        return isName || name.hasPrefix("(") ? name : quoted(name)
    }

    private static func quoted(_ text: String) -> String {
        var out = [UInt8(ascii: "\"")]
        var before: UInt8 = 0
        for byte in text.utf8 {
            // `${` and `%{` would be filled in: their sign is written twice.
            if byte == UInt8(ascii: "{"), before == UInt8(ascii: "$") || before == UInt8(ascii: "%") {
                out.append(before)
            }
            escape(byte, into: &out)
            before = byte
        }
        out.append(UInt8(ascii: "\""))
        return String(decoding: out, as: UTF8.self)
    }

    /// Escapes what stands around `${…}`, and nothing within.
    private static func template(_ text: String) -> String {
        var out: [UInt8] = []
        var depth = 0
        var before: UInt8 = 0
        for byte in text.utf8 {
            if depth > 0 {
                if byte == UInt8(ascii: "{") { depth += 1 }
                if byte == UInt8(ascii: "}") { depth -= 1 }
                out.append(byte)
            } else {
                if byte == UInt8(ascii: "{"), before == UInt8(ascii: "$") { depth = 1 }
                escape(byte, into: &out)
            }
            before = byte
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func escape(_ byte: UInt8, into out: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
        case UInt8(ascii: "\n"): out += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
        case UInt8(ascii: "\r"): out += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
        case UInt8(ascii: "\t"): out += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
        default: out.append(byte)
        }
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool { (0x61...0x7A).contains(self) || (0x41...0x5A).contains(self) }
    fileprivate var isDigit: Bool { (0x30...0x39).contains(self) }
}
