package import Spec

/// The languages that people are told in.
package typealias Language = Person.Language

/// Words in every language that there is.
package struct Phrase: Sendable, Hashable {
    package var english: String
    package var french: String

    package init(_ english: String, _ french: String) {
        self.english = english
        self.french = french
    }

    /// The same in all languages: names, identities, what people wrote.
    package init(verbatim text: String) { self.init(text, text) }

    /// A number of things: English says "0 alerts", French « 0 alerte ».
    package init(_ count: Int, _ english: (one: String, other: String), _ french: (one: String, other: String)) {
        let isOneInFrench = count == 0 || count == 1
        self.init(
            "\(Phrase.grouped(count, ",")) \(count == 1 ? english.one : english.other)",
            "\(Phrase.grouped(count, "\u{202f}")) \(isOneInFrench ? french.one : french.other)")
    }

    package func text(_ language: Language) -> String {
        switch language {
        case .english: english
        case .french: french
        }
    }

    /// A number with its thousands apart.
    package static func number(_ count: Int) -> Phrase { Phrase(grouped(count, ","), grouped(count, "\u{202f}")) }

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

extension Phrase {
    package static func + (one: Phrase, other: Phrase) -> Phrase {
        Phrase(one.english + other.english, one.french + other.french)
    }

    /// With plain blanks in English, for what people edit and search.
    package var plain: Phrase { Phrase(english.replacing("\u{a0}", with: " "), french) }

    package var lowercased: Phrase { map { $0.lowercased() } }

    /// The same done to each language.
    package func map(_ change: (String) -> String) -> Phrase { Phrase(change(english), change(french)) }
}
