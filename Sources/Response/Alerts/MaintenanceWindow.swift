/// Planned work: alerts that match are told to nobody while it lasts, once or again and again.
package struct MaintenanceWindow: Hashable, Codable, Sendable {
    package enum Recurrence: Hashable, Codable, Sendable {
        case once(start: Moment, end: Moment)
        /// In these parts of every week.
        case weekly([RotationLayer.Hours])
        /// On the first to fourth of a weekday in each month, or on the last (5); 1 is Monday. Times in seconds.
        case monthly(week: Int, weekday: Int, from: Int, length: Int)
    }

    /// Why a window is refused.
    package enum Refusal: Error, Hashable, Codable, Sendable {
        case noMatcher
        case matchesEverything
        case noOwner
        case endsBeforeItStarts
        case endsInThePast
        case unknownZone(String)
        /// It would never be anything else than maintenance.
        case alwaysOn
    }

    package var id: String
    package var title: String
    package var matchers: [Matcher]
    package var recurrence: Recurrence
    /// IANA name; its rules are looked up when they are needed.
    package var zone: String
    package var owner: String
    /// After this a recurring window recurs no more.
    package var until: Moment?

    /// - Throws: `Refusal`
    package init(
        id: String, title: String, matchers: [Matcher], recurrence: Recurrence, zone: String = "UTC", owner: String,
        until: Moment? = nil, zones: [String: ZoneRules], now: Moment
    ) throws(Refusal) {
        guard !matchers.isEmpty else { throw .noMatcher }
        guard !matchers.allSatisfy(\.acceptsMissing) else { throw .matchesEverything }
        guard owner.contains(where: { !$0.isWhitespace }) else { throw .noOwner }
        guard zone == "UTC" || zones[zone] != nil else { throw .unknownZone(zone) }
        switch recurrence {
        case .once(let start, let end):
            guard start < end else { throw .endsBeforeItStarts }
            guard end > now else { throw .endsInThePast }
        case .weekly(let hours):
            guard !hours.isEmpty else { throw .endsBeforeItStarts }
            let whole = hours.filter { $0.from == 0 && $0.to >= 86_400 }
            guard Set(whole.flatMap(\.weekdays)).count < 7 else { throw .alwaysOn }
        case .monthly(let week, let weekday, let from, let length):
            guard (1...5).contains(week), (1...7).contains(weekday), (0..<86_400).contains(from), length > 0 else {
                throw .endsBeforeItStarts
            }
            guard length < 28 * 86_400 else { throw .alwaysOn }
        }
        if let until, until <= now { throw .endsInThePast }
        self.id = id
        self.title = title
        self.matchers = matchers
        self.recurrence = recurrence
        self.zone = zone
        self.owner = owner
        self.until = until
    }

    /// A window that stands in hauban.yaml, which was judged when it was read; it may be over.
    package init(
        declared id: String, title: String, matchers: [Matcher], recurrence: Recurrence, zone: String, owner: String,
        until: Moment? = nil
    ) {
        self.id = id
        self.title = title
        self.matchers = matchers
        self.recurrence = recurrence
        self.zone = zone
        self.owner = owner
        self.until = until
    }

    /// When the maintenance that lasts at a time ends; `nil` when there is none.
    package func end(at now: Moment, zones: [String: ZoneRules]) -> Moment? {
        if let until, now >= until { return nil }
        let rules = zones[zone] ?? .utc
        let end: Moment? =
            switch recurrence {
            case .once(let start, let end): start <= now && now < end ? end : nil
            case .weekly(let hours): WeeklyHours(hours: hours, zone: rules).end(after: now)
            case .monthly: monthly(at: now, rules)
            }
        guard let end else { return nil }
        return until.map { min($0, end) } ?? end
    }

    /// Whether it has no future.
    package func isOver(at now: Moment) -> Bool {
        if let until, until <= now { return true }
        if case .once(_, let end) = recurrence { return end <= now }
        return false
    }

    private func monthly(at now: Moment, _ rules: ZoneRules) -> Moment? {
        guard case .monthly(let week, let weekday, let from, let length) = recurrence else { return nil }
        let today = rules.civil(now).day
        // It may have begun in the month before.
        for (year, month) in [
            (today.year, today.month),
            (
                CivilDay(number: today.number - today.day).year,
                CivilDay(number: today.number - today.day).month
            ),
        ] {
            guard let first = CivilDay(year, month, 1) else { continue }
            var day = first + ((weekday - first.weekday + 7) % 7 + (week - 1) * 7)
            if day.month != month { day = day + -7 }
            let wall = CivilTime(day, seconds: from)
            let start = rules.moment(wall)
            let end = rules.moment(CivilTime(secondsSince1970: wall.secondsSince1970 + length))
            if start <= now, now < end { return end }
        }
        return nil
    }
}
