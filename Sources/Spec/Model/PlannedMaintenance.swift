/// Planned work: nobody is told of alerts that match while it lasts.
package struct PlannedMaintenance: Sendable, Hashable {
    package enum Times: Sendable, Hashable {
        case once(from: LocalTime, to: LocalTime)
        case weekly([WeekHours])
        case monthly(MonthlyTime, lasts: Duration)
    }

    package var about: String?
    package var match: [String: LabelMatch]
    package var services: [ServiceName]
    package var times: Times
    /// IANA time zone.
    package var zone: String
    /// The platform's team when absent.
    package var owner: PartyName?
    /// The last day on which it recurs.
    package var last: CalendarDate?

    static let shape: Shape<PlannedMaintenance> = .record(
        "maintenance", "Planned work: nobody is told of alerts that match while it lasts."
    ) { f in
        let about = f.optional("about", .text(), "What is done.")
        let match = f.value(
            "match", LabelMatch.map, default: [:], because: "by service alone", "Labels of the alerts that wait.",
            example: "{host: db1}")
        let services = f.value(
            "services", .list(of: ServiceName.shape("a service")), default: [], because: "by labels alone",
            "Services and resources that are worked on.", example: "[api]")
        let from = f.optional("from", LocalTime.shape, "When it begins, once.", example: "2026-12-01 22:00")
        let to = f.optional("to", LocalTime.shape, "When it ends, once.", example: "2026-12-02 02:00")
        let hours = f.optional(
            "hours", .list(of: WeekHours.shape), "Every week in these hours.", example: "[\"sun 02:00-04:00\"]")
        let month = f.optional(
            "month", MonthlyTime.shape, "Every month at this time, for as long as `for`.", example: "first sun 02:00")
        let lasts = f.optional("for", .duration, "How long it lasts each month.", example: "2h")
        let zone = f.value("zone", .zone, default: "UTC", "Time zone of the times.", example: "Europe/Paris")
        let owner = f.optional(
            "owner", PartyName.shape("a person or team"), "Who answers for it; the platform's team when absent.")
        let last = f.optional("until", .date, "The last day on which it recurs.", example: "2027-06-30")
        if f.book == nil {
            judge(f, match: match, services: services, from: from, to: to, hours: hours, lasts: lasts)
        }
        let times: Times? =
            if let from { .once(from: from, to: to ?? from) } else if let hours { .weekly(hours) } else {
                month.map { .monthly($0, lasts: lasts ?? .seconds(3600)) }
            }
        return PlannedMaintenance(
            about: about, match: match, services: services, times: times ?? .weekly([]), zone: zone, owner: owner,
            last: last)
    }

    private static func judge(
        _ f: Fields, match: [String: LabelMatch], services: [ServiceName], from: LocalTime?, to: LocalTime?,
        hours: [WeekHours]?, lasts: Duration?
    ) {
        if match.isEmpty, services.isEmpty, f.isSound("match", "services") {
            f.report(
                .missingKey, "\(f.path.last) says of nothing that it is worked on",
                help: "Add `services: [NAME]` or `match: {LABEL: VALUE}`; no window keeps back every alert.")
        }
        let written = ["from", "hours", "month"].filter(f.has)
        if written.isEmpty, f.isSound("from", "hours", "month") {
            f.report(
                .missingKey, "\(f.path.last) has no time",
                help: "Add `from` and `to` for once, `hours` for every week, or `month` and `for`.")
        }
        if written.count > 1 {
            f.reportKey(
                .conflictingKeys, "`\(written[1])` and `\(written[0])` exclude each other", written[1],
                with: written[0],
                help: "Write a second window.")
        }
        for (key, partner) in [("from", "to"), ("to", "from"), ("month", "for"), ("for", "month")]
        where f.has(key) && !f.has(partner) && f.isSound(partner) {
            f.report(.missingKey, "`\(key)` needs `\(partner)`", at: key, help: "A window has a beginning and an end.")
        }
        if let from, let to, to <= from, f.isSound("from", "to") {
            f.report(.outOfRange, "it ends at \(to), before it begins", at: "to", with: "from")
        }
        if let lasts, !(.seconds(60)...(.seconds(27 * 86_400))).contains(lasts), f.isSound("for") {
            f.report(
                .outOfRange, "\(DurationText.text(lasts)) is not between 1m and 27d", at: "for",
                help: "What is always in maintenance is never told.")
        }
        if let hours, f.isSound("hours") {
            if hours.isEmpty { f.report(.wrongValue, "there are no hours", at: "hours") }
            if Set(hours.flatMap { $0.minutes.flatMap { Array($0) } }).count >= 10_080 {
                f.report(
                    .wrongValue, "these hours are the whole week", at: "hours",
                    help: "What is always in maintenance is never told; leave out the alert instead.")
            }
        }
    }
}

