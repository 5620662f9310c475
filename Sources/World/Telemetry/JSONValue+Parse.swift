extension JSONValue {
    /// Reads one JSON text.
    ///
    /// - Returns: `nil` when the bytes are not JSON, go on after the value, or nest deeper than 64.
    package init?(parsing bytes: [UInt8]) {
        var parser = Parser(bytes: bytes)
        parser.skipSpace()
        guard let value = parser.value(depth: 0) else { return nil }
        parser.skipSpace()
        guard parser.index == bytes.count else { return nil }
        self = value
    }

    private struct Parser {
        let bytes: [UInt8]
        var index = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var next: UInt8? { index < bytes.count ? bytes[index] : nil }

        mutating func skipSpace() {
            while let byte = next, byte == 0x20 || (0x09...0x0d).contains(byte) { index += 1 }
        }

        mutating func take(_ byte: UInt8) -> Bool {
            guard next == byte else { return false }
            index += 1
            return true
        }

        mutating func take(word: StaticString) -> Bool {
            let count = word.utf8CodeUnitCount
            guard index + count <= bytes.count else { return false }
            for offset in 0..<count where bytes[index + offset] != word.utf8Start[offset] { return false }
            index += count
            return true
        }

        mutating func value(depth: Int) -> JSONValue? {
            guard depth < 64, let byte = next else { return nil }
            switch byte {
            case 0x7b: return object(depth: depth)
            case 0x5b: return array(depth: depth)
            case 0x22: return string().map { .string($0) }
            case 0x74: return take(word: "true") ? .bool(true) : nil
            case 0x66: return take(word: "false") ? .bool(false) : nil
            case 0x6e: return take(word: "null") ? .null : nil
            default: return number()
            }
        }

        mutating func object(depth: Int) -> JSONValue? {
            index += 1
            var members: [Member] = []
            skipSpace()
            if take(0x7d) { return .object([]) }
            while true {
                skipSpace()
                guard next == 0x22, let key = string() else { return nil }
                skipSpace()
                guard take(0x3a) else { return nil }
                skipSpace()
                guard let value = value(depth: depth + 1) else { return nil }
                members.append(Member(key, value))
                skipSpace()
                if take(0x7d) { return .object(members) }
                guard take(0x2c) else { return nil }
            }
        }

        mutating func array(depth: Int) -> JSONValue? {
            index += 1
            var values: [JSONValue] = []
            skipSpace()
            if take(0x5d) { return .array([]) }
            while true {
                skipSpace()
                guard let value = value(depth: depth + 1) else { return nil }
                values.append(value)
                skipSpace()
                if take(0x5d) { return .array(values) }
                guard take(0x2c) else { return nil }
            }
        }

        /// RFC 8259, section 6: `-`, an integer without leading zeros, a fraction, an exponent.
        mutating func number() -> JSONValue? {
            let start = index
            _ = take(0x2d)
            let first = index
            guard digits() else { return nil }
            if bytes[first] == 0x30, index - first > 1 { return nil }
            if take(0x2e), !digits() { return nil }
            if take(0x65) || take(0x45) {
                if !take(0x2b) { _ = take(0x2d) }
                guard digits() else { return nil }
            }
            return .number(String(decoding: bytes[start..<index], as: UTF8.self))
        }

        mutating func digits() -> Bool {
            let start = index
            while let byte = next, (0x30...0x39).contains(byte) { index += 1 }
            return index > start
        }

        mutating func string() -> String? {
            index += 1
            var text: [UInt8] = []
            while let byte = next {
                index += 1
                switch byte {
                case 0x22: return String(decoding: text, as: UTF8.self)
                case 0x5c: guard escape(into: &text) else { return nil }
                case 0..<0x20: return nil
                default: text.append(byte)
                }
            }
            return nil
        }

        mutating func escape(into text: inout [UInt8]) -> Bool {
            guard let byte = next else { return false }
            index += 1
            switch byte {
            case 0x22, 0x5c, 0x2f: text.append(byte)
            case 0x62: text.append(0x08)
            case 0x66: text.append(0x0c)
            case 0x6e: text.append(0x0a)
            case 0x72: text.append(0x0d)
            case 0x74: text.append(0x09)
            case 0x75:
                guard var code = hexadecimal() else { return false }
                if (0xd800..<0xdc00).contains(code), bytes[index...].starts(with: [0x5c, 0x75]) {
                    index += 2
                    guard let low = hexadecimal() else { return false }
                    code = (0xdc00..<0xe000).contains(low) ? 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00) : 0xfffd
                }
                text.append(contentsOf: String(Unicode.Scalar(code) ?? "\u{fffd}").utf8)
            default: return false
            }
            return true
        }

        mutating func hexadecimal() -> UInt32? {
            guard index + 4 <= bytes.count else { return nil }
            let digits = String(decoding: bytes[index..<index + 4], as: UTF8.self)
            guard digits.utf8.count == 4, digits.allSatisfy({ $0.isHexDigit }) else { return nil }
            index += 4
            return UInt32(digits, radix: 16)
        }
    }
}

extension JSONValue: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = JSONValue(parsing: Array(text.utf8)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not JSON text")
        }
        self = value
    }

    /// Encodes as a string of JSON text, which keeps order and digits through any coder.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
