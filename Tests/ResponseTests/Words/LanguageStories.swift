import Foundation
import Response
import Spec
import TestKit
import Testing

@Suite("Stories of who is told in which language")
struct LanguageStories {
    /// Ana and the channel are told in one language, ben in his own.
    private func story(_ language: Language, _ change: (inout Rulebook) -> Void = { _ in }) -> Story {
        Story { rules in
            rules.language = language
            rules.people["ana"]?.language = language
            rules.people["ana"]?.contacts = [Contact(.email, "ana@x"), Contact(.sms, "+331"), Contact(.call, "+331")]
            rules.people["ben"]?.language = .french
            rules.channels["primary"] = [
                .critical: [
                    .init(.slack, "#alerts"), .init(.webhook, "hook"), .init(.pagerduty, "default"), .init(.email),
                    .init(.sms), .init(.call),
                ]
            ]
            rules.heartbeats = [.init(name: "backup", every: .seconds(60))]
            change(&rules)
        }
    }

    /// Everything that a platform may say to its people, in one language.
    private func everything(_ language: Language) -> [Message] {
        var story = story(language) { $0.rateLimit = RateLimit(messages: 4) }
        story.ships("r1")
        story.settles("r1")
        story.pass(minutes: 300)
        story.ships("r2")
        story.pass(minutes: 1)
        story.settles("r2", .returned(reason: "5xx"))
        story.pass(minutes: 5)
        var reports = (1...7).map { story.report("Down", "api", "critical", ["pod": "\($0)"]) }
        reports[0].annotations["runbook_url"] = "https://runbooks.example/down"
        story.happen(.alerts(reports))
        story.fires("Down", "api", "critical", ["pod": "8"])
        story.pass(minutes: 6)
        story.does("ben", .acknowledge())
        story.does("ben", .resolve)
        for index in 1...6 { story.fires("Slow", "s\(index)") }
        story.pass(minutes: 6)
        story.happen(.testPage(person: "ana", contact: nil, by: "ben"))
        return story.sent.filter { $0.contact != .sms("ben") && $0.message.person != "ben" }.map(\.message)
    }

