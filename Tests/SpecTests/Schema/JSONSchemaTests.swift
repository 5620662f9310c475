import Foundation
import Spec
import Testing
import TestKit

@Suite("The published JSON Schema")
struct JSONSchemaTests {
    /// Reads schema.json and cases.json, and prints one verdict a case: `name: ok` or `name: refused`.
    private static let script = """
        import json
        from jsonschema import Draft7Validator
        schema = json.load(open("schema.json"))
        Draft7Validator.check_schema(schema)
        for case in json.load(open("cases.json")):
            root = dict(schema)
            if case.get("at"):
                root = {"definitions": schema["definitions"], **case["at"]}
            errors = list(Draft7Validator(root).iter_errors(case["value"]))
            print(case["name"] + ": " + ("refused " + errors[0].message[:300] if errors else "ok"))
        """

    private func verdicts(_ cases: [(name: String, value: String)]) throws -> [String: String] {
        let list = JSONTree.list(
            cases.map { ["name": .text($0.name), "value": .verbatim($0.value)] })
        let said = try PythonJudge().run(
            Self.script, files: ["schema.json": JSONSchema.document(), "cases.json": list.document])
        var verdicts: [String: String] = [:]
        for line in said.split(separator: "\n") {
            let parts = line.split(separator: ": ", maxSplits: 1)
            if parts.count == 2 { verdicts[String(parts[0])] = String(parts[1]) }
        }
        return verdicts
    }

    private func json(_ bytes: [UInt8]) -> String? {
        YAMLReader.read(SourceText(name: "", text: String(decoding: bytes, as: UTF8.self))).node?.jsonText
    }

    @Test("it is a valid schema and accepts every good platform")
    func accepts() throws {
        var cases: [(String, String)] = []
        for good in Golden.cases("../Golden/good") {
            cases.append((good.name, try #require(json(good.bytes("hauban.yaml")))))
        }
        for id in DiagnosticID.allCases { cases.append((id.rawValue, try #require(json(id.page.mendedFile)))) }
        let verdicts = try verdicts(cases)
        for (name, _) in cases { #expect(verdicts[name] == "ok", "\(name)") }
    }

    @Test("it refuses what the parser refuses about keys, types and words")
    func refuses() throws {
        let seen: Set<DiagnosticID> = [
            .unknownKey, .wrongChoice, .badName, .missingUnit, .outOfRange, .portOutOfRange,
        ]
        var cases: [(String, String)] = []
        for id in seen { cases.append((id.rawValue, try #require(json(id.page.wrongFile)))) }
        let more = [
            "no-platform": "hauban: 1", "next-format": "hauban: 2\nplatform: shop",
            "no-target": "hauban: 1\nplatform: shop\nenvironments: {prod: {domain: a.example}}",
            "overlay-key": "hauban: 1\nplatform: shop\nenvironments: {prod: {target: local, services: {a: {x: 1}}}}",
            "quoted-port": "hauban: 1\nplatform: shop\nservices: {a: {source: a, port: \"80\"}}",
            "null-in-base": "hauban: 1\nplatform: shop\nservices: {a: {source: a, port: null}}",
        ]
        for (name, text) in more.sorted(by: { $0.key < $1.key }) {
            cases.append((name, try #require(json(Array(text.utf8)))))
        }
        let verdicts = try verdicts(cases)
        for (name, _) in cases { #expect(verdicts[name]?.hasPrefix("refused") == true, "\(name)") }
    }

    @Test("every example and default in it fits its own key")
    func examples() throws {
        let script = """
            import json
            from jsonschema import Draft7Validator
            schema = json.load(open("schema.json"))
            count = 0
            def walk(name, node):
                global count
                if isinstance(node, dict):
                    for key, field in node.get("properties", {}).items():
                        whole = {"definitions": schema["definitions"], **field}
                        for value in field.get("examples", []) + ([field["default"]] if "default" in field else []):
                            count += 1
                            for error in Draft7Validator(whole).iter_errors(value):
                                print(name, key, repr(value), error.message[:200])
                    for key in ("anyOf", "allOf"):
                        for part in node.get(key, []):
                            walk(name, part)
            walk("platform", schema)
            for name, node in schema["definitions"].items():
                walk(name, node)
            assert count > 100, count
            """
        let said = try PythonJudge().run(script, files: ["schema.json": JSONSchema.document()])
        #expect(said == "")
    }
}
