import Response
import Spec
import Testing

@Suite("Stories of schedules, signs of life and rules")
struct ScheduleStories {
    /// The week that begins with the Monday of the story, at nine: ana, ben, chi take turns.
    private static let monday = Moment(seconds: 1_789_981_200)

    private static func rotation(_ rules: inout Rulebook) {
        rules.schedules["primary"] = OnCallSchedule(
            name: "primary",
            layers: [
                RotationLayer(
                    name: "rotation", people: ["ana", "ben", "chi"], turn: 7 * 86_400,
                    anchor: CivilTime(secondsSince1970: monday.seconds), zone: .utc)
            ])
        rules.policies["levels"] = EscalationPolicy(steps: [.init(after: .zero, deed: .tell("primary"))])
    }

    private func week(_ number: Int) -> Moment { Self.monday + .seconds(number * 7 * 86_400) }

    @Test("each week another person is paged", arguments: Memory.allCases)
    func turns(memory: Memory) {
        var story = Story(memory, Self.rotation)
        for index in 0..<4 {
            story.fires("Down", "s\(index)")
            story.ends("Down", "s\(index)")
            story.pass(.seconds(7 * 86_400))
        }
        #expect(story.sent.map(\.contact.address) == ["ana", "ben", "chi", "ana"])
    }

