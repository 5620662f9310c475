import Response
import Testing

/// One escalation under a clock that the test moves.
private struct EscalationStory {
    var escalation: Escalation
    var now = Moment(seconds: 1_790_000_000)
    let start = Moment(seconds: 1_790_000_000)
    var said: [String] = []

    init(_ policy: EscalationPolicy) {
        escalation = Escalation(policy: policy, began: now)
    }

    mutating func pass(minutes: Int) {
        let end = now + .seconds(minutes * 60)
        while let next = escalation.nextDue, next <= end {
            now = max(now, next)
            look()
        }
        now = end
    }

    /// Time passes while nobody looks: the machine was off.
    mutating func sleep(minutes: Int) {
        now = now + .seconds(minutes * 60)
        look()
    }

    private mutating func look() {
        for order in escalation.due(now: now) {
            let minute = (order.due - start).milliseconds / 60_000
            let what =
                switch order.deed {
                case .tell(let party): "tell \(party)"
                case .perform(let remedy): "do \(remedy)"
                }
            let why =
                switch order.reason {
                case .unacknowledged(_, _, let round): round == 0 ? "" : " (round \(round + 1))"
                case .acknowledgementTimedOut(let person, _, _): " (\(person) did not end it)"
                case .restarted(.snoozeOver(let person), _): " (\(person) asked for it)"
                case .restarted: " (again)"
                }
            said.append("\(minute): \(what)\(why)")
        }
    }
}

@Suite("Escalation")
struct EscalationTests {
    /// PA-12: support at once, then level by level at 5, 15, 30 and 60 minutes.
    private let levels = EscalationPolicy(steps: [
        .init(after: .zero, deed: .perform("return-release")), .init(after: .zero, deed: .tell("primary")),
        .init(after: .seconds(300), deed: .tell("secondary")), .init(after: .seconds(900), deed: .tell("team")),
        .init(after: .seconds(1800), deed: .tell("lead")), .init(after: .seconds(3600), deed: .tell("director")),
    ])

