/// Addresses of version 4 with a common beginning: `172.20.0.0/16`.
///
/// The engine gives out the lower half by itself; the upper half is for containers whose address must outlast their restarts, since the
/// front door knows them by it.
package struct IPv4Subnet: Sendable, Hashable, CustomStringConvertible {
    private let base: UInt32
    private let bits: Int

    /// - Returns: `nil` for what is none, or has fewer than 16 addresses.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let bits = Int(parts[1]), (8...28).contains(bits), let base = Self.number(parts[0])
        else { return nil }
        self.init(base: base & (UInt32.max << UInt32(32 - bits)), bits: bits)
    }

    private init(base: UInt32, bits: Int) {
        self.base = base
        self.bits = bits
    }

    private static func number(_ text: Substring) -> UInt32? {
        let words = text.split(separator: ".", omittingEmptySubsequences: false)
        guard words.count == 4 else { return nil }
        var number: UInt32 = 0
        for word in words {
            guard let byte = UInt8(word) else { return nil }
            number = number << 8 | UInt32(byte)
        }
        return number
    }

    package var lowerHalf: IPv4Subnet { IPv4Subnet(base: base, bits: bits + 1) }

    /// How many addresses ``lasting(_:)`` has.
    package var lastingCount: Int { (1 << (31 - bits)) - 2 }

    /// An address of the upper half, from 0 on.
    package func lasting(_ index: Int) -> String {
        precondition((0..<lastingCount).contains(index), "an address beyond the subnet")
        return Self.text(base + (1 << UInt32(31 - bits)) + UInt32(index) + 1)
    }

    private static func text(_ number: UInt32) -> String {
        [24, 16, 8, 0].map { "\(number >> UInt32($0) & 255)" }.joined(separator: ".")
    }

    package var description: String { "\(Self.text(base))/\(bits)" }
}
