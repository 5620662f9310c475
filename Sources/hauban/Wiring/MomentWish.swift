import ArgumentParser
import FoundationEssentials
import Glibc
import Response
import Spec

/// A moment as somebody wrote it: certain, or what a clock on the wall shows in a zone that is known later.
enum MomentWish: ExpressibleByArgument {
    case moment(Moment)
    case wall(CivilTime)

    init?(argument: String) {
        if let wall = Self.wall(argument) {
            self = .wall(wall)
        } else if let date = MomentText.parse(argument, now: Date()) {
            self = .moment(Moment(milliseconds: Int(date.timeIntervalSince1970 * 1000)))
        } else {
            return nil
        }
    }

    static let help =
        "30m from now, 14:30 on this machine's clock, \"2026-12-24 09:00\" on the schedule's, or 2026-12-24T09:00:00Z"

    /// - Parameter zone: by which a wall's clock goes; `nil`: this machine's.
    func moment(in zone: ZoneRules? = nil) -> Moment {
        switch self {
        case .moment(let moment): return moment
        case .wall(let civil):
            if let zone { return zone.moment(civil) }
            var parts = tm()
            parts.tm_year = Int32(civil.day.year - 1900)
            parts.tm_mon = Int32(civil.day.month - 1)
            parts.tm_mday = Int32(civil.day.day)
            parts.tm_hour = Int32(civil.hour)
            parts.tm_min = Int32(civil.minute)
            parts.tm_isdst = -1
            return Moment(seconds: mktime(&parts))
        }
    }

    var isWall: Bool {
        if case .wall = self { true } else { false }
    }

    /// Reads `2026-12-24`, `2026-12-24 09:00` and `2026-12-24T09:00`.
    private static func wall(_ text: String) -> CivilTime? {
        let parts = text.split(whereSeparator: { $0 == " " || $0 == "T" })
        guard let first = parts.first, let day = CivilDay(String(first)), parts.count <= 2 else { return nil }
        guard parts.count == 2 else { return CivilTime(day) }
        let time = parts[1].split(separator: ":", omittingEmptySubsequences: false)
        guard time.count == 2, time.allSatisfy({ $0.count == 2 && $0.allSatisfy { $0.isASCII && $0.isNumber } }),
            let hour = Int(time[0]), let minute = Int(time[1]), hour < 24, minute < 60
        else { return nil }
        return CivilTime(day, seconds: hour * 3600 + minute * 60)
    }
}

/// How long something lasts: `30m`, `1h30m`, `2d`.
struct Span: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        guard let duration = DurationText.parse(argument), duration > .zero else { return nil }
        self.duration = duration
    }
}
