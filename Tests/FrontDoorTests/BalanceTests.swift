import FrontDoor
import Synchronization
import Testing

/// The balance on real sockets.
@Suite("Balance", .timeLimit(.minutes(3)))
struct BalanceTests {
    private func standing(_ fixture: DoorFixture, _ replica: Int) async throws -> FrontDoorHealth.Replica {
        try #require(await fixture.door.replicas.first { $0.replica == "\(replica)" })
    }

    private static let quick = FrontDoorConfiguration.Balance(
        slowStartMilliseconds: 1_000, ejectionMilliseconds: 400, longestEjectionMilliseconds: 2_000)

    /// So long that no test sees a return.
    private static let once = FrontDoorConfiguration.Balance(
        ejectionMilliseconds: 600_000, longestEjectionMilliseconds: 600_000)

    @Test("a replica that answers 5xx is passed over while the other serves")
    func serverErrors() async throws {
        let good = try await TestService.start("good")
        let bad = try await ScriptedService.start { _, _ in
            [.send("HTTP/1.1 500 X\r\nContent-Length: 3\r\n\r\nbad")]
        }
        try await DoorFixture.with(["api": DoorFixture.service("r1", good.port, bad.port)], balance: Self.once) {
            fixture in
            let client = try await fixture.client()
            var failures = 0
            // Answers of the good one are counted with each tick; before the first one there is nothing to compare with.
            try await eventually("it is out") {
                if try await client.get("/").status == 500 { failures += 1 }
                return try await standing(fixture, 1).state == .ejected
            }
            #expect(failures >= 5, "\(failures)")
            for _ in 0..<20 { #expect(try await client.get("/").body == "good") }
            #expect(try await standing(fixture, 1).ejections == ["5xx": 1])
            // What the clients saw counts against the release, ejection or not.
            #expect(try await fixture.signals().serverErrors == failures)
            let metrics = await fixture.door.metrics()
            #expect(
                metrics.contains(
                    "hauban_replica_ejections_total{service=\"api\",release=\"r1\",replica=\"1\",reason=\"5xx\"} "))
            #expect(metrics.contains("hauban_replica_share{service=\"api\",release=\"r1\",replica=\"0\"} 1.0\n"))
        }
        await good.kill()
    }

    @Test("an ejected replica returns, and serves fully once it is well")
    func returns() async throws {
        let good = try await TestService.start("good")
        let isWell = Switch()
        let bad = try await ScriptedService.start { _, _ in
            [.send("HTTP/1.1 \(isWell.isOn ? 200 : 500) X\r\nContent-Length: 3\r\n\r\nbad")]
        }
        try await DoorFixture.with(["api": DoorFixture.service("r1", good.port, bad.port)], balance: Self.quick) {
            fixture in
            let client = try await fixture.client()
            try await eventually("it was out") {
                _ = try await client.get("/")
                return try await standing(fixture, 1).ejections.values.reduce(0, +) >= 1
            }
            isWell.turnOn()
            try await eventually("it serves again, fully") {
                _ = try await client.get("/")
                return try await standing(fixture, 1).state == .serving
            }
            var bodies: Set<String> = []
            for _ in 0..<8 { bodies.insert(try await client.get("/").body) }
            #expect(bodies == ["good", "bad"])
        }
        await good.kill()
    }

