import NIOCore

/// Hexadecimal digits to numbers and back.
enum Hex {
    @inline(__always)
    static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    @inline(__always)
    static func digit(_ value: UInt64) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: value & 15)
        return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

extension ByteBuffer {
    /// Sixteen lower-case hexadecimal digits.
    mutating func writeHex16(_ value: UInt64) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        for index in UInt64(0)..<8 {
            high = high << 8 | UInt64(Hex.digit(value >> (60 - 4 * index)))
            low = low << 8 | UInt64(Hex.digit(value >> (28 - 4 * index)))
        }
        writeInteger(high)
        writeInteger(low)
    }

    /// Hexadecimal without leading zeros, as a chunk's size is written.
    mutating func writeHex(_ value: Int) {
        let value = UInt64(value)
        var shift = max(0, (63 - value.leadingZeroBitCount) / 4 * 4)
        if value == 0 { shift = 0 }
        while true {
            writeInteger(Hex.digit(value >> UInt64(shift)))
            if shift == 0 { return }
            shift -= 4
        }
    }

    mutating func writeDecimal(_ value: UInt64) {
        var digits: (UInt64, Int) = (value, 1)
        while digits.0 >= 10 {
            digits.0 /= 10
            digits.1 += 1
        }
        let count = digits.1
        let start = writerIndex
        writeRepeatingByte(UInt8(ascii: "0"), count: count)
        var rest = value
        for index in stride(from: start + count - 1, through: start, by: -1) {
            setInteger(UInt8(ascii: "0") + UInt8(rest % 10), at: index)
            rest /= 10
        }
    }
}
