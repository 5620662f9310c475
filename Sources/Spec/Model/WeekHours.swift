/// Days of the week and the hours on them: `mon-fri 09:00-18:00`.
package struct WeekHours: Sendable, Hashable {
    /// 1 is Monday, 7 Sunday (ISO 8601).
    package var weekdays: Set<Int>
    /// Minutes after midnight.
    package var from: Int
    /// Minutes after midnight, at most 1440; not after `from` when it is on the next day.
    package var to: Int

    package init(weekdays: Set<Int>, from: Int, to: Int) {
        self.weekdays = weekdays
        self.from = from
        self.to = to
    }

    static let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    private static let dayPattern = "(mon|tue|wed|thu|fri|sat|sun)"
    private static let clockPattern = "[0-2][0-9]:[0-5][0-9]"

    static let shape: Shape<WeekHours> = .scalar(
        "hours of the week",
        pattern: "^(\(dayPattern)(-\(dayPattern))?(,\(dayPattern)(-\(dayPattern))?)*( \(clockPattern)-\(clockPattern))?"
            + "|\(clockPattern)-\(clockPattern))$",
        examples: ["mon-fri 09:00-18:00", "sat,sun", "22:00-07:00"],
        parse: { text in
            parse(text).map { .success($0) }
                ?? .failure(
                    .init(
                        "'\(text)' is not a part of the week",
                        help:
                            "Days, hours or both: `mon-fri 09:00-18:00`, `sat,sun`, `22:00-07:00`; hours that end before "
                            + "they begin end on the next day."))
        },
        show: { "\"" + $0.text + "\"" })

    private static func parse(_ text: String) -> WeekHours? {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard (1...2).contains(words.count), let last = words.last else { return nil }
        let hasClock = last.contains(":")
        guard hasClock || words.count == 1 else { return nil }
        var weekdays = Set(1...7)
        if words.count == 2 || !hasClock {
            guard let named = self.weekdays(words[0]) else { return nil }
            weekdays = named
        }
        guard hasClock else { return WeekHours(weekdays: weekdays, from: 0, to: 1440) }
        let ends = last.split(separator: "-", omittingEmptySubsequences: false).map(minutes)
        guard ends.count == 2, let from = ends[0], let to = ends[1], from < 1440 else { return nil }
        return WeekHours(weekdays: weekdays, from: from, to: to == 0 ? 1440 : to)
    }

    private static func weekdays(_ text: Substring) -> Set<Int>? {
        var found: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map {
                days.firstIndex(of: String($0))
            }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1] else { return nil }
            var day = first
            found.insert(day + 1)
            while day != last {
                day = (day + 1) % 7
                found.insert(day + 1)
            }
        }
        return found
    }

    /// `09:30` as minutes, up to `24:00`.
    static func minutes(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hour = Int(parts[0]),
            let minute = Int(parts[1]), (0...59).contains(minute), (0...1440).contains(hour * 60 + minute)
        else { return nil }
        return hour * 60 + minute
    }

    static func clock(_ minutes: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(minutes / 60)):\(two(minutes % 60))"
    }

    /// As it is written, in its shortest form.
    package var text: String {
        let hours = from == 0 && to == 1440 ? nil : "\(Self.clock(from))-\(Self.clock(to))"
        var runs: [String] = []
        for day in weekdays.sorted() where !weekdays.contains(day - 1) {
            var last = day
            while weekdays.contains(last + 1) { last += 1 }
            runs.append(day == last ? Self.days[day - 1] : Self.days[day - 1] + "-" + Self.days[last - 1])
        }
        let named = weekdays.count == 7 ? nil : runs.joined(separator: ",")
        return [named, hours].compactMap { $0 }.joined(separator: " ").ifEmpty("mon-sun")
    }

    /// The minutes of the week, from Monday's midnight, that it holds.
    package var minutes: [Range<Int>] {
        weekdays.sorted().flatMap { day -> [Range<Int>] in
            let start = (day - 1) * 1440 + from
            let length = to > from ? to - from : to + 1440 - from
            let end = start + length
            return end <= 10_080 ? [start..<end] : [start..<10_080, 0..<(end - 10_080)]
        }
    }
}

extension String {
    fileprivate func ifEmpty(_ other: String) -> String { isEmpty ? other : self }
}

extension Shape where Value == String {
    /// An IANA time zone.
    static var zone: Shape {
        .text(
            "a time zone", pattern: "^[A-Za-z_]+(/[A-Za-z0-9_+-]+)*$", examples: ["Europe/Paris"],
            help: "An IANA name such as `Europe/Paris` or `UTC`.",
            where: { text in
                text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
                    !part.isEmpty
                        && part.utf8.allSatisfy {
                            (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || (0x30...0x39).contains($0)
                                || $0 == 0x5f || $0 == 0x2b || $0 == 0x2d
                        }
                } && text.first?.isLetter == true
            })
    }

    /// An address on the web.
    static var webAddress: Shape {
        .text(
            "a web address", pattern: "^https?://[^/ ]+.*$", examples: ["https://hooks.shop.example/hauban"],
            help: "It begins with `https://` or `http://` and a host; no spaces.",
            where: { text in
                let rest =
                    text.hasPrefix("https://") ? text.dropFirst(8) : text.hasPrefix("http://") ? text.dropFirst(7) : ""
                return rest.first.map { $0 != "/" } == true && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
            })
    }
}
