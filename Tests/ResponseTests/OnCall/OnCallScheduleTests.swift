import Response
import Testing

@Suite("On-call schedules")
struct OnCallScheduleTests {
    private let people = ["ana", "ben", "chi"]

    private func weekly(_ zone: ZoneRules, at hour: Int = 9) -> RotationLayer {
        RotationLayer(
            name: "primary", people: people, turn: 7 * 86_400,
            anchor: CivilTime(RotationLayer.firstMonday, seconds: hour * 3600), zone: zone)
    }

    private func lines(_ shifts: [Shift], _ zone: ZoneRules) -> [String] {
        shifts.map { shift in
            let start = zone.civil(shift.start)
            let end = zone.civil(shift.end)
            func clock(_ time: CivilTime) -> String {
                func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
                return "\(time.day) \(two(time.hour)):\(two(time.minute))"
            }
            return "\(clock(start)) → \(clock(end)) \(shift.person ?? "-")"
        }
    }

    @Test(
        "turns change at the same time of the wall's clock on both sides of a change of the offset",
        arguments: [
            ("Europe/Paris", "2026-03-23", "2026-04-06", 167 * 3600, 168 * 3600),
            ("Europe/Paris", "2026-10-19", "2026-11-02", 169 * 3600, 168 * 3600),
            ("America/New_York", "2026-03-02", "2026-03-16", 167 * 3600, 168 * 3600),
            ("America/New_York", "2026-10-26", "2026-11-09", 169 * 3600, 168 * 3600),
            ("Australia/Lord_Howe", "2026-03-30", "2026-04-13", 168 * 3600 + 1800, 168 * 3600),
            ("Australia/Lord_Howe", "2026-09-28", "2026-10-12", 168 * 3600 - 1800, 168 * 3600),
            ("Africa/Casablanca", "2026-02-09", "2026-02-23", 169 * 3600, 168 * 3600),
            ("Africa/Casablanca", "2026-03-16", "2026-03-30", 167 * 3600, 168 * 3600),
        ])
    func handoffs(name: String, first: String, last: String, changed: Int, ordinary: Int) throws {
        let zone = try zone(name)
        let schedule = OnCallSchedule(name: "primary", layers: [weekly(zone)])
        let shifts = schedule.shifts(
            from: zone.moment(try wall(first + " 09:00")), to: zone.moment(try wall(last + " 09:00")))
        #expect(shifts.count == 2)
        #expect(shifts.allSatisfy { zone.civil($0.start).hour == 9 && zone.civil($0.start).day.weekday == 1 })
        #expect(shifts.map { $0.end - $0.start } == [.seconds(changed), .seconds(ordinary)])
        #expect(shifts[0].person != shifts[1].person)
    }

