import CryptoExtras
import Crypto
import FoundationEssentials

/// A password as it is kept: scrypt (RFC 7914) with its parameters, `$scrypt$ln=15,r=8,p=3$SALT$KEY`.
///
/// The text is in the PHC string format as passlib writes it.
package struct PasswordHash: Sendable, Hashable {
    /// What a hash costs: 128 · r · 2^ln bytes, p times.
    package struct Cost: Sendable, Hashable {
        /// The logarithm of N to the base 2.
        package var ln: Int
        package var r: Int
        package var p: Int

        package init(ln: Int, r: Int, p: Int) {
            self.ln = ln
            self.r = r
            self.p = p
        }

        /// One of the equals in OWASP's "Password Storage Cheat Sheet": 32 MiB, three times.
        package static let standard = Cost(ln: 15, r: 8, p: 3)

        /// What a stored text may ask for; scrypt itself allows more than a machine has.
        var isSane: Bool { (1...20).contains(ln) && (1...32).contains(r) && (1...16).contains(p) && r << ln <= 1 << 23 }

        private var work: Int { (r * p) << ln }

        func isWeaker(than other: Cost) -> Bool { work < other.work || r << ln < other.r << other.ln }
    }

    package let cost: Cost
    let salt: [UInt8]
    let key: [UInt8]

    static let keyBytes = 32
    static let saltBytes = 16

    /// - Parameter key: of a password, or random bytes for a hash that no password has.
    init(cost: Cost, salt: [UInt8], key: [UInt8]) {
        self.cost = cost
        self.salt = salt
        self.key = key
    }

    /// Takes as long as its cost says: not for an event loop.
    ///
    /// - Returns: `nil` for an empty password, or where the memory is not to be had.
    package init?(of password: some StringProtocol, salt: [UInt8], cost: Cost) {
        guard
            let key = Self.derive(Array(password.utf8), salt: salt, cost: cost, bytes: Self.keyBytes)
        else { return nil }
        self.init(cost: cost, salt: salt, key: key)
    }

    /// Whether it is the hash of this password; as dear as making one. `nil` where it cannot be said.
    package func matches(_ password: some StringProtocol) -> Bool? {
        guard let other = Self.derive(Array(password.utf8), salt: salt, cost: cost, bytes: key.count) else {
            return nil
        }
        return Self.areEqual(other, key)
    }

    /// - Returns: `nil` for a cost that is out of reach, or an empty password or salt.
    package static func derive(_ password: [UInt8], salt: [UInt8], cost: Cost, bytes: Int) -> [UInt8]? {
        guard cost.isSane, !password.isEmpty, !salt.isEmpty else { return nil }
        let key = try? KDF.Scrypt.deriveKey(
            from: password, salt: salt, outputByteCount: bytes, rounds: 1 << cost.ln, blockSize: cost.r,
            parallelism: cost.p)
        return key?.withUnsafeBytes { Array($0) }
    }

    /// In a time that does not depend on where they differ.
    static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        var difference: UInt8 = 0
        for (left, right) in zip(one, other) { difference |= left ^ right }
        return difference == 0
    }
}

extension PasswordHash: Codable {
    package var text: String {
        "$scrypt$ln=\(cost.ln),r=\(cost.r),p=\(cost.p)$\(Base64Bare.text(salt))$\(Base64Bare.text(key))"
    }

    /// - Returns: `nil` unless it is a text as ``text`` writes it, of a cost that a machine can bear.
    package init?(parsing text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt" else { return nil }
        var numbers: [Int] = []
        for (name, part) in zip(["ln=", "r=", "p="], parts[2].split(separator: ",", omittingEmptySubsequences: false)) {
            guard part.hasPrefix(name), let number = Int(part.dropFirst(name.count)) else { return nil }
            numbers.append(number)
        }
        guard numbers.count == 3, let salt = Base64Bare.bytes(String(parts[3])), !salt.isEmpty,
            let key = Base64Bare.bytes(String(parts[4])), key.count >= 16
        else { return nil }
        self.init(cost: Cost(ln: numbers[0], r: numbers[1], p: numbers[2]), salt: salt, key: key)
        guard cost.isSane, self.text == text else { return nil }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let hash = PasswordHash(parsing: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a password hash")
        }
        self = hash
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
