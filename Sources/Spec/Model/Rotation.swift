/// People who take turns.
package struct Rotation: Sendable, Hashable {
    package enum Holidays: String, Choice {
        case works, rests, only

        package var meaning: String {
            switch self {
            case .works: "as on any other day"
            case .rests: "nobody of this layer is on call"
            case .only: "somebody of this layer is on call on these days only"
            }
        }
    }

    package var every: Duration
    package var at: Handoff
    /// The day of the first person's turn; counted from a Monday long ago when absent.
    package var start: CalendarDate?
    /// IANA time zone.
    package var zone: String
    package var people: [PartyName]
    /// Empty: always.
    package var hours: [WeekHours]
    package var holidays: Holidays
    /// Where two layers have somebody, the higher is on call.
    package var rank: Int

    static let shape: Shape<Rotation> = .record("rotation", "People who take turns.") { f in
        let every = f.value(
            "every", .interval, default: .seconds(604_800), because: "weekly", "Length of a turn.", example: "week")
        let at = f.value(
            "at", Handoff.shape, default: .mondayMorning, because: "Monday at nine", "When turns change.",
            example: "\"mon 09:00\"")
        let start = f.optional(
            "start", .date, "The day on which the first person's first turn begins; it settles whose turn it is.",
            example: "2026-11-23")
        let zone = f.value("zone", .zone, default: "UTC", "Time zone of the handoff and of the hours.")
        let people = f.required(
            "people", .list(of: PartyName.shape("a person")), "Who takes turns, in this order.",
            example: "[ana, ben, chi]")
        let hours = f.value(
            "hours", .list(of: WeekHours.shape), default: [], because: "always",
            "When somebody of it is on call.", example: "[\"mon-fri 18:00-09:00\", \"sat,sun\"]")
        let holidays = f.value(
            "holidays", Holidays.shape("what becomes of holidays"), default: Holidays.works,
            "What it does on the schedule's holidays.")
        let rank = f.value(
            "rank", .integer(0...100), default: 0, because: "the lowest",
            "Where two layers have somebody, the one of the higher rank is on call.")
        if let people, people.isEmpty, f.isSound("people") {
            f.report(.wrongValue, "nobody takes turns", at: "people", help: "An alert would reach nobody.")
        }
        if every < .seconds(3600), f.isSound("every") {
            f.report(
                .outOfRange, "a turn of \(DurationText.text(every)) is shorter than an hour", at: "every",
                help: "Nobody could take it: the shortest turn is `1h`.")
        }
        if f.has("hours"), hours.isEmpty, f.isSound("hours") {
            f.report(
                .wrongValue, "the rotation has no hours", at: "hours",
                help: "Nobody of it would ever be on call; take `hours` away for one that always is.")
        }
        if let start, let weekday = at.weekday, f.has("at"), weekday != start.weekday, f.isSound("at", "start") {
            f.report(
                .conflictingKeys,
                "\(start) is a \(WeekHours.days[start.weekday - 1]), and turns change on \(WeekHours.days[weekday - 1])",
                at: "start", with: "at", help: "Name the day on which the first turn begins.")
        }
        guard let people else { return nil }
        return Rotation(
            every: every, at: at, start: start, zone: zone, people: people, hours: hours, holidays: holidays, rank: rank
        )
    }

    /// Day of the week and time of the day.
    package struct Handoff: Sendable, Hashable {
        /// 1 is Monday (ISO 8601); `nil` for daily turns.
        package var weekday: Int?
        package var hour: Int
        package var minute: Int

        package static let mondayMorning = Handoff(weekday: 1, hour: 9, minute: 0)

        static let shape: Shape<Handoff> = .scalar(
            "a day and time", pattern: "^((mon|tue|wed|thu|fri|sat|sun) )?[0-2][0-9]:[0-5][0-9]$",
            examples: ["mon 09:00"],
            parse: { text in
                let parts = text.split(separator: " ")
                let minutes = parts.last.flatMap { WeekHours.minutes($0) }
                let day = parts.count == 2 ? WeekHours.days.firstIndex(of: String(parts[0])) : nil
                guard (1...2).contains(parts.count), parts.count == 1 || day != nil, let minutes, minutes < 1440 else {
                    return .failure(
                        .init(
                            "'\(text)' is not a day and time",
                            help: "For example `mon 09:00`, or `09:00` for daily turns."))
                }
                return .success(Handoff(weekday: day.map { $0 + 1 }, hour: minutes / 60, minute: minutes % 60))
            },
            show: { handoff in
                let day = handoff.weekday.map { WeekHours.days[$0 - 1] + " " } ?? ""
                return "\"\(day)\(WeekHours.clock(handoff.hour * 60 + handoff.minute))\""
            })
    }

    /// Whether two rotations of one rank are sometimes both on call, as far as one clock can say.
    func meets(_ other: Rotation) -> Bool {
        guard rank == other.rank, zone == other.zone else { return false }
        if holidays == .rests && other.holidays == .only || holidays == .only && other.holidays == .rests {
            return false
        }
        let always = [0..<10_080]
        let own = hours.isEmpty ? always : hours.flatMap(\.minutes)
        let theirs = other.hours.isEmpty ? always : other.hours.flatMap(\.minutes)
        return own.contains { one in theirs.contains { one.overlaps($0) } }
    }
}

/// What becomes of one holiday of a schedule.
package enum Holiday: Sendable, Hashable {
    /// Each layer does what its own `holidays` says.
    case layers
    /// Nobody is on call, on purpose.
    case nobody
    case person(PartyName)

    static let shape: Shape<Holiday> = PartyName.shape("a person, `nobody` or `layers`").map(
        { name in
            switch name.text {
            case "layers": .layers
            case "nobody": .nobody
            default: .person(name)
            }
        },
        show: { holiday in
            switch holiday {
            case .layers: "layers"
            case .nobody: "nobody"
            case .person(let name): name.text
            }
        })
}
