/// Walks over JSON text byte by byte and says where its parts lie, without making values of them (RFC 8259).
///
/// `JSONDecoder` was five to ten times dearer on a batch of alerts than everything else about it.
struct JSONScanner {
    /// Why the text is not JSON, or not what was expected.
    enum Fault: Error, Hashable {
        case unexpectedEnd
        case unexpected(at: Int)
        case tooDeep
    }

    /// The inside of a string, between its quotes.
    struct Text: Equatable {
        var start: Int32
        var end: Int32
        /// ASCII without escapes: its bytes are its value.
        var isPlain: Bool

        static let empty = Text(start: 0, end: 0, isPlain: true)
        var isEmpty: Bool { start == end }
        var count: Int { Int(end - start) }
    }

    let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Goes on further along, where somebody else has looked.
    mutating func pass(to position: Int) { self.position = position }

    /// The byte at which the next part begins; `nil` at the end.
    @inline(__always)
    mutating func peek() -> UInt8? {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return byte }
            position += 1
        }
        return nil
    }

    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    mutating func expect(_ byte: UInt8) throws(Fault) {
        if !take(byte) { throw fault }
    }

    var fault: Fault { position < bytes.count ? .unexpected(at: position) : .unexpectedEnd }

    /// `null`, which stands for nothing at all.
    mutating func takeNull() throws(Fault) -> Bool {
        guard peek() == UInt8(ascii: "n") else { return false }
        try word("null")
        return true
    }

    private mutating func word(_ text: StaticString) throws(Fault) {
        let count = text.utf8CodeUnitCount
        guard position + count <= bytes.count else { throw .unexpectedEnd }
        for offset in 0..<count where bytes[position + offset] != text.utf8Start[offset] {
            throw .unexpected(at: position + offset)
        }
        position += count
    }

    /// A string; the next part must be one.
    mutating func text() throws(Fault) -> Text {
        try expect(0x22)
        let start = position
        var index = start
        var isPlain = true
        while true {
            while index + 8 <= bytes.count {
                let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                if Self.isSpecial(word) { break }
                index += 8
            }
            guard index < bytes.count else { throw .unexpectedEnd }
            let byte = bytes[index]
            switch byte {
            case 0x22:
                position = index + 1
                return Text(
                    start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: index), isPlain: isPlain)
            case 0x5c:
                isPlain = false
                index += 2
            case 0..<0x20:
                throw .unexpected(at: index)
            default:
                if byte >= 0x80 { isPlain = false }
                index += 1
            }
        }
    }

    /// Whether one of eight bytes is a quote, a backslash, a control character or not ASCII.
    @inline(__always)
    private static func isSpecial(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5c)
        let found =
            ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | ((word &- (ones &* 0x20)) & ~word) | word
        return found & highs != 0
    }

    /// Passes over any value.
    mutating func skip(depth: Int = 0) throws(Fault) {
        guard depth < 64 else { throw .tooDeep }
        switch peek() {
        case nil: throw .unexpectedEnd
        case 0x22: _ = try text()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        case 0x7b:
            position += 1
            if take(0x7d) { return }
            repeat {
                _ = peek()
                _ = try text()
                try expect(0x3a)
                try skip(depth: depth + 1)
            } while take(0x2c)
            try expect(0x7d)
        case 0x5b:
            position += 1
            if take(0x5d) { return }
            repeat { try skip(depth: depth + 1) } while take(0x2c)
            try expect(0x5d)
        case let byte? where byte == 0x2d || byte &- 0x30 < 10:
            position += 1
            while position < bytes.count, Self.isOfNumber(bytes[position]) { position += 1 }
        default: throw .unexpected(at: position)
        }
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || byte == 0x2e || byte == 0x2d || byte == 0x2b || byte | 0x20 == UInt8(ascii: "e")
    }
}

extension JSONScanner {
    func raw(_ text: Text) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[Int(text.start)..<Int(text.end)])
    }

    func equals(_ text: Text, _ word: StaticString) -> Bool {
        guard text.count == word.utf8CodeUnitCount else { return false }
        let found = raw(text)
        for index in 0..<text.count where found[index] != word.utf8Start[index] { return false }
        return true
    }

    /// The value of a string: escapes resolved, and what is no Unicode replaced by U+FFFD as Go does.
    ///
    /// - Returns: `nil` for an escape that JSON does not know.
    func value(_ text: Text) -> String? {
        let raw = raw(text)
        if text.isPlain || !raw.contains(0x5c) { return String(decoding: raw, as: UTF8.self) }
        var out: [UInt8] = []
        out.reserveCapacity(raw.count)
        var index = 0
        while index < raw.count {
            let byte = raw[index]
            guard byte == 0x5c else {
                out.append(byte)
                index += 1
                continue
            }
            guard index + 1 < raw.count else { return nil }
            index += 2
            switch raw[index - 1] {
            case 0x22, 0x5c, 0x2f: out.append(raw[index - 1])
            case UInt8(ascii: "b"): out.append(0x08)
            case UInt8(ascii: "f"): out.append(0x0c)
            case UInt8(ascii: "n"): out.append(0x0a)
            case UInt8(ascii: "r"): out.append(0x0d)
            case UInt8(ascii: "t"): out.append(0x09)
            case UInt8(ascii: "u"):
                guard let unit = Self.unit(raw, index) else { return nil }
                index += 4
                var scalar = UInt32(unit)
                if unit & 0xfc00 == 0xd800, index + 6 <= raw.count, raw[index] == 0x5c,
                    raw[index + 1] == UInt8(ascii: "u"), let low = Self.unit(raw, index + 2), low & 0xfc00 == 0xdc00
                {
                    scalar = 0x10000 + (UInt32(unit & 0x3ff) << 10) + UInt32(low & 0x3ff)
                    index += 6
                }
                out.append(contentsOf: String(Character(Unicode.Scalar(scalar) ?? "\u{fffd}")).utf8)
            default: return nil
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func unit(_ raw: UnsafeRawBufferPointer, _ index: Int) -> UInt16? {
        guard index + 4 <= raw.count else { return nil }
        var value: UInt16 = 0
        for byte in raw[index..<index + 4] {
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x37
            case 0x61...0x66: digit = byte - 0x57
            default: return nil
            }
            value = value << 4 | UInt16(digit)
        }
        return value
    }
}
