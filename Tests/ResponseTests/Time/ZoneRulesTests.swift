import Foundation
import Response
import TestKit
import Testing

/// Reads the machine's time zone database (Debian's package tzdata).
func zone(_ name: String) throws -> ZoneRules {
    try ZoneRules(name: name, tzif: [UInt8](Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/\(name)"))))
}

/// `2026-03-29 02:30` as a clock on the wall shows it.
func wall(_ text: String) throws -> CivilTime {
    let parts = text.split(separator: " ")
    let clock = parts[1].split(separator: ":").compactMap { Int($0) }
    return CivilTime(try #require(CivilDay(String(parts[0]))), seconds: clock[0] * 3600 + clock[1] * 60)
}

@Suite("Time zones")
struct ZoneRulesTests {
    @Test("days of the calendar and their numbers lead to each other")
    func days() throws {
        #expect(CivilDay(number: 0).description == "1970-01-01")
        #expect(CivilDay(number: 0).weekday == 4)
        #expect(CivilDay(2000, 2, 29)?.number == 11016)
        #expect(CivilDay(1900, 2, 29) == nil)
        #expect(CivilDay(2026, 11, 31) == nil)
        #expect(CivilDay("2026-1-1") == nil)
        for number in stride(from: -800_000, to: 800_000, by: 373) {
            let day = CivilDay(number: number)
            #expect(CivilDay(day.year, day.month, day.day) == day)
            #expect((day + 1).weekday == day.weekday % 7 + 1)
        }
    }

    @Test(
        "a time that the clock jumps over counts on by the offset before, one that it shows twice is the first",
        arguments: [
            // Europe/Paris, 2026-03-29 and 2026-10-25.
            ("Europe/Paris", "2026-03-29 01:59", "2026-03-29T00:59:00Z"),
            ("Europe/Paris", "2026-03-29 02:30", "2026-03-29T01:30:00Z"),
            ("Europe/Paris", "2026-03-29 03:00", "2026-03-29T01:00:00Z"),
            ("Europe/Paris", "2026-10-25 02:30", "2026-10-25T00:30:00Z"),
            ("Europe/Paris", "2026-10-25 03:00", "2026-10-25T02:00:00Z"),
            // America/New_York, 2026-03-08 and 2026-11-01.
            ("America/New_York", "2026-03-08 02:00", "2026-03-08T07:00:00Z"),
            ("America/New_York", "2026-11-01 01:30", "2026-11-01T05:30:00Z"),
            ("America/New_York", "2026-11-01 02:00", "2026-11-01T07:00:00Z"),
            // Australia/Lord_Howe changes by half an hour.
            ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04T14:45:00Z"),
            ("Australia/Lord_Howe", "2026-04-05 02:00", "2026-04-04T15:30:00Z"),
            ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:45:00Z"),
            ("Australia/Lord_Howe", "2026-10-04 02:30", "2026-10-03T15:30:00Z"),
            // Africa/Casablanca goes back for Ramadan.
            ("Africa/Casablanca", "2026-02-15 02:30", "2026-02-15T01:30:00Z"),
            ("Africa/Casablanca", "2026-02-15 03:00", "2026-02-15T03:00:00Z"),
            ("Africa/Casablanca", "2026-03-22 02:30", "2026-03-22T02:30:00Z"),
            ("Africa/Casablanca", "2026-03-22 03:00", "2026-03-22T02:00:00Z"),
            // Samoa left a whole day out: 2011-12-30.
            ("Pacific/Apia", "2011-12-29 23:59", "2011-12-30T09:59:00Z"),
            ("Pacific/Apia", "2011-12-31 00:00", "2011-12-30T10:00:00Z"),
        ])
    func edges(name: String, text: String, expected: String) throws {
        #expect(try zone(name).moment(wall(text)).description == expected)
    }

    @Test("every zone of the machine agrees with Python's reading of it, from 1900 to 2199")
    func oracle() throws {
        let script = """
            import random, zoneinfo
            from datetime import datetime, timedelta, timezone
            random.seed(7)
            base = datetime(1970, 1, 1, tzinfo=timezone.utc)
            for name in sorted(zoneinfo.available_timezones()):
                zone = zoneinfo.ZoneInfo(name)
                for _ in range(60):
                    at = random.randint(-2208988800, 7258118399)
                    wall = (base + timedelta(seconds=at)).astimezone(zone)
                    civil = int(wall.replace(tzinfo=timezone.utc).timestamp())
                    first = int(wall.replace(fold=0).timestamp())
                    print(name, at, int(wall.utcoffset().total_seconds()), civil, first)
            """
        let output = try PythonJudge().run(script, files: [:])
        var zones: [String: ZoneRules] = [:]
        var wrong: [String] = []
        let lines = output.split(separator: "\n")
        for line in lines {
            let words = line.split(separator: " ")
            let numbers = words.dropFirst().compactMap { Int($0) }
            let name = String(words[0])
            if zones[name] == nil { zones[name] = try zone(name) }
            guard let rules = zones[name] else { continue }
            let at = Moment(seconds: numbers[0])
            if rules.offset(at: at) != numbers[1] || rules.civil(at).secondsSince1970 != numbers[2]
                || rules.moment(CivilTime(secondsSince1970: numbers[2])).seconds != numbers[3]
            {
                wrong.append(String(line))
            }
        }
        #expect(lines.count > 20_000)
        #expect(wrong.isEmpty, "\(wrong.count) of \(lines.count): \(wrong.prefix(5))")
    }

    @Test("a rule that begins in one year and ends in the next is read, and what is no rule is refused")
    func footers() throws {
        let sydney = try zone("Australia/Sydney")
        #expect(sydney.offset(at: sydney.moment(try wall("2150-01-15 12:00"))) == 39_600)
        #expect(sydney.offset(at: sydney.moment(try wall("2150-07-15 12:00"))) == 36_000)
    }

    @Test("bytes that are not a time zone are refused, wherever they end or differ")
    func anyBytes() throws {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/Europe/Paris")))
        for length in stride(from: 0, to: bytes.count - 1, by: 7) {
            #expect(throws: ZoneRules.Problem.self) { try ZoneRules(name: "x", tzif: Array(bytes[..<length])) }
        }
        var state: UInt64 = 42
        for _ in 0..<3000 {
            var changed = bytes
            for _ in 0..<4 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                changed[Int(state >> 33) % changed.count] = UInt8(truncatingIfNeeded: state >> 24)
            }
            if let rules = try? ZoneRules(name: "x", tzif: changed) {
                _ = rules.moment(rules.civil(Moment(seconds: 1_790_000_000)))
            }
        }
    }
}
