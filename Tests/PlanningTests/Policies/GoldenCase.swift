import Foundation
import Planning
import Spec
import Testing

/// One folder of `Golden/bad`: a platform, what exists beside it, and what the rules must say of it.
struct GoldenCase: CustomTestStringConvertible, Sendable {
    let folder: URL

    var testDescription: String { folder.lastPathComponent }

    /// Waivers are judged by this day.
    static let today = CalendarDate(year: 2026, month: 11, day: 21)

    static let all: [GoldenCase] = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Golden/bad")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        return names.sorted().map { GoldenCase(folder: root.appendingPathComponent($0)) }
    }()

    var expected: String { (try? text("expected.txt")) ?? "" }

    func record(_ text: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent("expected.txt"))
    }

    func actual(today: CalendarDate) throws -> String {
        let parsed = ParsedPlatform.parse(text: try text("hauban.yaml"), name: "hauban.yaml")
        let lines = (try? text("files.txt"))?.split(separator: "\n").map(String.init)
        let judgement = Policies.judge(parsed, today: today, files: lines.map { FileFacts(existing: $0) })
        return TextReport(source: parsed.source).text(judgement.diagnostics)
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
    }
}