    @Test("an override takes a page to another, who is told in whose place", arguments: Memory.allCases)
    func override(memory: Memory) {
        var story = Story(memory, Self.rotation)
        story.happen(
            .arrange(
                schedule: "primary",
                .override(.init(id: "o1", start: week(0), end: week(0) + .seconds(86_400), person: "dan")), by: "ana"))
        story.fires("Down")
        #expect(story.told == ["0:00 sms dan: page i1"])
        #expect(
            story.sent[0].message.because == "You are on call (primary) in the place of ana; it has just begun.")
        story.happen(.arrange(schedule: "primary", .cancelOverride(id: "o1"), by: "ana"))
        story.happen(.arrange(schedule: "primary", .cancelOverride(id: "o1"), by: "ana"))
        story.fires("Down", "web")
        #expect(story.told.last == "0:00 sms ana: page i2")
        #expect(story.refused == [.unknownArrangement("o1")])
    }

    @Test("who is away is stood in for", arguments: Memory.allCases)
    func absence(memory: Memory) {
        var story = Story(memory, Self.rotation)
        story.happen(
            .arrange(
                schedule: "primary", .absence(id: "a1", .init(person: "ana", start: week(0), end: week(1))), by: "ana"))
        story.fires("Down")
        #expect(story.told == ["0:00 sms ben: page i1"])
        #expect(story.sent[0].message.because == "You stand in for ana (primary); it has just begun.")
        story.happen(.arrange(schedule: "primary", .cancelAbsence(id: "a1"), by: "ana"))
        #expect(story.responder.directory.schedules["primary"]?.shift(at: story.now).person == "ana")
    }

    @Test("a swap is true once the other agrees: each has the other's week", arguments: Memory.allCases)
    func swap(memory: Memory) {
        var story = Story(memory, Self.rotation)
        let swap = ShiftSwap(
            id: "w1", schedule: "primary", offered: .init(person: "ana", start: week(0), end: week(1)),
            asked: .init(person: "ben", start: week(1), end: week(2)))
        story.happen(.arrange(schedule: "primary", .propose(swap), by: "ana"))
        #expect(story.responder.directory.schedules["primary"]?.shift(at: story.now).person == "ana")
        story.happen(.arrange(schedule: "primary", .answer(swap: "w1", accepts: true, by: "chi"), by: "chi"))
        #expect(story.refused == [.swap(.onlyTheOtherAnswers("ben"))])
        story.happen(.arrange(schedule: "primary", .answer(swap: "w1", accepts: true, by: "ben"), by: "ben"))
        let people = story.responder.directory.schedules["primary"]?.shifts(from: week(0), to: week(3)).map(\.person)
        #expect(people == ["ben", "ana", "chi"])
        story.happen(.arrange(schedule: "primary", .answer(swap: "w1", accepts: false, by: "ben"), by: "ben"))
        #expect(story.refused.last == .swap(.isAnswered))
    }

    @Test("a swap of turns that are not theirs, of the past, or with oneself is refused", arguments: Memory.allCases)
    func swapRefused(memory: Memory) {
        var story = Story(memory, Self.rotation)
        func propose(_ one: ShiftSwap.Turn, _ other: ShiftSwap.Turn) {
            story.happen(
                .arrange(
                    schedule: "primary",
                    .propose(ShiftSwap(id: "w", schedule: "primary", offered: one, asked: other)), by: "ana"))
        }
        let mine = ShiftSwap.Turn(person: "ana", start: week(0), end: week(1))
        propose(mine, .init(person: "chi", start: week(1), end: week(2)))
        propose(mine, .init(person: "ana", start: week(3), end: week(4)))
        propose(
            .init(person: "ana", start: week(-3), end: week(-2)), .init(person: "ben", start: week(1), end: week(2)))
        propose(mine, .init(person: "ben", start: week(2), end: week(1)))
        #expect(
            story.refused == [
                .swap(.notTheirTurn(person: "chi", at: week(1))), .swap(.withOneself), .swap(.inThePast),
                .swap(.endsBeforeItStarts),
            ])
        #expect(story.responder.swaps.isEmpty)
    }

    @Test("who offered a swap may take it back, and declined it changes nothing", arguments: Memory.allCases)
    func declined(memory: Memory) {
        var story = Story(memory, Self.rotation)
        let swap = ShiftSwap(
            id: "w1", schedule: "primary", offered: .init(person: "ana", start: week(0), end: week(1)),
            asked: .init(person: "ben", start: week(1), end: week(2)))
        story.happen(.arrange(schedule: "primary", .propose(swap), by: "ana"))
        story.happen(.arrange(schedule: "primary", .answer(swap: "w1", accepts: false, by: "ana"), by: "ana"))
        #expect(story.responder.swaps["w1"]?.state == .declined)
        #expect(story.responder.overrides["primary"]?.isEmpty ?? true)
    }

    @Test("arrangements about a schedule that is not there, or that are over, are refused")
    func badArrangements() {
        var story = Story(.kept, Self.rotation)
        let past = OnCallSchedule.Override(id: "o", start: week(-2), end: week(-1), person: "dan")
        story.happen(.arrange(schedule: "primary", .override(past), by: "ana"))
        story.happen(.arrange(schedule: "night", .override(past), by: "ana"))
        #expect(story.refused == [.timeInThePast, .unknownSchedule("night")])
    }

    // MARK: Signs of life

    private static func heart(_ rules: inout Rulebook) {
        rules.heartbeats = [.init(name: "backup", every: .seconds(3600), grace: .seconds(60), level: .critical)]
    }

    @Test("a sign of life that does not come is an alert, and its return the end of it", arguments: Memory.allCases)
    func heartbeat(memory: Memory) {
        var story = Story(memory, Self.heart)
        story.happen(.beat("backup"))
        for _ in 0..<3 {
            story.pass(minutes: 60)
            story.happen(.beat("backup"))
        }
        #expect(story.told.isEmpty)
        story.pass(minutes: 62)
        #expect(story.told == ["241:00 sms ana: page i1"])
        #expect(story.incident?.title == "no sign of life from backup for 61 min")
        story.pass(minutes: 3)
        story.happen(.beat("backup"))
        #expect(story.status() == .resolved)
    }

    @Test(
        "a sign of life is expected only after the first, and only where one was promised", arguments: Memory.allCases)
    func noHeartbeat(memory: Memory) {
        var story = Story(memory, Self.heart)
        story.pass(minutes: 300)
        story.happen(.beat("restore"))
        #expect(story.told.isEmpty && story.refused == [.unknownHeartbeat("restore")])
    }

    @Test("after a stop everybody has a fresh interval to give a sign of life")
    func heartbeatAfterStop() {
        var story = Story(.kept, Self.heart)
        story.happen(.beat("backup"))
        story.crash(for: .seconds(3 * 3600))
        #expect(story.told.isEmpty)
        story.pass(minutes: 62)
        #expect(story.told.count == 1)
    }

    // MARK: Rules

    @Test("other rules take effect at once and page nobody again for what was told", arguments: Memory.allCases)
    func newRules(memory: Memory) {
        var story = Story(memory)
        story.fires("Down")
        var rules = story.responder.rules
        rules.schedules["secondary"] = .always("dan", named: "secondary")
        _ = story.responder.use(rules, now: story.now)
        story.pass(minutes: 6)
        #expect(story.told == ["0:00 sms ana: page i1", "5:00 sms dan: page i1"])
    }

    @Test("rules that leave alerts with nobody are found")
    func findings() throws {
        var rules = Rulebook.example
        rules.schedules["secondary"] = OnCallSchedule(name: "secondary", layers: [])
        rules.people["ana"]?.contacts = []
        rules.teams["ghosts"] = .init(people: [])
        rules.policies["levels"]?.steps.append(.init(after: .seconds(9000), deed: .tell("nobody")))
        rules.policies["levels"]?.steps.append(.init(after: .seconds(9000), deed: .perform("dance")))
        rules.routes[0].matchers = [try Matcher("team", .equals, "x")]
        let end = Story.start + .seconds(86_400)
        #expect(
            rules.findings(from: Story.start, to: end) == [
                .gap(schedule: "secondary", Shift(start: Story.start, end: end, person: nil, why: .nobody)),
                .unknownParty("nobody", policy: "levels"), .unknownAction("dance", policy: "levels"),
                .emptyTeam("ghosts"), .noContact(person: "ana"), .unroutedAlerts,
            ])
        #expect(Rulebook.example.findings(from: Story.start, to: end).isEmpty)
    }

    @Test("lateness is how long something has been due")
    func lateness() {
        var story = Story()
        #expect(story.responder.lateness(now: story.now) == .zero)
        story.fires("Down")
        #expect(story.responder.lateness(now: story.now + .seconds(299)) == .zero)
        #expect(story.responder.lateness(now: story.now + .seconds(307)) == .seconds(7))
    }

    @Test("a clock that goes back does not undo what happened")
    func backwards() {
        var story = Story()
        story.fires("Down")
        story.pass(minutes: 6)
        let actions = story.responder.event(.incident("i1", .acknowledge(), by: "ana"), now: Story.start)
        #expect(!actions.isEmpty)
        #expect(story.responder.incidents["i1"]?.firstAcknowledged == Story.start + .seconds(300))
    }
}
