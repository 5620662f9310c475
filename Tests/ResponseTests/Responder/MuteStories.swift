import Response
import Spec
import Testing

@Suite("Stories of silences, maintenance, inhibition and flapping")
struct MuteStories {
    private func silence(
        _ id: String = "s1", _ label: String, _ value: String, from: Int = 0, to: Int, now: Moment = Story.start
    ) throws -> Silence {
        try Silence(
            id: id, matchers: [Matcher(label, .equals, value)], start: now + .seconds(from), end: now + .seconds(to),
            owner: "ana", reason: "planned work", now: now)
    }

    @Test("what is silenced tells nobody, and says by what", arguments: Memory.allCases)
    func silenced(memory: Memory) throws {
        var story = Story(memory)
        story.happen(.silence(try silence("s1", "service", "api", to: 3600)))
        story.fires("Down", "api")
        story.fires("Down", "web")
        #expect(story.told == ["0:00 sms ana: page i1"])
        #expect(story.incident?.service == "web")
        #expect(story.standing("Down", "api")?.mutes == [.silenced(by: "s1")])
        #expect(story.standing("Down", "web")?.mutes == [])
    }

    @Test("what still fires when its silence ends is told at the next look", arguments: Memory.allCases)
    func silenceEnds(memory: Memory) throws {
        var story = Story(memory)
        story.happen(.silence(try silence("s1", "service", "api", to: 3590)))
        story.fires("Down")
        story.pass(minutes: 61)
        #expect(story.told == ["60:00 sms ana: page i1"])
    }

    @Test("a silence ended early ends early, and cannot be ended twice", arguments: Memory.allCases)
    func silenceExpired(memory: Memory) throws {
        var story = Story(memory)
        story.happen(.silence(try silence("s1", "service", "api", to: 36_000)))
        story.fires("Down")
        story.pass(minutes: 7)
        story.happen(.expireSilence(id: "s1", by: "ana"))
        story.happen(.expireSilence(id: "s1", by: "ana"))
        story.pass(minutes: 4)
        #expect(story.told == ["10:00 sms ana: page i1"])
        #expect(story.refused == [.unknownSilence("s1")])
        #expect(story.responder.mutes.silences["s1"]?.state(at: story.now) == .expired)
    }

    @Test(
        "silencing what was told stops the clock of its escalation until the silence ends", arguments: Memory.allCases)
    func silencedLater(memory: Memory) throws {
        var story = Story(memory)
        story.fires("Down")
        story.pass(minutes: 2)
        story.happen(.silence(try silence("s1", "service", "api", to: 1800, now: story.now)))
        story.pass(minutes: 29)
        #expect(story.told.count == 1)
        #expect(story.decisions().contains(.held(.muted(.silenced(by: "s1")))))
        story.pass(minutes: 3)
        #expect(story.told.count == 2 && story.told[1].hasSuffix("sms ben: page i1"))
    }

    @Test("one alert that is not silenced keeps the escalation going", arguments: Memory.allCases)
    func partly(memory: Memory) throws {
        var story = Story(memory)
        story.fires("Down")
        story.fires("Slow")
        story.happen(.silence(try silence("s1", "alertname", "Down", to: 1800)))
        story.pass(minutes: 6)
        #expect(story.told.count == 2)
    }

    @Test("what ends while it is silenced resolves its incident all the same", arguments: Memory.allCases)
    func endsSilenced(memory: Memory) throws {
        var story = Story(memory)
        story.fires("Down")
        story.happen(.silence(try silence("s1", "service", "api", to: 36_000)))
        story.ends("Down")
        story.pass(minutes: 1)
        #expect(story.status() == .resolved)
    }

    @Test("a silence that begins later silences later", arguments: Memory.allCases)
    func pending(memory: Memory) throws {
        var story = Story(memory)
        story.happen(.silence(try silence("s1", "service", "api", from: 600, to: 3600)))
        story.fires("Down")
        #expect(story.told.count == 1)
        story.pass(minutes: 11)
        story.fires("Down", "api", "critical", ["pod": "b"])
        #expect(story.told.count == 2)
        #expect(story.standing("Down")?.mutes == [.silenced(by: "s1")])
    }

    @Test("a silence is shown for five days after its end", arguments: Memory.allCases)
    func forgotten(memory: Memory) throws {
        var story = Story(memory)
        story.happen(.silence(try silence("s1", "service", "api", to: 60)))
        story.pass(.seconds(5 * 86_400))
        #expect(story.responder.mutes.silences.count == 1)
        story.pass(.seconds(120))
        #expect(story.responder.mutes.silences.isEmpty)
    }

