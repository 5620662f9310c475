import Spec
import Testing
import TestKit

@Suite("The merge rule")
struct MergeTests {
    private func tree(_ random: inout SeededGenerator, depth: Int) -> String {
        let kinds = depth == 0 ? 2 : 4
        switch Int.random(in: 0..<kinds, using: &random) {
        case 0: return ["1", "two", "\"three\"", "4s"].randomElement(using: &random) ?? "1"
        case 1: return "[" + (0..<Int.random(in: 0...3, using: &random)).map { "\($0)" }.joined(separator: ", ") + "]"
        default: return map(&random, depth: depth - 1, nulls: false)
        }
    }

    private func map(_ random: inout SeededGenerator, depth: Int, nulls: Bool) -> String {
        let keys = ["a", "b", "c", "d", "e"].filter { _ in Bool.random(using: &random) }
        let pairs = keys.map { key in
            let null = nulls && Int.random(in: 0..<4, using: &random) == 0
            return "\(key): \(null ? "null" : tree(&random, depth: depth))"
        }
        return "{" + pairs.joined(separator: ", ") + "}"
    }

    private func read(_ text: String) throws -> Node {
        try #require(YAMLReader.read(SourceText(name: "tree", text: text)).node)
    }

    @Test("merging nothing changes nothing, and merging twice is merging once", arguments: 1...200)
    func laws(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let base = try read(map(&random, depth: 3, nulls: false))
        let over = try read(map(&random, depth: 3, nulls: true))
        #expect(base.merging(try read("{}")).jsonText == base.jsonText)
        #expect(base.merging(base).jsonText == base.jsonText)
        let once = base.merging(over)
        #expect(once.merging(over).jsonText == once.jsonText)
        guard case .map(let entries) = over.value else { return }
        for entry in entries {
            let merged = once.entry(entry.key)?.value
            if entry.value.isNull { #expect(merged == nil) }
            if case .list = entry.value.value { #expect(merged?.jsonText == entry.value.jsonText) }
        }
        guard case .map(let old) = base.value else { return }
        for entry in old where over.entry(entry.key) == nil {
            #expect(once.entry(entry.key)?.value.jsonText == entry.value.jsonText)
        }
    }

    @Test("maps merge at every depth, lists replace, null removes")
    func example() throws {
        let base = try read("{a: {x: 1, y: {p: 1, q: 2}}, l: [1, 2], gone: {deep: 1}}")
        let over = try read("{a: {y: {q: 3, r: null}, z: 4}, l: [9], gone: null, new: {k: null, v: 1}}")
        #expect(
            base.merging(over).jsonText == #"{"a":{"x":1,"y":{"p":1,"q":3},"z":4},"l":[9],"new":{"v":1}}"#)
    }
}
