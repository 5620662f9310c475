import Response
import Spec
import Testing

@Suite("Stories of incidents")
struct IncidentStories {
    @Test("the first alert pages whoever is on call, at once", arguments: Memory.allCases)
    func first(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        #expect(story.told == ["0:00 sms ana: page i1"])
        #expect(story.status() == .triggered)
        #expect(story.incident?.severity == .critical && story.incident?.title == "Down (api)")
        #expect(
            story.sent[0].message.reason
                == .escalation(
                    .unacknowledged(after: .zero, step: 0, round: 0), party: "primary",
                    path: .onCall(schedule: "primary", why: .turn(layer: "only"))))
    }

    @Test("20,000 alerts of one cause page one person once")
    func storm() {
        var story = Story()
        story.happen(.alerts((0..<20_000).map { story.report("Down", "api", "critical", ["pod": "p\($0)"]) }))
        story.pass(minutes: 4)
        #expect(story.told == ["0:00 sms ana: page i1"])
        #expect(story.incident?.firing.count == 20_000)
        #expect((story.incident?.log.count ?? 99) < 30)
    }

    @Test("5,000 alerts that come one by one page one person once")
    func drip() {
        var story = Story()
        for index in 0..<5000 { story.fires("Down", "api", "critical", ["pod": "p\(index)"]) }
        story.pass(minutes: 4)
        story.does("ana", .acknowledge())
        story.pass(minutes: 10)
        #expect(story.told == ["0:00 sms ana: page i1"])
        #expect(story.incident?.firing.count == 5000)
    }

    @Test("an alert that is told again and again stays one alert, and stores nothing", arguments: Memory.allCases)
    func refreshed(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        let before = story.store.count
        for _ in 0..<10 {
            story.pass(seconds: 20)
            let actions = story.responder.event(.alerts([story.report("Down")]), now: story.now)
            #expect(actions.isEmpty)
            let report = story.report("Down")
            let place = story.responder.book.alerts.place(of: report.labels.fingerprint)
            let isTaken = place.map {
                story.responder.retell($0, startsAt: nil, endsAt: report.endsAt, now: story.now)
            }
            #expect(isTaken == true)
        }
        #expect(story.store.count == before && story.told.count == 1)
    }

    @Test("after a restart an alert that is told each hour ends when the last telling said")
    func toldEachHour() {
        var story = Story()
        var report = story.report("Down")
        report.endsAt = story.now + .seconds(3600)
        story.happen(.alerts([report]))
        story.pass(minutes: 50)
        report.endsAt = story.now + .seconds(3600)
        let stored = story.responder.event(.alerts([report]), now: story.now).contains { action in
            if case .save(.alert(let alert)) = action { alert.endsAt == report.endsAt } else { false }
        }
        #expect(stored, "it is on disk before the answer")
    }

    @Test("while nobody answers, each level is told in its time", arguments: Memory.allCases)
    func levels(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        story.pass(minutes: 120)
        #expect(
            story.told == [
                "0:00 sms ana: page i1", "5:00 sms ben: page i1", "15:00 sms chi: page i1", "15:00 sms dan: page i1",
                "30:00 sms eva: page i1",
            ])
        #expect(story.decisions().last == .exhausted)
    }

    @Test("an acknowledgement stops the escalation and makes it somebody's", arguments: Memory.allCases)
    func acknowledged(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        story.pass(minutes: 6)
        story.does("ben", .acknowledge())
        story.pass(minutes: 600)
        #expect(story.told.count == 2)
        #expect(story.status() == .acknowledged && story.incident?.assignee == "ben")
        #expect(story.incident?.firstAcknowledged == Story.start + .seconds(360))
    }

    @Test("a second acknowledgement is refused with the name of the first", arguments: Memory.allCases)
    func twice(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        story.does("ana", .acknowledge())
        story.does("ben", .acknowledge())
        #expect(story.refused == [.incident(.isAcknowledged(by: "ana"))])
        #expect(story.incident?.assignee == "ana")
    }

    @Test("given back, the first level is told again and hears who gave it back", arguments: Memory.allCases)
    func givenBack(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        story.does("ben", .acknowledge())
        story.pass(minutes: 10)
        story.does("ben", .unacknowledge)
        #expect(story.told == ["0:00 sms ana: page i1", "10:00 sms ana: page i1"])
        #expect(story.sent[1].message.because == "You are on call (primary); ben gave it back.")
        #expect(story.status() == .triggered)
    }

    @Test("an acknowledgement that times out pages again and says whose it was", arguments: Memory.allCases)
    func timesOut(memory: Memory) throws {
        var story = Story(memory) { $0.policies["levels"]?.acknowledgementHolds = .seconds(1800) }
        story.fires("Down")
        story.pass(minutes: 1)
        story.does("ana", .acknowledge())
        story.pass(minutes: 40)
        #expect(
            story.told == ["0:00 sms ana: page i1", "31:00 sms ana: page i1", "36:00 sms ben: page i1"])
        #expect(story.status() == .triggered && story.incident?.assignee == nil)
        #expect(
            story.sent[1].message.because
                == "You are on call (primary); ana acknowledged and it is not over after 30 min.")
    }

    @Test("snoozed, it is left alone until then and paged again after", arguments: Memory.allCases)
    func snoozed(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        story.does("ana", .snooze(until: story.now + .seconds(7200)))
        story.pass(minutes: 119)
        #expect(story.told.count == 1 && story.status() == .acknowledged)
        story.pass(minutes: 2)
        #expect(story.told == ["0:00 sms ana: page i1", "120:00 sms ana: page i1"])
        #expect(story.sent[1].message.because == "You are on call (primary); the time that ana asked for is over.")
        #expect(story.status() == .triggered)
    }

    @Test("a snooze into the past is refused")
    func snoozedBackwards() {
        var story = Story()
        story.fires("Down")
        story.does("ana", .snooze(until: story.now))
        #expect(story.refused == [.timeInThePast] && story.status() == .triggered)
    }

    @Test("what is resolved while it is snoozed stays resolved", arguments: Memory.allCases)
    func resolvedInSnooze(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        story.does("ana", .snooze(until: story.now + .seconds(7200)))
        story.pass(minutes: 30)
        story.ends("Down")
        story.pass(minutes: 300)
        #expect(story.told.count == 1 && story.status() == .resolved)
    }

    @Test("the end of the last alert resolves the incident at once and ends the escalation", arguments: Memory.allCases)
    func resolves(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        story.fires("Slow")
        story.pass(minutes: 2)
        story.ends("Down")
        #expect(story.status() == .triggered)
        story.pass(minutes: 1)
        story.ends("Slow")
        story.pass(minutes: 60)
        #expect(story.status() == .resolved && story.incident?.resolved == Story.start + .seconds(180))
        #expect(story.told == ["0:00 sms ana: page i1"])
    }

    @Test("an alert that is told no more ends by itself, and its incident with it")
    func silentEnd() {
        var story = Story()
        var report = story.report("Down")
        report.endsAt = nil
        story.happen(.alerts([report]))
        story.pass(minutes: 4)
        story.happen(.alerts([report]))
        story.pass(seconds: 299)
        #expect(story.status() == .triggered)
        story.pass(seconds: 2)
        #expect(story.status() == .resolved)
    }

    @Test("an alert of the same service joins its open incident and pages nobody again", arguments: Memory.allCases)
    func joins(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        story.pass(minutes: 1)
        story.fires("Slow")
        story.pass(minutes: 3)
        #expect(story.told == ["0:00 sms ana: page i1"])
        #expect(story.responder.incidents.count == 1 && story.incident?.firing.count == 2)
        #expect(story.decisions().contains(.joinedService(group: #"default{alertname="Slow", service="api"}"#)))
    }

    @Test("an alert of another service opens its own incident", arguments: Memory.allCases)
    func others(memory: Memory) {
        var story = Story(memory)
        story.fires("Down", "api")
        story.fires("Down", "web")
        #expect(story.told == ["0:00 sms ana: page i1", "0:00 sms ana: page i2"])
    }

    @Test("alerts without a service have incidents of their own", arguments: Memory.allCases)
    func noService(memory: Memory) {
        var story = Story(memory)
        story.fires("DiskFull", nil)
        story.fires("CertificateExpires", nil)
        #expect(story.responder.incidents.count == 2)
    }

    @Test("what fires again shortly after opens the same incident again", arguments: Memory.allCases)
    func reopens(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        story.does("ana", .acknowledge())
        story.ends("Down")
        story.pass(minutes: 10)
        story.fires("Down")
        #expect(story.responder.incidents.count == 1 && story.status() == .triggered)
        #expect(story.deeds().contains(.reopened(.alertBeganAgain)))
        #expect(story.told == ["0:00 sms ana: page i1", "10:00 sms ana: page i1"])
        #expect(story.sent[1].message.because == "You are on call (primary); it is open again.")
    }

    @Test("what fires again much later is another incident, which names the one before", arguments: Memory.allCases)
    func anew(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        story.ends("Down")
        story.pass(minutes: 20)
        story.fires("Down")
        #expect(story.responder.incidents.count == 2 && story.status("i2") == .triggered)
        #expect(story.decisions("i2").contains(.openedAnew(after: "i1", resolvedFor: .seconds(1200))))
    }

    @Test(
        "resolved by hand while its alert fires on, it stays resolved until one more begins", arguments: Memory.allCases
    )
    func byHand(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        story.does("ana", .resolve)
        story.pass(minutes: 60)
        #expect(story.status() == .resolved && story.told.count == 1)
        story.fires("Down", "api", "critical", ["pod": "b"])
        story.pass(minutes: 6)
        #expect(story.status() == .triggered)
        #expect(story.told.first == "0:00 sms ana: page i1" && story.told[1].hasSuffix("sms ana: page i1"))
    }

    @Test("resolved by hand and still firing after the repeat time, it is open again", arguments: Memory.allCases)
    func stillFires(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        story.does("ana", .resolve)
        story.pass(minutes: 4 * 60 + 1)
        #expect(story.status() == .triggered)
        #expect(story.deeds().contains(.reopened(.stillFires(after: .seconds(4 * 3600)))))
        #expect(story.told.last == "240:00 sms ana: page i1")
    }

    @Test("nobody answered in any round: after the repeat time it begins anew", arguments: Memory.allCases)
    func exhausted(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        story.pass(minutes: 241)
        #expect(story.told.count == 6 && story.told.last == "240:00 sms ana: page i1")
        #expect(story.decisions().contains(.escalatesAgain(.repeated(after: .seconds(4 * 3600)))))
    }

    @Test("a person opens it again and says why", arguments: Memory.allCases)
    func reopenedByHand(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        story.ends("Down")
        story.pass(minutes: 30)
        story.does("ben", .reopen(reason: "customers still complain"))
        #expect(story.status() == .triggered && story.told.count == 2)
        #expect(story.deeds().contains(.reopened(.asked("customers still complain"))))
        story.does("ben", .reopen(reason: "x"))
        #expect(story.refused == [.incident(.isNotResolved)])
    }

    @Test("a worse alert is not kept waiting for the interval", arguments: Memory.allCases)
    func worse(memory: Memory) {
        var story = Story(memory) {
            $0.routes[0].grouping = .by(["service"])
            $0.people["ana"]?.order[.medium] = [.init(.sms("ana"))]
        }
        story.fires("Slow", "api", "warning")
        #expect(story.incident?.severity == .medium)
        story.does("ana", .acknowledge())
        story.pass(minutes: 1)
        story.fires("Down", "api", "critical")
        #expect(story.incident?.severity == .critical && story.status() == .triggered)
        #expect(story.told == ["0:00 sms ana: page i1", "1:00 sms ana: page i1"])
        #expect(story.sent[1].message.because == "You are on call (primary); it went from medium to critical.")
    }

    @Test("one that is no worse waits for the interval and joins quietly", arguments: Memory.allCases)
    func noWorse(memory: Memory) {
        var story = Story(memory) { $0.routes[0].grouping = .by(["service"]) }
        story.fires("Down")
        story.does("ana", .acknowledge())
        story.pass(minutes: 1)
        story.fires("Slow", "api", "warning")
        #expect(story.incident?.firing.count == 1)
        story.pass(minutes: 5)
        #expect(story.incident?.firing.count == 2 && story.status() == .acknowledged)
        #expect(story.told.count == 1)
    }

    @Test("what somebody makes worse by hand pages again; made better it does not", arguments: Memory.allCases)
    func byHandWorse(memory: Memory) {
        var story = Story(memory)
        story.fires("Slow", "api", "high")
        story.does("ana", .acknowledge())
        story.does("ana", .change(severity: .medium))
        #expect(story.told.count == 1 && story.status() == .acknowledged)
        story.pass(minutes: 1)
        story.does("ana", .change(severity: .critical))
        #expect(story.told.count == 2 && story.status() == .triggered)
        #expect(story.decisions().contains(.escalatesAgain(.gotWorse(from: .medium, to: .critical))))
    }

    @Test("assigned to somebody else, they are told by whom, and only they", arguments: Memory.allCases)
    func assigned(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        story.does("ana", .acknowledge())
        story.does("ana", .assign(to: "dan"))
        #expect(story.told == ["0:00 sms ana: page i1", "0:00 sms dan: page i1"])
        #expect(story.sent[1].message.because == "ana assigned it to you.")
        #expect(story.incident?.assignee == "dan")
        story.does("ana", .assign(to: "nobody"))
        #expect(story.refused == [.unknownPerson("nobody")])
    }

    @Test("who takes it themselves is not paged for it")
    func assignedToOneself() {
        var story = Story()
        story.fires("Down")
        story.does("chi", .assign(to: "chi"))
        #expect(story.told.count == 1 && story.incident?.assignee == "chi")
    }

    @Test("notes, links and roles are in the timeline", arguments: Memory.allCases)
    func written(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        story.does("ana", .giveRole("commander", to: "ben"))
        story.does("ana", .note("the database is full"))
        story.does("ana", .link(url: "https://status.example", title: "status page"))
        #expect(story.incident?.roles == ["commander": "ben"])
        #expect(story.incident?.links.map(\.url) == ["https://status.example"])
        #expect(
            story.deeds().suffix(3) == [
                .tookRole("commander", person: "ben"), .noted("the database is full"),
                .linked("https://status.example", title: "status page"),
            ])
    }

    @Test(
        "two that are one: the one that stays has both alerts, and commands to the other reach it",
        arguments: Memory.allCases)
    func merged(memory: Memory) {
        var story = Story(memory)
        story.fires("Down", "api")
        story.fires("Down", "web")
        story.does("ana", .merge(into: "i1"), to: "i2")
        #expect(story.status("i2") == .merged(into: "i1") && story.incident?.firing.count == 2)
        story.does("ana", .acknowledge(), to: "i2")
        #expect(story.status() == .acknowledged)
        story.pass(minutes: 60)
        #expect(story.told.count == 2)
        story.ends("Down", "api")
        #expect(story.status() == .acknowledged)
        story.ends("Down", "web")
        #expect(story.status() == .resolved)
    }

    @Test("what fires in the group of a merged incident goes to the one that stayed", arguments: Memory.allCases)
    func mergedGroup(memory: Memory) {
        var story = Story(memory)
        story.fires("Down", "api")
        story.fires("Down", "web")
        story.does("ana", .merge(into: "i1"), to: "i2")
        story.fires("Down", "web", "critical", ["pod": "b"])
        story.pass(minutes: 5)
        #expect(story.incident?.firing.count == 3 && story.responder.incidents.count == 2)
    }

    @Test("an incident is merged into an open one only, and not into itself")
    func mergeRefused() {
        var story = Story()
        story.fires("Down", "api")
        story.fires("Down", "web")
        story.does("ana", .merge(into: "i2"), to: "i2")
        story.does("ana", .merge(into: "i9"), to: "i2")
        story.does("ana", .resolve, to: "i1")
        story.does("ana", .merge(into: "i1"), to: "i2")
        #expect(
            story.refused == [.incident(.intoItself), .unknownIncident("i9"), .incident(.isResolved)])
    }

    @Test("a person opens an incident that no alert told of", arguments: Memory.allCases)
    func byAPerson(memory: Memory) {
        var story = Story(memory)
        story.happen(
            .open(title: "customers cannot pay", severity: .critical, service: "api", policy: "levels", by: "chi"))
        story.pass(minutes: 6)
        #expect(story.told == ["0:00 sms ana: page i1", "5:00 sms ben: page i1"])
        story.fires("Down")
        #expect(story.responder.incidents.count == 1 && story.incident?.firing.count == 1)
        story.does("chi", .resolve)
        #expect(story.status() == .resolved)
    }

    @Test("what is asked of an incident that is not there is refused")
    func unknown() {
        var story = Story()
        story.does("ana", .acknowledge(), to: "i7")
        #expect(story.refused == [.unknownIncident("i7")])
    }

    @Test(
        "an incident is history after its day: it leaves the memory and the next is another", arguments: Memory.allCases
    )
    func archived(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        story.ends("Down")
        story.pass(minutes: 24 * 60 + 1)
        #expect(story.responder.incidents.isEmpty && story.responder.pages.isEmpty)
        #expect(story.store.keys.allSatisfy { $0.incident == nil })
        story.fires("Down")
        #expect(story.status("i2") == .triggered)
    }

    @Test("a policy without steps and a name that nobody has tell nobody, and say so", arguments: Memory.allCases)
    func nobody(memory: Memory) {
        var story = Story(memory) { $0.routes[0].policy = "somebody" }
        story.fires("Down")
        #expect(story.told.isEmpty)
        #expect(story.decisions() == [.reachedNobody(party: "somebody", why: .unknownParty), .exhausted])
    }

    @Test("a route without a policy knows its alerts and tells nobody", arguments: Memory.allCases)
    func nowhere(memory: Memory) throws {
        var story = try Story(memory) {
            $0.routes.insert(
                Route(name: "watchdog", matchers: [try Matcher("alertname", .equals, "Watchdog")], policy: nil), at: 0)
        }
        story.fires("Watchdog")
        #expect(story.responder.incidents.isEmpty && story.standing("Watchdog")?.isFiring == true)
    }

    @Test("a route that goes on lets the next one have the alert too", arguments: Memory.allCases)
    func continues(memory: Memory) throws {
        var story = try Story(memory) {
            $0.routes.insert(
                Route(
                    name: "payments", matchers: [try Matcher("team", .equals, "payments")], policy: "developers",
                    joinsService: false, continues: true), at: 0)
            $0.routes[1].joinsService = false
        }
        story.fires("Down", "api", "critical", ["team": "payments"])
        #expect(
            story.told == ["0:00 sms ana: page i1", "0:00 sms chi: page i2", "0:00 sms dan: page i2"])
    }

    @Test("with a wait, alerts that come within it are one incident and one page", arguments: Memory.allCases)
    func waits(memory: Memory) {
        var story = Story(memory) {
            $0.routes[0] = Route(name: "default", grouping: .by([]), timing: .init(), policy: "levels")
        }
        story.fires("Down", "api")
        story.pass(seconds: 20)
        story.fires("Down", "web")
        story.pass(seconds: 20)
        #expect(story.told == ["0:30 sms ana: page i1"] && story.incident?.firing.count == 2)
    }

    @Test("what is over before its wait tells nobody", arguments: Memory.allCases)
    func brief(memory: Memory) {
        var story = Story(memory) { $0.routes[0].timing = .init() }
        story.fires("Down")
        story.pass(seconds: 20)
        story.ends("Down")
        story.pass(minutes: 10)
        #expect(story.responder.incidents.isEmpty && story.told.isEmpty)
    }
}
