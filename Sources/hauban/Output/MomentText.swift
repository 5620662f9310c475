package import FoundationEssentials
import Glibc
import Spec

/// A moment as people write it.
package enum MomentText {
    /// Reads a duration from now, a time of day on this machine's clock (the next one), or an RFC 3339 moment.
    package static func parse(_ text: String, now: Date) -> Date? {
        if let duration = DurationText.parse(text) { return now.addingTimeInterval(duration / .seconds(1)) }
        if let date = try? Date(text, strategy: .iso8601) { return date }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 }), let hour = Int32(parts[0]),
            let minute = Int32(parts[1]), (0..<24).contains(hour), (0..<60).contains(minute)
        else { return nil }
        var second = time_t(now.timeIntervalSince1970)
        var day = tm()
        localtime_r(&second, &day)
        day.tm_hour = hour
        day.tm_min = minute
        day.tm_sec = 0
        day.tm_isdst = -1
        let today = Date(timeIntervalSince1970: Double(mktime(&day)))
        if today > now { return today }
        day.tm_mday += 1
        day.tm_isdst = -1
        return Date(timeIntervalSince1970: Double(mktime(&day)))
    }
}
