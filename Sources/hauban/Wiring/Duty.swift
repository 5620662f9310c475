import Planning
import Response
import Spec
import World

/// What this machine knows of the time zones and the calendar that a file asks about.
enum Duty {
    /// Looks a year ahead from a point in time.
    static func facts(of parsed: ParsedPlatform, now: Moment, zones: ZoneFiles) -> DutyFacts {
        let asked = DutyFacts.asked(by: parsed)
        // From the beginning of the day, so that what is said is the same for all of it.
        let today = Moment(seconds: now.seconds / 86_400 * 86_400)
        var facts = DutyFacts()
        // A machine without the database says nothing about names.
        if zones.exist {
            facts.unknownZones = asked.zones.filter { $0 != "UTC" && zones.rules($0) == nil }
        }
        for pattern in asked.patterns {
            do throws(Matcher.Problem) {
                if try Matcher("label", .matches, pattern).acceptsMissing { facts.loosePatterns.insert(pattern) }
            } catch {
                let head = "'\(pattern)' is no regular expression: "
                facts.badPatterns[pattern] =
                    error.description.hasPrefix(head)
                    ? String(error.description.dropFirst(head.count)) : error.description
            }
        }
        for (environment, platform) in DutyFacts.platforms(of: parsed) where platform.mayLeaveGaps {
            let rules = Rulebook(platform) { zones.rules($0) }
            for (name, schedule) in rules.schedules where !schedule.layers.isEmpty {
                guard let name = ScheduleName(name),
                    let gap = schedule.gaps(from: today, to: today + .seconds(366 * 86_400)).first
                else { continue }
                let zone = schedule.layers[0].zone
                facts.gaps[environment, default: [:]][name] =
                    "from \(zone.civil(gap.start).words) to \(zone.civil(gap.end).words)"
            }
        }
        return facts
    }
}

extension Platform {
    /// Rotations that are always in force leave none, and their calendar need not be gone through.
    fileprivate var mayLeaveGaps: Bool {
        oncall.values.contains { schedule in
            let rotations = schedule.rotations.map(\.rotation)
            return !rotations.isEmpty && !rotations.contains { $0.hours.isEmpty && $0.holidays == .works }
        }
    }
}

extension CivilTime {
    /// `2026-11-28 09:00`.
    fileprivate var words: String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(day) \(two(hour)):\(two(minute))"
    }
}