    @Test("a maintenance window that recurs mutes each time, and only then", arguments: Memory.allCases)
    func weekly(memory: Memory) throws {
        var story = Story(memory) { $0.routes[0].joinsService = false }
        // The story begins on a Monday at 14:13:20.
        let window = try MaintenanceWindow(
            id: "m1", title: "backups", matchers: [Matcher("service", .equals, "db")],
            recurrence: .weekly([.init(weekdays: [1], from: 14 * 3600 + 40 * 60, to: 15 * 3600 + 40 * 60)]),
            owner: "ana", zones: [:],
            now: story.now)
        story.happen(.maintenance(window))
        for week in 0..<2 {
            story.pass(minutes: 30)
            story.fires("Slow\(week)", "db")
            story.pass(minutes: 55)
            #expect(story.told.count == week * 2 && story.standing("Slow\(week)", "db")?.mutes.count == 1)
            story.pass(minutes: 5)
            #expect(story.told.count == week * 2 + 1)
            story.ends("Slow\(week)", "db")
            story.fires("Down\(week)", "db")
            #expect(story.told.count == week * 2 + 2)
            story.ends("Down\(week)", "db")
            story.pass(.seconds(7 * 86_400 - 90 * 60))
        }
    }

    @Test("monthly windows are found by their weekday, over the end of a month too")
    func monthly() throws {
        let now = Moment(seconds: 1_767_225_600)  // 2026-01-01
        func window(_ week: Int, _ weekday: Int, _ from: Int, _ length: Int) throws -> MaintenanceWindow {
            try MaintenanceWindow(
                id: "m", title: "x", matchers: [Matcher("a", .equals, "b")],
                recurrence: .monthly(week: week, weekday: weekday, from: from, length: length), owner: "ana",
                zones: [:], now: now)
        }
        // The second Tuesday of March 2026 is the 10th.
        let patch = try window(2, 2, 20 * 3600, 6 * 3600)
        let day = Moment(seconds: try #require(CivilDay(2026, 3, 10)).number * 86_400)
        #expect(patch.end(at: day + .seconds(20 * 3600 - 1), zones: [:]) == nil)
        #expect(patch.end(at: day + .seconds(20 * 3600), zones: [:]) == day + .seconds(26 * 3600))
        #expect(patch.end(at: day + .seconds(26 * 3600), zones: [:]) == nil)
        #expect(patch.end(at: day + .seconds((7 * 24 + 21) * 3600), zones: [:]) == nil)
        // The last Saturday of January 2026 is the 31st, and a window of a day reaches into February.
        let last = try window(5, 6, 12 * 3600, 86_400)
        let saturday = Moment(seconds: try #require(CivilDay(2026, 1, 31)).number * 86_400)
        #expect(last.end(at: saturday + .seconds(30 * 3600), zones: [:]) == saturday + .seconds(36 * 3600))
        // The last Saturday of February 2026 is the 28th: the fourth.
        let february = Moment(seconds: try #require(CivilDay(2026, 2, 28)).number * 86_400)
        #expect(last.end(at: february + .seconds(13 * 3600), zones: [:]) != nil)
    }

    @Test("a window in a zone keeps its hours when the clocks change")
    func windowZone() throws {
        let paris = try zone("Europe/Paris")
        let window = try MaintenanceWindow(
            id: "m", title: "x", matchers: [Matcher("a", .equals, "b")],
            recurrence: .weekly([.init(weekdays: [7], from: 1 * 3600, to: 5 * 3600)]), zone: "Europe/Paris",
            owner: "ana", zones: ["Europe/Paris": paris], now: Story.start)
        let zones = ["Europe/Paris": paris]
        // 2026-10-25: the clock shows 02:00 to 03:00 twice, so the window lasts five hours.
        let start = paris.moment(try wall("2026-10-25 01:00"))
        #expect(window.end(at: start, zones: zones) == start + .seconds(5 * 3600))
        #expect(window.end(at: start + .seconds(-1), zones: zones) == nil)
    }

    @Test("windows that nobody owns, that match everything, that never end or never are, are refused")
    func windowRefusals() throws {
        func make(
            _ matchers: [Matcher], _ recurrence: MaintenanceWindow.Recurrence, owner: String = "ana",
            zone: String = "UTC"
        ) throws(MaintenanceWindow.Refusal) {
            _ = try MaintenanceWindow(
                id: "m", title: "x", matchers: matchers, recurrence: recurrence, zone: zone, owner: owner, zones: [:],
                now: Story.start)
        }
        let api = [try Matcher("service", .equals, "api")]
        let hour = MaintenanceWindow.Recurrence.once(start: Story.start, end: Story.start + .seconds(3600))
        let always = MaintenanceWindow.Recurrence.weekly([.init(weekdays: [1, 2, 3, 4, 5, 6, 7], from: 0, to: 86_400)])
        #expect(throws: MaintenanceWindow.Refusal.noMatcher) { try make([], hour) }
        #expect(throws: MaintenanceWindow.Refusal.matchesEverything) {
            try make([Matcher("service", .matches, ".*")], hour)
        }
        #expect(throws: MaintenanceWindow.Refusal.noOwner) { try make(api, hour, owner: " ") }
        #expect(throws: MaintenanceWindow.Refusal.unknownZone("Mars/Olympus")) {
            try make(api, hour, zone: "Mars/Olympus")
        }
        #expect(throws: MaintenanceWindow.Refusal.alwaysOn) { try make(api, always) }
        #expect(throws: MaintenanceWindow.Refusal.endsInThePast) {
            try make(api, .once(start: Story.start + .seconds(-60), end: Story.start))
        }
        #expect(throws: MaintenanceWindow.Refusal.endsBeforeItStarts) { try make(api, .weekly([])) }
    }

