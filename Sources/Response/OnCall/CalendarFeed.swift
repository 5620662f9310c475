/// Shifts as a calendar that other programs subscribe to (iCalendar, RFC 5545).
package enum CalendarFeed {
    /// The text, with CRLF at each line's end.
    ///
    /// Times are in UTC, so that no reader needs to know our time zones. An event keeps its UID while its schedule, start
    /// and person stay the same.
    package static func text(_ schedule: OnCallSchedule, from start: Moment, to end: Moment, stamp: Moment) -> String {
        var lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Hauban//On-call//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
            "NAME:" + escaped(schedule.name), "X-WR-CALNAME:" + escaped(schedule.name),
            "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
        ]
        for shift in schedule.shifts(from: start, to: end) {
            guard let person = shift.person else { continue }
            lines += [
                "BEGIN:VEVENT",
                "UID:\(shift.start.seconds)-\(hexadecimal(person))-\(hexadecimal(schedule.name))@hauban",
                "DTSTAMP:" + utc(stamp), "DTSTART:" + utc(shift.start), "DTEND:" + utc(shift.end),
                "SUMMARY:" + escaped("\(person) is on call (\(schedule.name))"),
                "DESCRIPTION:" + escaped(words(shift.why)), "TRANSP:TRANSPARENT", "END:VEVENT",
            ]
        }
        lines.append("END:VCALENDAR")
        return lines.map { folded($0) + "\r\n" }.joined()
    }

    private static func words(_ why: Shift.Reason) -> String {
        switch why {
        case .turn(let layer): "turn in \(layer)"
        case .standIn(let layer, let absent): "stands in for \(absent), who is away, in \(layer)"
        case .override(_, let other): other.map { "in the place of \($0)" } ?? "override"
        case .nobody: ""
        }
    }

    /// RFC 5545 §3.3.5, form 2.
    private static func utc(_ moment: Moment) -> String {
        let time = CivilTime(secondsSince1970: moment.seconds)
        let day = "\(padded(time.day.year, 4))\(padded(time.day.month, 2))\(padded(time.day.day, 2))"
        return "\(day)T\(padded(time.hour, 2))\(padded(time.minute, 2))\(padded(time.second, 2))Z"
    }

    /// RFC 5545 §3.3.11; control characters have no place in a text.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", ";", ",": result += "\\" + String(scalar)
            case "\n": result += "\\n"
            default: if scalar.value >= 0x20, scalar.value != 0x7f { result.unicodeScalars.append(scalar) }
            }
        }
        return result
    }

    /// Lines of at most 75 octets, no character broken (RFC 5545 §3.1).
    private static func folded(_ line: String) -> String {
        var result = ""
        var octets = 0
        for scalar in line.unicodeScalars {
            let size = UTF8.width(scalar)
            if octets + size > 75 {
                result += "\r\n "
                octets = 1
            }
            result.unicodeScalars.append(scalar)
            octets += size
        }
        return result
    }

    private static func hexadecimal(_ text: String) -> String {
        text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