    @Test("a release whose replicas are all bad keeps all of them, and its errors count")
    func allBad() async throws {
        let replicas = [try await TestService.start("a"), try await TestService.start("b")]
        try await DoorFixture.with(
            ["api": DoorFixture.service("r1", replicas[0].port, replicas[1].port)], balance: Self.quick
        ) { fixture in
            let client = try await fixture.client()
            for _ in 0..<100 { #expect(try await client.get("/status/500").status == 500) }
            #expect(try await fixture.signals().serverErrors == 100)
            #expect(replicas.allSatisfy { $0.requests >= 40 }, "\(replicas.map(\.requests))")
        }
        for replica in replicas { await replica.kill() }
    }

    @Test("a replica that never answers is ejected after three requests")
    func timeouts() async throws {
        let good = try await TestService.start("good")
        let mute = try await ScriptedService.start { _, _ in [] }
        try await DoorFixture.with(
            ["api": DoorFixture.service("r1", good.port, mute.port)],
            timeouts: .init(responseHeaderMilliseconds: 1_000), balance: Self.once
        ) { fixture in
            let client = try await fixture.client()
            var late = 0
            try await eventually("it is out") {
                if try await client.get("/").status == 504 { late += 1 }
                return try await standing(fixture, 1).state == .ejected
            }
            #expect(late >= 3)
            let out = try await standing(fixture, 1)
            #expect(out.reason?.contains("no answer in time") == true)
            #expect((500_000...600_000).contains(out.remainingMilliseconds ?? 0))
        }
        await good.kill()
    }

    @Test("a replica that breaks connections is ejected, and idempotent requests lose nothing")
    func broken() async throws {
        let good = try await TestService.start("good")
        let breaking = try await ScriptedService.start { _, _ in [.close] }
        try await DoorFixture.with(["api": DoorFixture.service("r1", good.port, breaking.port)], balance: Self.once) {
            fixture in
            let client = try await fixture.client()
            try await eventually("it is out") {
                #expect(try await client.get("/").body == "good")
                return try await standing(fixture, 1).state == .ejected
            }
            #expect(try await fixture.signals().retries >= 3)
        }
        await good.kill()
    }

    @Test("a replica that joins takes a growing share of few requests and of many")
    func slowStart() async throws {
        let old = try await TestService.start("old")
        let new = try await TestService.start("new")
        // An hour: however slow the machine, its share hardly grows during the test.
        let balance = FrontDoorConfiguration.Balance(slowStartMilliseconds: 3_600_000)
        try await DoorFixture.with(["api": DoorFixture.service("r1", old.port)], balance: balance) { fixture in
            var next = await fixture.door.configuration
            next.generation += 1
            next.services["api"] = DoorFixture.service("r1", old.port, new.port)
            try await fixture.door.apply(next)
            let client = try await fixture.client()
            for _ in 0..<400 { _ = try await client.get("/") }
            // A tenth to an eighth of half of the requests.
            #expect((8...45).contains(new.requests), "\(new.requests)")
            #expect(try await standing(fixture, 1).state == .rising)
        }
        await old.kill()
        await new.kill()
    }

    @Test("replicas of a new release share evenly from the first request")
    func newRelease() async throws {
        let replicas = [try await TestService.start("a"), try await TestService.start("b")]
        let balance = FrontDoorConfiguration.Balance(slowStartMilliseconds: 60_000)
        try await DoorFixture.with(
            ["api": DoorFixture.service("r1", replicas[0].port, replicas[1].port)], balance: balance
        ) { fixture in
            let client = try await fixture.client()
            for _ in 0..<40 { _ = try await client.get("/") }
            #expect(replicas.map(\.requests) == [20, 20])
        }
        for replica in replicas { await replica.kill() }
    }

    @Test("a busy replica gets fewer requests than an idle one")
    func leastInFlight() async throws {
        let replicas = [try await TestService.start("a"), try await TestService.start("b")]
        try await DoorFixture.with(["api": DoorFixture.service("r1", replicas[0].port, replicas[1].port)]) { fixture in
            var held: [RawClient] = []
            let first = try await fixture.client()
            try await first.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            held.append(first)
            try await eventually("one is busy") { replicas.map(\.requests).reduce(0, +) == 1 }
            let busy = replicas[0].requests == 1 ? replicas[0] : replicas[1]
            let client = try await fixture.client()
            for _ in 0..<10 { _ = try await client.get("/") }
            #expect(busy.requests == 1)
            busy.release()
            #expect(try await first.response().status == 200)
        }
        for replica in replicas { await replica.kill() }
    }
}

/// Something that a test turns on.
final class Switch: Sendable {
    private let state = Mutex(false)

    var isOn: Bool { state.withLock { $0 } }

    func turnOn() { state.withLock { $0 = true } }
}
