/// A message as an independent reader of RFC 9112 sees it: written for clarity, sharing nothing with the front door.
package struct StrictMessage: Hashable, Sendable {
    /// Of a request: method, target, version. Of an answer: version, status, reason.
    package var start: [String]
    /// Names in lower case.
    package var fields: [Field]
    package var body: [UInt8] = []
    package var trailers: [Field] = []
    /// False when the bytes end within the message.
    package var isComplete = false

    package struct Field: Hashable, Sendable {
        package var name: String
        package var value: String
    }

    package func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// The comma-separated tokens of a field's lines, in lower case.
    package func tokens(_ name: String) -> [String] {
        values(name).flatMap { $0.split(separator: ",") }.map { Text.trimmed($0).lowercased() }.filter { !$0.isEmpty }
    }
}

/// Small functions on text that the reader needs.
enum Text {
    static func trimmed(_ text: some StringProtocol) -> String {
        func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }
        let behind = text.unicodeScalars.drop(while: isBlank)
        return String(String.UnicodeScalarView(behind.reversed().drop(while: isBlank).reversed()))
    }

    static func isToken(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"(),/:;<=>?@[\\]{}".utf8.contains($0) }
    }

    static func isNumber(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// Each byte one character: no byte is lost or joined with another.
    static func latin(_ bytes: some Sequence<UInt8>) -> String {
        String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }
}

/// Why bytes are no message.
struct Malformed: Error {
    var problem: String
}

/// Reads lines, fields and bodies off bytes.
struct StrictReader {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }
    var rest: [UInt8] { Array(bytes[position...]) }

    /// The next line without its CRLF; nil when there is no whole one.
    mutating func line() throws -> String? {
        guard let feed = bytes[position...].firstIndex(of: 0x0A) else { return nil }
        guard feed > position, bytes[feed - 1] == 0x0D else { throw Malformed(problem: "a bare LF") }
        let line = bytes[position..<(feed - 1)]
        if line.contains(0x0D) || line.contains(0x00) { throw Malformed(problem: "CR or NUL in a line") }
        position = feed + 1
        return Text.latin(line)
    }

    mutating func skipEmptyLines() {
        while bytes[position...].starts(with: [0x0D, 0x0A]) { position += 2 }
    }

    /// Lines up to the empty one; nil when it is missing.
    mutating func fields() throws -> [StrictMessage.Field]? {
        var fields: [StrictMessage.Field] = []
        while let line = try line() {
            if line.isEmpty { return fields }
            guard let colon = line.unicodeScalars.firstIndex(of: ":") else {
                throw Malformed(problem: "no colon: \(line)")
            }
            let name = String(line.unicodeScalars[..<colon])
            guard Text.isToken(name) else { throw Malformed(problem: "a field name: \(line)") }
            let after = line.unicodeScalars.index(after: colon)
            let value = Text.trimmed(String(line.unicodeScalars[after...]))
            if value.unicodeScalars.contains(where: { $0.value < 0x20 && $0.value != 0x09 || $0.value == 0x7F }) {
                throw Malformed(problem: "a control character: \(line)")
            }
            fields.append(.init(name: name.lowercased(), value: value))
        }
        return nil
    }

    /// Up to `count` bytes.
    mutating func take(_ count: Int) -> [UInt8] {
        let end = min(bytes.count, count > bytes.count ? bytes.count : position + count)
        defer { position = end }
        return Array(bytes[position..<end])
    }

    /// A body in chunks, into the message; whether it is whole.
    mutating func chunks(into message: inout StrictMessage, allowsExtensions: Bool) throws -> Bool {
        while true {
            guard let line = try line() else { return false }
            let parts = line.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
            let digits = allowsExtensions ? Text.trimmed(parts[0]) : line
            guard let size = Int(digits, radix: 16), digits.first != "+", digits.first != "-" else {
                throw Malformed(problem: "a chunk size: \(line)")
            }
            if size == 0 {
                guard let trailers = try fields() else { return false }
                message.trailers = trailers
                return true
            }
            let data = take(size)
            message.body += data
            guard data.count == size else { return false }
            let end = take(2)
            guard end == [0x0D, 0x0A] || end.count < 2 && [0x0D, 0x0A].starts(with: end) else {
                throw Malformed(problem: "no line end behind a chunk")
            }
            if end.count < 2 { return false }
        }
    }
}
