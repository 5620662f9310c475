/// A point in time: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
package struct Moment: Hashable, Comparable, Codable, Sendable {
    package var milliseconds: Int

    package init(milliseconds: Int) {
        self.milliseconds = milliseconds
    }

    package init(seconds: Int) {
        milliseconds = seconds * 1000
    }

    /// Whole seconds since 1970, rounded down.
    package var seconds: Int { milliseconds.flooredQuotient(by: 1000) }

    package static func < (one: Moment, other: Moment) -> Bool { one.milliseconds < other.milliseconds }

    package static func + (moment: Moment, duration: Duration) -> Moment {
        Moment(milliseconds: moment.milliseconds + duration.milliseconds)
    }

    package static func - (moment: Moment, duration: Duration) -> Moment {
        Moment(milliseconds: moment.milliseconds - duration.milliseconds)
    }

    package static func - (one: Moment, other: Moment) -> Duration {
        .milliseconds(one.milliseconds - other.milliseconds)
    }
}

extension Moment: CustomStringConvertible {
    /// RFC 3339 in UTC; milliseconds only where there are some.
    package var description: String {
        let civil = CivilTime(secondsSince1970: seconds)
        let rest = milliseconds - seconds * 1000
        let fraction = rest == 0 ? "" : ".\(padded(rest, 3))"
        return
            "\(civil.day)T\(padded(civil.hour, 2)):\(padded(civil.minute, 2)):\(padded(civil.second, 2))\(fraction)Z"
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero.
    package var milliseconds: Int {
        Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}

extension Int {
    /// The quotient rounded towards minus infinity, as days before 1970 need it.
    func flooredQuotient(by divisor: Int) -> Int {
        let quotient = self / divisor
        return self % divisor != 0 && (self < 0) != (divisor < 0) ? quotient - 1 : quotient
    }
}

func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
