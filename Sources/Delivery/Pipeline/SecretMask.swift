package import World

/// Takes values that nobody may read out of what commands print.
package struct SecretMask: Sendable {
    private let values: [String]

    /// - Parameters:
    ///   - secrets: values as they are; of those with several lines each line counts.
    ///   - environment: of these the values whose name says that they are secret.
    package init(secrets: [Secret], environment: [String: String]) {
        var found = Set(secrets.flatMap { Self.lines($0.exposed) })
        for (name, value) in environment where Self.isSecret(name) { found.formUnion(Self.lines(value)) }
        // The longest first: one may be a part of another.
        values = found.sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
    }

    package func callAsFunction(_ line: String) -> String {
        var line = line
        for value in values where line.contains(value) { line = line.replacing(value, with: "***") }
        return line
    }

    /// Shorter ones are words of everybody's, and masking them hides nothing but sense.
    private static func lines(_ value: String) -> [String] {
        value.split(whereSeparator: \.isNewline).map(String.init).filter { $0.utf8.count >= 6 }
    }

    private static func isSecret(_ name: String) -> Bool {
        let words = name.uppercased().split(separator: "_").map(String.init)
        let marks: Set<String> = [
            "TOKEN", "SECRET", "SECRETS", "PASSWORD", "PASSWD", "PASS", "KEY", "APIKEY", "CREDENTIAL", "CREDENTIALS",
            "DSN",
        ]
        return words.contains(where: marks.contains) && !["PUBLIC", "PATH", "FILE", "DIR"].contains(words.last ?? "")
    }
}
