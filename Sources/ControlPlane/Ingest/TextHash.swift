/// A fast hash of texts, with a key that is drawn anew by each process: no sender can make two texts that agree.
///
/// Sixteen bytes are folded in by one multiplication, as wyhash and its kin do; `Hasher` costs six times as much.
struct TextHash: Sendable {
    private let first: UInt64
    private let second: UInt64

    init() {
        first = .random(in: .min ... .max) | 1
        second = .random(in: .min ... .max) | 1
    }

    /// - Parameter seed: what comes before, so that a hash of several texts is a hash of all.
    @inline(__always)
    func callAsFunction(_ bytes: UnsafeRawBufferPointer, _ seed: UInt64 = 0) -> UInt64 {
        let count = bytes.count
        var state = seed ^ first
        var index = 0
        while index + 16 <= count {
            state = Self.fold(word(bytes, index) ^ second, word(bytes, index + 8) ^ state)
            index += 16
        }
        if index < count {
            var tail: (UInt64, UInt64) = (0, 0)
            if count >= 16 {
                tail = (word(bytes, count - 16), word(bytes, count - 8))
            } else {
                withUnsafeMutableBytes(of: &tail) { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[...])) }
            }
            state = Self.fold(tail.0 ^ second, tail.1 ^ state)
        }
        return Self.fold(state ^ UInt64(truncatingIfNeeded: count), first)
    }

    @inline(__always)
    private func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    @inline(__always)
    private static func fold(_ one: UInt64, _ other: UInt64) -> UInt64 {
        let product = one.multipliedFullWidth(by: other)
        return product.high ^ product.low
    }
}
