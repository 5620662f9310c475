package import FoundationEssentials

/// Moments as text: RFC 3339 in UTC with milliseconds, `2026-11-21T09:13:09.123Z`.
package enum Timestamp {
    /// The text of a moment.
    package static func text(_ date: Date) -> String {
        let milliseconds = Int((date.timeIntervalSince1970 * 1000).rounded(.down))
        let days = floorDivide(milliseconds, 86_400_000)
        let rest = milliseconds - days * 86_400_000
        let time =
            "\(pad(rest / 3_600_000, 2)):\(pad(rest / 60_000 % 60, 2)):\(pad(rest / 1000 % 60, 2)).\(pad(rest % 1000, 3))"
        return "\(day(days))T\(time)Z"
    }

    /// The day of a moment in UTC: `2026-11-21`.
    package static func day(_ date: Date) -> String {
        day(floorDivide(Int(date.timeIntervalSince1970.rounded(.down)), 86400))
    }

    /// Reads RFC 3339 with any number of fraction digits, `Z` or a numeric offset.
    ///
    /// - Returns: the moment and whether it was written in UTC; `nil` for anything else.
    package static func parse(_ text: String) -> (date: Date, isUTC: Bool)? {
        let bytes = Array(text.utf8)
        func number(_ start: Int, _ count: Int) -> Int? {
            guard start + count <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[start..<start + count] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        guard let year = number(0, 4), let month = number(5, 2), let day = number(8, 2), let hour = number(11, 2),
            let minute = number(14, 2), let second = number(17, 2), bytes[4] == 0x2d, bytes[7] == 0x2d,
            bytes[10] == 0x54 || bytes[10] == 0x74 || bytes[10] == 0x20, bytes[13] == 0x3a, bytes[16] == 0x3a,
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var index = 19
        var fraction = 0.0
        if index < bytes.count, bytes[index] == 0x2e || bytes[index] == 0x2c {
            var scale = 0.1
            index += 1
            while let digit = number(index, 1) {
                fraction += Double(digit) * scale
                scale /= 10
                index += 1
            }
        }
        guard index < bytes.count else { return nil }
        var offset = 0
        switch bytes[index] {
        case 0x5a, 0x7a:
            guard index + 1 == bytes.count else { return nil }
        case 0x2b, 0x2d:
            guard let hours = number(index + 1, 2) else { return nil }
            let at = index + 3 < bytes.count && bytes[index + 3] == 0x3a ? index + 4 : index + 3
            guard let minutes = number(at, 2), at + 2 == bytes.count else { return nil }
            offset = (hours * 60 + minutes) * 60 * (bytes[index] == 0x2d ? -1 : 1)
        default: return nil
        }
        let seconds = days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset
        return (Date(timeIntervalSince1970: Double(seconds) + fraction), offset == 0)
    }

    // The calendar's arithmetic is Howard Hinnant's `days_from_civil` and its inverse (proleptic Gregorian, eras of 400 years).

    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468
    }

    private static func day(_ days: Int) -> String {
        let shifted = days + 719468
        let era = floorDivide(shifted, 146097)
        let dayOfEra = shifted - era * 146097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(pad(year, 4))-\(pad(month, 2))-\(pad(dayOfYear - (153 * part + 2) / 5 + 1, 2))"
    }

    private static func floorDivide(_ left: Int, _ right: Int) -> Int {
        let quotient = left / right
        return left % right < 0 ? quotient - 1 : quotient
    }

    private static func pad(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
