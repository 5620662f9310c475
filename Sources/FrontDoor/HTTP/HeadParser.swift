import Glibc
import NIOCore

/// A part of a message's head, as offsets from its first byte.
struct Span32: Equatable {
    var start: Int32
    var end: Int32

    init(_ start: Int, _ end: Int) {
        self.start = Int32(truncatingIfNeeded: start)
        self.end = Int32(truncatingIfNeeded: end)
    }

    static let empty = Span32(0, 0)
    var isEmpty: Bool { start == end }
    var count: Int { Int(end - start) }
}

/// Splits a message's head into its start line and fields (RFC 9112 §2 to §5), byte by byte and strictly.
///
/// Works on offsets into the connection's buffer and keeps its arrays from message to message, so that an ordinary
/// head is parsed without an allocation. What it refuses is what request smuggling lives on: bare LF, obs-fold,
/// whitespace before the colon, control characters.
struct HeadParser {
    struct Field {
        var name: Span32
        var value: Span32
        /// Behind the line's CRLF.
        var lineEnd: Int32
        var known: KnownField
    }

    enum Outcome {
        case incomplete
        /// The head's length with its final CRLF.
        case complete(Int)
        case refused(Reason)
    }

    private(set) var startLine = Span32.empty
    private(set) var fields: [Field] = []
    private var lineStart = 0
    private var scanned = 0
    private var hasStartLine = false

    init() { fields.reserveCapacity(24) }

    /// Parses fields only, as in a trailer section.
    init(withoutStartLine: Void) { hasStartLine = true }

    /// Forgets the parsed head, before the next one of the same connection.
    mutating func reset() {
        fields.removeAll(keepingCapacity: true)
        startLine = .empty
        lineStart = 0
        scanned = 0
        hasStartLine = false
    }

    /// Goes on where the last call stopped; `bytes` must begin with the head's first byte every time.
    ///
    /// - Parameter skipsEmptyLines: a server ignores empty lines before a request (RFC 9112 §2.2).
    mutating func parse(
        _ bytes: UnsafeRawBufferPointer, limits: FrontDoorConfiguration.Limits, skipsEmptyLines: Bool
    ) -> Outcome {
        guard let base = bytes.baseAddress else { return .incomplete }
        while true {
            guard scanned < bytes.count, let found = memchr(base + scanned, 0x0A, bytes.count - scanned) else {
                scanned = bytes.count
                return excess(at: scanned, limits: limits).map { .refused($0) } ?? .incomplete
            }
            let feed = UnsafeRawPointer(found) - base
            scanned = feed + 1
            if let reason = excess(at: feed, limits: limits) { return .refused(reason) }
            guard feed > lineStart, bytes[feed - 1] == 0x0D else { return .refused(.bareLineFeed) }
            let lineEnd = feed - 1
            defer { lineStart = feed + 1 }
            if !hasStartLine {
                if lineEnd == lineStart {
                    guard skipsEmptyLines, lineStart < 4 else { return .refused(.requestLine) }
                    continue
                }
                startLine = Span32(lineStart, lineEnd)
                hasStartLine = true
            } else if lineEnd == lineStart {
                return .complete(feed + 1)
            } else {
                if fields.count == limits.headerCount { return .refused(.headersTooMany) }
                if let reason = field(bytes, lineStart, lineEnd) { return .refused(reason) }
            }
        }
    }

    private func excess(at position: Int, limits: FrontDoorConfiguration.Limits) -> Reason? {
        if !hasStartLine { return position - lineStart > limits.requestLineBytes + 1 ? .targetTooLong : nil }
        return position - Int(startLine.end) > limits.headerBytes ? .headersTooLarge : nil
    }

    private mutating func field(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Reason? {
        if bytes[start] == 0x20 || bytes[start] == 0x09 { return .foldedHeader }
        var position = start
        var hasUnderscore = false
        while position < end, Token.contains(bytes[position]) {
            if bytes[position] == UInt8(ascii: "_") { hasUnderscore = true }
            position += 1
        }
        guard position > start, position < end, bytes[position] == UInt8(ascii: ":") else { return .headerName }
        let nameEnd = position
        position += 1
        while position < end, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
        var valueEnd = end
        while valueEnd > position, bytes[valueEnd - 1] == 0x20 || bytes[valueEnd - 1] == 0x09 { valueEnd -= 1 }
        for index in position..<valueEnd {
            let byte = bytes[index]
            if byte < 0x20 && byte != 0x09 || byte == 0x7F { return .headerValue }
        }
        let name = UnsafeRawBufferPointer(rebasing: bytes[start..<nameEnd])
        fields.append(
            Field(
                name: Span32(start, nameEnd), value: Span32(position, valueEnd),
                lineEnd: Int32(truncatingIfNeeded: end + 2),
                known: KnownField(name: name, hasUnderscore: hasUnderscore)))
        return nil
    }
}

/// The characters of a token (RFC 9110 §5.6.2), as two bit sets. Literals, since a table that is made on first use is asked for
/// with a call for each byte; `HeaderTests` spells the characters out.
enum Token {
    @inline(__always) private static var low: UInt64 { 0x03FF_6CFA_0000_0000 }
    @inline(__always) private static var high: UInt64 { 0x57FF_FFFF_C7FF_FFFE }

    @inline(__always)
    static func contains(_ byte: UInt8) -> Bool {
        if byte < 64 { return low >> UInt64(byte) & 1 == 1 }
        return byte < 128 && high >> UInt64(byte - 64) & 1 == 1
    }
}