    /// One of each kind.
    private func kinds(_ language: Language) -> [(String, Message)] {
        var seen: [String: Message] = [:]
        for message in everything(language) {
            let name =
                switch message.kind {
                case .page: "page"
                case .acknowledged: "acknowledged"
                case .resolved: "resolved"
                case .update: "update"
                case .summary: "summary"
                case .test: "test"
                }
            if seen[name] == nil { seen[name] = message }
        }
        #expect(Set(seen.keys) == ["page", "acknowledged", "resolved", "update", "summary", "test"])
        return seen.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private func object(_ tree: JSONTree) throws -> NSDictionary {
        try #require(try JSONSerialization.jsonObject(with: Data(tree.compact.utf8)) as? NSDictionary)
    }

    private func rendered(_ message: Message) -> [(String, String)] {
        [
            ("e-mail", PlainText.long(message).joined(separator: "\n")), ("text", PlainText.short(message)),
            ("voice", VoiceScript.twiML(message, answer: "https://h.example/voice")),
            ("Slack", SlackMessage.body(message, channel: "#alerts").compact),
            ("PagerDuty", PagerDutyEvent.body(message, routingKey: "R").compact),
            ("webhook", WebhookBody.body(message).compact),
        ]
    }

    @Test("each kind of message by each channel, as it is kept in a file", arguments: Language.allCases)
    func golden(language: Language) {
        var text = ""
        for (kind, message) in kinds(language) {
            for (channel, said) in rendered(message) { text += "== \(kind) by \(channel)\n\(said)\n\n" }
        }
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
        Golden.expect(text, in: folder.appending(path: "messages-\(language.rawValue).txt"))
    }

    @Test("nothing that is said in French holds an English word of ours")
    func noEnglish() {
        let phrases =
            MessageWord.allCases.map(\.phrase) + Level.allCases.map(\.phrase) + CatalogueTests.told
            + CatalogueTests.reasons.map(\.sentence)
        let french = Set(phrases.map { $0.french.lowercased() })
        let words = Set(phrases.map { $0.english.lowercased() }).subtracting(french).filter { $0.count > 3 }
        #expect(words.count > 60)
        for (kind, message) in kinds(.french) {
            for (channel, said) in rendered(message) {
                // Words that programs read, and the markup around them.
                var said = said.lowercased()
                for name in machineWords { said = said.replacing(name, with: "") }
                for word in words where Self.holds(said, word) {
                    Issue.record("\(kind) by \(channel) says “\(word)”: \(said)")
                }
            }
        }
    }

    private let machineWords = [
        "severity=\\\"critical\\\"", "severity=\"critical\"", "hauban_acknowledge", "hauban_resolve", "hauban_open",
        "\"acknowledge\"", "\"resolve\"", "\"critical\"",
        "\"severity\"", "\"status\"", "\"resolved\"", "\"acknowledged\"", "incident.page", "incident.acknowledged",
        "incident.resolved", "\"alerts\"", "#alerts", "\"severity\":\"critical\"", "\"runbook\":", "severity=critical",
        "severity=\\\"critical\\\"", "severity=\"critical\"", "last_good_release", "\"service\"", "\"page\"",
        "\"none\"",
        "\"high\"", "\"low\"", "\"info\"",
    ]

    private static func holds(_ text: String, _ word: String) -> Bool {
        var rest = text[...]
        while let range = rest.firstRange(of: word) {
            let before = range.lowerBound == text.startIndex ? nil : text[text.index(before: range.lowerBound)]
            let after = range.upperBound == text.endIndex ? nil : text[range.upperBound]
            if before?.isLetter != true, after?.isLetter != true { return true }
            rest = rest[range.upperBound...]
        }
        return false
    }

    @Test("everybody is told in their own language, and a place in the platform's")
    func own() throws {
        var story = story(.english)
        story.fires("Down")
        story.pass(minutes: 6)
        let languages = Dictionary(story.sent.map { ($0.contact, $0.message.language) }) { first, _ in first }
        #expect(languages[Contact(.email, "ana@x")] == .english && languages[.slack("#alerts")] == .english)
        let ben = try #require(story.sent.first { $0.contact == .sms("ben") }?.message)
        #expect(ben.language == .french && PlainText.short(ben).hasPrefix("[critique] Down (api) (i1) "))
        #expect(
            ben.because
                == "Vous êtes d’astreinte (secondary)\u{a0}; personne ne l’a pris en charge depuis 5\u{a0}min.")
        var french = self.story(.french)
        french.fires("Slow", "web")
        let place = try #require(french.sent.first { $0.contact == .slack("#alerts") }?.message)
        #expect(place.language == .french && place.headline == "[critique] Slow (web) (i1)")
    }

    @Test("what programs read is the same in both languages")
    func machines() throws {
        for ((kind, english), (_, french)) in zip(kinds(.english), kinds(.french)) {
            let (ours, theirs) = (try object(WebhookBody.body(english)), try object(WebhookBody.body(french)))
            #expect(Set(ours.allKeys.compactMap { $0 as? String }) == Set(theirs.allKeys.compactMap { $0 as? String }))
            for key in ["event", "key", "version", "incident", "url"] where kind != "summary" {
                #expect((ours[key] as? NSObject) == (theirs[key] as? NSObject), "\(kind) \(key)")
            }
            #expect(theirs["language"] as? String == "fr")
            let events = try [english, french].map { try object(PagerDutyEvent.body($0, routingKey: "R")) }
            for key in ["event_action", "dedup_key"] where kind != "summary" {
                #expect((events[0][key] as? String) == (events[1][key] as? String))
            }
            let severities = events.map { ($0["payload"] as? NSDictionary)?["severity"] as? String }
            #expect(severities[0] == severities[1])
            let buttons = [english, french].map { message in
                SlackMessage.Button.allCases.filter {
                    SlackMessage.body(message, channel: "c").compact.contains("\"\($0.rawValue)\"")
                }
            }
            #expect(buttons[0] == buttons[1])
        }
    }

