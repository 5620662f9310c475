import Response

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

extension TimelineWords {
    /// In the reader's zone.
    init(page: PageContext) { self.init { page.clock($0) } }
}
