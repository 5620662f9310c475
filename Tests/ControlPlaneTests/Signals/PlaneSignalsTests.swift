import ControlPlane
import Response
import Synchronization
import Testing
import World

/// Signals from who measures to the API and the overview.
@Suite("Signals at a control plane")
struct PlaneSignalsTests {
    private final class Meter: ServiceMeter {
        let asked = Mutex(0)
        private let answer: @Sendable () async throws -> [String: ServiceReading]

        init(_ answer: @escaping @Sendable () async throws -> [String: ServiceReading]) { self.answer = answer }

        func readings(within limit: Duration) async throws -> [String: ServiceReading] {
            asked.withLock { $0 += 1 }
            return try await answer()
        }
    }

    private static func services(_ plane: PlaneFixture) async throws -> [JSONValue] {
        let answer = try await plane.client.send(
            "GET", "/api/v1/services", fields: ["Authorization": "Bearer the-local-token"])
        #expect(answer.status == 200, "\(answer.body)")
        guard case .array(let items)? = answer.json?["items"] else { return [] }
        return items
    }

    /// Asks until an answer is as wanted.
    private static func wait(
        _ plane: PlaneFixture, _ isRight: ([JSONValue]) -> Bool
    ) async throws -> [JSONValue] {
        let end = ContinuousClock.now + .seconds(60)
        while true {
            let items = try await services(plane)
            if isRight(items) || ContinuousClock.now > end { return items }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test("what is measured is shown with its promise, in the order of the file, and measured once in ten seconds")
    func measured() async throws {
        let meter = Meter {
            [
                "web": .init(
                    traffic: .success(.init(requestsPerSecond: 12.5, errorShare: 0.25, p95: .milliseconds(420))),
                    replicas: .success(.init(ready: 1, wanted: 2, restarts: 4, since: PlaneFixture.start))),
                "api": .init(traffic: .failure(.noRequests), replicas: .failure(.isSite)),
            ]
        }
        let start = ContinuousClock.now
        try await PlaneFixture.with { configuration in
            configuration.local = Secret("the-local-token")
            configuration.services = ["web", "api"]
            configuration.meter = meter
            configuration.promises = ["web": .init(availability: 0.999, p95: .milliseconds(300))]
        } _: { plane in
            let items = try await Self.wait(plane) { $0.first?["measuredAt"] != nil }
            #expect(items.compactMap { $0["name"]?.string } == ["web", "api"])
            let web = try #require(items.first)
            #expect(web["requestsPerSecond"]?.text == "12.5")
            #expect(web["errorShare"]?.text == "0.25" && web["p95Seconds"]?.text == "0.42")
            #expect(web["promisedAvailability"]?.text == "0.999" && web["promisedP95Seconds"]?.text == "0.3")
            #expect(web["replicasReady"]?.text == "1" && web["restarts"]?.text == "4")
            guard case .array(let line)? = web["line"] else { throw PlainClient.Broken(description: "no line") }
            // A slow machine may be at the second reading by now; a reading each second would be ten times as many.
            let most = 1 + Int((ContinuousClock.now - start) / .seconds(10))
            #expect((1...most).contains(line.count))
            let api = items[1]
            #expect(api["requestsPerSecond"] == nil, "no zero in its place")
            #expect(api["trafficMissing"]?.string == "no request within the last minute")
            #expect(api["replicasMissing"]?.string?.contains("front door") == true)
            #expect((1...most).contains(meter.asked.withLock { $0 }), "\(line.count) readings")
        }
    }

    @Test("who measures and fails is quoted; what does not end is given up, and holds nobody up")
    func broken() async throws {
        let broken = Meter {
            throw WorldError(code: "front-door-absent", operation: "ask the front door", underlying: "no socket")
        }
        let stuck = Meter {
            try await Task.sleep(for: .seconds(3600))
            return [:]
        }
        for (meter, words) in [(broken, "ask the front door: no socket"), (stuck, "not done within 3")] {
            try await PlaneFixture.with { configuration in
                configuration.local = Secret("the-local-token")
                configuration.services = ["web"]
                configuration.meter = meter
            } _: { plane in
                let items = try await Self.wait(plane) {
                    $0.first?["trafficMissing"]?.string?.contains("not measured yet") == false
                }
                #expect(items.first?["trafficMissing"]?.string?.contains(words) == true, "\(items)")
                #expect(items.first?["replicasReady"] == nil)
            }
        }
    }

    @Test("where nothing measures, that is what is said")
    func none() async throws {
        try await PlaneFixture.with { configuration in
            configuration.local = Secret("the-local-token")
            configuration.services = ["web"]
        } _: { plane in
            let items = try await Self.services(plane)
            #expect(items.first?["trafficMissing"]?.string?.contains("not measured") == true)
        }
    }
}
