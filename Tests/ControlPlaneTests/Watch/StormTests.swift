import ControlPlane
import Response
import Spec
import TestKit
import Testing

@Suite("A storm of alerts of one cause")
struct StormTests {
    private static let alerts = 20_000
    private static let batch = 500

    @Test("20,000 alerts of one cause are one incident, and each person is told once")
    func once() async throws {
        let courier = RecordingCourier()
        try await PlaneFixture.with(rules: WatchTests.rules, courier: courier) { plane in
            for first in stride(from: 0, to: Self.alerts, by: Self.batch) {
                let list = (first..<first + Self.batch).map { number in
                    #"{"labels":{"alertname":"Down","service":"api","severity":"critical","instance":"host-\#(number)"}}"#
                }
                try await plane.post("[\(list.joined(separator: ","))]")
                // The storm lasts a minute.
                plane.clock.advance(by: .milliseconds(60_000 * Self.batch / Self.alerts))
            }
            #expect(try await plane.metric("hauban_incidents_total") == 1)
            let incident = try #require(try await plane.plane.state().incidents.values.first)
            #expect(incident.firing.count == Self.batch, "the others wait for the next look at their group")
            #expect(courier.lines == ["+331 by sms: page"])

            // The group's interval, and then the next step of the escalation, which is due five minutes after the first alert.
            for _ in 0..<8 {
                plane.clock.advance(by: .seconds(60))
                try await plane.plane.submit(.tick)
            }
            try await eventually(within: .seconds(60)) { courier.dispatches.count >= 2 }
            #expect(courier.lines == ["+331 by sms: page", "+332 by sms: page"])
            let state = try await plane.plane.state()
            #expect(state.incidents.count == 1)
            #expect(state.incidents.values.first?.firing.count == Self.alerts)
            #expect(state.pages.count == 2)
        }
    }
}
