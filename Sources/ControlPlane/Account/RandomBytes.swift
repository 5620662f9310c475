import World

/// Where secrets come from.
package struct RandomBytes: Sendable {
    /// Gives so many bytes that nobody can guess.
    package var take: @Sendable (Int) -> [UInt8]

    package init(take: @escaping @Sendable (Int) -> [UInt8]) { self.take = take }

    /// The kernel's (getrandom(2)).
    package static let live = RandomBytes { count in
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    /// A bearer secret of 256 bits.
    func secret(prefix: String = "") -> Secret { Secret(prefix + Base64URL.text(take(32))) }

    /// An id that says nothing.
    func id() -> String { take(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

extension ContentHash {
    /// What is kept of a bearer secret. Without salt or cost: nobody tries 256 random bits.
    init(of secret: Secret) { self.init(of: Array(secret.exposed.utf8)) }
}

/// RFC 4648 §5, without padding.
enum Base64URL {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func text(_ bytes: [UInt8]) -> String { Bits.text(bytes, width: 6, digits) }
}

/// RFC 4648 §4 without padding, as password hashes are written.
enum Base64Bare {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func text(_ bytes: [UInt8]) -> String { Bits.text(bytes, width: 6, digits) }

    static func bytes(_ text: String) -> [UInt8]? { Bits.bytes(text, width: 6, digits) }
}

/// RFC 4648 §6 without padding, as authenticators take secrets.
enum Base32 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    static func text(_ bytes: [UInt8]) -> String { Bits.text(bytes, width: 5, digits) }

    static func bytes(_ text: String) -> [UInt8]? { Bits.bytes(text, width: 5, digits) }
}

private enum Bits {
    static func text(_ bytes: [UInt8], width: Int, _ digits: [UInt8]) -> String {
        var out: [UInt8] = []
        var held = 0
        var count = 0
        for byte in bytes {
            held = (held << 8 | Int(byte)) & 0xffff
            count += 8
            while count >= width {
                count -= width
                out.append(digits[held >> count & (1 << width - 1)])
            }
        }
        if count > 0 { out.append(digits[held << (width - count) & (1 << width - 1)]) }
        return String(decoding: out, as: UTF8.self)
    }

    static func bytes(_ text: String, width: Int, _ digits: [UInt8]) -> [UInt8]? {
        var out: [UInt8] = []
        var held = 0
        var count = 0
        for digit in text.utf8 {
            guard let value = digits.firstIndex(of: digit) else { return nil }
            held = (held << width | value) & 0xffff
            count += width
            if count >= 8 {
                count -= 8
                out.append(UInt8(truncatingIfNeeded: held >> count))
            }
        }
        // What is left over pads the last digit: less than a digit, and zero.
        guard count < width, held & (1 << count - 1) == 0 else { return nil }
        return out
    }
}
