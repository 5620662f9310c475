/// A day of the proleptic Gregorian calendar, without a time zone.
package struct CivilDay: Hashable, Comparable, Codable, Sendable {
    /// Days since 1970-01-01.
    package var number: Int

    package init(number: Int) {
        self.number = number
    }

    /// `nil` for a day that is not in the calendar.
    package init?(_ year: Int, _ month: Int, _ day: Int) {
        guard (1...12).contains(month), (1...Self.length(of: month, in: year)).contains(day) else { return nil }
        // Years begin in March, so that the leap day is the last; eras of 400 years are equal.
        let shifted = month > 2 ? year : year - 1
        let era = shifted.flooredQuotient(by: 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        number = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    package var year: Int { parts.year }
    /// 1 to 12.
    package var month: Int { parts.month }
    /// 1 to 31.
    package var day: Int { parts.day }
    /// 1 is Monday, 7 Sunday (ISO 8601).
    package var weekday: Int { (number + 3) - (number + 3).flooredQuotient(by: 7) * 7 + 1 }

    package static func < (one: CivilDay, other: CivilDay) -> Bool { one.number < other.number }

    package static func + (day: CivilDay, days: Int) -> CivilDay { CivilDay(number: day.number + days) }

    static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    static func length(of month: Int, in year: Int) -> Int {
        month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    private var parts: (year: Int, month: Int, day: Int) {
        let shifted = number + 719_468
        let era = shifted.flooredQuotient(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let index = (5 * dayOfYear + 2) / 153
        let month = index < 10 ? index + 3 : index - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * index + 2) / 5 + 1)
    }
}

extension CivilDay: CustomStringConvertible {
    /// `2026-11-21`.
    package var description: String { "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))" }

    /// Reads `2026-11-21`.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
            parts.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
        else { return nil }
        self.init(year, month, day)
    }
}

/// What a clock on the wall shows, without a time zone.
package struct CivilTime: Hashable, Comparable, Sendable {
    package var day: CivilDay
    /// 0 to 86,399.
    package var secondOfDay: Int

    /// Seconds may lie outside the day; they carry over.
    package init(_ day: CivilDay, seconds: Int = 0) {
        self.init(secondsSince1970: day.number * 86_400 + seconds)
    }

    /// Counts as if the wall's clock were UTC.
    package init(secondsSince1970 seconds: Int) {
        day = CivilDay(number: seconds.flooredQuotient(by: 86_400))
        secondOfDay = seconds - day.number * 86_400
    }

    package var hour: Int { secondOfDay / 3600 }
    package var minute: Int { secondOfDay / 60 % 60 }
    package var second: Int { secondOfDay % 60 }
    /// As if the wall's clock were UTC.
    package var secondsSince1970: Int { day.number * 86_400 + secondOfDay }

    package static func < (one: CivilTime, other: CivilTime) -> Bool {
        one.secondsSince1970 < other.secondsSince1970
    }
}
