import Foundation
import Planning
import Spec
import Testing

@Test func zzTiming() throws {
    let today = try #require(BadPlatform.today)
    for file in ["/tmp/pol/p500/hauban.yaml", "/tmp/pol/p500/bad.yaml"] {
        let bytes = Array(try Data(contentsOf: URL(filePath: file)))
        let clock = ContinuousClock()
        let a = clock.now
        let parsed = ParsedPlatform.parse(bytes: bytes, name: "hauban.yaml")
        let b = clock.now
        let one = Policies.judge(parsed, today: today)
        let c = clock.now
        let two = Guidelines.judge(parsed, today: today)
        let d = clock.now
        print("TIMING parse", b - a, "policies", c - b, one.diagnostics.count, "guidelines", d - c, two.diagnostics.count)
        let codes = Dictionary(grouping: two.diagnostics, by: \.code).map { ($0.value.count, $0.key) }.sorted { $0.0 > $1.0 }
        print("TIMING", codes.prefix(30))
    }
}
