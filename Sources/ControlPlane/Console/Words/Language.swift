/// The languages of the console.
package enum Language: String, Sendable, Hashable, CaseIterable {
    case english = "en"
    case french = "fr"

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

/// Words in every language of the console.
struct Phrase: Sendable, Hashable {
    var english: String
    var french: String

    init(_ english: String, _ french: String) {
        self.english = english
        self.french = french
    }

    /// The same in all languages: names, identities, what people wrote.
    init(verbatim text: String) { self.init(text, text) }

    /// A number of things: English says "0 alerts", French « 0 alerte ».
    init(_ count: Int, _ english: (one: String, other: String), _ french: (one: String, other: String)) {
        let isOneInFrench = count == 0 || count == 1
        self.init(
            "\(Phrase.grouped(count, ",")) \(count == 1 ? english.one : english.other)",
            "\(Phrase.grouped(count, "\u{202f}")) \(isOneInFrench ? french.one : french.other)")
    }

    func text(_ language: Language) -> String {
        switch language {
        case .english: english
        case .french: french
        }
    }

    /// A number with its thousands apart.
    static func number(_ count: Int) -> Phrase { Phrase(grouped(count, ","), grouped(count, "\u{202f}")) }

    private static func grouped(_ count: Int, _ separator: String) -> String {
        let digits = String(count.magnitude)
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result += separator }
            result.append(digit)
        }
        return count < 0 ? "-" + result : result
    }
}
