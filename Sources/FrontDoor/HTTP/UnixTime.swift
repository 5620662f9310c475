import Glibc

/// Wall-clock seconds and their form in HTTP.
enum UnixTime {
    static func now() -> Int { time(nil) }

    /// With microseconds, for records that are compared with other logs.
    static func nowMicroseconds() -> Int {
        var value = timespec()
        clock_gettime(CLOCK_REALTIME, &value)
        return value.tv_sec * 1_000_000 + value.tv_nsec / 1_000
    }

    /// IMF-fixdate (RFC 9110 §5.6.7), for example `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func httpDate(_ second: Int) -> String {
        let (year, month, day, weekday) = civil(second)
        let time = second - second / 86_400 * 86_400
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        return "\(days[weekday]), \(two(day)) \(months[month - 1]) \(year) \(clock(time)) GMT"
    }

    /// RFC 3339 in UTC with milliseconds.
    static func timestamp(microseconds: Int) -> String {
        let second = microseconds / 1_000_000
        let (year, month, day, _) = civil(second)
        let milliseconds = microseconds / 1_000 % 1_000
        let fraction = (milliseconds < 100 ? "0" : "") + two(milliseconds)
        return "\(year)-\(two(month))-\(two(day))T\(clock(second % 86_400)).\(fraction)Z"
    }

    /// Seconds of an IMF-fixdate, or `nil` for any other text: a date that is not understood is ignored
    /// (RFC 9110 §13.1.3).
    static func parse(httpDate text: String) -> Int? {
        let parts = text.split(separator: " ")
        guard text.utf8.count == 29, parts.count == 6, parts[5] == "GMT",
            let day = Int32(parts[1]), let month = months.firstIndex(of: String(parts[2])), let year = Int32(parts[3])
        else { return nil }
        let clock = parts[4].split(separator: ":").compactMap { Int32($0) }
        guard clock.count == 3 else { return nil }
        var value = tm()
        value.tm_year = year - 1900
        value.tm_mon = Int32(month)
        value.tm_mday = day
        value.tm_hour = clock[0]
        value.tm_min = clock[1]
        value.tm_sec = clock[2]
        return timegm(&value)
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func clock(_ time: Int) -> String { "\(two(time / 3_600)):\(two(time / 60 % 60)):\(two(time % 60))" }

    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

    private static func civil(_ second: Int) -> (year: Int, month: Int, day: Int, weekday: Int) {
        var value = tm()
        var seconds = second
        gmtime_r(&seconds, &value)
        return (Int(value.tm_year) + 1900, Int(value.tm_mon) + 1, Int(value.tm_mday), Int(value.tm_wday))
    }
}
