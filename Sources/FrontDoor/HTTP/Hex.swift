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

    /// Eight lower-case digits, the first one in the highest byte; all are made at once, a byte each.
    @inline(__always)
    static func digits(_ value: UInt32) -> UInt64 {
        var digits = UInt64(value)
        digits = (digits | digits << 16) & 0x0000_FFFF_0000_FFFF
        digits = (digits | digits << 8) & 0x00FF_00FF_00FF_00FF
        digits = (digits | digits << 4) & 0x0F0F_0F0F_0F0F_0F0F
        // 1 in each byte that holds more than 9: those become letters, 39 behind the digits.
        let letters = (digits &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return digits &+ 0x3030_3030_3030_3030 &+ letters &* 39
    }
}

extension ByteBuffer {
    /// Sixteen lower-case hexadecimal digits.
    mutating func writeHex16(_ value: UInt64) {
        writeInteger(Hex.digits(UInt32(value >> 32)))
        writeInteger(Hex.digits(UInt32(truncatingIfNeeded: value)))
    }

    mutating func writeDecimal(_ value: UInt64) {
        var count = 1
        var left = value
        while left >= 10 {
            left /= 10
            count += 1
        }
        let start = writerIndex
        writeRepeatingByte(UInt8(ascii: "0"), count: count)
        var rest = value
        for index in stride(from: start + count - 1, through: start, by: -1) {
            setInteger(UInt8(ascii: "0") + UInt8(rest % 10), at: index)
            rest /= 10
        }
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
}
