import FoundationEssentials
import TestKit
import Testing
import World

@Suite("Lines and JSON")
struct TelemetryTests {
    @Test("lines are cut at their ends wherever the pieces end")
    func split() {
        var splitter = LineSplitter()
        #expect(splitter.feed(Array("one\ntw".utf8)).map { $0.text } == ["one"])
        #expect(splitter.feed(Array("o\r\n\nthr".utf8)).map { $0.text } == ["two", ""])
        #expect(splitter.pendingCount == 3)
        #expect(splitter.flush()?.text == "thr")
        #expect(splitter.flush() == nil)
    }

    @Test("a line beyond the limit comes in marked pieces, and nothing is lost")
    func long() {
        var splitter = LineSplitter(limit: 4)
        let lines = splitter.feed(Array("abcdefghij\nk\n".utf8))
        #expect(lines.map { $0.text } == ["abcd", "efgh", "ij", "k"])
        #expect(lines.map { $0.isCut } == [true, true, false, false])
    }

    @Test("bytes that are not UTF-8 are shown, not refused")
    func invalid() {
        var splitter = LineSplitter()
        #expect(splitter.feed([0x61, 0xff, 0x62, 0x0a]).map { $0.text } == ["a\u{fffd}b"])
    }

    @Test(
        "JSON keeps its order and its digits",
        arguments: [
            #"{"b":1.50,"a":[true,null,-0,1e+10],"c":{"d":"x"}}"#, "[]", "{}", #""a\"b\\c\n\u0001é""#,
        ])
    func roundTrip(text: String) {
        #expect(JSONValue(parsing: Array(text.utf8))?.text == text)
    }

    @Test("escapes are read", arguments: [(#""\u00e9\ud83d\ude00\/""#, "é😀/"), (#""\ud800x""#, "\u{fffd}x")])
    func escapes(text: String, value: String) {
        #expect(JSONValue(parsing: Array(text.utf8))?.string == value)
    }

    @Test(
        "what is not JSON is refused",
        arguments: [
            "", "{", "{\"a\":}", "{\"a\":1,}", "[1 2]", "01", "1.", "-", "+1", "\"a", "\"\u{01}\"", "nul", "{} x",
            "\"\\x\"",
            "\"\\u12\"", "{1:2}",
        ])
    func notJSON(text: String) {
        #expect(JSONValue(parsing: Array(text.utf8)) == nil)
    }

    @Test("any bytes give a value or nothing, never a crash")
    func anyBytes() {
        var generator = SeededGenerator(seed: 7)
        let alphabet = Array("{}[]\",:\\u0123e-+.tfn \n".utf8) + [0x00, 0xff]
        for _ in 0..<20_000 {
            let count = Int.random(in: 0..<24, using: &generator)
            let bytes = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
            if let value = JSONValue(parsing: bytes) {
                #expect(JSONValue(parsing: Array(value.text.utf8)) == value)
            }
        }
        let deep = [UInt8](repeating: 0x5b, count: 100_000)
        #expect(JSONValue(parsing: deep) == nil)
    }

    @Test(
        "moments are written and read in UTC",
        arguments: [
            (0.0, "1970-01-01T00:00:00.000Z"), (1_795_252_389.123, "2026-11-21T09:13:09.123Z"),
            (1_709_210_096.5, "2024-02-29T12:34:56.500Z"), (-1.0, "1969-12-31T23:59:59.000Z"),
        ])
    func moments(seconds: Double, text: String) {
        let date = Date(timeIntervalSince1970: seconds)
        #expect(Timestamp.text(date.addingTimeInterval(0.0001)) == text)
        #expect(abs((Timestamp.parse(text)?.date.timeIntervalSince1970 ?? .nan) - seconds) < 0.001)
    }

    @Test("an offset is understood and said not to be UTC")
    func offsets() {
        #expect(Timestamp.parse("1970-01-01T02:00:00+02:00")?.date == Date(timeIntervalSince1970: 0))
        #expect(Timestamp.parse("1970-01-01T02:00:00+02:00")?.isUTC == false)
        #expect(Timestamp.parse("1970-01-01T00:00:00.5+00:00")?.isUTC == true)
        for text in [
            "", "yesterday", "1970-01-01", "1970-01-01T00:00:00", "1970-13-01T00:00:00Z", "1970-01-01T00:00:00Zz",
        ] {
            #expect(Timestamp.parse(text) == nil)
        }
    }
}

/// A generator whose numbers are the same in each run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
