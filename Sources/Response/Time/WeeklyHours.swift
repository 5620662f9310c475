/// Parts of the week by the clock on the wall of one time zone.
package struct WeeklyHours: Hashable, Sendable {
    package var hours: [RotationLayer.Hours]
    package var zone: ZoneRules

    package init(hours: [RotationLayer.Hours], zone: ZoneRules) {
        self.hours = hours
        self.zone = zone
    }

    /// Whether a point in time lies within, and the next time at which that may be different.
    package func state(at moment: Moment) -> (isWithin: Bool, until: Moment) {
        let wall = zone.civil(moment)
        var boundaries = [zone.moment(CivilTime(wall.day + 1))]
        for hours in hours {
            for second in [hours.from, hours.to] where second < 86_400 {
                boundaries.append(zone.moment(CivilTime(wall.day, seconds: second)))
            }
        }
        if let change = zone.change(after: moment) { boundaries.append(change.at) }
        let until = boundaries.filter { $0 > moment }.min() ?? moment + .seconds(86_400)
        return (hours.contains { $0.contains(wall) }, until)
    }

    /// The end of the time within which a point lies; `nil` when it lies without, or when there is no end within two weeks.
    package func end(after moment: Moment) -> Moment? {
        var (isWithin, time) = state(at: moment)
        guard isWithin else { return nil }
        let limit = moment + .seconds(14 * 86_400)
        while isWithin {
            guard time < limit else { return nil }
            let next = state(at: time)
            if !next.isWithin { return time }
            (isWithin, time) = next
        }
        return nil
    }
}
