import Response
import Spec
import Testing

@Suite("Words in every language")
struct CatalogueTests {
    /// What is written alike in both languages.
    private static let alike: Set = ["Service", "Incident", "Cause", "Action", "Actions"]

    @Test("each fixed word of messages is there in both languages, and French where it says so")
    func messageWords() {
        for word in MessageWord.allCases { judge(word.phrase, "\(word)") }
        for word in PostmortemWord.allCases { judge(word.phrase, "\(word)") }
    }

    private func judge(_ phrase: Phrase, _ name: String, at place: SourceLocation = #_sourceLocation) {
        #expect(!phrase.english.isEmpty && !phrase.french.isEmpty, "\(name)", sourceLocation: place)
        #expect(
            (phrase.english == phrase.french) == Self.alike.contains(phrase.english), "\(name): \(phrase.french)",
            sourceLocation: place)
        // French sets a blank that does not break before these, and an apostrophe that is none of a typewriter's.
        for sign in [" :", " ;", " ?", " !", "'"] {
            #expect(!phrase.french.contains(sign), "\(name): \(phrase.french)", sourceLocation: place)
        }
    }

    @Test("each phrase in which something is told is there in both languages")
    func phrases() {
        for phrase in Self.told { judge(phrase, phrase.english) }
        for reason in Self.reasons { judge(reason.sentence, reason.sentence.english) }
    }

    /// What is told of things that are named alike in both.
    static var told: [Phrase] {
        [
            .labelled(.severity, "x"), .heading(.alerts, 3), .heading(.releasesBefore), .andMore(1), .andMore(4),
            .moreAlerts(1), .moreAlerts(4), .acknowledged(by: "ana", "x"), .resolved("x"), .summary(1, of: "shop"),
            .summary(2000, of: "shop"), .testPage(for: Phrase(verbatim: "ana"), by: "ben"),
            .spoken(.high, service: "api", platform: "shop"), .spoken(.low, service: nil, platform: "shop"),
            .noSignOfLife("backup", for: .seconds(300)), .undeliverable(.sms, to: "ana", "busy"),
            .integrationTest("ci", by: "ana"), .alertsTogether("Down", more: 2),
        ]
            + ReleaseRecord.Verdict.samples.map { verdict in
                ReleaseRecord(
                    id: "r1", services: ["api"], by: "eva", version: "v1", began: Story.start, verdict: verdict,
                    migration: .none
                ).sentence
            }
    }

    static var reasons: [Page.Reason] {
        let paths: [Audience.Path] = [
            .person, .onCall(schedule: "primary", why: .turn(layer: "days")),
            .onCall(schedule: "primary", why: .standIn(layer: "days", for: "ben")),
            .onCall(schedule: "primary", why: .override(id: "o1", insteadOf: nil)),
            .onCall(schedule: "primary", why: .override(id: "o1", insteadOf: "ben")),
            .onCall(schedule: "primary", why: .nobody), .member(team: "dev"), .place(of: "primary"),
        ]
        let whys: [Escalation.Reason] = [
            .unacknowledged(after: .zero, step: 0, round: 0), .unacknowledged(after: .seconds(300), step: 1, round: 2),
            .acknowledgementTimedOut(by: "ana", after: .seconds(1800), step: 0),
            .restarted(.givenBack(by: "ana"), step: 0), .restarted(.reopened, step: 0),
            .restarted(.gotWorse(from: .low, to: .critical), step: 0),
            .restarted(.repeated(after: .seconds(86_400 * 3)), step: 0), .restarted(.snoozeOver(by: "ana"), step: 0),
        ]
        return paths.flatMap { path in
            whys.map { Page.Reason.escalation($0, party: "primary", path: path) }
        } + [.assigned(by: "ana"), .followUp, .tooManyToRead, .asked(by: "ana")]
    }

    @Test(
        "French counts nothing and one in the singular, and parts thousands by a blank that does not break",
        arguments: [
            (0, "0 autre alerte", "0 more alerts"), (1, "1 autre alerte", "1 more alert"),
            (2, "2 autres alertes", "2 more alerts"), (1234, "1\u{202f}234 autres alertes", "1,234 more alerts"),
        ])
    func plurals(count: Int, french: String, english: String) {
        #expect(Phrase.moreAlerts(count) == Phrase(english, french))
    }
}

extension ReleaseRecord.Verdict {
    static var samples: [Self] { [.switching, .kept, .returned(reason: "5xx"), .failed(reason: "x"), .elsewhere] }
}
