package import Spec

/// What a message says, before it is written in any channel's form.
package struct Message: Hashable, Codable, Sendable {
    package struct AlertLine: Hashable, Codable, Sendable {
        package var name: String
        package var summary: String?
        package var labels: LabelSet
        package var startsAt: Moment
        package var isOver: Bool
    }

    /// One incident as far as a reader needs it.
    package struct Subject: Hashable, Codable, Sendable {
        package var id: String
        package var title: String
        package var severity: Level
        package var status: Incident.Status
        package var service: String?
        package var assignee: String?
        package var opened: Moment
        package var alerts: [AlertLine]
        /// How many fire in all.
        package var firing: Int
        package var runbook: String?
        package var releases: [ReleaseRecord]
        package var lastGood: String?
    }

    package var page: String
    package var key: String
    package var kind: Page.Kind
    package var reason: Page.Reason
    package var at: Moment
    package var person: String?
    package var subject: Subject?
    /// What a summary is about.
    package var others: [Subject]
    /// Where the console is: `https://hauban.shop.example`; `nil`: nowhere that a reader could open.
    package var console: String?
    package var platform: String
    /// What its reader is told in; what people and alerts say stays as they say it.
    package var language: Language

    /// Where the incident is shown.
    package var address: String? {
        guard let console else { return nil }
        return subject.map { "\(console)/incidents/\($0.id)" } ?? console
    }

    /// One line that says what it is about: `[critical] api is down (i12)`.
    package var headline: String {
        let name = subject.map { "\($0.title) (\($0.id))" } ?? platform
        switch kind {
        case .page:
            let level = subject.map { $0.severity.phrase.lowercased } ?? MessageWord.page.phrase
            return "[\(self[level])] \(name)"
        case .acknowledged(let person): return self[.acknowledged(by: person, name)]
        case .resolved: return self[.resolved(name)]
        case .update(let news): return self[news.phrase(about: name)]
        case .summary: return self[.summary(others.count, of: platform)]
        case .test(let by):
            let reader = person.map { Phrase(verbatim: $0) } ?? MessageWord.you.phrase
            return self[.testPage(for: reader, by: by)]
        }
    }

    /// A phrase in the reader's language.
    package subscript(_ phrase: Phrase) -> String { phrase.text(language) }

    package subscript(_ word: MessageWord) -> String { self[word.phrase] }

    /// An incident in one line: `[critical] api is down (i12)`.
    package func line(_ subject: Subject) -> String {
        "[\(self[subject.severity.phrase.lowercased])] \(subject.title) (\(subject.id))"
    }

    /// Why the reader is told, in a sentence.
    package var because: String { self[reason.sentence] }
}

extension Escalation.Reason {
    /// Why, as a clause.
    package var words: String {
        switch self {
        case .unacknowledged(let after, _, let round):
            if after == .zero, round == 0 { return "it has just begun" }
            return "nobody has acknowledged for \(after.short)" + (round > 0 ? " (round \(round + 1))" : "")
        case .acknowledgementTimedOut(let person, let after, _):
            return "\(person) acknowledged and it is not over after \(after.short)"
        case .restarted(let why, _):
            switch why {
            case .givenBack(let person): return "\(person) gave it back"
            case .reopened: return "it is open again"
            case .gotWorse(let from, let to): return "it went from \(from.rawValue) to \(to.rawValue)"
            case .repeated(let after): return "nobody has answered for \(after.short)"
            case .snoozeOver(let person): return "the time that \(person) asked for is over"
            }
        }
    }
}

extension Duration {
    /// `45 s`, `5 min`, `4 h`, `2 days`.
    package var short: String {
        let seconds = milliseconds / 1000
        switch seconds {
        case ..<120: return "\(seconds) s"
        case ..<7200: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3600) h"
        default: return "\(seconds / 86_400) days"
        }
    }
}
