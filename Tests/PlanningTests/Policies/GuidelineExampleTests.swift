import Foundation
import Planning
import Spec
import TestKit
import Testing

/// What the guidelines say of the five platforms, with the files that are there.
@Suite struct GuidelineExampleTests {
    static let names = [
        "cognitive-sprint", "consciousness-engine", "incident-platform", "personal-assistant", "skillforge",
    ]

    static func parsed(_ name: String) throws -> ParsedPlatform {
        let file = Golden.repository().appendingPathComponent("Examples/\(name)/hauban.yaml")
        return ParsedPlatform.parse(bytes: Array(try Data(contentsOf: file)), name: "hauban.yaml")
    }

    /// The files of a folder that guidelines read, by their names below it.
    static func files(in folder: URL) throws -> RepositoryFiles {
        var files: [String: String?] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        where Guidelines.wantsContent(of: name) {
            files[name] = String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
        }
        return RepositoryFiles(files)
    }

    @Test("what they say of each platform is as recorded, and is no error", arguments: names)
    func examples(_ name: String) throws {
        let today = try #require(BadPlatform.today)
        let parsed = try Self.parsed(name)
        let files = try Self.files(in: Golden.repository().appendingPathComponent("Examples/\(name)"))
        let judgement = Guidelines.judge(parsed, today: today, files: files)
        let others = files.files.compactMap { name, text in text.map { SourceText(name: name, text: $0) } }
        var report = TextReport(source: parsed.source, others: others).text(judgement.diagnostics)
        for waived in judgement.waived.sorted(by: { ($0.waiver, $0.finding.code) < ($1.waiver, $1.finding.code) }) {
            report += "waived by \(waived.waiver): \(waived.finding.message) [\(waived.finding.code)]\n"
        }
        #expect(!judgement.diagnostics.hasErrors)
        Golden.expect(
            report,
            in: Golden.repository().appendingPathComponent("Tests/PlanningTests/Golden/policies/\(name).txt"))
    }

    @Test("how each environment differs from the one that it must be like is as recorded", arguments: names)
    func parity(_ name: String) throws {
        let parsed = try Self.parsed(name)
        let reports = ParityReport.all(of: parsed)
        let text = reports.map { $0.text(source: parsed.source) }.joined(separator: "\n")
        Golden.expect(
            text,
            in: Golden.repository().appendingPathComponent("Tests/PlanningTests/Golden/policies/\(name).parity.txt"))
    }
}
