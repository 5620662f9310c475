/// Which values of a repository's files are secret, so that none of them is ever copied.
struct SecretGuess: Sendable {
    /// Values that stand under a secret's name somewhere; `postgres` and the like, which stand everywhere, are not told apart.
    private var known: Set<String> = []

    private static let common: Set<String> = [
        "postgres", "postgresql", "redis", "root", "admin", "user", "guest", "true", "false", "none", "null",
        "password",
        "secret", "test", "example", "changeme", "localhost", "default", "minio", "minioadmin", "app", "dev",
    ]

    /// Remembers a variable's value when its name says that it is secret.
    mutating func learn(_ name: String, _ value: String?) {
        guard let value, value.count >= 4 else { return }
        if let password = URLParts(value)?.password { remember(password) }
        if Self.isSecret(name, value) { remember(value) }
    }

    private mutating func remember(_ value: String) {
        guard value.count >= 4, !Self.common.contains(value.lowercased()), !value.contains("${") else { return }
        known.insert(value)
    }

    /// Remembers the defaults of `${NAME:-default}` in a text where the name says that they are secret.
    mutating func learnDefaults(in text: String) {
        for piece in text.split(separator: "${").dropFirst() {
            let name = piece.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            let value = piece.dropFirst(name.count).drop { ":-+?".contains($0) }.prefix { $0 != "}" }
            learn(String(name), String(value))
        }
    }

    /// Whether a text of the repository's may be copied.
    func allows(_ text: String) -> Bool {
        !Self.hasSecretOption(text) && !Self.hasSecretPart(text) && SecretForms.finds(in: text[...]).isEmpty
            && !known.contains { text.contains($0) }
            && !text.split(whereSeparator: { " =:,'\"/@".contains($0) }).contains { Self.isOpaque(String($0)) }
    }

    /// Whether a variable is secret by its name or by its value.
    static func isSecret(_ name: String, _ value: String) -> Bool {
        let parts = name.uppercased().split(separator: "_").map(String.init)
        let endings = ["PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "APIKEY", "CREDENTIALS", "CREDENTIAL"]
        let words: Set<String> = [
            "KEY", "KEYS", "PASS", "PWD", "DSN", "SALT", "PEPPER", "WEBHOOK", "SECRETS", "TOKENS",
        ]
        let names = parts.contains { part in words.contains(part) || endings.contains { part.hasSuffix($0) } }
        if names && !isSetting(parts, value) { return true }
        return hasSecretPart(value) || isOpaque(value) || !SecretForms.finds(in: "\(name)=\(value)").isEmpty
    }

    /// `--password x` or `--api-key=x` in a command, unless the value is a variable.
    private static func hasSecretOption(_ text: String) -> Bool {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "=" })
        return zip(words, words.dropFirst()).contains { option, value in
            let name = option.drop { $0 == "-" }.uppercased()
            let isOption = option.hasPrefix("--") && !value.hasPrefix("-") && !value.hasPrefix("$")
            return isOption
                && ["PASSWORD", "PASS", "SECRET", "TOKEN", "KEY", "CREDENTIALS"].contains { name.hasSuffix($0) }
        }
    }

    /// A password among other things: `Server=db;Password=x`, `{"password": "x"}`.
    private static func hasSecretPart(_ value: String) -> Bool {
        let text = value.lowercased().filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
        let names = ["password", "passwd", "pwd", "secret", "token", "apikey", "api_key", "accountkey", "signature"]
        return names.contains { name in
            ["=", ":"].contains { mark in
                guard let found = text.firstRange(of: name + mark) else { return false }
                return text[found.upperBound...].first.map { $0 != "$" && $0 != "/" } ?? false
            }
        }
    }

    /// `ACCESS_TOKEN_EXPIRE_MINUTES=30` is about a secret and none itself.
    private static func isSetting(_ parts: [String], _ value: String) -> Bool {
        let abouts: Set<String> = [
            "LIMIT", "COUNT", "TTL", "SECONDS", "MINUTES", "HOURS", "DAYS", "EXPIRE", "EXPIRES", "EXPIRY", "LENGTH",
            "SIZE", "MAX", "MIN", "ENABLED", "ALGORITHM", "TYPE", "HEADER", "PREFIX", "ROUNDS", "ISSUER", "AUDIENCE",
        ]
        let last = parts.last ?? ""
        let isPlain = value.allSatisfy(\.isNumber) || value.count < 8 || ["true", "false"].contains(value.lowercased())
        return abouts.contains(last) && isPlain
    }

    /// Twenty and more letters and digits, mixed, as no word and no path is.
    static func isOpaque(_ value: String) -> Bool {
        let alphabet = value.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || [0x2b, 0x2d, 0x2e, 0x3d, 0x5f].contains(byte)
        }
        guard value.count >= 20, alphabet else { return false }
        let digits = value.count(where: \.isNumber)
        let changes = zip(value, value.dropFirst()).count { $0.isNumber != $1.isNumber }
        return digits >= 3 && changes >= 5
    }
}

/// The parts of `scheme://user:password@host:port/rest` (RFC 3986, section 3), as far as they are needed.
struct URLParts: Sendable, Hashable {
    var scheme: String
    var user: String?
    var password: String?
    var host: String
    var port: Int?
    /// From the first `/` or `?` on, both included.
    var rest: String

    init?(_ text: String) {
        guard let mark = text.firstRange(of: "://"), mark.lowerBound != text.startIndex else { return nil }
        let scheme = text[..<mark.lowerBound]
        guard scheme.allSatisfy({ $0.isLetter || $0.isNumber || "+-.".contains($0) }) else { return nil }
        let after = text[mark.upperBound...]
        let authority = after.prefix { !"/?# ,".contains($0) }
        self.scheme = scheme.lowercased()
        rest = String(after.dropFirst(authority.count))
        var place = authority
        if let at = authority.lastIndex(of: "@") {
            let credentials = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = credentials.first.map(String.init)
            password = credentials.count > 1 ? String(credentials[1]) : nil
            place = authority[authority.index(after: at)...]
        }
        let parts = place.split(separator: ":", maxSplits: 1)
        host = parts.first.map(String.init) ?? ""
        port = parts.count > 1 ? Int(parts[1]) : nil
        if host.isEmpty { return nil }
    }
}