    @Test("while nobody acknowledges, each level is told at its time")
    func all() {
        var story = EscalationStory(levels)
        story.pass(minutes: 300)
        #expect(
            story.said == [
                "0: do return-release", "0: tell primary", "5: tell secondary", "15: tell team", "30: tell lead",
                "60: tell director",
            ])
        #expect(story.escalation.state == .exhausted && story.escalation.nextDue == nil)
    }

    @Test("an acknowledgement stops it")
    func acknowledged() {
        var story = EscalationStory(levels)
        story.pass(minutes: 6)
        let taken = story.escalation.acknowledge(by: "ana", now: story.now)
        story.pass(minutes: 600)
        #expect(story.said.count == 3)
        story.escalation.end()
        let late = story.escalation.acknowledge(by: "ben", now: story.now)
        #expect(taken && !late)
    }

    @Test("an acknowledgement that times out pages again, from the first level, and tries no remedy twice")
    func timedOut() {
        var policy = levels
        policy.acknowledgementHolds = .seconds(1800)
        var story = EscalationStory(policy)
        story.pass(minutes: 1)
        _ = story.escalation.acknowledge(by: "ana", now: story.now)
        story.pass(minutes: 40)
        #expect(
            story.said == [
                "0: do return-release", "0: tell primary", "31: tell primary (ana did not end it)",
                "36: tell secondary (ana did not end it)",
            ])
        _ = story.escalation.acknowledge(by: "ben", now: story.now)
        story.escalation.end()
        story.pass(minutes: 600)
        #expect(story.said.count == 4)
    }

    @Test("rounds repeat as often as was said, after the pause")
    func rounds() {
        let policy = EscalationPolicy(
            steps: [
                .init(after: .zero, deed: .perform("restart")), .init(after: .zero, deed: .tell("primary")),
                .init(after: .seconds(600), deed: .tell("lead")),
            ], repeats: 2, pause: .seconds(1200))
        var story = EscalationStory(policy)
        story.pass(minutes: 600)
        #expect(
            story.said == [
                "0: do restart", "0: tell primary", "10: tell lead", "30: tell primary (round 2)",
                "40: tell lead (round 2)", "60: tell primary (round 3)", "70: tell lead (round 3)",
            ])
    }

    @Test("what fell due while nothing ran is given out once, in order, and the rest keeps its time")
    func slept() {
        var story = EscalationStory(levels)
        story.pass(minutes: 1)
        story.sleep(minutes: 20)
        #expect(story.said.suffix(2) == ["5: tell secondary", "15: tell team"])
        story.pass(minutes: 60)
        #expect(story.said.suffix(2) == ["30: tell lead", "60: tell director"])
    }

    @Test("given back, the steps begin anew")
    func restarted() {
        var story = EscalationStory(levels)
        story.pass(minutes: 6)
        _ = story.escalation.acknowledge(by: "ana", now: story.now)
        story.pass(minutes: 4)
        story.escalation.restart(now: story.now)
        story.pass(minutes: 1)
        #expect(story.said.last == "10: tell primary")
    }

    @Test("steps are taken in the order of their times, however they are written")
    func unsorted() {
        let policy = EscalationPolicy(steps: [
            .init(after: .seconds(60), deed: .tell("b")), .init(after: .zero, deed: .tell("a")),
            .init(after: .seconds(60), deed: .tell("c")),
        ])
        var story = EscalationStory(policy)
        story.pass(minutes: 5)
        #expect(story.said == ["0: tell a", "1: tell b", "1: tell c"])
    }

    @Test("while a remedy is tried the steps wait, and those that come later keep their times")
    func remedied() {
        for early in [true, false] {
            var story = EscalationStory(levels)
            story.pass(minutes: 2)
            story.escalation.hold(.remedy("restart"), until: story.now + .seconds(600), now: story.now)
            story.pass(minutes: 8)
            #expect(story.said.count == 2)
            if early { story.escalation.release(now: story.now) }
            story.pass(minutes: 60)
            // What a step was due at is what it says; it was taken when it was let go.
            #expect(story.said[2] == "5: tell secondary" && story.said[3] == "15: tell team")
        }
    }

    @Test("while all is muted the clock of the steps stands still, and let go early it goes on at once")
    func held() {
        for early in [true, false] {
            var story = EscalationStory(levels)
            story.pass(minutes: 2)
            story.escalation.hold(.muted(.silenced(by: "s")), until: story.now + .seconds(600), now: story.now)
            story.pass(minutes: 4)
            #expect(story.said.count == 2)
            if early { story.escalation.release(now: story.now) }
            story.pass(minutes: 60)
            #expect(story.said[2] == (early ? "9: tell secondary" : "15: tell secondary"))
            #expect(story.said[3] == (early ? "19: tell team" : "25: tell team"))
        }
    }

    @Test("a step that found nobody does not cost the wait for the next")
    func hurried() {
        var story = EscalationStory(levels)
        story.pass(minutes: 1)
        story.escalation.hurry(now: story.now)
        story.pass(minutes: 11)
        #expect(story.said.suffix(2) == ["1: tell secondary", "11: tell team"])
    }

    @Test("snoozed, it waits for the time that was asked for, and begins anew")
    func snoozed() {
        var story = EscalationStory(levels)
        story.pass(minutes: 6)
        story.escalation.snooze(by: "ana", until: story.now + .seconds(7200))
        story.pass(minutes: 119)
        #expect(story.said.count == 3)
        story.pass(minutes: 10)
        #expect(
            story.said.suffix(2) == [
                "126: tell primary (ana asked for it)", "131: tell secondary (ana asked for it)",
            ])
    }

    @Test("without steps nothing is ever due")
    func empty() {
        var story = EscalationStory(EscalationPolicy(steps: [], repeats: 3))
        story.pass(minutes: 60)
        #expect(story.said.isEmpty && story.escalation.state == .exhausted)
    }
}
