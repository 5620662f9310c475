/// A share, held as ten-thousandths of a percent so that `99.95%` is exact.
package struct Percent: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    /// 1,000,000 is 100 %.
    package let millionths: Int

    package init(millionths: Int) { self.millionths = millionths }

    /// 0 to 1.
    package var fraction: Double { Double(millionths) / 1_000_000 }

    package var description: String { Decimals.text(millionths, scale: 10_000) + "%" }

    package static func < (left: Self, right: Self) -> Bool { left.millionths < right.millionths }

    /// Stored as it is written: `"5%"`.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard text.hasSuffix("%"), let millionths = Decimals.value(text.dropLast(), scale: 10_000) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a percentage")
        }
        self.init(millionths: millionths)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// An amount of memory or storage.
package struct ByteCount: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    package let bytes: Int

    package init(bytes: Int) { self.bytes = bytes }

    /// With the largest binary unit that divides it, as Kubernetes writes quantities.
    package var description: String {
        for (unit, size) in ByteCount.units.reversed() where bytes >= size && bytes % size == 0 {
            return "\(bytes / size)\(unit)"
        }
        return "\(bytes)"
    }

    /// Binary units and their sizes, the smallest first.
    static let units: [(String, Int)] = [("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1 << 40)]

    package static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }
}

/// A share of processors in thousandths of one.
package struct CPUCount: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    package let millis: Int

    package init(millis: Int) { self.millis = millis }

    package var description: String { millis % 1000 == 0 ? "\(millis / 1000)" : "\(millis)m" }

    package static func < (left: Self, right: Self) -> Bool { left.millis < right.millis }
}

/// An amount of money in one currency.
package struct Money: Sendable, Hashable, Codable, CustomStringConvertible {
    /// In hundredths of the unit.
    package let cents: Int
    /// ISO 4217.
    package let currency: String

    package init(cents: Int, currency: String) {
        self.cents = cents
        self.currency = currency
    }

    package var description: String { "\(Decimals.text(cents, scale: 100)) \(currency)" }
}

/// How often something may happen.
package struct Rate: Sendable, Hashable, Codable, CustomStringConvertible {
    package let count: Int
    /// Seconds: 1, 60 or 3600.
    package let per: Int

    package init(count: Int, per: Int) {
        self.count = count
        self.per = per
    }

    package var perSecond: Double { Double(count) / Double(per) }

    package var description: String { "\(count)/\(per == 1 ? "s" : per == 60 ? "m" : "h")" }
}

/// A day without a time, as waivers expire on.
package struct CalendarDate: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    package let year: Int
    package let month: Int
    package let day: Int

    /// - Returns: `nil` for a day that the Gregorian calendar does not have.
    package init?(year: Int, month: Int, day: Int) {
        guard (1970...9999).contains(year), (1...12).contains(month), day >= 1 else { return nil }
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day <= lengths[month - 1] else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// 1 is Monday, 7 Sunday (ISO 8601).
    package var weekday: Int {
        // Sakamoto's method: years begin in March.
        let shifts = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]
        let shifted = month < 3 ? year - 1 : year
        let sunday = (shifted + shifted / 4 - shifted / 100 + shifted / 400 + shifts[month - 1] + day) % 7
        return sunday == 0 ? 7 : sunday
    }

    package var description: String { "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }
}

/// Exact decimal texts of scaled whole numbers.
enum Decimals {
    /// `text(99_950_0, scale: 10_000)` is `99.95`.
    static func text(_ value: Int, scale: Int) -> String {
        let whole = value / scale
        var rest = abs(value % scale)
        if rest == 0 { return "\(whole)" }
        var digits = ""
        var unit = scale / 10
        while rest > 0, unit > 0 {
            digits += "\(rest / unit)"
            rest %= unit
            unit /= 10
        }
        return "\(whole).\(digits)"
    }

    /// The other way; `nil` when the text is no plain decimal, is finer than the scale, or is too large.
    static func value(_ text: Substring, scale: Int) -> Int? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let head = parts.first, !head.isEmpty, head.utf8.allSatisfy(isDigit),
            let whole = Int(head)
        else { return nil }
        var result = whole.multipliedReportingOverflow(by: scale)
        guard !result.overflow else { return nil }
        guard parts.count == 2 else { return result.partialValue }
        guard !parts[1].isEmpty, parts[1].utf8.allSatisfy(isDigit) else { return nil }
        var unit = scale
        for byte in parts[1].utf8 {
            guard unit % 10 == 0 || byte == 0x30 else { return nil }
            unit /= 10
            let (sum, overflow) = result.partialValue.addingReportingOverflow(unit * Int(byte - 0x30))
            guard !overflow else { return nil }
            result.partialValue = sum
        }
        return result.partialValue
    }

    /// Digits with or without a sign, however many.
    static func isWhole(_ text: String) -> Bool {
        let digits = text.first == "-" || text.first == "+" ? text.utf8.dropFirst() : text.utf8[...]
        return !digits.isEmpty && digits.allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
