import Response
import Testing

/// A group under a clock that the test moves; what it tells is written down as it happens.
private struct GroupStory {
    var book = AlertBook(resolveTimeout: .seconds(100_000))
    var group: AlertGroup
    var muted: Set<String> = []
    var now = Moment(seconds: 1_790_000_000)
    let start = Moment(seconds: 1_790_000_000)
    var said: [String] = []

    init(wait: Int = 30, interval: Int = 300, repeatAfter: Int = 3600, tellsResolved: Bool = true) {
        group = AlertGroup(
            key: GroupKey(route: "default", labels: LabelSet(["service": "api"])),
            timing: .init(wait: .seconds(wait), interval: .seconds(interval), repeatAfter: .seconds(repeatAfter)),
            tellsResolved: tellsResolved)
    }

    mutating func fire(_ name: String, sinceSecondsAgo ago: Int = 0) {
        report(.init(labels: LabelSet(["alertname": name]), startsAt: now - .seconds(ago)))
    }

    mutating func resolve(_ name: String) {
        report(.init(labels: LabelSet(["alertname": name]), endsAt: now))
    }

    private mutating func report(_ report: AlertBook.Report) {
        let (fingerprint, _) = book.take(report, now: now)
        if let alert = book.alerts[fingerprint] { group.take(alert, now: now) }
    }

    /// Moves on and looks at the group whenever it asks for it.
    mutating func pass(_ seconds: Int) {
        let end = now + .seconds(seconds)
        while let next = group.nextLook, next <= end {
            now = max(now, next)
            let (alerts, muted) = (book.alerts, muted)
            let look = group.look(now: now, alert: { alerts[$0] }) { alert in
                muted.contains(alert.labels["alertname"] ?? "") ? .silenced(by: "s") : nil
            }
            note(look.outcome)
        }
        now = end
    }

    private mutating func note(_ outcome: AlertGroup.Outcome) {
        func names(_ fingerprints: [Fingerprint]) -> String {
            fingerprints.compactMap { book.alerts[$0]?.labels["alertname"] }.sorted().joined(separator: "+")
        }
        let seconds = (now - start).milliseconds / 1000
        guard case .tell(let notice) = outcome else { return }
        let why =
            switch notice.reason {
            case .first: "first"
            case .newAlerts(let new): "new \(names(new))"
            case .resolvedAlerts(let gone): "gone \(names(gone))"
            case .allResolved: "over"
            case .repeated: "again"
            }
        said.append("\(seconds): firing [\(names(notice.firing))] resolved [\(names(notice.resolved))] \(why)")
    }
}

@Suite("Groups of alerts")
struct AlertGroupTests {
    @Test("alerts that come within the wait are told once, together")
    func wait() {
        var story = GroupStory()
        story.fire("a")
        story.pass(10)
        story.fire("b")
        story.pass(100)
        #expect(story.said == ["30: firing [a+b] resolved [] first"])
    }

    @Test("an alert that has waited elsewhere as long does not wait again")
    func late() {
        var story = GroupStory()
        story.fire("a", sinceSecondsAgo: 31)
        story.pass(1)
        #expect(story.said == ["0: firing [a] resolved [] first"])
    }

    @Test("a new alert in a group that was told waits for the interval")
    func interval() {
        var story = GroupStory()
        story.fire("a")
        story.pass(40)
        story.fire("b")
        story.pass(600)
        #expect(story.said == ["30: firing [a] resolved [] first", "330: firing [a+b] resolved [] new b"])
    }

    @Test("one that ends is told at the next look, and the end of all of them")
    func resolved() {
        var story = GroupStory()
        story.fire("a")
        story.fire("b")
        story.pass(40)
        story.resolve("a")
        story.pass(400)
        story.resolve("b")
        story.pass(600)
        #expect(
            story.said == [
                "30: firing [a+b] resolved [] first", "330: firing [b] resolved [a] gone a",
                "630: firing [] resolved [b] over",
            ])
        #expect(story.group.members.isEmpty && story.group.nextLook == nil)
        #expect(story.group.isSpent(at: story.now))
    }

    @Test("one that begins and ends within the wait is not told")
    func brief() {
        var story = GroupStory()
        story.fire("a")
        story.pass(10)
        story.resolve("a")
        story.pass(1000)
        #expect(story.said.isEmpty)
    }

    @Test("the same is told again after the repeat time, at a look")
    func repeats() {
        var story = GroupStory()
        story.fire("a")
        story.pass(2 * 3600)
        #expect(
            story.said == [
                "30: firing [a] resolved [] first", "3630: firing [a] resolved [] again",
            ])
    }

    @Test("what fires again after its end was told is new")
    func again() {
        for tellsResolved in [true, false] {
            var story = GroupStory(tellsResolved: tellsResolved)
            story.fire("a")
            story.pass(40)
            story.resolve("a")
            story.pass(400)
            story.fire("a")
            story.pass(100)
            #expect(story.said.last == "470: firing [a] resolved [] first", "\(story.said)")
            #expect(story.said.count == (tellsResolved ? 3 : 2))
        }
    }

    @Test("an end and a new beginning between two looks is nothing new")
    func flap() {
        var story = GroupStory()
        story.fire("a")
        story.pass(40)
        story.resolve("a")
        story.pass(10)
        story.fire("a")
        story.pass(600)
        #expect(story.said == ["30: firing [a] resolved [] first"])
    }

    @Test("what is silenced is told once the silence is over, if it still fires")
    func silenced() {
        var story = GroupStory()
        story.muted = ["a"]
        story.fire("a")
        story.pass(1000)
        #expect(story.said.isEmpty)
        story.muted = []
        story.pass(300)
        #expect(story.said == ["1230: firing [a] resolved [] first"])
    }

    @Test("silencing what was told says nothing, not even that it is over")
    func silencedLater() {
        var story = GroupStory()
        story.fire("a")
        story.pass(40)
        story.muted = ["a"]
        story.pass(1000)
        #expect(story.said.count == 1)
    }

    @Test("20,000 alerts of one cause are one notice")
    func storm() {
        var story = GroupStory()
        for index in 0..<20_000 { story.fire("a\(index)") }
        story.pass(31)
        #expect(story.said.count == 1)
        #expect(story.group.members.count == 20_000)
    }
}
