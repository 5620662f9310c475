import Response

/// One schedule over a month or a week.
struct OnCallView: Sendable {
    enum Span: String, CaseIterable, Sendable { case month, week }

    /// A part of a day for which one person is on call, or nobody is.
    struct Slot: Sendable, Hashable {
        var person: String?
        var start: Moment
        var end: Moment
        var why: Shift.Reason
        /// Whether it is the whole day.
        var isWhole: Bool
    }

    struct Day: Sendable {
        var day: CivilDay
        var isInside: Bool
        var isToday: Bool
        var isHoliday: Bool
        var slots: [Slot]
    }

    struct Row: Sendable {
        var layer: String
        var days: [[Slot]]
    }

    var schedules: [String]
    var name: String
    var span: Span
    var first: CivilDay
    var days: [Day] = []
    /// Of a week: one row for each layer.
    var layers: [Row] = []
    var schedule: OnCallSchedule
    var now: Shift
    var next: Shift?
    var gaps: [Shift]
    var overrides: [OnCallSchedule.Override]
    var absences: [(id: String, absence: OnCallSchedule.Absence)]
    var swaps: [ShiftSwap]
    var people: [String]
    /// A number for each person, for their colour.
    var colours: [String: Int]
    var feed: String
    /// Shifts that could be given away.
    var upcoming: [Shift]

    init?(_ data: ConsoleData, name: String?, span: Span, from: CivilDay?, zone: ZoneRules, now: Moment) {
        let directory = data.responder.directory
        schedules = directory.schedules.keys.sorted()
        guard let name = name ?? schedules.first, let schedule = directory.schedules[name] else { return nil }
        self.name = name
        self.span = span
        self.schedule = schedule
        people = directory.people.keys.sorted()
        let today = zone.civil(now).day
        let wanted = from ?? today
        let start: CivilDay
        let count: Int
        switch span {
        case .week:
            start = wanted + (1 - wanted.weekday)
            first = start
            count = 7
        case .month:
            first = wanted + (1 - wanted.day)
            start = first + (1 - first.weekday)
            let length = Self.nextMonth(first).number - first.number
            count = (first.weekday - 1 + length + 6) / 7 * 7
        }
        let last = start + count
        let shifts = schedule.shifts(from: zone.moment(CivilTime(start)), to: zone.moment(CivilTime(last)))
        let cut = Self.cut(shifts, from: start, count: count, zone)
        for index in 0..<count {
            let day = start + index
            days.append(
                Day(
                    day: day, isInside: span == .week || day.month == first.month, isToday: day == today,
                    isHoliday: schedule.holidays.contains(day), slots: cut[index]))
        }
        if span == .week, schedule.layers.count > 1 {
            layers = schedule.layers.map { layer in
                let alone = OnCallSchedule(
                    name: layer.name, layers: [layer], absences: schedule.absences, holidays: schedule.holidays)
                let shifts = alone.shifts(from: zone.moment(CivilTime(start)), to: zone.moment(CivilTime(last)))
                return Row(layer: layer.name, days: Self.cut(shifts, from: start, count: count, zone))
            }
        }
        let coming = schedule.shifts(from: now, to: now + .seconds(60 * 86_400))
        self.now = coming.first ?? schedule.shift(at: now)
        let current = self.now.person
        next = coming.dropFirst().first { $0.person != current }
        gaps = Array(coming.filter { $0.person == nil }.prefix(10))
        upcoming = Array(coming.filter { $0.person != nil }.prefix(40))
        overrides = (data.responder.overrides[name] ?? []).filter { $0.end > now }.sorted {
            ($0.start, $0.id) < ($1.start, $1.id)
        }
        absences = (data.responder.absences[name] ?? [:]).filter { $0.value.end > now }
            .sorted { ($0.value.start, $0.key) < ($1.value.start, $1.key) }.map { ($0.key, $0.value) }
        swaps = data.responder.swaps.values.filter { $0.schedule == name && max($0.offered.end, $0.asked.end) > now }
            .sorted { ($0.offered.start, $0.id) < ($1.offered.start, $1.id) }
        colours = Dictionary(people.enumerated().map { ($1, $0 % 8) }, uniquingKeysWith: { one, _ in one })
        feed = data.feeds[name] ?? data.address + "/on-call/\(PathText.segment(name)).ics"
    }

    static func nextMonth(_ day: CivilDay) -> CivilDay {
        let later = day + (32 - day.day)
        return later + (1 - later.day)
    }

    var before: CivilDay {
        switch span {
        case .week: first + -7
        case .month: (first + -1) + (1 - (first + -1).day)
        }
    }

    var after: CivilDay {
        switch span {
        case .week: first + 7
        case .month: Self.nextMonth(first)
        }
    }

    /// Shifts by the days that they touch.
    private static func cut(_ shifts: [Shift], from start: CivilDay, count: Int, _ zone: ZoneRules) -> [[Slot]] {
        var days = [[Slot]](repeating: [], count: count)
        for index in 0..<count {
            let begin = zone.moment(CivilTime(start + index))
            let end = zone.moment(CivilTime(start + (index + 1)))
            for shift in shifts where shift.start < end && shift.end > begin {
                let (from, to) = (max(shift.start, begin), min(shift.end, end))
                days[index].append(
                    Slot(
                        person: shift.person, start: from, end: to, why: shift.why, isWhole: from == begin && to == end)
                )
            }
        }
        return days
    }
}
