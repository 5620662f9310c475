import Response

/// Moments in Alertmanager's texts.
enum InstantText {
    enum Outcome: Equatable {
        /// Nothing is said: an empty text, or the year 1, which Go programs send for a time that they do not have.
        case none
        case moment(Moment)
        case unreadable
    }

    /// Reads RFC 3339 with any number of fraction digits; the offset may lack its colon or be missing, which is UTC, as
    /// go-openapi's `date-time` takes it.
    static func read(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        if bytes.isEmpty { return .none }
        func number(_ start: Int, _ count: Int) -> Int? {
            guard start + count <= bytes.count else { return nil }
            var value = 0
            for index in start..<start + count {
                let digit = bytes[index] &- 0x30
                guard digit < 10 else { return nil }
                value = value * 10 + Int(digit)
            }
            return value
        }
        guard let year = number(0, 4), let month = number(5, 2), let day = number(8, 2), let hour = number(11, 2),
            let minute = number(14, 2), let second = number(17, 2), bytes[4] == 0x2d, bytes[7] == 0x2d,
            bytes[10] == 0x54 || bytes[10] == 0x74 || bytes[10] == 0x20, bytes[13] == 0x3a, bytes[16] == 0x3a,
            (1...12).contains(month), day >= 1, day <= days(in: month, of: year), hour < 24, minute < 60, second < 60
        else { return .unreadable }
        var index = 19
        var milliseconds = 0
        if index < bytes.count, bytes[index] == 0x2e || bytes[index] == 0x2c {
            index += 1
            var scale = 100
            let first = index
            while index < bytes.count, bytes[index] &- 0x30 < 10 {
                milliseconds += Int(bytes[index] &- 0x30) * scale
                scale /= 10
                index += 1
            }
            guard index > first else { return .unreadable }
        }
        var offset = 0
        if index < bytes.count {
            switch bytes[index] {
            case 0x5a, 0x7a: index += 1
            case 0x2b, 0x2d:
                let colon = index + 3 < bytes.count && bytes[index + 3] == 0x3a
                guard let hours = number(index + 1, 2), let minutes = number(index + (colon ? 4 : 3), 2), hours < 24,
                    minutes < 60
                else { return .unreadable }
                offset = (hours * 60 + minutes) * 60 * (bytes[index] == 0x2d ? -1 : 1)
                index += colon ? 6 : 5
            default: return .unreadable
            }
        }
        guard index == bytes.count else { return .unreadable }
        if year == 1, month == 1, day == 1, hour == 0, minute == 0, second == 0, milliseconds == 0 { return .none }
        let seconds = daysSince1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset
        return .moment(Moment(milliseconds: seconds * 1000 + milliseconds))
    }

    /// `2026-11-21T09:13:09.123Z`.
    static func append(_ moment: Moment, to bytes: inout [UInt8]) {
        let seconds = moment.seconds
        let days = seconds >= 0 ? seconds / 86_400 : -((86_399 - seconds) / 86_400)
        let rest = seconds - days * 86_400
        let (year, month, day) = civil(days)
        func two(_ value: Int) {
            bytes.append(0x30 + UInt8(truncatingIfNeeded: value / 10))
            bytes.append(0x30 + UInt8(truncatingIfNeeded: value % 10))
        }
        two(year / 100 % 100)
        two(year % 100)
        bytes.append(0x2d)
        two(month)
        bytes.append(0x2d)
        two(day)
        bytes.append(0x54)
        two(rest / 3600)
        bytes.append(0x3a)
        two(rest / 60 % 60)
        bytes.append(0x3a)
        two(rest % 60)
        bytes.append(0x2e)
        let milliseconds = moment.milliseconds - seconds * 1000
        bytes.append(0x30 + UInt8(truncatingIfNeeded: milliseconds / 100))
        two(milliseconds % 100)
        bytes.append(0x5a)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    // Howard Hinnant's `days_from_civil` and its inverse (proleptic Gregorian, eras of 400 years, from 1 March of year 0).

    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * part + 2) / 5 + 1)
    }
}
