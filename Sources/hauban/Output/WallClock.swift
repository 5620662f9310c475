import FoundationEssentials
import Glibc
package import Response
import Spec
import World

/// Moments as the clock on a wall shows them.
package struct WallClock: Sendable {
    package var now: Moment
    private let civil: @Sendable (Moment) -> CivilTime

    package init(now: Moment, civil: @escaping @Sendable (Moment) -> CivilTime) {
        self.now = now
        self.civil = civil
    }

    /// This machine's clock and zone.
    static var machine: WallClock {
        let now = Timekeeper.live.date().timeIntervalSince1970
        return WallClock(now: Moment(milliseconds: Int(now * 1000))) { moment in
            var second = time_t(moment.seconds)
            var parts = tm()
            localtime_r(&second, &parts)
            return CivilTime(secondsSince1970: moment.seconds + parts.tm_gmtoff)
        }
    }

    /// `14:05`, with the date where it is another day than today: `2026-11-20 14:05`.
    package func text(_ moment: Moment) -> String {
        let shown = civil(moment)
        let time = "\(Self.two(shown.hour)):\(Self.two(shown.minute))"
        return shown.day == civil(now).day ? time : "\(shown.day) \(time)"
    }

    /// As `text`, with seconds.
    package func fine(_ moment: Moment) -> String { "\(text(moment)):\(Self.two(civil(moment).second))" }

    /// `Mon 2026-11-23 09:00`: weekdays say more about shifts than dates.
    package func weekday(_ moment: Moment) -> String {
        let shown = civil(moment)
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        return "\(days[shown.day.weekday - 1]) \(shown.day) \(Self.two(shown.hour)):\(Self.two(shown.minute))"
    }

    /// `3m ago`.
    package func ago(_ moment: Moment) -> String { Words.ago(Double((now - moment).milliseconds) / 1000) }

    /// `1h30m`: to the second below an hour, to the minute above.
    package static func span(_ duration: Duration) -> String {
        let seconds = Int((duration / .seconds(1)).rounded())
        return DurationText.text(.seconds(seconds < 3600 ? seconds : (seconds + 30) / 60 * 60))
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension Moment {
    /// Reads what the API writes (RFC 3339).
    package init?(_ text: String) {
        guard let date = Timestamp.parse(text)?.date else { return nil }
        self.init(milliseconds: Int((date.timeIntervalSince1970 * 1000).rounded()))
    }
}
