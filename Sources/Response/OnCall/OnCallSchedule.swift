/// Who is on call, at any time: layers of rotations, and what people have arranged otherwise.
package struct OnCallSchedule: Hashable, Sendable {
    /// One person in the place of others for some time; two of them, each replacing the other's person, are a swap.
    package struct Override: Hashable, Codable, Sendable {
        package var id: String
        package var start: Moment
        package var end: Moment
        package var person: String
        /// Only where this person would be on call; `nil`: whoever it is, and where nobody is.
        package var replaces: String?

        package init(id: String, start: Moment, end: Moment, person: String, replaces: String? = nil) {
            self.id = id
            self.start = start
            self.end = end
            self.person = person
            self.replaces = replaces
        }
    }

    /// Time in which a person takes no turns: the next in the rotation does.
    package struct Absence: Hashable, Codable, Sendable {
        package var person: String
        package var start: Moment
        package var end: Moment

        package init(person: String, start: Moment, end: Moment) {
            self.person = person
            self.start = start
            self.end = end
        }
    }

    package var name: String
    /// The last layer that has somebody wins.
    package var layers: [RotationLayer]
    /// The last one that applies wins.
    package var overrides: [Override]
    package var absences: [Absence]
    package var holidays: Set<CivilDay>
    /// Holidays on which somebody is on call in the place of all layers, or nobody on purpose.
    package var standIns: StandIns?

    /// Days by the calendar of one zone, and who is on call on them.
    package struct StandIns: Hashable, Sendable {
        /// `nil`: nobody, on purpose.
        package var people: [CivilDay: String?]
        package var zone: ZoneRules

        package init(people: [CivilDay: String?], zone: ZoneRules) {
            self.people = people
            self.zone = zone
        }

        /// Whether nobody is meant to be on call.
        package func isClosed(at moment: Moment) -> Bool { people[zone.civil(moment).day] == .some(nil) }
    }

    package init(
        name: String, layers: [RotationLayer], overrides: [Override] = [], absences: [Absence] = [],
        holidays: Set<CivilDay> = [], standIns: StandIns? = nil
    ) {
        self.name = name
        self.layers = layers
        self.overrides = overrides
        self.absences = absences
        self.holidays = holidays
        self.standIns = standIns
    }

    /// Who is on call at a point in time, and why.
    package func shift(at moment: Moment) -> Shift {
        let (person, why, until) = answer(at: moment)
        return Shift(start: moment, end: until, person: person, why: why)
    }

    /// Everything from one point in time to another, gaps included, without holes and in order.
    package func shifts(from start: Moment, to end: Moment) -> [Shift] {
        var shifts: [Shift] = []
        var time = start
        while time < end {
            var next = shift(at: time)
            next.end = min(next.end, end)
            if let last = shifts.last, last.person == next.person, last.why == next.why {
                shifts[shifts.count - 1].end = next.end
            } else {
                shifts.append(next)
            }
            time = next.end
        }
        return shifts
    }

    /// When nobody is on call, but for the days on which nobody is meant to be.
    package func gaps(from start: Moment, to end: Moment) -> [Shift] {
        guard let standIns else { return shifts(from: start, to: end).filter { $0.person == nil } }
        var gaps: [Shift] = []
        var time = start
        // Looked at piece by piece: a gap may begin beside a day that is closed.
        while time < end {
            var next = shift(at: time)
            next.end = min(next.end, end)
            if next.person == nil, !standIns.isClosed(at: time) {
                if let last = gaps.last, last.end == next.start {
                    gaps[gaps.count - 1].end = next.end
                } else {
                    gaps.append(next)
                }
            }
            time = next.end
        }
        return gaps
    }

    /// The answer, and how long it surely holds.
    private func answer(at moment: Moment) -> (String?, Shift.Reason, Moment) {
        var until = moment + .seconds(366 * 86_400)
        var person: String?
        var why = Shift.Reason.nobody
        func note(_ boundary: Moment) { if boundary > moment { until = min(until, boundary) } }
        for absence in absences {
            note(absence.start)
            note(absence.end)
        }
        let away = Set(absences.filter { $0.start <= moment && moment < $0.end }.map(\.person))
        for layer in layers where !layer.people.isEmpty {
            let state = layer.isOn(at: moment, holidays: holidays)
            note(state.until)
            let turn = layer.turn(at: moment)
            note(turn.end)
            if state.isOn, let found = layer.person(in: turn, isAway: away.contains) {
                person = found.person
                why = found.standsInFor.map { .standIn(layer: layer.name, for: $0) } ?? .turn(layer: layer.name)
            }
        }
        if let standIns {
            let day = standIns.zone.civil(moment).day
            note(standIns.zone.moment(CivilTime(day + 1)))
            switch standIns.people[day] {
            case .none: break
            case .some(.none): (person, why) = (nil, .nobody)
            case .some(.some(let other)) where other != person && !away.contains(other):
                why = person.map { .standIn(layer: "holidays", for: $0) } ?? .turn(layer: "holidays")
                person = other
            case .some(.some): break
            }
        }
        let rotation = person
        for override in overrides {
            note(override.start)
            note(override.end)
            guard override.start <= moment, moment < override.end else { continue }
            guard override.replaces == nil || override.replaces == rotation else { continue }
            person = override.person
            why = .override(id: override.id, insteadOf: rotation)
        }
        return (person, why, until)
    }
}

/// A time for which the answer to "who is on call" is the same.
package struct Shift: Hashable, Sendable {
    /// Why it is this person.
    package enum Reason: Hashable, Codable, Sendable {
        case turn(layer: String)
        /// The person whose turn it is, is away.
        case standIn(layer: String, for: String)
        case override(id: String, insteadOf: String?)
        /// No layer has anybody.
        case nobody
    }

    package var start: Moment
    package var end: Moment
    package var person: String?
    package var why: Reason

    package init(start: Moment, end: Moment, person: String?, why: Reason) {
        self.start = start
        self.end = end
        self.person = person
        self.why = why
    }
}