    @Test(
        "a handoff in the hour that the clock jumps over is not lost, one in the hour that it shows twice happens once")
    func handoffInTheJump() throws {
        let paris = try zone("Europe/Paris")
        let daily = RotationLayer(
            name: "night", people: people, turn: 86_400,
            anchor: CivilTime(RotationLayer.firstMonday, seconds: 2 * 3600 + 1800), zone: paris)
        let schedule = OnCallSchedule(name: "night", layers: [daily])
        let spring = schedule.shifts(
            from: paris.moment(try wall("2026-03-28 02:30")), to: paris.moment(try wall("2026-03-31 02:30")))
        #expect(
            lines(spring, paris) == [
                "2026-03-28 02:30 → 2026-03-29 03:30 ben", "2026-03-29 03:30 → 2026-03-30 02:30 chi",
                "2026-03-30 02:30 → 2026-03-31 02:30 ana",
            ])
        let autumn = schedule.shifts(
            from: paris.moment(try wall("2026-10-24 02:30")), to: paris.moment(try wall("2026-10-27 02:30")))
        #expect(autumn.map { $0.end - $0.start } == [.seconds(86_400), .seconds(90_000), .seconds(86_400)])
        #expect(autumn.map(\.person) == ["ben", "chi", "ana"].map(Optional.some))
    }

    @Test("shifts have no holes and no overlaps, over ten years in zones that change their offset")
    func continuous() throws {
        for name in ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata"] {
            let zone = try zone(name)
            let schedule = OnCallSchedule(
                name: "x",
                layers: [
                    weekly(zone),
                    RotationLayer(
                        name: "shifts", people: ["dan", "eve"], turn: 12 * 3600,
                        anchor: CivilTime(RotationLayer.firstMonday, seconds: 8 * 3600), zone: zone,
                        hours: [.init(weekdays: [6, 7], from: 0, to: 86_400)]),
                ])
            let start = Moment(seconds: 1_767_225_600)
            let end = start + .seconds(10 * 365 * 86_400)
            let shifts = schedule.shifts(from: start, to: end)
            #expect(shifts.first?.start == start && shifts.last?.end == end)
            #expect(zip(shifts, shifts.dropFirst()).allSatisfy { $0.end == $1.start })
            #expect(shifts.allSatisfy { $0.start < $0.end && $0.person != nil })
            for shift in shifts.prefix(400) {
                #expect(schedule.shift(at: shift.start).person == shift.person)
                #expect(schedule.shift(at: shift.end - .milliseconds(1)).person == shift.person)
            }
        }
    }

    @Test("a later layer with hours wins within them, over midnight too")
    func layers() throws {
        let paris = try zone("Europe/Paris")
        let nights = RotationLayer(
            name: "nights", people: ["noa"], turn: 86_400, anchor: CivilTime(RotationLayer.firstMonday), zone: paris,
            hours: [.init(weekdays: [1, 2, 3, 4, 5], from: 22 * 3600, to: 6 * 3600)])
        let schedule = OnCallSchedule(name: "primary", layers: [weekly(paris), nights])
        // 2026-11-20 is a Friday: its night ends on Saturday, and Saturday has none.
        let shifts = schedule.shifts(
            from: paris.moment(try wall("2026-11-20 12:00")), to: paris.moment(try wall("2026-11-22 12:00")))
        #expect(
            lines(shifts, paris) == [
                "2026-11-20 12:00 → 2026-11-20 22:00 ana", "2026-11-20 22:00 → 2026-11-21 06:00 noa",
                "2026-11-21 06:00 → 2026-11-22 12:00 ana",
            ])
    }

    @Test("an override wins over every layer, and only where the person that it replaces would be on call")
    func overrides() throws {
        let paris = try zone("Europe/Paris")
        var schedule = OnCallSchedule(name: "primary", layers: [weekly(paris)])
        let monday = paris.moment(try wall("2026-11-16 09:00"))
        schedule.overrides = [
            .init(id: "o1", start: monday + .seconds(86_400), end: monday + .seconds(2 * 86_400), person: "zoe"),
            .init(id: "o2", start: monday, end: monday + .seconds(14 * 86_400), person: "ana", replaces: "ben"),
        ]
        let shifts = schedule.shifts(from: monday, to: monday + .seconds(14 * 86_400))
        #expect(
            lines(shifts, paris) == [
                "2026-11-16 09:00 → 2026-11-17 09:00 ana", "2026-11-17 09:00 → 2026-11-18 09:00 zoe",
                "2026-11-18 09:00 → 2026-11-23 09:00 ana", "2026-11-23 09:00 → 2026-11-30 09:00 ana",
            ])
        #expect(shifts[1].why == .override(id: "o1", insteadOf: "ana"))
        #expect(shifts[3].why == .override(id: "o2", insteadOf: "ben"))
    }

    @Test("a swap is two overrides: each takes the other's week")
    func swap() throws {
        let paris = try zone("Europe/Paris")
        let monday = paris.moment(try wall("2026-11-16 09:00"))
        let next = paris.moment(try wall("2026-11-23 09:00"))
        let after = paris.moment(try wall("2026-11-30 09:00"))
        let schedule = OnCallSchedule(
            name: "primary", layers: [weekly(paris)],
            overrides: [
                .init(id: "s.1", start: monday, end: next, person: "ben", replaces: "ana"),
                .init(id: "s.2", start: next, end: after, person: "ana", replaces: "ben"),
            ])
        #expect(schedule.shifts(from: monday, to: after).map(\.person) == ["ben", "ana"])
    }

    @Test("who is away is stood in for by the next in order, and a rotation that is all away is a gap")
    func absences() throws {
        let paris = try zone("Europe/Paris")
        let monday = paris.moment(try wall("2026-11-16 09:00"))
        let week = Duration.seconds(7 * 86_400)
        var schedule = OnCallSchedule(name: "primary", layers: [weekly(paris)])
        schedule.absences = [.init(person: "ana", start: monday + .seconds(86_400), end: monday + week)]
        let shifts = schedule.shifts(from: monday, to: monday + week)
        #expect(shifts.map(\.person) == ["ana", "ben"])
        #expect(shifts.last?.why == .standIn(layer: "primary", for: "ana"))
        schedule.absences = people.map { .init(person: $0, start: monday, end: monday + .seconds(3600)) }
        let gaps = schedule.gaps(from: monday - week, to: monday + week)
        #expect(gaps == [Shift(start: monday, end: monday + .seconds(3600), person: nil, why: .nobody)])
    }

    @Test("on holidays a layer rests, or is the only one that works")
    func holidays() throws {
        let paris = try zone("Europe/Paris")
        var daily = weekly(paris)
        daily.holidays = .rests
        let feast = RotationLayer(
            name: "feast", people: ["fay"], turn: 86_400, anchor: CivilTime(RotationLayer.firstMonday), zone: paris,
            holidays: .only)
        let christmas = try #require(CivilDay(2026, 12, 25))
        var schedule = OnCallSchedule(name: "primary", layers: [daily, feast], holidays: [christmas])
        let from = paris.moment(try wall("2026-12-24 12:00"))
        let to = paris.moment(try wall("2026-12-26 12:00"))
        #expect(
            lines(schedule.shifts(from: from, to: to), paris) == [
                "2026-12-24 12:00 → 2026-12-25 00:00 chi", "2026-12-25 00:00 → 2026-12-26 00:00 fay",
                "2026-12-26 00:00 → 2026-12-26 12:00 chi",
            ])
        schedule.layers.removeLast()
        #expect(schedule.gaps(from: from, to: to).map { $0.end - $0.start } == [.seconds(86_400)])
    }

    @Test("a schedule without anybody is one gap")
    func empty() {
        let schedule = OnCallSchedule(name: "x", layers: [])
        let start = Moment(seconds: 0)
        #expect(schedule.shifts(from: start, to: start + .seconds(900 * 86_400)).map(\.person) == [nil])
        #expect(schedule.shifts(from: start, to: start).isEmpty)
    }

    @Test("the calendar has an event for each shift, folded and escaped, with the same identity on each reading")
    func calendar() throws {
        let paris = try zone("Europe/Paris")
        var layer = weekly(paris)
        layer.people = ["Ana, of the \"platform\"; team \\ with a name that is long: Žižkov Ω"]
        let schedule = OnCallSchedule(name: "primary", layers: [layer])
        let start = paris.moment(try wall("2026-11-16 09:00"))
        let text = CalendarFeed.text(schedule, from: start, to: start + .seconds(8 * 86_400), stamp: start)
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.utf8.count <= 75 })
        #expect(lines.first == "BEGIN:VCALENDAR" && lines.suffix(2) == ["END:VCALENDAR", ""])
        #expect(lines.contains("DTSTART:20261116T080000Z"))
        let unfolded = text.replacing("\r\n ", with: "")
        #expect(
            unfolded.contains(#"SUMMARY:Ana\, of the "platform"\; team \\ with a name that is long: Žižkov Ω is on"#))
        let again = CalendarFeed.text(schedule, from: start, to: start + .seconds(86_400), stamp: start + .seconds(60))
        let uid = unfolded.split(separator: "\r\n").first { $0.hasPrefix("UID:") }
        #expect(uid != nil && again.replacing("\r\n ", with: "").contains(uid ?? "?"))
    }
}
