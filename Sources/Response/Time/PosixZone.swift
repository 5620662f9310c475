/// The rule for the time after a zone's last listed change: the footer of a TZif file, in the notation of the TZ variable
/// (POSIX.1-2024, 8.3 "Other Environment Variables", with the hours of -167 to 167 that RFC 9636 §3.3.1 allows).
struct PosixZone: Hashable, Sendable {
    /// The day and time of a change, by the clock that runs until then.
    struct Change: Hashable, Sendable {
        enum Day: Hashable, Sendable {
            /// `Jn`: 1 to 365, 29 February never counted.
            case julian(Int)
            /// `n`: 0 to 365, 29 February counted.
            case zeroBased(Int)
            /// `Mm.w.d`: weekday 0 (Sunday) to 6; the week 5 is the last.
            case weekday(month: Int, week: Int, weekday: Int)
        }

        var day: Day
        /// Seconds after midnight.
        var time: Int

        /// As if the wall's clock were UTC.
        func seconds(in year: Int) -> Int {
            let first = (CivilDay(year, 1, 1) ?? CivilDay(number: 0)).number
            let number: Int
            switch day {
            case .julian(let day): number = first + day - 1 + (CivilDay.isLeap(year) && day >= 60 ? 1 : 0)
            case .zeroBased(let day): number = first + day
            case .weekday(let month, let week, let weekday):
                let start = CivilDay(year, month, 1) ?? CivilDay(number: first)
                let ahead = (weekday - start.weekday % 7 + 7) % 7
                let day = ahead + (week - 1) * 7
                number = start.number + (day < CivilDay.length(of: month, in: year) ? day : day - 7)
            }
            return number * 86_400 + time
        }
    }

    /// Summer time, from one change to the other.
    struct Summer: Hashable, Sendable {
        /// Seconds east of UTC.
        var offset: Int
        var start: Change
        var end: Change
    }

    /// Seconds east of UTC.
    var standard: Int
    var summer: Summer?

    /// `nil` for anything that is not such a rule.
    init?(_ text: String) {
        var reader = Reader(text)
        guard reader.name(), let west = reader.offset(limit: 24) else { return nil }
        standard = -west
        guard !reader.isAtEnd else { return }
        guard reader.name() else { return nil }
        var summer = standard + 3600
        if !reader.isAtEnd, !reader.isAt(","), let west = reader.offset(limit: 24) { summer = -west }
        guard reader.take(","), let start = reader.change(), reader.take(","), let end = reader.change(),
            reader.isAtEnd
        else { return nil }
        self.summer = Summer(offset: summer, start: start, end: end)
    }

    func offset(at seconds: Int) -> Int {
        var offset = standard
        var latest = Int.min
        let now = CivilTime(secondsSince1970: seconds).day.year
        for year in now - 1...now + 1 {
            for change in changes(in: year) where change.at <= seconds && change.at >= latest {
                (latest, offset) = change
            }
        }
        return offset
    }

    /// The changes whose rule belongs to a year, in the order of time, with the offset that begins.
    func changes(in year: Int) -> [(at: Int, offset: Int)] {
        guard let summer else { return [] }
        let start = (at: summer.start.seconds(in: year) - standard, offset: summer.offset)
        let end = (at: summer.end.seconds(in: year) - summer.offset, offset: standard)
        return start.at <= end.at ? [start, end] : [end, start]
    }

    private struct Reader {
        private var rest: Substring

        init(_ text: String) { rest = text[...] }

        var isAtEnd: Bool { rest.isEmpty }

        func isAt(_ character: Character) -> Bool { rest.first == character }

        mutating func take(_ character: Character) -> Bool {
            guard rest.first == character else { return false }
            rest.removeFirst()
            return true
        }

        mutating func name() -> Bool {
            if take("<") {
                guard let end = rest.firstIndex(of: ">") else { return false }
                rest = rest[rest.index(after: end)...]
                return true
            }
            let length = rest.prefix { $0.isASCII && $0.isLetter }.count
            rest = rest.dropFirst(length)
            return length >= 3
        }

        mutating func number(_ limit: ClosedRange<Int>) -> Int? {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard digits.count <= 4, let value = Int(digits), limit.contains(value) else { return nil }
            rest = rest.dropFirst(digits.count)
            return value
        }

        /// `[+|-]hh[:mm[:ss]]` in seconds.
        mutating func offset(limit: Int) -> Int? {
            let sign = take("-") ? -1 : 1
            if sign == 1 { _ = take("+") }
            guard var seconds = number(0...limit).map({ $0 * 3600 }) else { return nil }
            for unit in [60, 1] where isAt(":") {
                _ = take(":")
                guard let value = number(0...59) else { return nil }
                seconds += value * unit
            }
            return sign * seconds
        }

        mutating func change() -> Change? {
            let day: Change.Day
            if take("M") {
                guard let month = number(1...12), take("."), let week = number(1...5), take("."),
                    let weekday = number(0...6)
                else { return nil }
                day = .weekday(month: month, week: week, weekday: weekday)
            } else if take("J") {
                guard let number = number(1...365) else { return nil }
                day = .julian(number)
            } else {
                guard let number = number(0...365) else { return nil }
                day = .zeroBased(number)
            }
            guard take("/") else { return Change(day: day, time: 7200) }
            guard let time = offset(limit: 167) else { return nil }
            return Change(day: day, time: time)
        }
    }
}
