import Foundation
import Response
import Spec
import Testing

@Suite("Rules from hauban.yaml")
struct RulebookTests {
    private func rulebook(example: String) throws -> Rulebook {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "Examples/\(example)/hauban.yaml"), encoding: .utf8)
        let platform = try #require(ParsedPlatform.parse(text: text, name: "hauban.yaml").base)
        return Rulebook(platform) { try? zone($0) }
    }

    private func story(_ rules: Rulebook) -> Story { Story { $0 = rules } }

    @Test("the personal assistant's levels are told at 5, 15, 30 and 60 minutes, each by its channels (PA-12)")
    func levels() throws {
        var story = story(try rulebook(example: "personal-assistant"))
        story.fires("Down", "api", "critical")
        story.pass(minutes: 90)
        #expect(
            story.told == [
                "5:00 pagerduty default: page i1", "5:00 slack #devops: page i1", "15:00 slack #developers: page i1",
                "30:00 email ciso@assistant.example: page i1", "30:00 email dan@assistant.example: page i1",
                "60:00 email eve@assistant.example: page i1",
            ])
        #expect(story.performed.map(\.name) == ["restart", "scale-up"])
    }

    @Test(
        "every example platform has rules that leave no alert with nobody",
        arguments: [
            "skillforge", "personal-assistant", "consciousness-engine", "cognitive-sprint", "incident-platform",
        ])
    func examples(name: String) throws {
        let rules = try rulebook(example: name)
        let findings = rules.findings(from: Story.start, to: Story.start + .seconds(30 * 86_400))
        #expect(
            findings.allSatisfy { finding in
                if case .noContact = finding { true } else { false }
            }, "\(findings)")
        #expect(rules.routes.last?.matchers.isEmpty == true && rules.routes.last?.policy != nil)
    }

    private static let text = """
        hauban: 1
        platform: shop
        owner: {team: shop, oncall: primary}
        services: {api: {source: api, run: ./api, port: 8080}}
        alerts:
          api-errors: {when: errors(api) > 1%, level: critical}
          orders-stuck: {promql: 'orders_pending > 100', level: high, to: orders}
        oncall:
          primary:
            rotation: {every: week, at: "wed 10:30", zone: Europe/Paris, people: [ana, ben]}
            channels: {low: ["slack:#info"]}
        people:
          ana: {email: ana@x, phone: "+33612345678", slack: "@ana"}
          ben: {email: ben@x}
        teams: {shop: {people: [ana, ben]}, orders: {people: [ben]}}
        environments: {dev: {target: local}}
        """

    private func rules() throws -> Rulebook {
        let parsed = ParsedPlatform.parse(text: Self.text, name: "hauban.yaml")
        return Rulebook(try #require(parsed.base, "\(parsed.diagnostics)")) { try? zone($0) }
    }

    @Test("an alert with a party of its own goes there, every other to the owner's schedule")
    func parties() throws {
        var story = story(try rules())
        story.fires("orders-stuck", nil, "high")
        story.fires("api-errors", "api", "critical")
        story.fires("unheard-of", "web", "low")
        #expect(story.told[0] == "0:00 email ben@x: page i1")
        #expect(story.told.last == "0:00 slack #info: page i3")
        #expect(
            story.told.filter { $0.hasSuffix("i2") }.count == 1 || story.told.filter { $0.hasSuffix("i2") }.count == 3)
    }

    @Test("turns change on the day and at the time that the rotation says, in its zone")
    func rotation() throws {
        let schedule = try #require(try rules().schedules["primary"])
        let paris = try zone("Europe/Paris")
        let start = paris.moment(try wall("2026-10-20 00:00"))
        let shifts = schedule.shifts(from: start, to: start + .seconds(15 * 86_400))
        #expect(shifts.count == 3)
        for shift in shifts.dropFirst() {
            let civil = paris.civil(shift.start)
            #expect(civil.day.weekday == 3 && civil.hour == 10 && civil.minute == 30)
        }
    }

    @Test("a person with a telephone is sent a text and called; names without people have no way to be told")
    func contacts() throws {
        let rules = try rules()
        #expect(
            rules.people["ana"]?.contacts == [
                Contact(.slack, "@ana"), Contact(.email, "ana@x"), Contact(.sms, "+33612345678"),
                Contact(.call, "+33612345678"),
            ])
        let bare = ParsedPlatform.parse(
            text: Self.text.replacing(#/(?m)^  (ana|ben): .*\n/#, with: "").replacing("people:\nteams", with: "teams"),
            name: "hauban.yaml")
        let book = Rulebook(try #require(bare.base, "\(bare.diagnostics)")) { try? zone($0) }
        #expect(book.people["ana"]?.contacts == [])
        #expect(
            book.findings(from: Story.start, to: Story.start + .seconds(86_400)).contains(.noContact(person: "ben")))
    }
}
