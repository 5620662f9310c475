import Foundation
import Planning
import Spec
import TestKit
import Testing

/// The platforms of `Golden/bad`: each is a `hauban.yaml`, what exists beside it in `files.txt` if anybody looked, and
/// what is known of zones and calendars in `duty.txt`, and
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
        let duty = golden.has("duty.txt") ? facts(try text(golden, "duty.txt")) : nil
        let judgement = Policies.judge(parsed, today: today, files: files, duty: duty)
        return TextReport(source: parsed.source).text(judgement.diagnostics)
    }

    /// Lines such as `zone Europe/Pariss`, `pattern a(: why`, `loose .*` and `gap primary: words`.
    private static func facts(_ text: String) -> DutyFacts {
        var facts = DutyFacts()
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            let parts = words[1].components(separatedBy: ": ")
            switch words[0] {
            case "zone": facts.unknownZones.insert(words[1])
            case "loose": facts.loosePatterns.insert(words[1])
            case "pattern": facts.badPatterns[parts[0]] = parts[1]
            case "gap": if let name = ScheduleName(parts[0]) { facts.gaps[nil, default: [:]][name] = parts[1] }
            default: Issue.record("duty.txt says \(line)")
            }
        }
        return facts
    }

    static func text(_ golden: GoldenCase, _ file: String) throws -> String {
        String(decoding: try golden.bytes(file), as: UTF8.self)
    }
}
