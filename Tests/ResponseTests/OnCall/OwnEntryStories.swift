import Response
import Spec
import Testing

@Suite("What people say of how they are reached")
struct OwnEntryStories {
    @Test("counts from the next page on, survives a restart, and can be taken back", arguments: Memory.allCases)
    func used(memory: Memory) {
        var story = Story(memory)
        story.happen(
            .entry(
                person: "ana",
                text:
                    #"{"phone":"+33611111111","email":"ana@shop.example","order":{"critical":["email",{"by":"call","after":"2m"}]}}"#,
                by: "ana"))
        story.fires("Down")
        story.pass(minutes: 3)
        #expect(story.told == ["0:00 email ana@shop.example: page i1", "2:00 call +33611111111: page i1"])
        story.does("ana", .resolve)
        story.crash()
        #expect(story.responder.entries["ana"]?.by == "ana")
        story.happen(.testPage(person: "ana", contact: nil, by: "ana"))
        #expect(story.told.suffix(3).allSatisfy { $0.hasSuffix("test") && !$0.contains("sms ana:") })
        story.happen(.entry(person: "ana", text: nil, by: "root"))
        #expect(story.responder.entries.isEmpty && story.responder.directory.people["ana"]?.contacts == [.sms("ana")])
        story.crash()
        #expect(story.responder.directory.people["ana"]?.contacts == [.sms("ana")])
        #expect(story.refused.isEmpty)
    }

    @Test(
        "is judged by the rules of the file, with every fault named",
        arguments: [
            (#"{"phone":"0612"}"#, "phone: "), (#"{"email":"ana"}"#, "email: "),
            (#"{"order":{"critical":["sms"]}}"#, "order: `sms` has nowhere to go"),
            (#"{"quiet":{"hours":["sometimes"]}}"#, "quiet.hours"),
            (#"{"quiet":{"hours":["22:00-07:00"],"below":"low"}}"#, "quiet.below"),
            (#"{"fax":"1"}"#, "unknown key 'fax'"), (#"{"language":"de"}"#, "language: "),
            (#"{"zone":"Europe/Paris"}"#, "zone: the time zone"),
            ("[1", ""), ("{\"phone\": &a x}", ""),
        ])
    func judged(text: String, words: String) {
        var story = Story()
        story.happen(.entry(person: "ana", text: text, by: "ana"))
        guard case .wrongEntry(let why)? = story.refused.first else {
            Issue.record("\(text) is taken")
            return
        }
        #expect(why.contains(words), "\(why)")
        #expect(story.responder.directory.people["ana"]?.contacts == [.sms("ana")])
        story.happen(.entry(person: "nobody", text: "{}", by: "ana"))
        #expect(story.refused.last == .unknownPerson("nobody"))
    }

    @Test("counts for nothing where the file no longer knows the person or the zone")
    func outdated() throws {
        let paris = try zone("Europe/Paris")
        var story = Story { $0.zones["Europe/Paris"] = paris }
        let quiet = #"{"slack":"@ana","zone":"Europe/Paris","quiet":{"hours":["22:00-07:00"]}}"#
        story.happen(.entry(person: "ana", text: quiet, by: "ana"))
        #expect(story.responder.directory.people["ana"]?.quiet?.hours.zone.name == "Europe/Paris")
        var rules = Rulebook.example
        _ = story.responder.use(rules, now: story.now)
        #expect(
            story.responder.directory.people["ana"]?.contacts == [.sms("ana")], "the zone is gone: the file's holds")
        rules.people["ana"] = nil
        _ = story.responder.use(rules, now: story.now)
        #expect(story.responder.directory.people["ana"] == nil)
        rules = Rulebook.example
        rules.zones["Europe/Paris"] = paris
        _ = story.responder.use(rules, now: story.now)
        #expect(story.responder.directory.people["ana"]?.contacts == [.slack("@ana")], "and is not forgotten")
    }
}
