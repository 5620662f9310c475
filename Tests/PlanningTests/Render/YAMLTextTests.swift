import Foundation
import TestKit
import Testing

@testable import Planning

@Suite struct YAMLTextTests {
    private static let scalars = [
        "", " ", "a", "yes", "No", "on", "~", "null", "0x1f", "0o17", "012", "1.5", "-1", "1e3", "2026-11-21",
        "12:30:45", "=",
        "- a", "-c", "--flag", "-", "---", ":8080", "a: b", "a:b", "a:", "#a", "a #b", "a#b", "[a]", "a, b", "{a}",
        "*x", "&x",
        "!x", "%x", "@x", "`x", "'a'", "\"a\"", "a\\b", "tab\there", "é", "🚨", "a\u{85}b", "\u{feff}a", "trailing ",
        " leading",
        "two\nlines", "two\nlines\n", "ends in two\n\n", "\nstarts", "  indented\nblock", "with\ttab\nblock", "a\u{7}b",
        "a \nb",
        "${HOME}", "${{ secrets.TOKEN }}", "{{ $labels.service }}", "100%", "60s", "500m", "1.2.3", "v1.2",
        "0.0.0.0:9090", "up{job=\"a\"}", "'a\"b\\", "it's \"x\" and \\d+", "\"\t", "'", "''", "\\",
    ]

    @Test("any text comes back as it was, as value, item and key, whatever reads it")
    func scalars() throws {
        let tree = YAMLTree.pairs([
            ("values", .pairs(Self.scalars.enumerated().map { ("k\($0.offset)", .text($0.element)) })),
            ("items", .list(Self.scalars.map { .text($0) })),
            ("rows", .row(Self.scalars.map { .text($0) })),
            ("keys", .pairs(Self.scalars.filter { !$0.contains("\n") }.map { ("k" + $0, .integer(1)) })),
            (
                "nested",
                .list([
                    .list([.text("a"), .list([.text("b")])]),
                    ["a": ["b": [.null, true]]],
                ])
            ),
        ])
        let text = YAMLText.file(header: ["A header.", "", "Its end."], tree)
        #expect(text == YAMLText.file(header: ["A header.", "", "Its end."], tree))
        let printed = try PythonJudge().run(
            "import json, yaml; print(json.dumps(yaml.safe_load(open('a.yaml', encoding='utf-8'))))",
            files: ["a.yaml": text])
        let read = try #require(try JSONSerialization.jsonObject(with: Data(printed.utf8)) as? [String: Any])
        #expect((read["values"] as? [String: String])?.count == Self.scalars.count)
        for (number, scalar) in Self.scalars.enumerated() {
            #expect((read["values"] as? [String: String])?["k\(number)"] == scalar)
        }
        #expect(read["items"] as? [String] == Self.scalars)
        #expect(read["rows"] as? [String] == Self.scalars)
        #expect((read["keys"] as? [String: Int])?.count == Self.scalars.filter { !$0.contains("\n") }.count)
    }

    @Test("comments stand above what they speak of, and the text is the one a person would write")
    func looks() {
        let tree = YAMLTree.map([
            YAMLEntry(
                "services",
                .map([
                    YAMLEntry(
                        "api", ["image": "shop/api", "command": .row(["python", "-m", "app"])],
                        comment: "Why."),
                    YAMLEntry(
                        "db",
                        ["ports": [.commented("Only here.", "127.0.0.1:5432:5432")], "x": .map([])],
                        comment: ""),
                ]))
        ])
        #expect(
            YAMLText.file(header: ["Made."], tree) == """
                # Made.
                services:
                  # Why.
                  api:
                    image: shop/api
                    command: [python, -m, app]

                  db:
                    ports:
                      # Only here.
                      - "127.0.0.1:5432:5432"
                    x: {}

                """)
    }

    @Test("a difference is what `patch` makes the new text of")
    func differences() throws {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<20 {
            let old = (0..<Int.random(in: 0..<30, using: &random)).map { _ in
                "line \(Int.random(in: 0..<9, using: &random))"
            }
            var new = old
            for _ in 0..<Int.random(in: 1..<6, using: &random) {
                new.insert(
                    "new \(Int.random(in: 0..<9, using: &random))", at: Int.random(in: 0...new.count, using: &random))
                if !new.isEmpty, Bool.random(using: &random) {
                    new.remove(at: Int.random(in: new.indices, using: &random))
                }
            }
            let (one, other) = (old.map { $0 + "\n" }.joined(), new.map { $0 + "\n" }.joined())
            guard one != other else { continue }
            let diff = TextDiff.unified(one, other, path: "a").joined(separator: "\n") + "\n"
            let patched = try PythonJudge().run(
                """
                import subprocess, sys
                run = subprocess.run(["patch", "--posix", "-s", "a", "d"], capture_output=True, text=True)
                if run.returncode: sys.exit(run.stdout + run.stderr + open("d").read())
                print(open("a").read(), end="")
                """, files: ["a": one, "d": diff])
            #expect(patched == other)
        }
        #expect(TextDiff.unified("a\n", "a\n", path: "a").isEmpty)
    }
}
