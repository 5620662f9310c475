import Foundation
import Planning
import Spec
import TestKit
import Testing

private let repository = Golden.repository()

private func example(_ name: String) throws -> ParsedPlatform {
    let file = repository.appendingPathComponent("Examples/\(name)/hauban.yaml")
    return ParsedPlatform.parse(bytes: Array(try Data(contentsOf: file)), name: "Examples/\(name)/hauban.yaml")
}

@Suite struct ExampleTests {
    static let environments = [
        "skillforge": ["dev", "prod", "staging"],
        "personal-assistant": ["dev", "laptop", "prod", "staging"],
        "consciousness-engine": ["prod", "prod-second-cloud", "staging"],
        "cognitive-sprint": ["dev", "prod", "staging"],
        "incident-platform": ["demo", "dev"],
    ]

    @Test("each of the five platforms breaks no rule in any environment", arguments: environments.keys.sorted())
    func isRight(_ name: String) throws {
        let today = try #require(BadPlatform.today)
        let parsed = try example(name)
        let judgement = Policies.judge(parsed, today: today)
        let report = TextReport(source: parsed.source).text(judgement.diagnostics)
        #expect(report.isEmpty, "\(report)")
        #expect(judgement.waived.isEmpty)
        #expect(parsed.environments.keys.map(\.text).sorted() == Self.environments[name])
    }

    @Test("what each platform names beside its file exists or is waived", arguments: environments.keys.sorted())
    func filesExist(_ name: String) throws {
        let today = try #require(BadPlatform.today)
        let parsed = try example(name)
        let folder = repository.appendingPathComponent("Examples/\(name)")
        let existing = FileFacts.asked(by: parsed).filter {
            FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
        }
        let judgement = Policies.judge(parsed, today: today, files: FileFacts(existing: existing))
        let report = TextReport(source: parsed.source).text(judgement.diagnostics)
        #expect(report.isEmpty, "\(report)")
        #expect(judgement.waived.allSatisfy { $0.finding.id == .sourceMissing })
        if name == "cognitive-sprint" {
            #expect(judgement.waived.isEmpty)
            #expect(existing.contains("api/Dockerfile"))
        }
    }

    @Test("the language tour's table is the table of what targets honour")
    func tableIsFresh() throws {
        let file = repository.appendingPathComponent("docs/language.md")
        let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        let start = try #require(text.firstRange(of: "<!-- honour: begin -->\n"))
        let end = try #require(text.firstRange(of: "<!-- honour: end -->"))
        let fresh = text[..<start.upperBound] + "\n" + HonourTable.markdown + "\n\n" + text[end.lowerBound...]
        Golden.expect(String(fresh), in: file)
    }

    @Test("every platform of the language tour parses and breaks no rule")
    func tourIsRight() throws {
        let today = try #require(BadPlatform.today)
        let text = String(
            decoding: try Data(contentsOf: repository.appendingPathComponent("docs/language.md")), as: UTF8.self)
        var platforms = 0
        for block in text.components(separatedBy: "```yaml\n").dropFirst() {
            let yaml = block.components(separatedBy: "```")[0]
            guard yaml.hasPrefix("hauban: 1") else { continue }
            platforms += 1
            let parsed = ParsedPlatform.parse(text: yaml, name: "docs/language.md")
            let findings = Policies.check(parsed, today: today)
            #expect(findings.isEmpty, "\(TextReport(source: parsed.source).text(findings))")
        }
        #expect(platforms >= 1)
    }

    @Test("each row of the table names a field below a section, and a target that honours it")
    func rowsAreNamed() {
        for row in HonourTable.rows {
            #expect(!row.targets.isEmpty && row.targets.count < Environment.Target.allCases.count)
            #expect(
                ["services.*.", "resources.*.", "environments.*.", "telemetry."].contains(where: row.field.hasPrefix))
        }
    }
}
