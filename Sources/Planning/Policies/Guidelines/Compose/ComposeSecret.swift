import Spec

extension Guideline {
    static let composeSecret = Guideline(
        id: "compose-secret",
        title: "A secret in a Compose file",
        reason: "Whoever reads the repository reads it, and `docker inspect` shows it to whoever may speak to the "
            + "engine.",
        fix: "Take it from a file, `secrets: {db-password: {file: ./secrets/db-password}}`, or from the environment, "
            + "`${DB_PASSWORD:?}`. What stood here is known now: revoke it.",
        serves: ["SF-13", "IP-08", "PA-03"], levels: .production(.error, staging: .error, development: .warning),
        judge: .compose { file in
            let found = SecretForms.places(in: file.source).map { place in
                var finding = file.flag("this looks like \(place.kind)", at: place.span)
                finding.isSecret = true
                return finding
            }
            let lines = Set(found.compactMap(\.span?.line))
            return found
                + file.services.flatMap { service in
                    service.environment.compactMap { name, value, span -> Diagnostic? in
                        guard SecretForms.isSecretName(name), let literal = literal(value), !lines.contains(span.line)
                        else { return nil }
                        var finding = file.flag("`\(name)` of `\(service.name)` is written in plain text", at: span)
                        finding.isSecret = !literal.isEmpty
                        return finding
                    }
                }
        },
        bad: """
            services:
              web:
                image: postgres:17.2
                restart: unless-stopped
                healthcheck: {test: [CMD, /check]}
                mem_limit: 256m
                environment: {POSTGRES_PASSWORD: correct-horse}
            """,
        good: """
            services:
              web:
                image: postgres:17.2
                restart: unless-stopped
                healthcheck: {test: [CMD, /check]}
                mem_limit: 256m
                environment: {POSTGRES_PASSWORD_FILE: /run/secrets/db}
            """)

    /// What somebody typed, also as the default of a variable; `nil` for a variable, a switch or a path.
    private static func literal(_ value: String) -> String? {
        var text = value
        if text.hasPrefix("${"), text.hasSuffix("}") {
            guard let mark = text.firstRange(of: ":-") ?? text.firstRange(of: "-") else { return nil }
            text = String(text[mark.upperBound...].dropLast())
        }
        guard !text.contains("$"), text.count >= 4, !text.hasPrefix("/"), !text.allSatisfy(\.isNumber), text != "true",
            text != "false"
        else { return nil }
        return text
    }
}
