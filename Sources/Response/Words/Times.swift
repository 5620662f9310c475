/// Dates and lengths of time in words.
extension Phrase {
    /// `45 s`, `5 min`, `4 h 10 min`, `2 days`.
    package static func length(_ duration: Duration) -> Phrase {
        let seconds = max(0, duration.milliseconds / 1000)
        switch seconds {
        case ..<120: return Phrase(verbatim: "\(seconds)\u{a0}s")
        case ..<7200: return Phrase(verbatim: "\(seconds / 60)\u{a0}min")
        case ..<172_800:
            let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
            return Phrase(verbatim: "\(hours)\u{a0}h" + (minutes == 0 ? "" : "\u{a0}\(minutes)\u{a0}min"))
        default:
            let days = seconds / 86_400
            return Phrase("\(days)\u{a0}days", "\(days)\u{a0}jours")
        }
    }

    /// `5 min ago`, `in 2 h`, `now`.
    package static func distance(_ moment: Moment, now: Moment) -> Phrase {
        let distance = moment - now
        if abs(distance.milliseconds) < 5000 { return Phrase("now", "à l’instant") }
        if distance > .zero {
            let length = length(distance)
            return Phrase("in \(length.english)", "dans \(length.french)")
        }
        let length = length(.zero - distance)
        return Phrase("\(length.english) ago", "il y a \(length.french)")
    }

    /// `Sat 21 Nov 2026`, `sam. 21 nov. 2026`.
    package static func day(_ day: CivilDay) -> Phrase {
        Phrase(
            "\(weekdays[day.weekday - 1].english.prefix(3)) \(day.day) \(shortMonths[day.month - 1].english) \(day.year)",
            "\(shortWeekdays[day.weekday - 1].french) \(day.day)\(day.day == 1 ? "er" : "") "
                + "\(shortMonths[day.month - 1].french) \(day.year)")
    }

    /// `Sat 21 Nov`, without the year.
    package static func shortDay(_ day: CivilDay) -> Phrase {
        Phrase(
            "\(shortWeekdays[day.weekday - 1].english) \(day.day) \(shortMonths[day.month - 1].english)",
            "\(shortWeekdays[day.weekday - 1].french) \(day.day) \(shortMonths[day.month - 1].french)")
    }

    /// `November 2026`.
    package static func month(_ day: CivilDay) -> Phrase {
        Phrase(
            "\(months[day.month - 1].english) \(day.year)", "\(months[day.month - 1].french) \(day.year)")
    }

    /// `14:05`.
    package static func clock(_ time: CivilTime) -> String { "\(two(time.hour)):\(two(time.minute))" }

    /// `14:05:09`.
    package static func exactClock(_ time: CivilTime) -> String { clock(time) + ":\(two(time.second))" }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    package static func weekday(_ number: Int) -> Phrase { weekdays[(number + 6) % 7] }

    package static func shortWeekday(_ number: Int) -> Phrase { shortWeekdays[(number + 6) % 7] }

    private static let weekdays = [
        Phrase("Monday", "lundi"), Phrase("Tuesday", "mardi"), Phrase("Wednesday", "mercredi"),
        Phrase("Thursday", "jeudi"), Phrase("Friday", "vendredi"), Phrase("Saturday", "samedi"),
        Phrase("Sunday", "dimanche"),
    ]
    private static let shortWeekdays = [
        Phrase("Mon", "lun."), Phrase("Tue", "mar."), Phrase("Wed", "mer."), Phrase("Thu", "jeu."),
        Phrase("Fri", "ven."), Phrase("Sat", "sam."), Phrase("Sun", "dim."),
    ]
    private static let months = [
        Phrase("January", "janvier"), Phrase("February", "février"), Phrase("March", "mars"),
        Phrase("April", "avril"), Phrase("May", "mai"), Phrase("June", "juin"), Phrase("July", "juillet"),
        Phrase("August", "août"), Phrase("September", "septembre"), Phrase("October", "octobre"),
        Phrase("November", "novembre"), Phrase("December", "décembre"),
    ]
    private static let shortMonths = [
        Phrase("Jan", "janv."), Phrase("Feb", "févr."), Phrase("Mar", "mars"), Phrase("Apr", "avr."),
        Phrase("May", "mai"), Phrase("Jun", "juin"), Phrase("Jul", "juil."), Phrase("Aug", "août"),
        Phrase("Sep", "sept."), Phrase("Oct", "oct."), Phrase("Nov", "nov."), Phrase("Dec", "déc."),
    ]
}
