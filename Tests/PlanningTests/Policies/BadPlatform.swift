import Planning
import Spec
import TestKit
import Testing

/// The platforms of `Golden/bad`: each is a `hauban.yaml`, what exists beside it in `files.txt` if anybody looked, and
/// what the rules must say of it in `expected.txt`.
enum BadPlatform {
    /// Waivers are judged by this day.
    static let today = CalendarDate(year: 2026, month: 11, day: 21)

    static let all = Golden.cases("../Golden/bad")

    static func report(_ golden: GoldenCase) throws -> String {
        let today = try #require(today)
        let parsed = ParsedPlatform.parse(bytes: try golden.bytes("hauban.yaml"), name: "hauban.yaml")
        var files: FileFacts?
        if golden.has("files.txt") {
            files = FileFacts(existing: try text(golden, "files.txt").split(separator: "\n").map(String.init))
        }
        let judgement = Policies.judge(parsed, today: today, files: files)
        return TextReport(source: parsed.source).text(judgement.diagnostics)
    }

    static func text(_ golden: GoldenCase, _ file: String) throws -> String {
        String(decoding: try golden.bytes(file), as: UTF8.self)
    }
}
