import Spec
import Testing
import TestKit

@Suite("Golden platforms")
struct GoldenTests {
    @Test("a bad file is told what is wrong", arguments: Golden.cases("Golden/bad"))
    func bad(_ golden: GoldenCase) throws {
        let parsed = ParsedPlatform.parse(bytes: try golden.bytes("hauban.yaml"), name: "hauban.yaml")
        #expect(!parsed.diagnostics.isEmpty)
        golden.expect(TextReport(source: parsed.source).text(parsed.diagnostics), in: "expected.txt")
    }

    @Test("a good file means what is recorded", arguments: Golden.cases("Golden/good"))
    func good(_ golden: GoldenCase) throws {
        let parsed = ParsedPlatform.parse(bytes: try golden.bytes("hauban.yaml"), name: "hauban.yaml")
        #expect(parsed.diagnostics.isEmpty, "\(TextReport(source: parsed.source).text(parsed.diagnostics))")
        let base = parsed.explain(SpecPath())
        var out = "base\n" + base.map(line).joined()
        let known = Set(base)
        for name in parsed.environments.keys.sorted() {
            let values = parsed.explain(SpecPath(), in: name)
            let paths = Set(values.map(\.path))
            out += "\nenvironment \(name)\n" + values.filter { !known.contains($0) }.map(line).joined()
            out += base.filter { !paths.contains($0.path) }.map { "  \($0.path) removed\n" }.joined()
        }
        golden.expect(out, in: "explained.txt")
    }

    @Test("there are bad files enough, and each id of the reader has one")
    func enough() throws {
        let cases = Golden.cases("Golden/bad")
        #expect(cases.count >= 75)
        var seen: Set<DiagnosticID> = []
        for golden in cases {
            let parsed = ParsedPlatform.parse(bytes: try golden.bytes("hauban.yaml"), name: "hauban.yaml")
            seen.formUnion(parsed.diagnostics.map(\.id))
        }
        // A file of four mebibytes is made by its page's test instead of being kept in the repository.
        let wanted = DiagnosticID.allCases.filter { !$0.isFoundByPolicy && $0 != .fileTooLarge }
        #expect(wanted.filter { !seen.contains($0) } == [])
    }

    private func line(_ value: ExplainedValue) -> String {
        "  \(value.path) = \(value.value)  (\(value.origin))\n"
    }
}
