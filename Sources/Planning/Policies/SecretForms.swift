import Spec

/// Texts that only a secret looks like. The forms are those that their issuers publish.
enum SecretForms {
    struct Find: Hashable {
        /// In Unicode scalars from the line's start.
        var column: Int
        var length: Int
        var kind: String
    }

    private struct Form {
        var prefix: String
        /// Characters that must follow at least.
        var least: Int
        var alphabet: Alphabet
        var kind: String
    }

    private enum Alphabet {
        case upper, word, dotted

        func holds(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar {
            case "A"..."Z", "0"..."9": true
            case "a"..."z": self != .upper
            case "_", "-": self != .upper
            case ".", "/", "+", "=": self == .dotted
            default: false
            }
        }
    }

    private static let forms: [Form] = [
        Form(prefix: "AKIA", least: 16, alphabet: .upper, kind: "an AWS access key"),
        Form(prefix: "ASIA", least: 16, alphabet: .upper, kind: "an AWS access key"),
        Form(prefix: "ghp_", least: 36, alphabet: .word, kind: "a GitHub token"),
        Form(prefix: "gho_", least: 36, alphabet: .word, kind: "a GitHub token"),
        Form(prefix: "ghu_", least: 36, alphabet: .word, kind: "a GitHub token"),
        Form(prefix: "ghs_", least: 36, alphabet: .word, kind: "a GitHub token"),
        Form(prefix: "ghr_", least: 36, alphabet: .word, kind: "a GitHub token"),
        Form(prefix: "github_pat_", least: 22, alphabet: .word, kind: "a GitHub token"),
        Form(prefix: "glpat-", least: 20, alphabet: .word, kind: "a GitLab token"),
        Form(prefix: "sk_live_", least: 16, alphabet: .word, kind: "a Stripe key"),
        Form(prefix: "rk_live_", least: 16, alphabet: .word, kind: "a Stripe key"),
        Form(prefix: "sk-ant-", least: 20, alphabet: .word, kind: "an Anthropic key"),
        Form(prefix: "sk-proj-", least: 20, alphabet: .word, kind: "an OpenAI key"),
        Form(prefix: "sk-", least: 32, alphabet: .word, kind: "an OpenAI key"),
        Form(prefix: "lsv2_", least: 32, alphabet: .word, kind: "a LangSmith key"),
        Form(prefix: "ls__", least: 32, alphabet: .word, kind: "a LangSmith key"),
        Form(prefix: "xoxb-", least: 20, alphabet: .word, kind: "a Slack token"),
        Form(prefix: "xoxp-", least: 20, alphabet: .word, kind: "a Slack token"),
        Form(prefix: "xoxa-", least: 20, alphabet: .word, kind: "a Slack token"),
        Form(prefix: "hooks.slack.com/services/T", least: 20, alphabet: .dotted, kind: "a Slack webhook"),
        Form(prefix: "AIza", least: 35, alphabet: .word, kind: "a Google API key"),
        Form(prefix: "GOCSPX-", least: 20, alphabet: .word, kind: "a Google client secret"),
        Form(prefix: "npm_", least: 36, alphabet: .word, kind: "an npm token"),
        Form(prefix: "pypi-AgE", least: 30, alphabet: .word, kind: "a PyPI token"),
        Form(prefix: "SG.", least: 40, alphabet: .dotted, kind: "a SendGrid key"),
        Form(prefix: "eyJ", least: 60, alphabet: .dotted, kind: "a signed token"),
    ]

    /// Everything on one line that has a secret's form.
    static func finds(in line: Substring) -> [Find] {
        let scalars = Array(line.unicodeScalars)
        var finds: [Find] = []
        var index = 0
        while index < scalars.count {
            if let find = token(scalars, at: index) ?? privateKey(scalars, at: index) ?? password(scalars, at: index) {
                finds.append(find)
                index = find.column - 1 + find.length
            } else {
                index += 1
            }
        }
        return finds
    }

    /// Everything in a text that has a secret's form.
    static func places(in source: SourceText) -> [(span: Span, kind: String)] {
        source.lines.enumerated().flatMap { index, line in
            finds(in: line).map { (Span(line: index + 1, column: $0.column, length: $0.length), $0.kind) }
        }
    }

    private static func token(_ scalars: [Unicode.Scalar], at index: Int) -> Find? {
        // A token starts where a word starts; `hooks.slack.com` follows `//`.
        if index > 0, Alphabet.word.holds(scalars[index - 1]) { return nil }
        for form in forms where scalars[index...].starts(with: form.prefix.unicodeScalars) {
            let start = index + form.prefix.unicodeScalars.count
            let body = scalars[start...].prefix { form.alphabet.holds($0) }
            guard body.count >= form.least, form.kind != "a signed token" || body.count(where: { $0 == "." }) == 2
            else {
                continue
            }
            return Find(column: index + 1, length: form.prefix.unicodeScalars.count + body.count, kind: form.kind)
        }
        return nil
    }

    private static func privateKey(_ scalars: [Unicode.Scalar], at index: Int) -> Find? {
        guard scalars[index] == "-", scalars[index...].starts(with: "-----BEGIN ".unicodeScalars) else { return nil }
        let rest = String(String.UnicodeScalarView(scalars[index...]))
        guard rest.contains("PRIVATE KEY-----") else { return nil }
        return Find(column: index + 1, length: scalars.count - index, kind: "a private key")
    }

    /// `scheme://user:password@host`, unless the password is a placeholder, or a user's own name on this very machine: so do
    /// stores of tests have it, everywhere.
    private static func password(_ scalars: [Unicode.Scalar], at index: Int) -> Find? {
        guard scalars[index] == ":", scalars[index...].starts(with: "://".unicodeScalars) else { return nil }
        let authority = scalars[(index + 3)...].prefix { scalar in
            !scalar.properties.isWhitespace && !["/", "\"", "'", "?", "#"].contains(scalar)
        }
        guard let at = authority.lastIndex(of: "@"), let colon = authority.firstIndex(of: ":"), colon + 1 < at else {
            return nil
        }
        let body = String(String.UnicodeScalarView(authority[(colon + 1)..<at]))
        guard !body.contains("${"), !body.allSatisfy({ $0 == "*" }) else { return nil }
        let host = String(String.UnicodeScalarView(authority[(at + 1)...]))
        let isHere = ["localhost", "127.0.0.1"].contains { host == $0 || host.hasPrefix($0 + ":") }
        guard !isHere || body != String(String.UnicodeScalarView(authority[(index + 3)..<colon])) else { return nil }
        return Find(column: colon + 2, length: at - colon - 1, kind: "a password in a URL")
    }

    /// Whether a variable's name says that its value is secret.
    static func isSecretName(_ variable: String) -> Bool {
        let name = variable.uppercased()
        return ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "APIKEY", "PRIVATE_KEY", "ENCRYPTION_KEY"]
            .contains { name == $0 || name.hasSuffix("_" + $0) }
    }
}
