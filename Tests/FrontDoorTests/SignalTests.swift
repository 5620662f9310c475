import FrontDoor
import Testing

@Suite("Signals")
struct SignalTests {
    @Test("counts by class, latencies and in flight are of the release")
    func counters() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            for status in [200, 201, 302, 404, 404, 500, 503] { _ = try await client.get("/status/\(status)") }
            _ = try await client.get("/slow?120")
            let signals = try await fixture.signals()
            #expect(signals.requests == 8)
            #expect(signals.responses == ["1xx": 0, "2xx": 3, "3xx": 1, "4xx": 2, "5xx": 2])
            #expect(signals.serverErrors == 2)
            #expect(signals.inFlight == 0)
            #expect(signals.latency.max >= 119)
            #expect(signals.latency.p50 < 119)
            #expect(signals.latency.p99 >= 119)
            let recent = try await fixture.signals(window: 30)
            #expect(recent.requests == 8)
            #expect(recent.responses == signals.responses)
            try await eventually("the last second knows them no more") {
                try await fixture.signals(window: 1).requests == 0
            }
            #expect(try await fixture.signals(window: 30).requests == 8)
            #expect(try await fixture.signals().requests == 8)
        }
        await service.kill()
    }

    @Test("without metrics nothing is counted or kept, until they are switched on again")
    func withoutMetrics() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            var configuration = await fixture.door.configuration
            for (metrics, requests) in [(false, 0), (true, 1)] {
                configuration.generation += 1
                configuration.metrics = metrics
                try await fixture.door.apply(configuration)
                #expect(try await client.get("/status/500").status == 500)
                let signals = try await fixture.signals()
                #expect(signals.requests == requests)
                #expect(signals.serverErrors == requests)
                #expect(signals.inFlight == 0)
            }
        }
        await service.kill()
    }

    @Test("the metrics are what Prometheus reads")
    func prometheus() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("v\"1", service.port)]) { fixture in
            let client = try await fixture.client()
            for status in [200, 200, 500] { _ = try await client.get("/status/\(status)") }
            let lines = await fixture.door.metrics().split(separator: "\n").map(String.init)
            let labels = "service=\"api\",release=\"v\\\"1\""
            #expect(lines.contains("hauban_requests_total{\(labels),code=\"200\"} 2"))
            #expect(lines.contains("hauban_requests_total{\(labels),code=\"500\"} 1"))
            #expect(lines.contains("hauban_request_duration_seconds_count{\(labels)} 3"))
            #expect(lines.contains("hauban_request_duration_seconds_bucket{\(labels),le=\"+Inf\"} 3"))
            #expect(lines.contains("hauban_requests_in_flight{\(labels)} 0"))
            #expect(lines.contains("# TYPE hauban_request_duration_seconds histogram"))
            // Every sample's family is declared before it, once.
            var families: [String] = []
            for line in lines {
                if line.hasPrefix("# TYPE ") {
                    families.append(String(line.split(separator: " ")[2]))
                } else if !line.hasPrefix("#") {
                    #expect(line.hasPrefix(families.last ?? "?"), "\(line)")
                }
            }
            #expect(Set(families).count == families.count)
        }
        await service.kill()
    }
}
