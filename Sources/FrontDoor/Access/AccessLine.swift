import NIOCore

extension ByteBuffer {
    /// Three digits.
    mutating func writeThousandths(_ value: UInt64) {
        writeInteger(UInt8(ascii: "0") + UInt8(value / 100 % 10))
        writeInteger(UInt8(ascii: "0") + UInt8(value / 10 % 10))
        writeInteger(UInt8(ascii: "0") + UInt8(value % 10))
    }

    /// A member of a JSON object, behind another one.
    mutating func writeMember(_ name: StaticString, _ value: UInt64) {
        writeMemberName(name)
        writeDecimal(value)
    }

    /// Milliseconds with three decimals.
    mutating func writeMember(_ name: StaticString, microseconds: UInt64) {
        writeMemberName(name)
        writeDecimal(microseconds / 1_000)
        writeInteger(UInt8(ascii: "."))
        writeThousandths(microseconds % 1_000)
    }

    /// A word that needs no escapes.
    mutating func writeMember(_ name: StaticString, word value: StaticString) {
        writeMemberName(name)
        writeInteger(UInt8(ascii: "\""))
        writeStaticString(value)
        writeInteger(UInt8(ascii: "\""))
    }

    mutating func writeMember(_ name: StaticString, _ value: String) {
        writeMemberName(name)
        writeJSONString(value)
    }

    /// Text from a client, cut at `most` bytes.
    mutating func writeMember(_ name: StaticString, _ value: UnsafeRawBufferPointer, most: Int) {
        writeMemberName(name)
        writeInteger(UInt8(ascii: "\""))
        writeJSONText(UnsafeRawBufferPointer(rebasing: value.prefix(most)))
        writeInteger(UInt8(ascii: "\""))
    }

    mutating func writeMemberName(_ name: StaticString) {
        writeStaticString(",\"")
        writeStaticString(name)
        writeStaticString("\":")
    }

    /// Text without its quotes; bytes that are not UTF-8 become U+FFFD.
    mutating func writeJSONText(_ text: UnsafeRawBufferPointer) {
        let isPlain = !text.contains {
            $0 < 0x20 || $0 >= 0x7F || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\")
        }
        if isPlain {
            writeBytes(text)
        } else {
            writeJSONText(String(decoding: text, as: UTF8.self))
        }
    }

    mutating func writeJSONText(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): writeStaticString("\\\"")
            case UInt8(ascii: "\\"): writeStaticString("\\\\")
            case 0..<0x20:
                writeStaticString("\\u00")
                writeInteger(Hex.digit(UInt64(byte >> 4)))
                writeInteger(Hex.digit(UInt64(byte)))
            default: writeInteger(byte)
            }
        }
    }

    /// A quoted JSON string (RFC 8259 §7).
    mutating func writeJSONString(_ text: String) {
        var text = text
        writeInteger(UInt8(ascii: "\""))
        text.withUTF8 { writeJSONText(UnsafeRawBufferPointer($0)) }
        writeInteger(UInt8(ascii: "\""))
    }

    /// A request's target without what could be a secret: of the query only the names remain.
    ///
    /// Reset links, signed addresses and access tokens travel in queries; whoever reads a log must not be able to use them.
    /// A part without `=`, or with a name longer than 64 bytes, may itself be one.
    mutating func writeRedactedTarget(_ target: UnsafeRawBufferPointer, most: Int) {
        let end = target.firstIndex(of: UInt8(ascii: "?")) ?? target.count
        writeJSONText(UnsafeRawBufferPointer(rebasing: target[0..<min(end, most)]))
        guard end < target.count else { return }
        writeInteger(UInt8(ascii: "?"))
        var start = end + 1
        let last = min(target.count, most)
        while start <= last, start < target.count {
            let part = target[start...].prefix { $0 != UInt8(ascii: "&") }
            if start > end + 1 { writeInteger(UInt8(ascii: "&")) }
            if let equals = part.firstIndex(of: UInt8(ascii: "=")), equals - start <= 64 {
                writeJSONText(UnsafeRawBufferPointer(rebasing: target[start..<equals]))
                writeInteger(UInt8(ascii: "="))
            }
            writeInteger(UInt8(ascii: "*"))
            start = part.endIndex + 1
        }
    }
}
