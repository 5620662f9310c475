import Crypto
import FoundationEssentials
package import Response
package import World

/// Codes of an authenticator: TOTP (RFC 6238) with SHA-1, six digits and 30 seconds, the one form that all of them know.
package struct OneTimeCode: Sendable, Hashable {
    package static let period = 30
    package static let digits = 6
    /// Steps before and after now whose codes are taken (RFC 6238 §5.2).
    static let window = 1

    /// 160 bits (RFC 4226 §4, R6).
    let secret: [UInt8]

    /// A new one.
    init(_ random: RandomBytes) { secret = random.take(20) }

    package init(secret: [UInt8]) { self.secret = secret }

    /// - Returns: `nil` unless it is Base32 of a secret that is long enough.
    package init?(base32: String) {
        guard let bytes = Base32.bytes(base32), bytes.count >= 16 else { return nil }
        secret = bytes
    }

    /// As authenticators take it by hand.
    package var base32: String { Base32.text(secret) }

    package static func step(at moment: Moment) -> Int { moment.seconds / period }

    /// The code of a step (RFC 4226 §5.3).
    package func code(step: Int, digits: Int = Self.digits) -> String {
        let counter = (0..<8).map { UInt8(truncatingIfNeeded: step >> (56 - 8 * $0)) }
        let mac = Array(
            HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: secret)))
        let offset = Int(mac[19] & 15)
        let number =
            Int(mac[offset] & 0x7f) << 24 | Int(mac[offset + 1]) << 16 | Int(mac[offset + 2]) << 8
            | Int(mac[offset + 3])
        let modulus = (0..<digits).reduce(1) { product, _ in product * 10 }
        let text = String(number % modulus)
        return String(repeating: "0", count: digits - text.count) + text
    }

    /// The step whose code this is, if it is near now and later than the last one that was used: a code is good once.
    package func step(of code: String, at moment: Moment, after last: Int?) -> Int? {
        let given = Array(code.utf8)
        let now = Self.step(at: moment)
        var found: Int?
        for step in now - Self.window...now + Self.window where step > last ?? Int.min {
            if PasswordHash.areEqual(Array(self.code(step: step).utf8), given) { found = found ?? step }
        }
        return found
    }

    /// For a QR code ("Key Uri Format" of Google Authenticator).
    package func uri(issuer: String, account: String) -> Secret {
        let issuer = Self.escaped(issuer)
        return Secret(
            "otpauth://totp/\(issuer):\(Self.escaped(account))?secret=\(base32)&issuer=\(issuer)"
                + "&algorithm=SHA1&digits=\(Self.digits)&period=\(Self.period)")
    }

    private static func escaped(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
                out.append(Character(Unicode.Scalar(byte)))
            default: out += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return out
    }
}

/// Ten ways in without the authenticator, each good once.
enum RecoveryCode {
    static let count = 10

    /// 80 bits each: their hashes need no cost.
    static func make(_ random: RandomBytes) -> [Secret] {
        (0..<count).map { _ in Secret(grouped(Base32.text(random.take(10)).lowercased())) }
    }

    static func hash(_ typed: String) -> ContentHash {
        ContentHash(of: Array(typed.lowercased().filter { $0.isLetter || $0.isNumber }.utf8))
    }

    /// In groups of four, as people copy them.
    static func grouped(_ text: String, by separator: Character = "-") -> String {
        var out = ""
        for (index, character) in text.enumerated() {
            if index > 0, index % 4 == 0 { out.append(separator) }
            out.append(character)
        }
        return out
    }
}
