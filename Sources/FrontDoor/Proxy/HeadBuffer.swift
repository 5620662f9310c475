import NIOCore

/// A message's head while it is written: memory of its own that grows, and bytes put one after another.
///
/// A head is written in some forty small pieces. Each costs a `ByteBuffer` a check of its uniqueness, its capacity and the
/// exclusive use of its storage, together 170 instructions; here it is a copy (`make bench ONLY=front-door`).
struct HeadBuffer: ~Copyable {
    private var bytes: UnsafeMutableRawBufferPointer
    private var count = 0

    /// - Parameter capacity: what is likely to suffice; more costs one more copy.
    init(capacity: Int) { bytes = .allocate(byteCount: max(capacity, 64), alignment: 1) }

    deinit { bytes.deallocate() }

    /// Makes room for `more` bytes and returns where they go.
    @inline(__always)
    private mutating func room(_ more: Int) -> UnsafeMutableRawBufferPointer {
        if bytes.count - count < more { grow(more) }
        defer { count += more }
        return UnsafeMutableRawBufferPointer(rebasing: bytes[count..<(count + more)])
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: (bytes.count + more) * 2, alignment: 1)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        bytes.deallocate()
        bytes = larger
    }

    @inline(__always)
    mutating func writeBytes(_ source: UnsafeRawBufferPointer) {
        room(source.count).copyMemory(from: source)
    }

    @inline(__always)
    mutating func writeStaticString(_ text: StaticString) {
        writeBytes(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func writeString(_ text: String) {
        var text = text
        text.withUTF8 { writeBytes(UnsafeRawBufferPointer($0)) }
    }

    mutating func writeImmutableBuffer(_ buffer: ByteBuffer) {
        buffer.withUnsafeReadableBytes { writeBytes($0) }
    }

    mutating func writeInteger(_ byte: UInt8) { room(1)[0] = byte }

    /// Sixteen lower-case hexadecimal digits.
    mutating func writeHex16(_ value: UInt64) {
        let digits = room(16)
        digits.storeBytes(of: Hex.digits(UInt32(value >> 32)).bigEndian, as: UInt64.self)
        digits.storeBytes(
            of: Hex.digits(UInt32(truncatingIfNeeded: value)).bigEndian, toByteOffset: 8, as: UInt64.self)
    }

    mutating func writeDecimal(_ value: UInt64) {
        var length = 1
        var rest = value
        while rest >= 10 {
            rest /= 10
            length += 1
        }
        let digits = room(length)
        rest = value
        for index in stride(from: length - 1, through: 0, by: -1) {
            digits[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }

    var text: String { String(decoding: UnsafeRawBufferPointer(rebasing: bytes[..<count]), as: UTF8.self) }

    /// Appends the head to `buffer`.
    func move(into buffer: inout ByteBuffer) {
        buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
    }
}