    @Test("a French text costs no more room than an English one: nothing of ours leaves the alphabet of GSM 03.38")
    func texts() {
        for (kind, message) in kinds(.french) {
            let text = PlainText.short(message)
            #expect(PlainText.segments(text) <= 2, "\(kind)")
            #expect(!text.contains("\u{a0}") && !text.contains("’"), "\(kind): \(text)")
        }
        var story = story(.french)
        story.fires(
            "Down", summary: "L’API de paiement ne répond plus… “timeout” — " + String(repeating: "é", count: 150))
        let text = story.sent.first { $0.contact.kind == .sms }.map { PlainText.short($0.message) } ?? ""
        #expect(text.hasPrefix("[critique] L'API de paiement ne répond plus... \"timeout\" - ééé"))
        #expect(text.count > 250 && PlainText.segments(text) == 2)
    }

    @Test("a French call is spoken by a French voice and asks in French")
    func voice() throws {
        var story = story(.french)
        story.fires("Down")
        story.pass(minutes: 3)
        let call = try #require(story.sent.first { $0.contact.kind == .call }?.message)
        let script = VoiceScript.twiML(call, answer: "https://h.example/voice")
        #expect(script.contains("<Say language=\"fr-FR\">") && !script.contains("<Say>"))
        #expect(script.contains("Incident sur shop, service api, gravité critique. Down (api). "))
        #expect(script.contains("Appuyez sur 1 pour prendre en charge."))
        #expect(VoiceScript.ending("a < b", .english).contains("<Response><Say>a &lt; b</Say><Hangup/>"))
    }

    @Test("what Hauban raises itself speaks the platform's language")
    func ownAlerts() {
        var story = story(.french) { $0.backoff = Backoff(attempts: 1) }
        story.answers[Contact(.email, "ana@x")] = .refused("550 inconnu")
        story.happen(.beat("backup"))
        story.fires("Down")
        story.fires("Down", "web", "critical", ["pod": "1"])
        story.pass(minutes: 3)
        let summaries = Set(story.responder.book.alerts.values.compactMap { $0.annotations["summary"] })
        #expect(summaries.contains("les appels à ana par e-mail échouent\u{a0}: 550 inconnu"))
        #expect(summaries.contains { $0.hasPrefix("backup ne donne plus signe de vie depuis 90") })
    }

    @Test("an update that was kept as its English words is read")
    func oldUpdates() throws {
        for (text, count) in [("[\"1 more alert\"]", 1), ("[\"12 more alerts\"]", 12), ("[7]", 7)] {
            let read = try JSONDecoder().decode([Page.Update].self, from: Data(text.utf8))
            #expect(read == [Page.Update(moreAlerts: count)])
        }
        #expect(String(decoding: try JSONEncoder().encode([Page.Update(moreAlerts: 3)]), as: UTF8.self) == "[3]")
    }

    @Test("a postmortem is drafted in both languages", arguments: Language.allCases)
    func postmortem(language: Language) throws {
        var story = story(.english)
        story.ships("r2", by: "eva")
        story.settles("r2")
        story.fires("Down")
        story.pass(minutes: 6)
        story.does("ana", .acknowledge())
        story.does("ana", .note("the disk is full"))
        story.does("ana", .change(severity: .high))
        story.does("ana", .link(url: "https://wiki.example/x", title: "wiki"))
        story.pass(minutes: 30)
        story.ends("Down")
        let text = Postmortem.draft(try #require(story.incident), zone: try zone("Europe/Paris"), language)
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
        Golden.expect(text, in: folder.appending(path: "postmortem-\(language.rawValue).md"))
    }
}
