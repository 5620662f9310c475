/// Licences as SPDX writes them (SPDX 2.3, annex D): names, `AND`, `OR`, `WITH`, parentheses.
enum LicenceExpression {
    /// Whether there is a choice of licences that are all allowed; what cannot be read is not allowed.
    static func isAllowed(_ text: String, by allowed: Set<String>) -> Bool {
        if allowed.contains(text) { return true }
        var reader = Reader(words: words(text), allowed: allowed)
        let answer = reader.either(0)
        return answer && reader.index == reader.words.count
    }

    private static func words(_ text: String) -> [String] {
        text.replacing("(", with: " ( ").replacing(")", with: " ) ").split(separator: " ").map(String.init)
    }

    private struct Reader {
        let words: [String]
        let allowed: Set<String>
        var index = 0

        private var next: String? { index < words.count ? words[index] : nil }

        mutating func either(_ depth: Int) -> Bool {
            var answer = both(depth)
            while next?.uppercased() == "OR" {
                index += 1
                let right = both(depth)
                answer = answer || right
            }
            return answer
        }

        private mutating func both(_ depth: Int) -> Bool {
            var answer = one(depth)
            while next?.uppercased() == "AND" {
                index += 1
                let right = one(depth)
                answer = answer && right
            }
            return answer
        }

        private mutating func one(_ depth: Int) -> Bool {
            guard let word = next, depth < 64 else { return false }
            index += 1
            if word == "(" {
                let answer = either(depth + 1)
                guard next == ")" else { return false }
                index += 1
                return answer
            }
            guard next?.uppercased() == "WITH" else { return allowed.contains(word) }
            index += 1
            guard let exception = next else { return false }
            index += 1
            // An exception only ever allows more than the licence itself.
            return allowed.contains(word) || allowed.contains("\(word) WITH \(exception)")
        }
    }
}
