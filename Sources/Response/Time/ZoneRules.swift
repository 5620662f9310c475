/// The offsets of one time zone from UTC, past and future, as the time zone database has them.
package struct ZoneRules: Hashable, Sendable {
    /// Why bytes are not a time zone.
    package struct Problem: Error, Hashable, CustomStringConvertible {
        package var description: String
    }

    /// IANA name: `Europe/Paris`.
    package let name: String
    /// When offsets change, seconds since 1970, rising.
    private let changes: [Int]
    /// Seconds east of UTC; one more than there are changes, the first for the time before them all.
    private let offsets: [Int]
    /// What holds after the last change.
    private let rule: PosixZone?

    package static let utc = ZoneRules(name: "UTC", changes: [], offsets: [0], rule: nil)

    private init(name: String, changes: [Int], offsets: [Int], rule: PosixZone?) {
        self.name = name
        self.changes = changes
        self.offsets = offsets
        self.rule = rule
    }

    /// Reads a TZif file of version 2 or later (RFC 9636).
    ///
    /// - Throws: `Problem`
    package init(name: String, tzif bytes: [UInt8]) throws(Problem) {
        var reader = TZifReader(bytes)
        let first = try reader.header()
        guard first.version >= 2 else { throw Problem(description: "version 1 ends in 2038: it is too old") }
        // The first block repeats in 32 bits what the second says in 64 (§3.1).
        try reader.skip(first.length(timeSize: 4))
        let header = try reader.header()
        let times = try reader.integers(header.times, size: 8)
        let kinds = try reader.integers(header.times, size: 1)
        var types: [Int] = []
        for _ in 0..<header.types {
            types.append(try reader.integers(1, size: 4)[0])
            try reader.skip(2)
        }
        try reader.skip(header.characters + header.leaps * 12 + header.standards + header.universals)
        guard types.allSatisfy({ abs($0) < 172_800 }), let start = types.first,
            kinds.allSatisfy({ types.indices.contains($0) }), zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }),
            header.leaps == 0
        else { throw Problem(description: "its changes make no sense") }
        let footer = try reader.footer()
        let rule = footer.isEmpty ? nil : PosixZone(footer)
        guard footer.isEmpty || rule != nil else { throw Problem(description: "its footer '\(footer)' is no rule") }
        self.init(name: name, changes: times, offsets: [start] + kinds.map { types[$0] }, rule: rule)
    }

    /// Seconds east of UTC at a point in time.
    package func offset(at moment: Moment) -> Int { offset(at: moment.seconds) }

    /// What the clock on the wall shows.
    package func civil(_ moment: Moment) -> CivilTime {
        CivilTime(secondsSince1970: moment.seconds + offset(at: moment.seconds))
    }

    /// When the clock on the wall shows a time.
    ///
    /// A time that it shows twice is the first of both. One that it jumps over counts on by the offset before the jump, so
    /// that 02:30 becomes 03:30 (RFC 5545 §3.3.5).
    package func moment(_ civil: CivilTime) -> Moment {
        let wall = civil.secondsSince1970
        // No offset is a day or more, and none has ever changed twice within two days by more than that.
        let before = offset(at: wall - 86_400)
        var candidates = [before]
        var time = wall - 86_400
        while let next = change(after: time), next.at <= wall + 86_400 {
            candidates.append(next.offset)
            time = next.at
        }
        let shown = candidates.map { wall - $0 }.filter { offset(at: $0) + $0 == wall }.min()
        if let shown { return Moment(seconds: shown) }
        // The jump: the last change after which the clock shows more than the time, before which it showed less.
        var offsetBefore = before
        time = wall - 86_400
        while let next = change(after: time), next.at <= wall + 86_400 {
            if next.at + next.offset > wall { break }
            offsetBefore = next.offset
            time = next.at
        }
        return Moment(seconds: wall - offsetBefore)
    }

    /// The first change of the offset after a time.
    package func change(after moment: Moment) -> (at: Moment, offset: Int)? {
        change(after: moment.seconds).map { (Moment(seconds: $0.at), $0.offset) }
    }

    private func offset(at seconds: Int) -> Int {
        if let last = changes.last, seconds < last { return offsets[index(after: seconds)] }
        return rule?.offset(at: seconds) ?? offsets[offsets.count - 1]
    }

    /// How many changes are not later than a time.
    private func index(after seconds: Int) -> Int {
        var low = 0
        var high = changes.count
        while low < high {
            let middle = (low + high) / 2
            if changes[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func change(after seconds: Int) -> (at: Int, offset: Int)? {
        let index = index(after: seconds)
        if index < changes.count { return (changes[index], offset(at: changes[index])) }
        guard let rule else { return nil }
        let year = CivilTime(secondsSince1970: seconds).day.year
        for year in year - 1...year + 2 {
            for change in rule.changes(in: year) where change.at > seconds { return change }
        }
        return nil
    }
}

/// The parts of a TZif file, in order.
private struct TZifReader {
    struct Header {
        var version: Int
        var universals: Int
        var standards: Int
        var leaps: Int
        var times: Int
        var types: Int
        var characters: Int

        /// Bytes of the data block (RFC 9636 §3.2).
        func length(timeSize: Int) -> Int {
            times * (timeSize + 1) + types * 6 + characters + leaps * (timeSize + 4) + standards + universals
        }
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func skip(_ count: Int) throws(ZoneRules.Problem) {
        guard count >= 0, count <= bytes.count - position else { throw .init(description: "it ends too early") }
        position += count
    }

    /// Big-endian, in two's complement where they have more than one byte.
    mutating func integers(_ count: Int, size: Int) throws(ZoneRules.Problem) -> [Int] {
        let start = position
        guard count >= 0, count <= bytes.count else { throw .init(description: "it ends too early") }
        try skip(count * size)
        return (0..<count).map { index in
            let slice = bytes[start + index * size..<start + (index + 1) * size]
            let value = slice.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            switch size {
            case 4: return Int(Int32(truncatingIfNeeded: value))
            case 8: return Int(Int64(bitPattern: value))
            default: return Int(value)
            }
        }
    }

    mutating func header() throws(ZoneRules.Problem) -> Header {
        let magic = try integers(5, size: 1)
        guard magic[0...3] == [0x54, 0x5a, 0x69, 0x66] else { throw .init(description: "it does not begin with TZif") }
        try skip(15)
        let counts = try integers(6, size: 4)
        guard counts.allSatisfy({ $0 >= 0 }) else { throw .init(description: "its counts are negative") }
        return Header(
            version: magic[4] == 0 ? 1 : magic[4] - 0x30, universals: counts[0], standards: counts[1],
            leaps: counts[2], times: counts[3], types: counts[4], characters: counts[5])
    }

    /// The text between the two line ends at the end.
    mutating func footer() throws(ZoneRules.Problem) -> String {
        try skip(1)
        guard bytes[position - 1] == 0x0a, let end = bytes[position...].firstIndex(of: 0x0a) else {
            throw .init(description: "it has no footer")
        }
        return String(decoding: bytes[position..<end], as: UTF8.self)
    }
}
