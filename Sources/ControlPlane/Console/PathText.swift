import Response

/// Texts as parts of an address (RFC 3986).
enum PathText {
    /// One segment of a path.
    static func segment(_ text: String) -> String { encoded(text) }

    /// `?name=value&…` with what is not empty; nothing without any.
    static func query(_ pairs: [(String, String)]) -> String {
        let parts = pairs.filter { !$0.1.isEmpty }.map { "\($0.0)=\(encoded($0.1))" }
        return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
    }

    /// A path of the console that somebody handed in: nothing that leads elsewhere.
    static func local(_ text: String) -> String {
        let isOurs =
            text.hasPrefix("/") && !text.hasPrefix("//") && !text.hasPrefix("/\\")
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        return isOurs ? text : "/"
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func encoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: ":"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Times as forms write them (HTML, "Local dates and times").
enum TimeText {
    /// `2026-11-21T14:05`.
    static func local(_ moment: Moment, _ zone: ZoneRules) -> String {
        let time = zone.civil(moment)
        return "\(time.day)T\(Phrase.clock(time))"
    }

    /// Reads `2026-11-21T14:05`, with seconds or without.
    static func moment(_ text: String, _ zone: ZoneRules) -> Moment? {
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        guard parts.count == 2, let day = CivilDay(String(parts[0])) else { return nil }
        let clock = parts[1].split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(clock.count), let hour = Int(clock[0]), let minute = Int(clock[1]),
            let second = clock.count == 3 ? Int(clock[2]) : 0, (0..<24).contains(hour), (0..<60).contains(minute),
            (0..<60).contains(second)
        else { return nil }
        return zone.moment(CivilTime(day, seconds: hour * 3600 + minute * 60 + second))
    }

    /// Reads a length of time as amtool does: `2h`, `1h30m`, `3d`.
    static func duration(_ text: String) -> Duration? {
        var total = 0
        var number = ""
        guard !text.isEmpty else { return nil }
        for character in text where !character.isWhitespace {
            if character.isASCII, character.isNumber {
                number.append(character)
                continue
            }
            let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
            guard let unit = units[character], let count = Int(number), count < 100_000 else { return nil }
            total += count * unit
            number = ""
        }
        return number.isEmpty && total > 0 ? .seconds(total) : nil
    }
}
