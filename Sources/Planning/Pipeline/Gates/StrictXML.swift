/// Reads XML 1.0 as tools write reports: elements, attributes, text, comments, CDATA and the five named entities.
///
/// Refused: a document type, and with it every entity that somebody defines, in the file or elsewhere. Nesting, names and numbers of
/// elements are bounded. Not checked is what no report depends on: which characters names may have.
struct StrictXML {
    struct Fault: Error, Hashable {
        var text: String
    }

    struct Element {
        var name: String
        var attributes: [String: String]
    }

    enum Event {
        case open(Element)
        case close(String)
        case text(String)
    }

    private let bytes: [UInt8]
    private var index = 0
    private var open: [String] = []
    private var elements = 0
    private static let deepest = 128
    private static let most = 5_000_000

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Calls for each event in order, to the end of the document.
    static func read(_ bytes: [UInt8], _ body: (Event) throws(Fault) -> Void) throws(Fault) {
        var reader = StrictXML(bytes)
        try reader.run(body)
    }

    private mutating func run(_ body: (Event) throws(Fault) -> Void) throws(Fault) {
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { index = 3 }
        var hasRoot = false
        while index < bytes.count {
            if bytes[index] != 0x3c {
                let end = bytes[index...].firstIndex(of: 0x3c) ?? bytes.count
                if open.isEmpty {
                    guard bytes[index..<end].allSatisfy(Self.isSpace) else {
                        throw Fault(text: "text outside of the root")
                    }
                } else {
                    try body(.text(try decoded(index..<end)))
                }
                index = end
            } else if has("<!--") {
                try skip(past: "-->")
            } else if has("<![CDATA[") {
                guard !open.isEmpty else { throw Fault(text: "text outside of the root") }
                let start = index + 9
                try skip(past: "]]>")
                try body(.text(String(decoding: bytes[start..<index - 3], as: UTF8.self)))
            } else if has("<!DOCTYPE") {
                // Cobertura's names one by address; without what lies between brackets it defines nothing, and is not fetched.
                try skipDocumentType()
                guard !hasRoot else { throw Fault(text: "a document type behind the root") }
            } else if has("<!") {
                throw Fault(text: "a declaration that no report has")
            } else if has("<?") {
                try skip(past: "?>")
            } else if has("</") {
                let name = try closing()
                guard open.popLast() == name else { throw Fault(text: "`</\(name)>` closes nothing") }
                try body(.close(name))
            } else {
                guard !open.isEmpty || !hasRoot else { throw Fault(text: "a second root") }
                hasRoot = true
                let (element, isEmpty) = try opening()
                elements += 1
                guard elements <= Self.most else { throw Fault(text: "more than \(Self.most) elements") }
                guard open.count < Self.deepest else { throw Fault(text: "nested deeper than \(Self.deepest)") }
                try body(.open(element))
                if isEmpty { try body(.close(element.name)) } else { open.append(element.name) }
            }
        }
        guard hasRoot, open.isEmpty else { throw Fault(text: "it ends in the middle") }
    }

    private func has(_ text: StaticString) -> Bool {
        let word = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return bytes[index...].starts(with: word)
    }

    private mutating func skip(past text: String) throws(Fault) {
        let word = Array(text.utf8)
        while index + word.count <= bytes.count {
            if bytes[index] == word[0], bytes[index...].starts(with: word) {
                index += word.count
                return
            }
            index += 1
        }
        throw Fault(text: "it ends before `\(text)`")
    }

    private mutating func skipDocumentType() throws(Fault) {
        while index < bytes.count {
            switch bytes[index] {
            case 0x5b: throw Fault(text: "it defines entities, which are not read")
            case 0x3e:
                index += 1
                return
            default: index += 1
            }
        }
        throw Fault(text: "it ends in the middle")
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d }

    private mutating func skipSpace() { while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 } }

    private mutating func name() throws(Fault) -> String {
        let start = index
        while index < bytes.count, !Self.isSpace(bytes[index]),
            ![0x3e, 0x2f, 0x3d, 0x3c, 0x22, 0x27].contains(bytes[index])
        {
            index += 1
        }
        guard index > start, index - start <= 256 else { throw Fault(text: "a name is missing or too long") }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func closing() throws(Fault) -> String {
        index += 2
        let name = try name()
        skipSpace()
        guard index < bytes.count, bytes[index] == 0x3e else { throw Fault(text: "`</\(name)` has no end") }
        index += 1
        return name
    }

    private mutating func opening() throws(Fault) -> (Element, isEmpty: Bool) {
        index += 1
        var element = Element(name: try name(), attributes: [:])
        while true {
            let before = index
            skipSpace()
            guard index < bytes.count else { throw Fault(text: "`<\(element.name)` has no end") }
            if bytes[index] == 0x3e {
                index += 1
                return (element, false)
            }
            if has("/>") {
                index += 2
                return (element, true)
            }
            guard index > before, element.attributes.count < 256 else {
                throw Fault(text: "attributes of `\(element.name)`")
            }
            let key = try name()
            skipSpace()
            guard index < bytes.count, bytes[index] == 0x3d else { throw Fault(text: "`\(key)` has no value") }
            index += 1
            skipSpace()
            guard index < bytes.count, bytes[index] == 0x22 || bytes[index] == 0x27,
                let end = bytes[(index + 1)...].firstIndex(of: bytes[index])
            else { throw Fault(text: "`\(key)` has no value in quotes") }
            let value = try decoded(index + 1..<end)
            guard element.attributes.updateValue(value, forKey: key) == nil else {
                throw Fault(text: "`\(key)` stands twice")
            }
            index = end + 1
        }
    }

    /// Text with its references replaced: the five names of XML and numbers.
    private func decoded(_ range: Range<Int>) throws(Fault) -> String {
        guard bytes[range].contains(0x26) else { return String(decoding: bytes[range], as: UTF8.self) }
        var out: [UInt8] = []
        var at = range.lowerBound
        while at < range.upperBound {
            guard bytes[at] == 0x26 else {
                out.append(bytes[at])
                at += 1
                continue
            }
            guard let end = bytes[at..<min(at + 12, range.upperBound)].firstIndex(of: 0x3b) else {
                throw Fault(text: "a reference has no end")
            }
            let name = String(decoding: bytes[(at + 1)..<end], as: UTF8.self)
            switch name {
            case "lt": out.append(0x3c)
            case "gt": out.append(0x3e)
            case "amp": out.append(0x26)
            case "quot": out.append(0x22)
            case "apos": out.append(0x27)
            default:
                let number =
                    name.hasPrefix("#x")
                    ? UInt32(name.dropFirst(2), radix: 16) : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
                guard let number, let scalar = Unicode.Scalar(number) else { throw Fault(text: "the entity `\(name)`") }
                out.append(contentsOf: String(scalar).utf8)
            }
            at = end + 1
        }
        return String(decoding: out, as: UTF8.self)
    }
}
