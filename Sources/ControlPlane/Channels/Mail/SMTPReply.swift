/// A reply of a mail server: a code and lines of text (RFC 5321 §4.2).
struct SMTPReply: Hashable, Sendable {
    var code: Int
    var lines: [String]

    /// `550 5.1.1 no such user`
    var text: String { "\(code) \(lines.joined(separator: " "))" }

    var isPositive: Bool { (200..<300).contains(code) }
}

/// Takes replies out of the bytes of a connection.
struct SMTPReplyReader {
    /// The server does not speak SMTP.
    struct Refusal: Error {
        var reason: String
    }

    /// RFC 5321 §4.5.3.1.5 allows 512; servers are known to write more.
    private static let lineLimit = 4096
    private static let lineCount = 128

    private var bytes: [UInt8] = []
    private var code: Int?
    private var lines: [String] = []

    /// Whether everything that came was taken.
    var isEmpty: Bool { bytes.isEmpty && code == nil }

    mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// The next whole reply.
    ///
    /// - Throws: ``Refusal``
    mutating func next() throws(Refusal) -> SMTPReply? {
        while let end = bytes.firstIndex(of: 0x0a) {
            guard end <= Self.lineLimit else { throw Refusal(reason: "a line that is too long") }
            var line = bytes[..<end]
            if line.last == 0x0d { line.removeLast() }
            let (number, isLast, text) = try read(line)
            bytes.removeSubrange(...end)
            guard code == nil || code == number else { throw Refusal(reason: "one reply with two codes") }
            code = number
            lines.append(text)
            guard lines.count <= Self.lineCount else { throw Refusal(reason: "a reply without an end") }
            if isLast {
                defer {
                    code = nil
                    lines = []
                }
                return SMTPReply(code: number, lines: lines)
            }
        }
        guard bytes.count <= Self.lineLimit else { throw Refusal(reason: "a line that is too long") }
        return nil
    }

    /// `250-text`, `250 text` or `250`.
    private func read(_ line: ArraySlice<UInt8>) throws(Refusal) -> (code: Int, isLast: Bool, text: String) {
        let digits = line.prefix(3)
        guard digits.count == 3, digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let code = Int(String(decoding: digits, as: UTF8.self)), (200..<600).contains(code)
        else { throw Refusal(reason: "what is no reply of a mail server") }
        let rest = line.dropFirst(3)
        guard let mark = rest.first else { return (code, true, "") }
        guard mark == 0x20 || mark == 0x2d else { throw Refusal(reason: "what is no reply of a mail server") }
        return (code, mark == 0x20, String(decoding: rest.dropFirst(), as: UTF8.self))
    }
}
