import Crypto
package import Response

/// A key of an integration as it is kept: enough to know it again, not enough to use it.
///
/// `hb_`, seven letters or digits that name it, 22 that are secret: 32 in all, since tools that send to PagerDuty ask for
/// keys of that length. Each is one of 32, so the secret has 110 random bits.
package struct IntegrationKey: Hashable, Codable, Sendable {
    /// Its public part: what lists show, and what it is found by.
    package var id: String
    package var integration: String
    /// SHA-256 of the whole key. A slow hash would protect no better what has 110 random bits, and cost each request.
    var digest: [UInt8]
    package var created: Moment
    package var createdBy: String
    /// When it ends, after a rotation.
    package var expires: Moment?
    package var revoked: Moment?
    package var lastUsed: Moment?

    package static let prefix = "hb_"
    static let idLength = 7
    static let secretLength = 22
    /// How many random bytes a new key takes.
    package static let randomBytes = idLength + secretLength
    /// Without letters that are taken for digits (Crockford's base 32).
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// Makes a key.
    ///
    /// - Parameter random: ``randomBytes`` of them, from a source that cannot be guessed.
    /// - Returns: what is kept, and the key itself, which is shown once; `nil` with fewer bytes.
    package static func make(
        integration: String, by: String, random: [UInt8], now: Moment
    ) -> (key: IntegrationKey, text: String)? {
        guard random.count >= randomBytes else { return nil }
        let letters = random.prefix(randomBytes).map { alphabet[Int($0 & 31)] }
        let text = prefix + String(decoding: letters, as: UTF8.self)
        let key = IntegrationKey(
            id: String(decoding: letters.prefix(idLength), as: UTF8.self), integration: integration,
            digest: digest(of: text), created: now, createdBy: by)
        return (key, text)
    }

    /// The part of a text that would name a key; `nil` for what has not the form of one.
    static func id(of text: String) -> String? {
        let bytes = text.utf8
        guard bytes.count == prefix.utf8.count + randomBytes, text.hasPrefix(prefix) else { return nil }
        return String(text.dropFirst(prefix.count).prefix(idLength))
    }

    static func digest(of text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// Whether it is valid at a time.
    package func isValid(at now: Moment) -> Bool {
        revoked == nil && expires.map { $0 > now } ?? true
    }

    /// Compares in a time that does not depend on where they differ.
    func matches(_ other: [UInt8]) -> Bool {
        guard digest.count == other.count else { return false }
        var difference: UInt8 = 0
        for index in digest.indices { difference |= digest[index] ^ other[index] }
        return difference == 0
    }
}