/// A day and a time without a zone: `2026-12-01 22:00`.
package struct LocalTime: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var day: CalendarDate
    /// After midnight.
    package var minute: Int

    static let shape: Shape<LocalTime> = .scalar(
        "a day of the calendar and a time", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-2][0-9]:[0-5][0-9]$",
        examples: ["2026-12-01 22:00"],
        parse: { text in
            let parts = text.split(separator: " ")
            let numbers = parts.first?.split(separator: "-").map { Int($0) } ?? []
            guard parts.count == 2, parts[0].utf8.count == 10, numbers.count == 3, let year = numbers[0],
                let month = numbers[1], let day = numbers[2],
                let date = CalendarDate(year: year, month: month, day: day),
                let minute = WeekHours.minutes(parts[1]), minute < 1440
            else {
                return .failure(
                    .init(
                        "'\(text)' is not a day and a time",
                        help: "For example `2026-12-01 22:00`, by the `zone`'s clock."))
            }
            return .success(LocalTime(day: date, minute: minute))
        },
        show: { $0.description })

    package var description: String { "\(day) \(WeekHours.clock(minute))" }

    package static func < (one: Self, other: Self) -> Bool { (one.day, one.minute) < (other.day, other.minute) }
}

/// A time of every month: `first sun 02:00`.
package struct MonthlyTime: Sendable, Hashable {
    /// 1 to 4, or 5 for the last.
    package var week: Int
    /// 1 is Monday.
    package var weekday: Int
    /// After midnight.
    package var minute: Int

    private static let weeks = ["first", "second", "third", "fourth", "last"]

    static let shape: Shape<MonthlyTime> = .scalar(
        "a time of the month",
        pattern: "^(first|second|third|fourth|last) (mon|tue|wed|thu|fri|sat|sun) [0-2][0-9]:[0-5][0-9]$",
        examples: ["first sun 02:00"],
        parse: { text in
            let parts = text.split(separator: " ").map(String.init)
            guard parts.count == 3, let week = weeks.firstIndex(of: parts[0]),
                let day = WeekHours.days.firstIndex(of: parts[1]), let minute = WeekHours.minutes(parts[2][...]),
                minute < 1440
            else {
                return .failure(
                    .init(
                        "'\(text)' is not a time of the month",
                        help: "`first`, `second`, `third`, `fourth` or `last`, a day and a time: `first sun 02:00`."))
            }
            return .success(MonthlyTime(week: week + 1, weekday: day + 1, minute: minute))
        },
        show: { "\(weeks[$0.week - 1]) \(WeekHours.days[$0.weekday - 1]) \(WeekHours.clock($0.minute))" })
}

/// A sign of life that somebody promised; a missed one is an alert.
package struct HeartbeatSpec: Sendable, Hashable {
    package var every: Duration
    package var grace: Duration
    package var level: Level
    /// What is missed with it.
    package var service: ServiceName?
    package var to: PartyName?

    static let shape: Shape<HeartbeatSpec> = .record(
        "heartbeat", "A sign of life that somebody promised; a missed one is an alert."
    ) { f in
        let every = f.required("every", .interval, "How often it comes.", example: "5m")
        let grace = f.value(
            "grace", .duration, default: .seconds(30), "How much later than that is late.", example: "1m")
        let level = f.value("level", Level.shape("a level"), default: Level.high, "How bad it is when it stays away.")
        let service = f.optional(
            "service", ServiceName.shape("a service"), "The service or resource that it is about.", example: "backup")
        let to = f.optional(
            "to", PartyName.shape("a party"), "A schedule, team or person; the owner's schedule when absent.")
        guard let every else { return nil }
        if every < .seconds(5), f.isSound("every") {
            f.report(
                .outOfRange, "a sign of life every \(DurationText.text(every)) is too often", at: "every",
                help: "At least `5s`.")
        }
        return HeartbeatSpec(every: every, grace: grace, level: level, service: service, to: to)
    }
}
