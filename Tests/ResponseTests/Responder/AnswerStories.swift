import Response
import Spec
import Testing

/// What somebody says of an alert before it has an incident.
@Suite("Stories of answers that come early")
struct AnswerStories {
    private func waiting(_ memory: Memory, _ change: (inout Rulebook) throws -> Void = { _ in }) throws -> Story {
        try Story(memory) { rules in
            rules.routes = [
                Route(
                    name: "default", grouping: .by(["service"]),
                    timing: .init(wait: .seconds(30), settle: .zero), policy: "levels")
            ]
            try change(&rules)
        }
    }

    private func fingerprint(_ story: Story, _ name: String, _ severity: String = "critical") -> Fingerprint {
        story.report(name, "api", severity).labels.fingerprint
    }

    @Test("who acknowledges while the group waits is not paged, and the timeline says why", arguments: Memory.allCases)
    func acknowledged(memory: Memory) throws {
        var story = try waiting(memory)
        story.fires("Down")
        story.pass(seconds: 10)
        story.happen(.answer(fingerprint(story, "Down"), .acknowledge, by: "Nagios"))
        let at = story.now
        #expect(story.incident == nil)
        story.pass(minutes: 60)
        #expect(story.told == [])
        #expect(story.status() == .acknowledged && story.incident?.assignee == "Nagios")
        #expect(
            story.decisions() == [
                .acknowledgedBefore(fingerprint(story, "Down"), by: "Nagios", at: at, stands: true)
            ])
    }

    @Test("a note that came early is in the timeline, and the page goes out", arguments: Memory.allCases)
    func noted(memory: Memory) throws {
        var story = try waiting(memory)
        story.fires("Down")
        story.happen(.answer(fingerprint(story, "Down"), .note("the index is missing"), by: "eva"))
        story.pass(minutes: 1)
        #expect(story.told == ["0:30 sms ana: page i1"])
        #expect(story.deeds().contains(.noted("the index is missing")))
    }

    @Test("an alert beside it that nobody acknowledged is paged all the same", arguments: Memory.allCases)
    func others(memory: Memory) throws {
        var story = try waiting(memory)
        story.fires("Down")
        story.fires("Slow")
        story.happen(.answer(fingerprint(story, "Down"), .acknowledge, by: "Nagios"))
        story.pass(minutes: 1)
        #expect(story.told == ["0:30 sms ana: page i1"])
        #expect(story.status() == .triggered)
        #expect(
            story.decisions() == [
                .acknowledgedBefore(fingerprint(story, "Down"), by: "Nagios", at: Story.start, stands: false)
            ])
    }

    @Test("an acknowledgement of what is silenced holds when the silence ends", arguments: Memory.allCases)
    func silenced(memory: Memory) throws {
        var story = try waiting(memory)
        try story.happen(
            .silence(
                Silence(
                    id: "s", matchers: [try Matcher("alertname", .equals, "Down")], start: story.now,
                    end: story.now + .seconds(1800), owner: "eva", reason: "moving", now: story.now)))
        story.fires("Down")
        story.pass(minutes: 10)
        story.happen(.answer(fingerprint(story, "Down"), .acknowledge, by: "ben"))
        story.pass(minutes: 60)
        #expect(story.told == [])
        #expect(story.status() == .acknowledged)
    }

    @Test("what ends before it is told takes its answers with it", arguments: Memory.allCases)
    func over(memory: Memory) throws {
        var story = try waiting(memory)
        story.fires("Down")
        story.happen(.answer(fingerprint(story, "Down"), .acknowledge, by: "Nagios"))
        story.pass(seconds: 10)
        story.ends("Down")
        story.pass(minutes: 10)
        #expect(story.told == [] && story.incident == nil)
        story.fires("Down")
        story.pass(minutes: 1)
        #expect(story.told.count == 1, "it is another time")
        #expect(story.status() == .triggered)
    }

    @Test(
        "an acknowledgement goes on under a lower severity, not under a higher one; notes under each",
        arguments: [("warning", "critical", 1), ("critical", "warning", 0)])
    func renamed(before: String, after: String, pages: Int) throws {
        var story = try waiting(.rebuilt)
        story.fires("Down", "api", before)
        let old = fingerprint(story, "Down", before)
        story.happen(.answer(old, .acknowledge, by: "Nagios"))
        story.happen(.answer(old, .note("seen"), by: "Nagios"))
        story.fires("Down", "api", after)
        story.happen(.renamed(old, to: fingerprint(story, "Down", after)))
        story.ends("Down", "api", before)
        story.pass(minutes: 2)
        #expect(story.told.count == pages)
        #expect(story.deeds().contains(.noted("seen")))
    }

    @Test("after other rules the answers are with the alert's new group")
    func otherRules() throws {
        var story = try waiting(.kept)
        story.fires("Down")
        story.happen(.answer(fingerprint(story, "Down"), .acknowledge, by: "Nagios"))
        var rules = story.responder.rules
        rules.routes = [
            Route(name: "other", timing: .init(wait: .seconds(60), settle: .zero), policy: "levels")
        ]
        _ = story.responder.use(rules, now: story.now)
        story.pass(minutes: 5)
        #expect(story.told == [] && story.status() == .acknowledged)
    }

    @Test("an answer about an open incident is done at once, one about nothing that is known does nothing")
    func known() throws {
        var story = Story()
        story.fires("Down")
        story.happen(.answer(fingerprint(story, "Down"), .acknowledge, by: "ben"))
        #expect(story.status() == .acknowledged)
        story.happen(.answer(Fingerprint(value: 7), .acknowledge, by: "ben"))
        #expect(story.refused.isEmpty)
    }

    @Test("many alerts that one body acknowledges early cost no more than a bounded list")
    func many() throws {
        var story = try waiting(.kept)
        story.happen(.alerts((0..<3_000).map { story.report("Down", "api", "critical", ["pod": "p\($0)"]) }))
        for alert in story.responder.book.alerts.map(\.key) {
            story.happen(.answer(alert, .note("x"), by: "a"))
        }
        let early = story.responder.groups.values.map(\.early.count)
        #expect(early == [1_000])
    }
}
