import TestKit
import Testing

@testable import ControlPlane

@Suite struct AlertSkimTests {
    private static let plain = """
        {"labels": {"alertname": "Slow", "path": "C:\\\\x \\" }"}, "annotations": {"a": "é{[", "b": ""}, \
        "startsAt": "2026-01-02T03:04:05.678Z", "endsAt": "2026-01-02T04:04:05Z", "generatorURL": "http://p/graph"}
        """

    private func skim(_ text: String) -> (end: Int, mark: UInt64)? {
        var bytes = Array(text.utf8)
        return bytes.withUnsafeMutableBytes { buffer in
            AlertSkim(JSONScanner(UnsafeRawBufferPointer(buffer))).map { ($0.end, $0.mark(Self.hash)) }
        }
    }

    private static let hash = TextHash()

    @Test("an alert as programs write it is passed over to its end")
    func whole() {
        #expect(skim(Self.plain)?.end == Self.plain.utf8.count)
        #expect(skim(Self.plain + ",{}]")?.end == Self.plain.utf8.count)
        #expect(skim(Self.plain.replacing(": ", with: ":").replacing(", \"", with: "\n,\t\"")) != nil)
    }

    @Test(
        "what is not as expected is left to be read",
        arguments: [
            "", "{", "{}", "[]", #"{"labels":{}"#, #"{"labels":{"a":1}}"#, #"{"labels":null}"#,
            #"{"Labels":{"a":"b"}}"#,
            #"{"labels":{"a":"b"},"labels":{"a":"c"}}"#, #"{"labels":{"a":"b"},"status":"firing"}"#,
            #"{"labels":{"a":"b\"}"#,
            #"{"labels":{"a":"b"},"startsAt":"yesterday"}"#, #"{"labels":{"a":"b"},}"#, #"{"annotations":{"a":"b"}}"#,
            #"{"labels":{"a":"b\"#,
        ])
    func unexpected(text: String) {
        #expect(skim(text) == nil)
    }

    @Test("what differs has another mark; times do not matter, and a text cannot move from one part to the next")
    func marks() throws {
        let mark = try #require(skim(Self.plain)?.mark)
        #expect(skim(Self.plain.replacing("04:04:05Z", with: "05:04:05Z"))?.mark == mark)
        for (old, new) in [("Slow", "Slox"), ("é{[", "è{["), ("graph", "grapg"), ("\"b\": \"\"", "\"b\": \" \"")] {
            #expect(try #require(skim(Self.plain.replacing(old, with: new))).mark != mark)
        }
        let one = skim(#"{"labels":{"a":"b"},"annotations":{"c":"d"}}"#)?.mark
        let other = skim(#"{"labels":{"c":"d"},"annotations":{"a":"b"}}"#)?.mark
        #expect(one != nil && one != other)
    }

    @Test("a text that is changed at random, or cut, is never taken for another, nor read beyond its end")
    func mutations() {
        var random = SeededGenerator(seed: 11)
        let bytes = Array(Self.plain.utf8)
        var text = AlertText()
        var compared = 0
        for _ in 0..<4_000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                changed[Int.random(in: changed.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            changed.removeLast(Int.random(in: 0..<3, using: &random) * Int.random(in: 0..<60, using: &random))
            changed.withUnsafeBytes { buffer in
                var scanner = JSONScanner(buffer)
                guard let skim = AlertSkim(scanner) else { return }
                #expect(skim.end <= buffer.count)
                // What is passed over, and is JSON at all, ends where a reader finds its end.
                guard (try? text.read(&scanner, index: 0)) != nil else { return }
                #expect(scanner.position == skim.end)
                compared += 1
            }
        }
        #expect(compared > 100, "what was not cut is compared")
    }

    @Test("texts of every length have hashes of their own")
    func lengths() {
        let text = [UInt8](repeating: 0, count: 64)
        let hashes = (0...64).map { count in
            text.withUnsafeBytes { Self.hash(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
        #expect(Set(hashes).count == hashes.count)
        for position in 0..<64 {
            var other = text
            other[position] = 1
            let hash = other.withUnsafeBytes { Self.hash($0) }
            #expect(!hashes.contains(hash))
        }
    }
}
