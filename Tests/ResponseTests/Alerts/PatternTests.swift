import Foundation
import Response
import TestKit
import Testing

@Suite("Regular expressions of matchers")
struct PatternTests {
    private func matches(_ pattern: String, _ value: String) throws -> Bool {
        try Matcher("x", .matches, pattern).matches(LabelSet(["x": value]))
    }

    @Test(
        "what is no regular expression to RE2 is refused, with the text and the reason",
        arguments: [
            "(", ")", "a)", "[a", "[b-a]", "*a", "a**", "a{2,1}", "a{1001}", "(?=a)", "(?<a", "\\", "\\1", "\\k",
            "[[:no:]]",
            "((a{100}){100}){100}", String(repeating: "(", count: 200) + String(repeating: ")", count: 200),
        ])
    func refused(pattern: String) {
        #expect(throws: Matcher.Problem.self) { try Matcher("x", .matches, pattern) }
    }

    @Test("any pattern and value are judged as Python judges them")
    func oracle() throws {
        // Pieces in which both mean the same.
        let pieces = [
            "a", "b", "ab", ".", "[ab]", "[^a]", "[a-c]", "(a|b)", "(?:ab|c)", "\\d", "\\w", "[\\d-]", "\\.", "a*",
            "b+", "c?",
            "a{2}", "b{1,2}", "c{0,}", "(ab)*", "(a|bc)+", "(a*)*", "(|a)b", "^a", "c$", "x{", "\\bb", "é", "[à-ü]",
            "a*?", "(?P<n>a)",
        ]
        let values = [
            "", "a", "b", "ab", "abc", "aab", "bb", "1", "a1", "-", ".", "x{", "é", "aé", "cab", "bcbc", "abab", "a b",
        ]
        var state: UInt64 = 11
        func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        var cases: [[String]] = []
        for _ in 0..<3000 {
            var pattern = (0...next(3)).map { _ in pieces[next(pieces.count)] }.joined()
            if next(4) == 0 { pattern += "|" + pieces[next(pieces.count)] }
            // Python knows each group's name once.
            if pattern.ranges(of: "?P<n>").count > 1 { continue }
            cases.append([pattern, values[next(values.count)]])
        }
        let output = try PythonJudge().run(
            """
            import json, re
            for pattern, value in json.load(open("cases.json")):
                print(1 if re.compile(pattern, re.ASCII | re.DOTALL).fullmatch(value) else 0)
            """, files: ["cases.json": String(decoding: try JSONEncoder().encode(cases), as: UTF8.self)])
        let expected = output.split(separator: "\n").map { $0 == "1" }
        #expect(expected.count == cases.count && expected.contains(true) && cases.count > 2500)
        for (index, one) in cases.enumerated() {
            // Python's $ also matches before a last line end; no value has one.
            #expect(try matches(one[0], one[1]) == expected[index], "\(one)")
        }
    }

    @Test("case is ignored where the pattern begins by asking for it")
    func ignoresCase() throws {
        #expect(try matches("(?i)api-[a-c]", "API-B"))
        #expect(try !matches("api-[a-c]", "API-B"))
    }

    @Test("a pattern that would keep another engine busy for years is judged at once")
    func linear() throws {
        let value = String(repeating: "a", count: 3000) + "!"
        #expect(try !matches("(a*)*(a|aa)+(a?){50}b", value))
        #expect(try matches("(a*)*!", value))
    }
}
