/// What a client wants an answer to be, from its Accept and Accept-Language (RFC 9110 §12.5.1, §12.5.4).
package struct Wishes: Sendable, Hashable {
    package enum Language: String, Sendable {
        case english = "en"
        case french = "fr"
    }

    /// A page for people. Only who asks for HTML by name gets it: `*/*` is what programs send.
    package var wantsPage: Bool
    package var language: Language

    /// - Parameters:
    ///   - accept: the field's value; several fields joined with commas.
    ///   - acceptLanguage: the same.
    package init(accept: String, acceptLanguage: String) {
        var html = 0
        var json = 0
        for (name, weight) in Self.weighted(accept) {
            switch name {
            case "text/html", "application/xhtml+xml": html = max(html, weight)
            case "application/json", "application/problem+json": json = max(json, weight)
            default: break
            }
        }
        wantsPage = html > 0 && html >= json
        var best = (language: Language.english, weight: 0)
        for (name, weight) in Self.weighted(acceptLanguage) where weight > best.weight {
            switch name.prefix(while: { $0 != "-" }) {
            case "fr": best = (.french, weight)
            case "en", "*": best = (.english, weight)
            default: break
            }
        }
        language = best.language
    }

    /// Items with their weight in thousandths, names in lower case; a weight that cannot be read is 0.
    private static func weighted(_ field: String) -> [(name: String, weight: Int)] {
        field.split(separator: ",").prefix(64).map { item in
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { $0.dropFirst(2) }
            let weight = quality.map { Double($0).map { Int(min(max($0, 0), 1) * 1000) } ?? 0 } ?? 1000
            return (parts.first ?? "", weight)
        }
    }
}
