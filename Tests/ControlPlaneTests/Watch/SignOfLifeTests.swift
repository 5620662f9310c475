import ControlPlane
import Response
import Spec
import TestKit
import Testing
import World

@Suite("The pager's sign of life")
struct SignOfLifeTests {
    @Test("goes out while pages do, and is withheld while what falls due is late")
    func withheld() async throws {
        try await StubProvider.with({ _, _ in .http(200) }) { sink in
            let clock = TestClock()
            try await PlaneFixture.with(
                rules: WatchTests.rules, clock: clock, courier: RecordingCourier(),
                { $0.signOfLife = .init(url: Secret("\(sink.url)/ping/1234"), every: .seconds(1)) }
            ) { plane in
                try await eventually(within: .seconds(60)) { sink.requests.count >= 2 }
                #expect(sink.requests.first?.target == "/ping/1234")
                try await plane.post(#"[{"labels":{"alertname":"Down","service":"api","severity":"critical"}}]"#)
                // The machine slept through the second step's time.
                clock.advance(by: .seconds(330))
                try await eventually(within: .seconds(60)) {
                    try await plane.client.send("GET", "/health").status == 503
                }
                let before = sink.requests.count
                // One may have been on its way; while it is late no more follow, however long one looks.
                for _ in 1...20 { try await Task.sleep(for: .milliseconds(100)) }
                #expect(sink.requests.count <= before + 1)
                clock.advance(by: .seconds(120))
                try await eventually(within: .seconds(60)) { sink.requests.count > before + 1 }
            }
        }
    }
}
