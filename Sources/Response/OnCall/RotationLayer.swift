/// People who take turns, by the clock on the wall of one time zone.
package struct RotationLayer: Hashable, Sendable {
    /// What a layer does on the days that are holidays.
    package enum Holidays: Hashable, Sendable {
        /// As on any other day.
        case works
        /// Nobody of this layer is on call.
        case rests
        /// Only then is somebody of this layer on call.
        case only
    }

    /// A part of the week in which the layer is on call.
    package struct Hours: Hashable, Codable, Sendable {
        /// 1 is Monday, 7 Sunday.
        package var weekdays: Set<Int>
        /// Seconds after midnight, at most 86,400.
        package var from: Int
        /// Seconds after midnight; not after `from` when it is on the next day.
        package var to: Int

        package init(weekdays: Set<Int>, from: Int, to: Int) {
            self.weekdays = weekdays
            self.from = from
            self.to = to
        }
    }

    package var name: String
    /// Who takes turns, in this order. One after another may be the same.
    package var people: [String]
    /// Length of a turn in seconds of the wall's clock: a day has 86,400 whatever its offset does.
    package var turn: Int
    /// When a turn begins, and the first person's.
    package var anchor: CivilTime
    package var zone: ZoneRules
    /// Empty: always.
    package var hours: [Hours]
    package var holidays: Holidays

    /// A turn below an hour is taken as an hour, since nobody could take it.
    package init(
        name: String, people: [String], turn: Int, anchor: CivilTime, zone: ZoneRules, hours: [Hours] = [],
        holidays: Holidays = .works
    ) {
        self.name = name
        self.people = people
        self.turn = max(3600, turn)
        self.anchor = anchor
        self.zone = zone
        self.hours = hours
        self.holidays = holidays
    }

    /// The first Monday after the beginning of 1970: turns without a day to count from are counted from there.
    package static let firstMonday = CivilDay(number: 4)

    /// A turn: who is next when somebody is away is seen from its number.
    struct Turn: Hashable {
        var number: Int
        var start: Moment
        var end: Moment
    }

    /// The turn that a point in time belongs to.
    func turn(at moment: Moment) -> Turn {
        let wall = zone.civil(moment).secondsSince1970 - anchor.secondsSince1970
        var number = wall.flooredQuotient(by: turn)
        // In the hour that a clock shows twice, or jumps over, it alone does not say which turn it is.
        while start(of: number) > moment { number -= 1 }
        while start(of: number + 1) <= moment { number += 1 }
        return Turn(number: number, start: start(of: number), end: start(of: number + 1))
    }

    /// The person whose turn it is: the next in order who is not away.
    func person(in turn: Turn, isAway: (String) -> Bool) -> (person: String, standsInFor: String?)? {
        guard !people.isEmpty else { return nil }
        let first = turn.number - turn.number.flooredQuotient(by: people.count) * people.count
        for offset in people.indices {
            let person = people[(first + offset) % people.count]
            if !isAway(person) { return (person, person == people[first] ? nil : people[first]) }
        }
        return nil
    }

    private func start(of number: Int) -> Moment {
        zone.moment(CivilTime(secondsSince1970: anchor.secondsSince1970 + number * turn))
    }

    /// Whether the layer's hours and holidays let it be on call, and the next time at which that may be different.
    func isOn(at moment: Moment, holidays days: Set<CivilDay>) -> (isOn: Bool, until: Moment) {
        let wall = zone.civil(moment)
        let (isWithin, until) = WeeklyHours(hours: hours, zone: zone).state(at: moment)
        let isHoliday = days.contains(wall.day)
        switch holidays {
        case .rests where isHoliday: return (false, until)
        case .only where !isHoliday: return (false, until)
        default: break
        }
        return (isWithin || hours.isEmpty, until)
    }
}

extension RotationLayer.Hours {
    func contains(_ time: CivilTime) -> Bool {
        if from < to {
            return weekdays.contains(time.day.weekday) && time.secondOfDay >= from && time.secondOfDay < to
        }
        return (weekdays.contains(time.day.weekday) && time.secondOfDay >= from)
            || (weekdays.contains((time.day + -1).weekday) && time.secondOfDay < to)
    }
}
