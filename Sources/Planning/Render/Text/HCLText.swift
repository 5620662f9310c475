/// A value of Terraform's language (HashiCorp, "Terraform language: Expressions").
package indirect enum HCLValue: Sendable, Hashable {
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

    private var lines: [String] = []

    package static func file(header: [String], _ fill: (inout HCLBody) -> Void) -> String {
        var body = HCLBody()
        fill(&body)
        return file(header: header, body)
    }

    package static func file(header: [String], _ body: HCLBody) -> String {
        var text = HCLText()
        text.lines = header.map { $0.isEmpty ? "#" : "# \($0)" }
        if !header.isEmpty, !body.isEmpty { text.lines.append("") }
        text.write(body, indent: 0)
        return text.lines.joined(separator: "\n") + "\n"
    }

    /// On one line, for people.
    static func oneLine(_ value: HCLValue) -> String { short(value) ?? "" }

    /// On one line, for people: blocks as Terraform's JSON syntax has them, without comments.
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
        guard !block.body.isEmpty else { return line("\(head) {}", indent) }
        line("\(head) {", indent)
        write(block.body, indent: indent + 1)
        line("}", indent)
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
            let column = neighbours.map { Self.key($0.name).count }.max() ?? 0
            for attribute in neighbours {
                if let comment = attribute.comment { self.comment(comment, indent) }
                let key = Self.key(attribute.name)
                write(attribute.value, lead: key + String(repeating: " ", count: column - key.count) + " = ", indent)
            }
            index = end
        }
    }

    private mutating func write(_ value: HCLValue, lead: String, tail: String = "", _ indent: Int) {
        if let short = Self.short(value), Self.fits(value, indent) || !Self.canBreak(value) {
            return line(lead + short + tail, indent)
        }
        switch value {
        case .list(let items):
            line(lead + "[", indent)
            for item in items { write(item, lead: "", tail: ",", indent + 1) }
            line("]" + tail, indent)
        case .map(let entries):
            line(lead + "{", indent)
            write(entries, indent + 1)
            line("}" + tail, indent)
        case .call(let name, let arguments):
            if arguments.count == 1, let only = arguments.first {
                return write(only, lead: "\(lead)\(name)(", tail: ")" + tail, indent)
            }
            line("\(lead)\(name)(", indent)
            for (index, argument) in arguments.enumerated() {
                write(argument, lead: "", tail: index == arguments.count - 1 ? "" : ",", indent + 1)
            }
            line(")" + tail, indent)
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
            items.allSatisfy { !canBreak($0) } && (short(value) ?? "").count + 2 * indent <= width
        case .map(let entries):
            entries.count <= 1 && entries.allSatisfy { !canBreak($0.value) && $0.comment == nil }
                && (short(value) ?? "").count + 2 * indent <= width
        case .call(_, let arguments): arguments.allSatisfy { fits($0, indent) }
        case .text, .template, .code, .integer, .number, .flag, .null: true
        }
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
            line(row.isEmpty ? "#" : "# \(row)", indent)
        }
    }

    private mutating func line(_ text: String, _ indent: Int) {
        lines.append(String(repeating: "  ", count: indent) + text)
    }

    private mutating func gap() {
        if lines.last?.isEmpty == false { lines.append("") }
    }

    /// A comment by itself belongs to the block that follows.
    private mutating func gapUnlessCommented() {
        if lines.last?.drop(while: { $0 == " " }).hasPrefix("#") != true { gap() }
    }

    /// A name of letters, digits, `_` and `-` stands as it is; `(…)` is computed; anything else is quoted.
    private static func key(_ name: String) -> String {
        let isName =
            name.utf8.first.map { $0.isLetter || $0 == UInt8(ascii: "_") } == true
            && name.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
        return isName || name.hasPrefix("(") ? name : quoted(name)
    }

    private static func quoted(_ text: String) -> String {
        "\"" + escaped(text).replacing("${", with: "$${").replacing("%{", with: "%%{") + "\""
    }

    /// Escapes what stands around `${…}`, and nothing within.
    private static func template(_ text: String) -> String {
        var out = ""
        var rest = text[...]
        while let dollar = rest.firstRange(of: "${") {
            out += escaped(String(rest[..<dollar.lowerBound]))
            var depth = 0
            var end = rest.endIndex
            for index in rest[dollar.lowerBound...].indices {
                if rest[index] == "{" { depth += 1 }
                guard rest[index] == "}" else { continue }
                depth -= 1
                if depth == 0 {
                    end = rest.index(after: index)
                    break
                }
            }
            out += rest[dollar.lowerBound..<end]
            rest = rest[end...]
        }
        return out + escaped(String(rest))
    }

    private static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool { (0x61...0x7A).contains(self) || (0x41...0x5A).contains(self) }
    fileprivate var isDigit: Bool { (0x30...0x39).contains(self) }
}
