import FrontDoor
import Testing

@Suite("Rates", .timeLimit(.minutes(3)))
struct RateTests {
    private static let second: UInt64 = 1_000_000_000

    private static func limit(_ requests: Int, per: Int = 1, burst: Int? = nil) -> RateLimit {
        RateLimit(.init(requests: requests, perSeconds: per, burst: burst))
    }

    // MARK: The algorithm

    @Test("a client may use its allowance at once, and gets it back evenly")
    func refill() {
        let limit = Self.limit(4)
        var full: UInt64 = 0
        let now = 100 * Self.second
        for _ in 0..<4 { #expect(limit.take(&full, now: now) == 0) }
        #expect(limit.take(&full, now: now) == Self.second / 4)
        #expect(limit.take(&full, now: now + Self.second / 8) == Self.second / 8, "a refused one costs nothing")
        #expect(limit.take(&full, now: now + Self.second / 4) == 0)
        #expect(limit.take(&full, now: now + Self.second / 4) == Self.second / 4)
        for _ in 0..<4 { #expect(limit.take(&full, now: now + 10 * Self.second) == 0) }
        #expect(limit.take(&full, now: now + 10 * Self.second) > 0, "waiting longer saves up no more than the burst")
    }

    @Test(
        "any time admits at most the burst and what it refills", arguments: [(20, 1, 20), (300, 60, 300), (10, 1, 1)])
    func bound(_ requests: Int, _ per: Int, _ burst: Int) {
        let limit = Self.limit(requests, per: per, burst: burst)
        var full: UInt64 = 0
        var admitted: [UInt64] = []
        var state: UInt64 = 7
        var now = 5 * Self.second
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            now += (state >> 33) % (Self.second / 50)
            if limit.take(&full, now: now) == 0 { admitted.append(now) }
        }
        let interval = Self.second * UInt64(per) / UInt64(requests)
        for first in stride(from: 0, to: admitted.count, by: 97) {
            for last in stride(from: first, to: min(admitted.count, first + 2_000), by: 53) {
                #expect(UInt64(last - first + 1) <= UInt64(burst) + (admitted[last] - admitted[first]) / interval + 1)
            }
        }
    }

    // MARK: The table

    @Test("a million addresses take no more memory, and the one that floods stays limited")
    func manyClients() {
        let table = RateTable(clients: 65_536)
        #expect(table.capacity == 65_536)
        let limit = Self.limit(100)
        var now = 50 * Self.second
        var hasher = Hasher()
        hasher.combine("flood")
        let flood = UInt64(bitPattern: Int64(hasher.finalize()))
        while table.take(flood, limit, now: now) == 0 {}
        var admitted = 0
        var flooded = 0
        for number in 0..<1_000_000 {
            // A million clients in ten seconds, each with one request, and the flood goes on.
            now += 10_000
            var hasher = Hasher()
            hasher.combine(number)
            if table.take(UInt64(bitPattern: Int64(hasher.finalize())), limit, now: now) == 0 { admitted += 1 }
            if number % 100 == 0, table.take(flood, limit, now: now) == 0 { flooded += 1 }
        }
        #expect(admitted == 1_000_000, "nobody pays for the others")
        #expect((990...1_001).contains(flooded), "100 a second for 10 s: \(flooded)")
        #expect(table.capacity == 65_536)
    }

    @Test("the limit is one for all threads")
    func manyThreads() async {
        let table = RateTable(clients: 1_024)
        let limit = Self.limit(1_000)
        let admitted = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask { (0..<5_000).count { _ in table.take(42, limit, now: Self.second) == 0 } }
            }
            return await group.reduce(0, +)
        }
        #expect(admitted == 1_000)
    }

    // MARK: Who a client is

    @Test("the /64 of an IPv6 address is one client, a mapped IPv4 address is that IPv4 address")
    func addresses() {
        #expect(ClientAddress("2001:db8:1:2::1") == ClientAddress("2001:db8:1:2:ffff:ffff:ffff:ffff"))
        #expect(ClientAddress("2001:db8:1:2::1") != ClientAddress("2001:db8:1:3::1"))
        #expect(ClientAddress("::ffff:192.0.2.1") == ClientAddress("192.0.2.1"))
        #expect(ClientAddress("192.0.2.1") != ClientAddress("192.0.2.2"))
        #expect(ClientAddress("192.0.2.1:4711") == ClientAddress("192.0.2.1"))
        #expect(ClientAddress("[2001:db8::1]:4711") == ClientAddress("2001:db8::2"))
        for text in ["", "unknown", "_hidden", "192.0.2", "192.0.2.1.5", "2001:db8", "[2001:db8::1"] {
            #expect(ClientAddress(Substring(text)) == nil, "\(text)")
        }
    }

    @Test("behind a trusted proxy the rightmost address counts that is not of this machine")
    func forwarded() {
        #expect(ClientAddress.forwarded("203.0.113.9, 192.0.2.1") == ClientAddress("192.0.2.1"))
        #expect(ClientAddress.forwarded("203.0.113.9,\t192.0.2.1 , 127.0.0.1, ::1") == ClientAddress("192.0.2.1"))
        #expect(ClientAddress.forwarded("192.0.2.1, unknown") == nil, "what stands left of it is nobody's word")
        #expect(ClientAddress.forwarded("127.0.0.1") == nil)
    }

    // MARK: Requests

    @Test("a request above the rate is answered 429 with when to try again; other routes are not concerned")
    func answers() async throws {
        let service = try await TestService.start()
        let routes: [FrontDoorConfiguration.Route] = [
            .init(path: "/", service: "api"),
            .init(path: "/login", service: "api", rate: .init(requests: 3, perSeconds: 10_800)),
        ]
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)], routes: routes) { fixture in
            let clients = [try await fixture.client(), try await fixture.client(), try await fixture.client()]
            for client in clients { #expect(try await client.get("/login").status == 200) }
            for client in clients {
                let refused = try await client.get("/login/again")
                #expect(refused.status == 429)
                #expect(refused["x-hauban-reason"] == "rate-limited")
                #expect((3_400...3_600).contains(Int(refused["retry-after"] ?? "") ?? 0), "an hour, less what passed")
                #expect(refused["ratelimit-policy"] == "\"client\";q=3;w=10800")
                #expect(refused["ratelimit"]?.hasPrefix("\"client\";r=0;t=") == true)
                #expect(try await client.get("/other").status == 200, "on the same connection")
            }
            #expect(service.requests == 6)
            let signals = await fixture.door.signals()
            #expect(signals.refused["rate-limited"] == 3)
            #expect(signals.release("r1", of: "api")?.requests == 6, "a refused request is none of the release")

            var next = await fixture.door.configuration
            next.generation += 1
            next.services["api"] = DoorFixture.service("r2", service.port)
            try await fixture.door.apply(next)
            #expect(try await clients[0].get("/login").status == 429, "a release resets nobody")
        }
        await service.kill()
    }

    @Test("a stream of HTTP/2 is refused like a request of HTTP/1, its body too, and its connection goes on")
    func streams() async throws {
        let routes: [FrontDoorConfiguration.Route] = [
            .init(path: "/", service: "api"),
            .init(path: "/login", service: "api", rate: .init(requests: 1, perSeconds: 3_600)),
        ]
        try await HTTP2Tests.with({ $0.routes = routes }) { fixture, service, _ in
            let client = try await FrameClient.connect(fixture.port)
            try await client.headers(1, FrameClient.request("/login"))
            #expect(try await client.answer(1).status == 200)
            try await client.headers(3, FrameClient.request("/login"))
            let refused = try await client.answer(3)
            #expect(refused.status == 429 && refused.reset == nil)
            #expect(refused["x-hauban-reason"] == "rate-limited")
            #expect(refused["ratelimit-policy"] == "\"client\";q=1;w=3600")
            #expect(refused.body.contains("\"reason\":\"rate-limited\""))
            #expect(Int(refused["content-length"] ?? "") == refused.body.utf8.count)
            try await client.headers(5, FrameClient.request("/login", method: "HEAD", [("accept", "text/html")]))
            let head = try await client.answer(5)
            #expect(head.status == 429 && head.body.isEmpty)
            try await client.headers(7, FrameClient.request("/login", method: "POST"), ends: false)
            try await client.data(7, "half of it", ends: false)
            let posted = try await client.answer(7)
            #expect(posted.status == 429)
            var after = try await client.next()
            while after.type == FrameClient.Frame.windowUpdate { after = try await client.next() }
            #expect(after.type == FrameClient.Frame.reset && after.stream == 7 && after.code == 0, "\(after)")
            try await client.headers(9, FrameClient.request("/other"))
            #expect(try await client.answer(9).body == "one", "on the same connection")
            #expect(service.requests == 2)
            #expect(await fixture.door.signals().refused["rate-limited"] == 3)
            await client.close()
        }
    }

    @Test("a refused request's body is not waited for")
    func body() async throws {
        let routes = [FrontDoorConfiguration.Route(service: "api", rate: .init(requests: 1, perSeconds: 3_600))]
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)], routes: routes) { fixture in
            let client = try await fixture.client()
            #expect(try await client.get("/").status == 200)
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc")
            let refused = try await client.response()
            #expect(refused.status == 429)
            #expect(refused["connection"] == "close")
        }
        await service.kill()
    }

    @Test("only a listener that trusts its peer takes the address that the peer names", arguments: [true, false])
    func trust(_ trusts: Bool) async throws {
        let service = try await TestService.start()
        var configuration = DoorFixture.configuration(
            1, ["api": DoorFixture.service("r1", service.port)],
            routes: [.init(service: "api", rate: .init(requests: 1, perSeconds: 3_600))])
        configuration.listeners[0].trustsForwarded = trusts
        let door = try await FrontDoor.start(configuration, threads: 2)
        let client = try await RawClient.connect(await door.configuration.listeners[0].port)
        var statuses: [Int] = []
        for address in ["198.51.100.1", "198.51.100.2", "203.0.113.7, 198.51.100.1", "2001:db8::1", "2001:db8::2"] {
            statuses.append(try await client.get("/", headers: "X-Forwarded-For: \(address)\r\n").status)
        }
        #expect(statuses == (trusts ? [200, 200, 429, 200, 429] : [200, 429, 429, 429, 429]))
        await door.stop(deadline: .milliseconds(100))
        await service.kill()
    }
}
