import Spec
import Testing
import TestKit

@Suite("Fixes")
struct FixTests {
    @Test("a fix takes its finding away", arguments: Golden.cases("../Golden/bad"))
    func fixes(_ golden: GoldenCase) throws {
        let parsed = ParsedPlatform.parse(bytes: try golden.bytes("hauban.yaml"), name: "hauban.yaml")
        for finding in parsed.diagnostics {
            guard let fix = finding.fix, let span = finding.span else { continue }
            let mended = replace(span, with: fix.replacement, in: parsed.source)
            let again = ParsedPlatform.parse(text: mended, name: "hauban.yaml").diagnostics
            let stays = again.contains {
                $0.id == finding.id && $0.span?.line == span.line && $0.span?.column == span.column
            }
            #expect(!stays, "\(finding.message): still there with \(fix.replacement)")
            let broken = again.filter { [.yamlSyntax, .yamlAlias, .yamlTag].contains($0.id) }
            #expect(broken.isEmpty, "\(finding.message): \(broken.map(\.message))")
        }
    }

    private func replace(_ span: Span, with text: String, in source: SourceText) -> String {
        var lines = source.lines.map(String.init)
        var scalars = Array(lines[span.line - 1].unicodeScalars)
        scalars.replaceSubrange(span.column - 1..<span.column - 1 + span.length, with: Array(text.unicodeScalars))
        lines[span.line - 1] = String(String.UnicodeScalarView(scalars))
        return lines.joined(separator: "\n")
    }
}
