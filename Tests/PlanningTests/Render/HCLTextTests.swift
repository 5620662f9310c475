import Foundation
import TestKit
import Testing

@testable import Planning

@Suite struct HCLTextTests {
    private static let texts = [
        "", " ", "a", "\"a\"", "a\\b", "tab\there", "two\nlines", "${HOME}", "$${HOME}", "%{ if x }", "100%", "$5",
        "é 🚨", "a#b", "a // b", "{}", "[a]", "line\r\n",
    ]

    private static func local(_ fill: (inout HCLBody) -> Void) -> String {
        HCLText.file(header: ["Rendered by a test.", "", "Its end."]) { $0.block("locals") { fill(&$0) } }
    }

    @Test("any text comes back from Terraform as it was, as value, item and key")
    func texts() throws {
        let file = Self.local { body in
            body.set("values", .map(Self.texts.enumerated().map { HCLAttribute("k\($0.offset)", .text($0.element)) }))
            body.set("items", .list(Self.texts.map { .text($0) }))
            body.set("keys", .map(Self.texts.map { HCLAttribute("k" + $0, 1) }))
            body.set("who", "world")
            body.set("said", .template("\"Hello\", ${upper(\"${local.who}\")}!\n"))
        }
        let printed = try PythonJudge().run(Self.console, files: ["main.tf": file])
        let told = try JSONDecoder().decode(Told.self, from: Data(printed.utf8))
        #expect(told.items == Self.texts)
        #expect(Self.texts.indices.allSatisfy { told.values["k\($0)"] == Self.texts[$0] })
        #expect(Set(told.keys.keys) == Set(Self.texts.map { "k" + $0 }))
        #expect(told.said == "\"Hello\", WORLD!\n")
    }

    @Test("what is written is what `terraform fmt` would leave")
    func form() throws {
        let file = HCLText.file(header: ["Rendered by a test."]) { body in
            body.block("terraform") { $0.set("required_version", ">= 1.9") }
            body.block("resource", "a", "b", comment: "Why it is there.\nAnd more.") { inner in
                inner.set("name", "x")
                inner.set("cidr_block", 1)
                inner.set(
                    "tags", .pairs([("Name", "x"), ("longer_name", "y"), ("a/b", 3), ("deep", ["x": ["y", "z"]])]))
                inner.set("after_tags", .code("var.after"))
                inner.set("z", true, comment: "A reason.")
                inner.set("count", .number(1.5))
                inner.gap()
                inner.set("list", .list((0..<30).map { .text("item-\($0)") }))
                inner.set(
                    "policy",
                    .call(
                        "jsonencode", [["Version": "2012-10-17", "Statement": [["Effect": "Allow", "Action": "*"]]]]))
                inner.set("merged", .call("merge", [.code("local.a"), .pairs([("b", 1), ("c", 2)])]))
                inner.set("none", .null)
                inner.set("empty", .map([]))
                inner.block("timeouts") { $0.set("create", "1h") }
                inner.block("empty")
                inner.set("last", 1)
                inner.comment("A word for the next block.")
                inner.block("dynamic", "setting") { setting in
                    setting.set("for_each", .code("var.settings"))
                    setting.block("content") { $0.set("name", .code("setting.value")) }
                }
            }
        }
        let printed = try PythonJudge().run(Self.format, files: ["main.tf": file])
        #expect(printed.isEmpty, "\(printed)")
    }

    private struct Told: Decodable {
        var values: [String: String]
        var items: [String]
        var keys: [String: Int]
        var said: String
    }

    /// What the locals of a file are worth, as JSON.
    private static let console = """
        import json, subprocess
        asked = "jsonencode({values = local.values, items = local.items, keys = local.keys, said = local.said})"
        told = subprocess.run(["terraform", "console"], input=asked, capture_output=True, text=True, timeout=120)
        assert told.returncode == 0, told.stderr
        print(json.loads(told.stdout))
        """

    /// What `terraform fmt` would change.
    private static let format = """
        import subprocess
        told = subprocess.run(["terraform", "fmt", "-diff", "-check", "."], capture_output=True, text=True, timeout=120)
        assert told.stdout or told.returncode == 0, told.stderr
        print(told.stdout, end="")
        """
}
