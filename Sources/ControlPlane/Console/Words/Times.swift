import Response

/// Dates and lengths of time in words.
extension Phrase {
    /// `45 s`, `5 min`, `4 h 10 min`, `2 days`.
    static func length(_ duration: Duration) -> Phrase {
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
    static func distance(_ moment: Moment, now: Moment) -> Phrase {
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
    static func day(_ day: CivilDay) -> Phrase {
        Phrase(
            "\(weekdays[day.weekday - 1].english.prefix(3)) \(day.day) \(shortMonths[day.month - 1].english) \(day.year)",
            "\(shortWeekdays[day.weekday - 1].french) \(day.day)\(day.day == 1 ? "er" : "") "
                + "\(shortMonths[day.month - 1].french) \(day.year)")
    }

    /// `Sat 21 Nov`, without the year.
    static func shortDay(_ day: CivilDay) -> Phrase {
        Phrase(
            "\(shortWeekdays[day.weekday - 1].english) \(day.day) \(shortMonths[day.month - 1].english)",
            "\(shortWeekdays[day.weekday - 1].french) \(day.day) \(shortMonths[day.month - 1].french)")
    }

    /// `November 2026`.
    static func month(_ day: CivilDay) -> Phrase {
        Phrase(
            "\(months[day.month - 1].english) \(day.year)", "\(months[day.month - 1].french) \(day.year)")
    }

    /// `14:05`.
    static func clock(_ time: CivilTime) -> String { "\(two(time.hour)):\(two(time.minute))" }

    /// `14:05:09`.
    static func exactClock(_ time: CivilTime) -> String { clock(time) + ":\(two(time.second))" }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    static func weekday(_ number: Int) -> Phrase { weekdays[(number + 6) % 7] }

    static func shortWeekday(_ number: Int) -> Phrase { shortWeekdays[(number + 6) % 7] }

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

extension PageContext {
    /// A point in time: how far away, with the date of the reader's zone for who asks.
    func ago(_ moment: Moment) -> HTML {
        "<time datetime=\"\(moment.description)\" title=\"\(exact(moment))\">\(self[.distance(moment, now: now)])</time>"
    }

    /// A point in time by the clock on the wall: today's without the day.
    func at(_ moment: Moment) -> HTML {
        "<time datetime=\"\(moment.description)\" title=\"\(exact(moment))\">\(clock(moment))</time>"
    }

    /// `14:05`, `Fri 20 Nov 14:05`, `20 Nov 2025 14:05`, whatever is needed to know which day is meant.
    func clock(_ moment: Moment) -> String {
        let time = zone.civil(moment)
        let today = zone.civil(now).day
        if time.day == today { return Phrase.clock(time) }
        let day: Phrase = time.day.year == today.year ? .shortDay(time.day) : .day(time.day)
        return "\(self[day]) \(Phrase.clock(time))"
    }

    /// `Sat 21 Nov 2026 14:05:09 Europe/Paris`.
    func exact(_ moment: Moment) -> String {
        let time = zone.civil(moment)
        return "\(self[.day(time.day)]) \(Phrase.exactClock(time)) \(zone.name)"
    }
}
