import Response
import Spec
import Testing

@Suite("Stories of pages")
struct PageStories {
    @Test("each page has a ledger: decided, sent, accepted, acknowledged", arguments: Memory.allCases)
    func ledger(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        story.pass(minutes: 1)
        story.does("ana", .acknowledge(page: "i1.p1"))
        #expect(
            story.ledger("i1.p1") == [
                .decided, .sent(attempt: 1), .accepted(attempt: 1, reference: "ref-i1.p1"), .acknowledged(by: "ana"),
            ])
        #expect(story.responder.pages["i1.p1"]?.state == .acknowledged(by: "ana", at: story.now))
        #expect(story.sent[0].key == "hauban-i1.p1")
    }

    @Test(
        "what a provider does not take is tried again, later and later, under the same key", arguments: Memory.allCases)
    func retried(memory: Memory) {
        var story = Story(memory)
        story.answers[.sms("ana")] = .failed("503", retryAfter: nil)
        story.random = 1
        story.fires("Down")
        story.pass(seconds: 20)
        #expect(
            story.told == [
                "0:00 sms ana: page i1", "0:02 sms ana: page i1 (attempt 2)", "0:06 sms ana: page i1 (attempt 3)",
                "0:14 sms ana: page i1 (attempt 4)",
            ])
        #expect(Set(story.sent.map(\.key)) == ["hauban-i1.p1"])
        story.answers = [:]
        story.pass(seconds: 20)
        #expect(story.told.count == 5 && story.deeds().contains(.delivered(page: "i1.p1", attempt: 5)))
        story.pass(minutes: 4)
        #expect(story.told.count == 5)
    }

    @Test("chance spreads the attempts of many that failed together")
    func jitter() {
        var story = Story()
        story.answers[.sms("ana")] = .failed("503", retryAfter: nil)
        story.random = 0
        story.fires("Down")
        story.pass(seconds: 4)
        #expect(story.told.suffix(2) == ["0:01 sms ana: page i1 (attempt 2)", "0:03 sms ana: page i1 (attempt 3)"])
    }

    @Test("a provider that asks for time is given it")
    func retryAfter() {
        var story = Story()
        story.answers[.sms("ana")] = .failed("429", retryAfter: .seconds(90))
        story.fires("Down")
        story.pass(seconds: 95)
        #expect(story.told == ["0:00 sms ana: page i1", "1:30 sms ana: page i1 (attempt 2)"])
    }

    @Test("a provider that says nothing has failed after a minute", arguments: Memory.allCases)
    func silent(memory: Memory) {
        var story = Story(memory)
        story.silent = [.sms("ana")]
        story.fires("Down")
        story.pass(seconds: 59)
        #expect(story.told.count == 1)
        story.silent = []
        story.pass(seconds: 10)
        #expect(story.told.count == 2 && story.told[1].hasSuffix("(attempt 2)"))
        #expect(story.ledger("i1.p1").contains(.noAnswer(attempt: 1)))
    }

    @Test("an answer to an attempt that was given up counts: nothing more is sent")
    func lateAnswer() {
        var story = Story()
        story.silent = [.sms("ana")]
        story.fires("Down")
        story.pass(seconds: 60)
        story.happen(.delivery(page: "i1.p1", attempt: 1, .accepted(reference: "x"), random: 0.5))
        story.pass(minutes: 3)
        #expect(story.told.count == 1)
        #expect(story.deeds().contains(.delivered(page: "i1.p1", attempt: 1)))
    }

    @Test("a failure that comes after the next attempt began changes nothing")
    func lateFailure() {
        var story = Story()
        story.silent = [.sms("ana")]
        story.fires("Down")
        story.pass(seconds: 62)
        #expect(story.told.count == 2)
        story.happen(.delivery(page: "i1.p1", attempt: 1, .failed("late", retryAfter: nil), random: 0.5))
        #expect(story.ledger("i1.p1").last == .sent(attempt: 2))
    }

    @Test("what is refused is not tried again: a dead letter opens an incident of its own", arguments: Memory.allCases)
    func refused(memory: Memory) {
        var story = Story(memory)
        story.answers[.sms("ana")] = .refused("no such number")
        story.fires("Down")
        #expect(story.responder.pages["i1.p1"]?.state == .dead("no such number"))
        #expect(story.incident("i2")?.title == "pages by sms to ana fail: no such number")
        story.pass(minutes: 6)
        #expect(
            story.told == [
                "0:00 sms ana: page i1", "0:00 sms ana: page i2", "5:00 sms ben: page i1", "5:00 sms ben: page i2",
            ])
        #expect(story.responder.incidents.count == 2)
    }

    @Test("after the last attempt it is a dead letter too", arguments: Memory.allCases)
    func exhausted(memory: Memory) {
        var story = Story(memory) { $0.backoff = Backoff(attempts: 3) }
        story.answers[.sms("ana")] = .failed("503", retryAfter: nil)
        story.fires("Down")
        story.pass(minutes: 1)
        #expect(story.ledger("i1.p1").last == .gaveUp("503"))
        #expect(story.status("i2") == .triggered)
    }

    @Test("once the way works again, its incident is resolved", arguments: Memory.allCases)
    func mended(memory: Memory) {
        var story = Story(memory)
        story.answers[.sms("ana")] = .refused("no such number")
        story.fires("Down")
        story.answers = [:]
        story.happen(.testPage(person: "ana", contact: nil, by: "eva"))
        #expect(story.status("i2") == .resolved)
    }

    @Test("a way that is dead hands over to the person's next at once", arguments: Memory.allCases)
    func nextWay(memory: Memory) {
        var story = Story(memory) {
            $0.people["ana"] = ContactCard(name: "ana", contacts: [.sms("ana"), Contact(.call, "ana")])
        }
        story.answers[.sms("ana")] = .refused("no such number")
        story.fires("Down")
        #expect(story.told.prefix(2) == ["0:00 sms ana: page i1", "0:00 call ana: page i1"])
    }

    @Test("what is bad rings every way at once, and by telephone after two minutes", arguments: Memory.allCases)
    func usualOrder(memory: Memory) {
        var story = Story(memory) {
            $0.people["ana"] = ContactCard(
                name: "ana", contacts: [Contact(.call, "ana"), .sms("ana"), Contact(.email, "ana@x")])
        }
        story.fires("Down")
        story.pass(minutes: 3)
        #expect(story.told == ["0:00 sms ana: page i1", "0:00 email ana@x: page i1", "2:00 call ana: page i1"])
        #expect(
            story.ledger("i1.p3").prefix(2) == [
                .decided, .deferred(until: Story.start + .seconds(120), why: .order(after: .seconds(120))),
            ])
    }

    @Test("an acknowledgement takes back the ways that were still to come, and says so", arguments: Memory.allCases)
    func withdrawn(memory: Memory) {
        var story = Story(memory) {
            $0.people["ana"] = ContactCard(name: "ana", contacts: [Contact(.call, "ana"), .sms("ana")])
        }
        story.fires("Down")
        story.pass(minutes: 1)
        story.does("ana", .acknowledge())
        story.pass(minutes: 10)
        #expect(story.told == ["0:00 sms ana: page i1"])
        #expect(story.ledger("i1.p2").last == .withdrawn(.acknowledged(by: "ana")))
        #expect(story.deeds().contains(.withdrawn(page: "i1.p2", why: .acknowledged(by: "ana"))))
    }

    @Test("a person's own order by level is kept", arguments: Memory.allCases)
    func ownOrder(memory: Memory) {
        var story = Story(memory) {
            $0.people["ana"]?.order = [
                .critical: [.init(Contact(.push, "ana")), .init(after: .seconds(60), .sms("ana"))],
                .low: [.init(Contact(.email, "ana@x"))],
            ]
        }
        story.fires("Down")
        story.pass(minutes: 2)
        story.fires("Note", "web", "info")
        #expect(story.told == ["0:00 push ana: page i1", "1:00 sms ana: page i1", "2:00 email ana@x: page i2"])
    }

    @Test("in quiet hours what is not critical waits for their end", arguments: Memory.allCases)
    func quiet(memory: Memory) {
        // The story begins on a Monday at 14:13:20.
        var story = Story(memory) {
            $0.people["ana"]?.quiet = .init(
                hours: WeeklyHours(hours: [.init(weekdays: [1], from: 13 * 3600, to: 15 * 3600)], zone: .utc))
            $0.policies["levels"] = EscalationPolicy(steps: [.init(after: .zero, deed: .tell("primary"))])
        }
        story.fires("Slow", "web", "high")
        story.fires("Down", "api", "critical")
        story.pass(minutes: 60)
        #expect(story.told == ["0:00 sms ana: page i2", "46:40 sms ana: page i1"])
        #expect(
            story.decisions("i1").first
                == .deferred(page: "i1.p1", until: Story.start + .seconds(2800), why: .quietHours))
    }

    @Test("what is over before the quiet hours are wakes nobody", arguments: Memory.allCases)
    func quietAndOver(memory: Memory) {
        var story = Story(memory) {
            $0.people["ana"]?.quiet = .init(
                hours: WeeklyHours(hours: [.init(weekdays: [1], from: 13 * 3600, to: 15 * 3600)], zone: .utc))
        }
        story.fires("Slow", "web", "high")
        story.pass(minutes: 2)
        story.ends("Slow", "web", "high")
        story.pass(minutes: 60)
        #expect(story.told.isEmpty && story.ledger("i1.p1").last == .withdrawn(.resolved))
    }

    @Test("more messages than can be read become one that names them all", arguments: Memory.allCases)
    func summarised(memory: Memory) {
        var story = Story(memory) {
            $0.rateLimit = RateLimit(messages: 3, within: .seconds(300))
            $0.policies["levels"] = EscalationPolicy(steps: [.init(after: .zero, deed: .tell("primary"))])
        }
        for index in 1...8 { story.fires("Down", "s\(index)") }
        #expect(story.told.count == 3)
        story.pass(minutes: 6)
        #expect(story.told.count == 4 && story.told[3] == "5:00 sms ana: summary of i4+i5+i6+i7+i8")
        #expect(story.ledger("i4.p1").last == .summarised(into: "p1"))
        #expect(story.decisions("i8").last == .summarised(pages: ["i8.p1"], into: "p1"))
        story.pass(minutes: 20)
        #expect(story.told.count == 4)
    }

    @Test(
        "what was acknowledged meanwhile is not in the summary, and one that is left goes by itself",
        arguments: Memory.allCases)
    func summaryOfOne(memory: Memory) {
        var story = Story(memory) {
            $0.rateLimit = RateLimit(messages: 1, within: .seconds(60))
            $0.policies["levels"] = EscalationPolicy(steps: [.init(after: .zero, deed: .tell("primary"))])
        }
        for index in 1...3 { story.fires("Down", "s\(index)") }
        story.does("ben", .acknowledge(), to: "i2")
        story.pass(minutes: 2)
        #expect(story.told == ["0:00 sms ana: page i1", "1:00 sms ana: page i3"])
    }

    @Test("a machine's integration is never summarised: it counts incidents by their keys", arguments: Memory.allCases)
    func machines(memory: Memory) {
        var story = Story(memory) {
            $0.rateLimit = RateLimit(messages: 1)
            $0.channels["primary"] = [.critical: [.init(.pagerduty)]]
        }
        for index in 1...5 { story.fires("Down", "s\(index)") }
        #expect(story.told.count == 5 && story.told[4] == "0:00 pagerduty default: page i5")
    }

    @Test("a schedule's channels say how it is told, by level", arguments: Memory.allCases)
    func channels(memory: Memory) {
        var story = Story(memory) {
            $0.people["ana"]?.contacts.append(Contact(.email, "ana@x"))
            $0.channels["primary"] = [
                .critical: [.init(.slack, "#alerts"), .init(.sms)], .low: [.init(.slack, "#info")],
            ]
        }
        story.fires("Down", "api", "critical")
        story.fires("Note", "web", "low")
        story.fires("Slow", "db", "high")
        #expect(
            story.told == [
                "0:00 slack #alerts: page i1", "0:00 sms ana: page i1", "0:00 slack #info: page i2",
                "0:00 sms ana: page i3", "0:00 email ana@x: page i3",
            ])
    }

    @Test("a channel hears what becomes of it in the thread of the first message", arguments: Memory.allCases)
    func thread(memory: Memory) {
        var story = Story(memory) { $0.channels["primary"] = [.critical: [.init(.slack, "#alerts"), .init(.sms)]] }
        story.fires("Down")
        story.pass(minutes: 1)
        story.fires("Slow")
        story.does("ana", .acknowledge())
        story.pass(minutes: 1)
        story.ends("Down")
        story.ends("Slow")
        #expect(
            story.told == [
                "0:00 slack #alerts: page i1", "0:00 sms ana: page i1", "1:00 slack #alerts: 1 more alert i1",
                "1:00 slack #alerts: acknowledged by ana i1", "2:00 slack #alerts: resolved i1",
            ])
        #expect(story.sent.map(\.thread) == [nil, nil, "ref-i1.p1", "ref-i1.p1", "ref-i1.p1"])
    }

    @Test(
        "what follows waits until the first message has arrived, and only the newest is sent",
        arguments: Memory.allCases)
    func behind(memory: Memory) {
        var story = Story(memory) {
            $0.channels["primary"] = [.critical: [.init(.slack, "#alerts")]]
            $0.backoff = Backoff(first: .seconds(20))
        }
        story.answers[.slack("#alerts")] = .failed("503", retryAfter: nil)
        story.fires("Down")
        story.fires("Slow")
        story.fires("Odd")
        story.answers = [:]
        story.pass(seconds: 30)
        #expect(
            story.told == [
                "0:00 slack #alerts: page i1", "0:15 slack #alerts: page i1 (attempt 2)",
                "0:15 slack #alerts: 1 more alert i1",
            ])
        #expect(story.ledger("i1.p2").last == .withdrawn(.outdated(by: "i1.p3")))
    }

    @Test("what follows does not wait for a first message that is taken back")
    func behindWithdrawn() {
        var story = Story { $0.channels["primary"] = [.critical: [.init(.slack, "#alerts")]] }
        story.silent = [.slack("#alerts")]
        story.fires("Down")
        story.pass(seconds: 30)
        story.does("ana", .acknowledge())
        story.silent = []
        // The attempt counts as failed after a minute, and nobody needs to be asked any more.
        story.pass(seconds: 31)
        #expect(story.ledger("i1.p1").last == .withdrawn(.acknowledged(by: "ana")))
        #expect(story.told == ["0:00 slack #alerts: page i1", "1:00 slack #alerts: acknowledged by ana i1"])
    }

    @Test("nobody is told twice in one breath, whatever the ways that lead to them", arguments: Memory.allCases)
    func once(memory: Memory) {
        var story = Story(memory) {
            $0.policies["levels"] = EscalationPolicy(steps: [
                .init(after: .zero, deed: .tell("primary")), .init(after: .zero, deed: .tell("developers")),
            ])
            $0.teams["developers"] = .init(people: ["ana", "chi"])
        }
        story.fires("Down")
        #expect(story.told == ["0:00 sms ana: page i1", "0:00 sms chi: page i1"])
        #expect(
            story.decisions().contains(.alreadyTold(party: "developers", contact: .sms("ana"), page: "i1.p1")))
    }

    @Test("a step that finds nobody does not cost its wait", arguments: Memory.allCases)
    func hurried(memory: Memory) {
        var story = Story(memory) { $0.schedules["primary"] = OnCallSchedule(name: "primary", layers: []) }
        story.fires("Down")
        #expect(story.told == ["0:00 sms ben: page i1"])
        #expect(story.decisions().first == .reachedNobody(party: "primary", why: .nobodyOnCall))
        story.pass(minutes: 11)
        #expect(
            story.told == ["0:00 sms ben: page i1", "10:00 sms chi: page i1", "10:00 sms dan: page i1"])
    }

    @Test("somebody on call without any way to be told is found out", arguments: Memory.allCases)
    func noContact(memory: Memory) {
        var story = Story(memory) { $0.people["ana"]?.contacts = [] }
        story.fires("Down")
        #expect(story.told == ["0:00 sms ben: page i1"])
        #expect(story.decisions().first == .reachedNobody(party: "primary", why: .noContact(person: "ana")))
    }

    @Test("a test page goes by every way and belongs to no incident", arguments: Memory.allCases)
    func testPage(memory: Memory) {
        var story = Story(memory) {
            $0.people["ana"]?.contacts.append(Contact(.email, "ana@x"))
            $0.rateLimit = RateLimit(messages: 1)
        }
        story.happen(.testPage(person: "ana", contact: nil, by: "eva"))
        story.happen(.testPage(person: "ana", contact: .sms("ana"), by: "eva"))
        story.happen(.testPage(person: "zoe", contact: nil, by: "eva"))
        #expect(story.told == ["0:00 sms ana: test", "0:00 email ana@x: test", "0:00 sms ana: test"])
        #expect(story.refused == [.unknownPerson("zoe")])
        #expect(story.responder.incidents.isEmpty)
    }

    @Test("an answer to a page that is not known is refused")
    func unknownPage() {
        var story = Story()
        story.happen(.delivery(page: "i9.p1", attempt: 1, .accepted(reference: nil), random: 0))
        #expect(story.refused == [.unknownPage("i9.p1")])
    }

    // MARK: Stops

    @Test("killed before the provider answered, the attempt is made again under the same key")
    func killedWhileSending() {
        var story = Story()
        story.silent = [.sms("ana")]
        story.fires("Down")
        story.silent = []
        story.crash(for: .seconds(5))
        #expect(story.told == ["0:00 sms ana: page i1", "0:05 sms ana: page i1"])
        #expect(Set(story.sent.map(\.key)).count == 1)
        #expect(
            story.ledger("i1.p1") == [
                .decided, .sent(attempt: 1), .sentAgain(attempt: 1), .accepted(attempt: 1, reference: "ref-i1.p1"),
            ])
    }

    @Test("what fell due while nothing ran is done at once, and nothing twice")
    func killedForAWhile() {
        var story = Story()
        story.fires("Down")
        story.pass(minutes: 1)
        story.crash(for: .seconds(20 * 60))
        #expect(
            story.told == [
                "0:00 sms ana: page i1", "21:00 sms ben: page i1", "21:00 sms chi: page i1", "21:00 sms dan: page i1",
            ])
        story.crash()
        #expect(story.told.count == 4)
        story.pass(minutes: 10)
        #expect(story.told.last == "30:00 sms eva: page i1")
    }

    @Test("killed in the wait of a group, its alerts are told when they would have been")
    func killedInTheWait() {
        var story = Story { $0.routes[0].timing = .init() }
        story.fires("Down")
        story.pass(seconds: 10)
        story.crash()
        story.pass(seconds: 30)
        #expect(story.told == ["0:30 sms ana: page i1"])
    }

    @Test("what fired before a stop has the time to be told again before it is taken as over")
    func killedAndRefreshed() {
        var story = Story()
        var report = story.report("Down")
        report.endsAt = story.now + .seconds(240)
        story.happen(.alerts([report]))
        story.crash(for: .seconds(600))
        #expect(story.status() == .triggered)
        story.pass(minutes: 4)
        #expect(story.status() == .triggered)
        story.pass(minutes: 2)
        #expect(story.status() == .resolved)
    }

    @Test("killed at every step of a long story, it is told the same")
    func killedEverywhere() {
        func story(_ memory: Memory) -> Story {
            var story = Story(memory) {
                $0.people["ana"]?.contacts.append(Contact(.call, "ana"))
                $0.channels["secondary"] = [.critical: [.init(.slack, "#alerts"), .init(.sms)]]
                $0.policies["levels"]?.acknowledgementHolds = .seconds(1200)
                $0.policies["levels"]?.repeats = 1
            }
            story.answers[.slack("#alerts")] = .failed("503", retryAfter: nil)
            for round in 0..<6 {
                story.ships("r\(round)", ["api", "web"])
                story.fires("Down", "api", "critical", ["pod": "\(round)"])
                story.pass(minutes: 2)
                story.settles("r\(round)")
                story.fires("Slow", "web", "warning", ["pod": "\(round)"])
                story.pass(minutes: 7)
                story.does("ben", .acknowledge(), to: "i1")
                if round == 3 { story.answers = [:] }
                story.pass(minutes: 25)
                if round % 2 == 1 { story.ends("Down", "api", "critical", ["pod": "\(round - 1)"]) }
                story.pass(minutes: 11)
                story.does("ana", .resolve, to: "i2")
            }
            return story
        }
        let (kept, rebuilt) = (story(.kept), story(.rebuilt))
        #expect(kept.told.count > 20)
        #expect(kept.told == rebuilt.told)
        #expect(kept.incident?.log == rebuilt.incident?.log)
    }
}
