import Foundation
import Spec
import Testing
import TestKit

/// Any bytes give a platform or a finding.
///
/// `HAUBAN_FUZZ_ITERATIONS=200000 make test` runs longer; a failure names its seed, and `HAUBAN_FUZZ_SEED` starts there.
@Suite("Any bytes")
struct AnyBytesTests {
    private var iterations: Int { number("HAUBAN_FUZZ_ITERATIONS") ?? 1500 }
    private var first: Int { number("HAUBAN_FUZZ_SEED") ?? 1 }

    private func number(_ variable: String) -> Int? {
        ProcessInfo.processInfo.environment[variable].flatMap { Int($0) }
    }

    @Test("random bytes are read to an end")
    func bytes() {
        for seed in first..<first + iterations {
            var random = SeededGenerator(seed: UInt64(seed))
            let count = Int.random(in: 0...300, using: &random)
            check((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }, seed)
        }
    }

    @Test("random words of the language and of YAML are read to an end")
    func tokens() {
        let words = [
            "hauban", "platform", "services", "environments", "api", "port", "source", "scale", "env", "prod", "target",
            "null", "~", "true", "8080", "30s", "70%", ": ", ":", "\n", "\n  ", "\n    ", "- ", "[", "]", "{", "}", ",",
            "\"",
            "'", "|", ">", "&a", "*a", "!t", "#", "---", "...", "<<", "?", "\t", "\r\n", "${", "é", "𝄞", "\u{301}", "%",
            "@",
            "\u{FEFF}", "\\", "\u{85}", "\u{2028}",
        ]
        for seed in first..<first + iterations {
            var random = SeededGenerator(seed: UInt64(seed) ^ 0xA5A5)
            var text = Bool.random(using: &random) ? "hauban: 1\nplatform: shop\n" : ""
            for _ in 0..<Int.random(in: 1...60, using: &random) { text += words.randomElement(using: &random) ?? "" }
            check(Array(text.utf8), seed)
        }
    }

    @Test("good platforms that were cut, doubled, swapped and mixed up are read to an end")
    func mutations() throws {
        let seeds = try Golden.cases("../Golden/good").map { try $0.bytes("hauban.yaml") }
        for seed in first..<first + iterations {
            var random = SeededGenerator(seed: UInt64(seed) ^ 0x5A5A)
            var bytes = try #require(seeds.randomElement(using: &random))
            for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&bytes, &random) }
            check(bytes, seed)
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        guard bytes.count > 2 else { return }
        let from = Int.random(in: 0..<bytes.count, using: &random)
        let to = min(bytes.count, from + Int.random(in: 1...40, using: &random))
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes.removeSubrange(from..<to)
        case 1: bytes.insert(contentsOf: bytes[from..<to], at: Int.random(in: 0...bytes.count, using: &random))
        case 2: bytes.swapAt(from, Int.random(in: 0..<bytes.count, using: &random))
        case 3: bytes[from] = UInt8.random(in: 0...255, using: &random)
        case 4:
            bytes.insert(
                contentsOf: Array("[]{}:,-#&*!|>'\"%@`\n\t ~é".utf8).shuffled(using: &random).prefix(3), at: from)
        default: bytes.removeLast(bytes.count - from)
        }
    }

    private func check(_ bytes: [UInt8], _ seed: Int) {
        let parsed = ParsedPlatform.parse(bytes: bytes, name: "hauban.yaml")
        let shown = Comment(rawValue: "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
        #expect(parsed.base != nil || parsed.diagnostics.hasErrors, shown)
        for diagnostic in parsed.diagnostics {
            for span in [diagnostic.span] + diagnostic.notes.map(\.span) {
                guard let span else { continue }
                let length = parsed.source.line(span.line)?.unicodeScalars.count
                #expect(length != nil, "a span beyond the last line; \(shown)")
                // One behind the end is where something is missing.
                #expect(span.column + span.length <= (length ?? 0) + 2, "\(diagnostic.message) \(span); \(shown)")
            }
            #expect(!diagnostic.message.isEmpty)
        }
        _ = TextReport(source: parsed.source, colour: true).text(parsed.diagnostics)
        _ = SARIFReport(source: parsed.source).text(parsed.diagnostics)
        let json = JSONReport(source: parsed.source).text(parsed.diagnostics)
        let again = ParsedPlatform.parse(bytes: bytes, name: "hauban.yaml")
        #expect(again.base == parsed.base && again.environments == parsed.environments, shown)
        #expect(again.diagnostics == parsed.diagnostics, shown)
        #expect(JSONReport(source: again.source).text(again.diagnostics) == json, shown)
    }
}
