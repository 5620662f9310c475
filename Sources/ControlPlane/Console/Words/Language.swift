import Response
package import Spec

extension Language {
    /// The first of a browser's languages that we know, by their weights (RFC 9110 §12.5.4); English where we know none.
    package init(accepting text: String) {
        var best: (Language, Double)?
        for part in text.split(separator: ",") {
            let pieces = part.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
            guard let tag = pieces.first, let language = Language(rawValue: String(tag.prefix(2))) else { continue }
            guard tag.count == 2 || tag.dropFirst(2).first == "-" else { continue }
            let weight = pieces.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            if weight > best?.1 ?? 0 { best = (language, weight) }
        }
        self = best?.0 ?? .english
    }

    /// Its own name for itself.
    var name: String {
        switch self {
        case .english: "English"
        case .french: "Français"
        }
    }
}
