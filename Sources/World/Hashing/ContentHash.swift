import Crypto

/// The SHA-256 (FIPS 180-4) of some content, as 64 lower-case hexadecimal digits.
package struct ContentHash: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    package let hex: String

    /// - Returns: `nil` unless the text is 64 lower-case hexadecimal digits.
    package init?(hex: String) {
        let digits = hex.utf8
        guard digits.count == 64, digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else {
            return nil
        }
        self.hex = hex
    }

    /// Of bytes at hand.
    package init(of bytes: some Collection<UInt8>) {
        var hasher = SHA256()
        hasher.update(data: Array(bytes))
        self.init(hasher.finalize())
    }

    /// Of several texts, each with its length, so that moving a character from one to the next changes the hash.
    package init(of texts: [String]) {
        var hasher = SHA256()
        for text in texts {
            hasher.update(data: Array("\(text.utf8.count):".utf8))
            hasher.update(data: Array(text.utf8))
        }
        self.init(hasher.finalize())
    }

    init(_ digest: SHA256.Digest) {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in digest {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        hex = String(decoding: text, as: UTF8.self)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let hash = ContentHash(hex: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a SHA-256 in hexadecimal")
        }
        self = hash
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }

    /// The first twelve digits: enough for a person and a folder name.
    package var short: String { String(hex.prefix(12)) }

    package var description: String { hex }
    package static func < (left: Self, right: Self) -> Bool { left.hex < right.hex }
}
