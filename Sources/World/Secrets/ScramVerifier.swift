import Crypto
import FoundationEssentials

/// What PostgreSQL keeps instead of a password (SCRAM-SHA-256, RFC 5802 and 7677; its form: PostgreSQL 15, "pg_authid"). A statement that sets
/// it tells nobody the password.
package struct ScramVerifier: Sendable, Hashable, CustomStringConvertible {
    /// `SCRAM-SHA-256$4096:SALT$STORED-KEY:SERVER-KEY`
    package let description: String

    /// - Parameter salt: 16 bytes; random ones when none are given.
    package init(of password: Secret, salt: [UInt8]? = nil, iterations: Int = 4_096) {
        var generator = SystemRandomNumberGenerator()
        let salt = salt ?? (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let key = SymmetricKey(data: Array(password.exposed.utf8))
        // Hi() of RFC 5802, 2.2.
        var last = Array(HMAC<SHA256>.authenticationCode(for: salt + [0, 0, 0, 1], using: key))
        var salted = last
        for _ in 1..<max(1, iterations) {
            last = Array(HMAC<SHA256>.authenticationCode(for: last, using: key))
            for index in salted.indices { salted[index] ^= last[index] }
        }
        func derived(_ name: String) -> [UInt8] {
            Array(HMAC<SHA256>.authenticationCode(for: Array(name.utf8), using: SymmetricKey(data: salted)))
        }
        func text(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
        let stored = Array(SHA256.hash(data: derived("Client Key")))
        description = "SCRAM-SHA-256$\(iterations):\(text(salt))$\(text(stored)):\(text(derived("Server Key")))"
    }
}
