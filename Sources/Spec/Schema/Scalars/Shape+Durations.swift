extension Shape where Value == Duration {
    /// `250ms`, `30s`, `5m`, `1h30m`, `2d`, `1w`.
    static var duration: Shape {
        .scalar(
            "a duration", pattern: "^([0-9]+(ms|s|m|h|d|w))+$", examples: ["30s", "5m", "1h30m"],
            parse: { text in
                if let value = DurationText.parse(text) { return .success(value) }
                if let number = Int(text), number >= 0 {
                    return .failure(
                        .init(
                            .missingUnit, "the duration '\(text)' has no unit",
                            help: "Units are ms, s, m, h, d and w.", fix: "\(number)s"))
                }
                if let short = DurationText.abbreviated(text) {
                    return .failure(
                        .init(
                            "'\(text)' is not a duration", help: "Units are ms, s, m, h, d and w, without a space.",
                            fix: short))
                }
                if DurationText.isTooLong(text) {
                    return .failure(
                        .init(.outOfRange, "\(text) is too long", help: "The longest duration is about 300 years."))
                }
                return .failure(
                    .init(
                        "'\(text)' is not a duration",
                        help: "A duration is a whole number and a unit (ms, s, m, h, d, w), several in a row from "
                            + "large to small: `90s`, `1h30m`."))
            },
            show: DurationText.text)
    }

    /// A duration or `hourly`, `daily`, `weekly`, `monthly` (30 days).
    static var interval: Shape {
        .scalar(
            "an interval", pattern: "^(hour(ly)?|day|daily|week(ly)?|month(ly)?|([0-9]+(ms|s|m|h|d|w))+)$",
            examples: ["weekly", "6h"],
            parse: { text in
                let words: [String: Duration] = [
                    "hour": .seconds(3600), "hourly": .seconds(3600), "day": .seconds(86_400),
                    "daily": .seconds(86_400), "week": .seconds(604_800), "weekly": .seconds(604_800),
                    "month": .seconds(2_592_000), "monthly": .seconds(2_592_000),
                ]
                if let value = words[text] ?? DurationText.parse(text), value > .zero { return .success(value) }
                return .failure(
                    .init(
                        "'\(text)' is not an interval",
                        help: "Write `hourly`, `daily`, `weekly`, `monthly` or a duration."))
            },
            show: DurationText.text)
    }
}

/// The text form of durations.
package enum DurationText {
    /// Units from large to small, in milliseconds.
    private static let units: [(name: String, size: Int)] = [
        ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// The longest duration, about 300 years: sums of a few stay far from overflow.
    private static let longest = 10_000_000_000_000

    /// - Returns: `nil` unless units fall from large to small and the whole fits.
    package static func parse(_ text: String) -> Duration? {
        var total = 0
        var digits = ""
        var unit = ""
        var previous = Int.max
        func flush() -> Bool {
            guard let size = units.first(where: { $0.name == unit })?.size, size < previous, let count = Int(digits)
            else { return false }
            let (part, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow, part <= longest, total <= longest else { return false }
            total += part
            previous = size
            digits = ""
            unit = ""
            return true
        }
        for character in text.utf8 {
            if (0x30...0x39).contains(character) {
                if !unit.isEmpty, !flush() { return nil }
                digits.unicodeScalars.append(Unicode.Scalar(character))
            } else {
                if digits.isEmpty || !(0x61...0x7a).contains(character) { return nil }
                unit.unicodeScalars.append(Unicode.Scalar(character))
            }
        }
        guard !digits.isEmpty, !unit.isEmpty, flush() else { return nil }
        return .milliseconds(total)
    }

    /// `30 seconds` as `30s`; `nil` when it is no count with a unit in words.
    static func abbreviated(_ text: String) -> String? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let words: [String: String] = [
            "millisecond": "ms", "msec": "ms", "second": "s", "sec": "s", "s": "s", "minute": "m", "min": "m",
            "m": "m", "hour": "h", "hr": "h", "h": "h", "day": "d", "d": "d", "week": "w", "w": "w",
        ]
        var word = String(text.dropFirst(digits.count)).trimmed.lowercased()
        if word.count > 1, word.hasSuffix("s"), words[word] == nil { word.removeLast() }
        guard let unit = words[word] else { return nil }
        let short = digits + unit
        return parse(String(short)) == nil ? nil : String(short)
    }

    /// One count and unit, well formed and beyond what a duration holds.
    static func isTooLong(_ text: String) -> Bool {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        return !digits.isEmpty && parse(text) == nil && units.contains { $0.name == text.dropFirst(digits.count) }
    }

    /// With whole units from large to small: `1h30m`; `0s` for nothing. Finer than a millisecond is cut.
    package static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        var rest = Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
        var text = ""
        for (name, size) in units where rest >= size && name != "w" || (name == "w" && rest >= size && rest % size == 0)
        {
            text += "\(rest / size)\(name)"
            rest %= size
        }
        return text.isEmpty ? "0s" : text
    }
}