    @Test("a window that is ended mutes no more", arguments: Memory.allCases)
    func windowEnded(memory: Memory) throws {
        var story = Story(memory)
        story.happen(
            .maintenance(
                try MaintenanceWindow(
                    id: "m1", title: "move", matchers: [Matcher("service", .equals, "api")],
                    recurrence: .once(start: story.now, end: story.now + .seconds(7200)), owner: "ana", zones: [:],
                    now: story.now)))
        story.fires("Down")
        story.pass(minutes: 2)
        story.happen(.endMaintenance(id: "m1", by: "ana"))
        story.happen(.endMaintenance(id: "m2", by: "ana"))
        story.pass(minutes: 4)
        #expect(story.told == ["5:00 sms ana: page i1"])
        #expect(story.refused == [.unknownMaintenance("m2")])
    }

    // MARK: Inhibition

    private func hostDown() throws -> Inhibition {
        Inhibition(
            name: "host-down", sources: [try Matcher("alertname", .equals, "HostDown")],
            targets: [try Matcher("severity", .matches, "critical|high")], equal: ["host"])
    }

    @Test("an alert that another explains tells nobody while that one fires", arguments: Memory.allCases)
    func inhibited(memory: Memory) throws {
        var story = try Story(memory) { $0.inhibitions = [try hostDown()] }
        story.fires("HostDown", nil, "critical", ["host": "a"])
        story.fires("Down", "api", "critical", ["host": "a"])
        story.fires("Down", "web", "critical", ["host": "b"])
        #expect(story.told == ["0:00 sms ana: page i1", "0:00 sms ana: page i2"])
        #expect(story.incident("i2")?.service == "web")
        story.ends("HostDown", nil, "critical", ["host": "a"])
        story.pass(minutes: 5)
        #expect(story.incident("i3")?.service == "api")
    }

    @Test("an incident that another explains is not escalated meanwhile", arguments: Memory.allCases)
    func inhibitedLater(memory: Memory) throws {
        var story = try Story(memory) { $0.inhibitions = [try hostDown()] }
        story.fires("Down", "api", "critical", ["host": "a"])
        story.pass(minutes: 1)
        story.fires("HostDown", nil, "critical", ["host": "a"])
        story.does("ana", .acknowledge(), to: "i2")
        story.pass(minutes: 30)
        #expect(story.told == ["0:00 sms ana: page i1", "1:00 sms ana: page i2"])
    }

    @Test("what the index of inhibitions finds is what the rule means", arguments: [1, 2, 3, 4])
    func index(seed: UInt64) throws {
        var state = seed
        func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        let rule = Inhibition(
            name: "r", sources: [try Matcher("kind", .matches, "a|b")], targets: [try Matcher("kind", .matches, "b|c")],
            equal: ["host"])
        var story = Story { $0.inhibitions = [rule] }
        var firing: [LabelSet] = []
        for _ in 0..<60 {
            let labels = ["kind": ["a", "b", "c"][next(3)], "host": "h\(next(3))", "n": "\(next(4))"]
            let set = LabelSet(labels.merging(["alertname": "X", "severity": "low"]) { $1 })
            if next(3) == 0 {
                firing.removeAll { $0 == set }
                story.ends("X", nil, "low", labels)
            } else {
                if !firing.contains(set) { firing.append(set) }
                story.fires("X", nil, "low", labels)
            }
            for alert in firing {
                let isInhibited = rule.source(inhibiting: alert, among: firing) != nil
                #expect((story.responder.standing(of: alert.fingerprint)?.mutes.isEmpty == false) == isInhibited)
            }
        }
    }

    // MARK: Flapping

    @Test("an alert that begins and ends again and again is one incident until it is calm", arguments: Memory.allCases)
    func flaps(memory: Memory) {
        var story = Story(memory)
        for _ in 0..<10 {
            story.fires("Down")
            story.pass(minutes: 1)
            story.ends("Down")
            story.pass(minutes: 1)
        }
        #expect(story.responder.incidents.count == 1)
        #expect(story.decisions().filter { if case .flapping = $0 { true } else { false } }.count == 1)
        // Three times it was believed; after that it goes on.
        let pages = story.told.filter { $0.contains("sms ana") }.count
        #expect(pages == 4)
        #expect(story.status() == .triggered && story.standing("Down")?.isFlapping == true)
        story.pass(minutes: 12)
        #expect(story.status() == .resolved)
    }

    @Test("rare ends and beginnings are no flapping", arguments: Memory.allCases)
    func rare(memory: Memory) {
        var story = Story(memory)
        for _ in 0..<6 {
            story.fires("Down")
            story.pass(minutes: 1)
            story.ends("Down")
            #expect(story.status() == .resolved)
            story.pass(minutes: 16)
        }
    }
}
