/// Which passwords are taken: long ones that are not among the first that are tried (NIST SP 800-63B §3.1.1.2: no rules of
/// composition, no expiry).
package enum PasswordRule {
    package static let shortest = 12
    /// Beyond it a request costs more than a password needs.
    static let longestBytes = 1024

    /// Why a password is not taken, as a stable word for translations.
    package enum Refusal: String, Sendable, Hashable, CaseIterable {
        case tooShort = "too-short"
        case tooLong = "too-long"
        case notOneLine = "not-one-line"
        case common
        case name

        package var sentence: String {
            switch self {
            case .tooShort: "a password has at least \(PasswordRule.shortest) characters"
            case .tooLong: "a password has at most \(PasswordRule.longestBytes) bytes"
            case .notOneLine: "a password is one line of text"
            case .common: "this password is among the first that are tried"
            case .name: "this password is little more than the account's name"
            }
        }
    }

    /// `nil` when it is taken.
    package static func refusal(of password: String, name: String) -> Refusal? {
        guard password.count >= shortest else { return .tooShort }
        guard password.utf8.count <= longestBytes else { return .tooLong }
        guard !password.contains(where: { $0 == "\0" || $0.isNewline }) else {
            return .notOneLine
        }
        let plain = password.lowercased()
        let letters = plain.filter { $0.isLetter || $0.isNumber }
        if isRun(plain) || isRepetition(plain) || common.contains(letters) {
            return .common
        }
        let core = plain.filter { $0.isLetter }
        if core.count >= 4, commonWords.contains(core), plain.count - core.count <= 8 {
            return .common
        }
        if name.count >= 3 {
            let rest = plain.replacing(name.lowercased(), with: "")
            if rest.count < 8 || (rest.count < plain.count && (isRun(rest) || isRepetition(rest))) {
                return .name
            }
        }
        return nil
    }

    /// Each character follows the one before: `abcdefghijkl`, `987654321098`, `aaaaaaaaaaaa`.
    private static func isRun(_ text: String) -> Bool {
        let values = text.unicodeScalars.map { Int($0.value) }
        let steps = zip(values.dropFirst(), values).map { $0 - $1 }
        return [-1, 0, 1].contains { step in
            steps.allSatisfy { $0 == step || $0 == -9 * step }
        }
    }

    /// The same few characters again and again: `abcabcabcabc`.
    private static func isRepetition(_ text: String) -> Bool {
        let characters = Array(text)
        return (1...4).contains { period in
            zip(characters, characters.dropFirst(period)).allSatisfy { $0 == $1 }
        }
    }

    /// Letters and digits only, in lower case.
    private static let common: Set<String> = [
        "1q2w3e4r5t6y", "1qaz2wsx3edc", "q1w2e3r4t5y6", "1q2w3e4r5t6y7u", "zaq12wsxcde3", "qazwsxedcrfv",
        "qwertyuiopasdf", "qwertyuiop123", "qwertyuiopas", "asdfghjklzxc", "zxcvbnmasdfg", "1234qwerasdf",
        "123qweasdzxc", "qweasdzxc123", "qwerty123456", "qwertyqwerty", "123456qwerty", "1234567890qw", "abcd12345678",
        "a1b2c3d4e5f6", "correcthorsebatterystaple", "iloveyou1234", "letmein12345", "p4ssw0rd1234", "passw0rd1234",
        "passw0rdpassw0rd", "trustno1trustno1", "adminadmin123", "admin1234567", "azertyuiop12", "motdepasse123",
        "0123456789ab", "112233445566", "121212121212", "123123123123", "111222333444", "147258369147", "159753159753",
    ]

    /// Words that stay guessable with a few digits or signs around them.
    private static let commonWords: Set<String> = [
        "password", "passwordpassword", "passwort", "motdepasse", "azertyuiop", "qwertyuiop", "qwerty", "azerty",
        "admin",
        "administrator", "administrateur", "changeme", "changemenow", "letmein", "letmeinplease", "welcome",
        "welcomewelcome", "iloveyou", "iloveyouso", "bonjour", "soleil", "sunshine", "princess", "football", "baseball",
        "superman", "monkey", "dragon", "master", "secret", "secretsecret", "supersecret", "hauban", "haubanhauban",
        "incident", "oncall", "pagerduty", "spring", "summer", "autumn", "winter", "printemps", "automne",
    ]
}
