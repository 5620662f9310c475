/// How quickly incidents were taken on and ended (MTTA, MTTR).
package struct ResponseTimes: Hashable, Codable, Sendable {
    /// Incidents that were opened in the period; merged ones count with the one that they were merged into.
    package var incidents: Int
    /// How many of them were ever acknowledged, and the mean time to that.
    package var acknowledged: Int
    package var meanToAcknowledge: Duration?
    /// How many are resolved, and the mean time to that.
    package var resolved: Int
    package var meanToResolve: Duration?

    /// - Parameter service: `nil` for all.
    package init(
        of incidents: some Sequence<Incident>, openedFrom start: Moment, to end: Moment, service: String? = nil
    ) {
        var count = 0
        var toAcknowledge: [Int] = []
        var toResolve: [Int] = []
        for incident in incidents where incident.opened >= start && incident.opened < end {
            if case .merged = incident.status { continue }
            guard service == nil || incident.service == service else { continue }
            count += 1
            if let at = incident.firstAcknowledged { toAcknowledge.append((at - incident.opened).milliseconds) }
            if let at = incident.resolved { toResolve.append((at - incident.opened).milliseconds) }
        }
        self.incidents = count
        acknowledged = toAcknowledge.count
        meanToAcknowledge = Self.mean(toAcknowledge)
        resolved = toResolve.count
        meanToResolve = Self.mean(toResolve)
    }

    /// By service, `""` being none; only services with an incident in the period.
    package static func byService(
        of incidents: [Incident], openedFrom start: Moment, to end: Moment
    ) -> [String: ResponseTimes] {
        Dictionary(grouping: incidents) { $0.service ?? "" }
            .mapValues { ResponseTimes(of: $0, openedFrom: start, to: end) }
            .filter { $0.value.incidents > 0 }
    }

    /// A length of time after which a new figure begins, by the clock on the wall.
    package enum Period: String, Hashable, Codable, CaseIterable, Sendable {
        case day, week, month
    }

    /// One figure for each day, week (from Monday) or month that begins before the end; the first holds the start.
    package static func by(
        _ period: Period, of incidents: [Incident], from start: Moment, to end: Moment, zone: ZoneRules,
        service: String? = nil
    ) -> [(start: Moment, times: ResponseTimes)] {
        var result: [(start: Moment, times: ResponseTimes)] = []
        let today = zone.civil(start).day
        var day =
            switch period {
            case .day: today
            case .week: today + (1 - today.weekday)
            case .month: today + (1 - today.day)
            }
        while zone.moment(CivilTime(day)) < end {
            let next =
                switch period {
                case .day: day + 1
                case .week: day + 7
                case .month: day + CivilDay.length(of: day.month, in: day.year)
                }
            let from = zone.moment(CivilTime(day))
            let times = ResponseTimes(
                of: incidents, openedFrom: max(from, start), to: min(zone.moment(CivilTime(next)), end),
                service: service)
            result.append((from, times))
            day = next
        }
        return result
    }

    private static func mean(_ values: [Int]) -> Duration? {
        values.isEmpty ? nil : .milliseconds(values.reduce(0, +) / values.count)
    }
}
