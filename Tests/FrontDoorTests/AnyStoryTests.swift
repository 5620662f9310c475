import DoorKit
import FoundationEssentials
import Testing

/// Stories of a client and a service in any bytes and any pieces, through the front door's own connections without sockets:
/// no crash, never two answers to one request, nothing reaches the service that the client did not send, and nothing is left
/// at the end. `make fuzz` looks for more of them.
@Suite("Any story of bytes")
struct AnyStoryTests {
    /// Where the fuzzer begins, and what it once found.
    static let seeds: [[UInt8]] = {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let folder = "/\(root)/Fuzz/seeds/requests"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().compactMap { FileManager.default.contents(atPath: "\(folder)/\($0)") }.map(Array.init)
    }()

    @Test("keeps the rules as it was written")
    func written() {
        #expect(Self.seeds.count > 20)
        for seed in Self.seeds { #expect(DoorScript(seed).play().problems == [], "\(text(seed))") }
    }

    @Test("keeps them when it is cut, joined and changed anywhere", arguments: 0..<4)
    func changed(_ lane: Int) {
        var dice = AnyBytesTests.Dice(state: UInt64(lane) &+ 1_000)
        for _ in 0..<250 {
            let story = Self.mutated(&dice)
            #expect(DoorScript(story).play().problems == [], "\(text(story))")
        }
    }

    @Test("keeps them when every byte comes alone")
    func dripped() {
        for seed in Self.seeds {
            let dripped = seed.flatMap { $0 < 0xF0 ? [$0, DoorScript.Step.segment.rawValue] : [$0] }
            #expect(DoorScript(dripped).play().problems == [], "\(text(seed))")
            // The pieces of a body depend on how it came; what is answered does not.
            #expect(statuses(dripped) == statuses(seed), "\(text(seed))")
        }
    }

    private func statuses(_ story: [UInt8]) -> [Substring] {
        DoorScript(story).play().toClient.split(separator: "\r\n").filter { $0.hasPrefix("HTTP/1.1 ") }
    }

    static func mutated(_ dice: inout AnyBytesTests.Dice) -> [UInt8] {
        var story = seeds.randomElement(using: &dice) ?? []
        for _ in 0..<Int.random(in: 1...5, using: &dice) {
            let at = Int.random(in: 0...story.count, using: &dice)
            switch Int.random(in: 0..<6, using: &dice) {
            case 0:
                let step = DoorScript.Step.allCases.randomElement(using: &dice) ?? .segment
                story.insert(step.rawValue, at: at)
            case 1:
                story.insert(contentsOf: Array((AnyBytesTests.spices.randomElement(using: &dice) ?? "").utf8), at: at)
            case 2 where at < story.count: story[at] = UInt8.random(in: 0...255, using: &dice)
            case 3: story.removeSubrange(at..<min(story.count, at + Int.random(in: 0...12, using: &dice)))
            case 4:
                let other = seeds.randomElement(using: &dice) ?? []
                let from = Int.random(in: 0...other.count, using: &dice)
                story.insert(contentsOf: other[from..<min(other.count, from + 60)], at: at)
            default: story.insert(contentsOf: story[at..<min(story.count, at + 30)], at: at)
            }
        }
        return story
    }

    private func text(_ story: [UInt8]) -> String {
        story.map { byte in
            if let step = DoorScript.Step(rawValue: byte) { return "\n<\(step)> " }
            return byte >= 0x20 && byte < 0x7F ? String(UnicodeScalar(byte)) : "\\x" + String(byte, radix: 16)
        }.joined()
    }
}
