import FrontDoor
import NIOHTTP1
import Testing

@Suite("Header fields")
struct HeaderTests {
    @Test("what is meant for one hop goes no further (RFC 9110 §7.6.1)")
    func hopByHop() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            let response = try await client.get(
                "/hop",
                headers:
                    "Connection: keep-alive, X-Secret\r\nX-Secret: 1\r\nKeep-Alive: 5\r\nProxy-Connection: close\r\n"
                    + "Proxy-Authorization: Basic eA==\r\nTE: trailers\r\nX-Stays: yes\r\n")
            let seen = try #require(service.seen.first)
            for name in ["Connection", "X-Secret", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "TE"] {
                #expect(seen.header(name) == nil, "\(name)")
            }
            #expect(seen.header("X-Stays") == "yes")
            #expect(response["x-private"] == nil)
            #expect(response["keep-alive"] == nil)
            #expect(response["x-public"] == "2")
            // RFC 9110 §6.6.1: the service sent no Date, so the front door adds one.
            #expect(response["date"]?.hasSuffix(" GMT") == true)
        }
        await service.kill()
    }

    @Test("a public listener says itself who the client is; a service's listener adds to what it was told")
    func forwarded() async throws {
        let service = try await TestService.start()
        var configuration = DoorFixture.configuration(1, ["api": DoorFixture.service("r1", service.port)])
        configuration.listeners.append(.init(name: "api", host: "127.0.0.1", port: 0, scope: .service("api")))
        let door = try await FrontDoor.start(configuration, threads: 1)
        let told =
            "X-Forwarded-For: 10.0.0.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.test\r\n"
            + "Forwarded: for=10.0.0.9\r\nX-Real-IP: 10.0.0.9\r\nX_Forwarded_For: 10.0.0.9\r\n"
        for (index, listener) in await door.configuration.listeners.enumerated() {
            let client = try await RawClient.connect(listener.port)
            _ = try await client.get("/", host: "door.test:81", headers: told)
            await client.close()
            let seen = service.seen[index]
            let isPublic = index == 0
            #expect(seen.headers["X-Forwarded-For"] == [isPublic ? "127.0.0.1" : "10.0.0.9, 127.0.0.1"])
            #expect(seen.headers["X-Forwarded-Proto"] == [isPublic ? "http" : "https"])
            #expect(seen.headers["X-Forwarded-Host"] == [isPublic ? "door.test:81" : "shop.test"])
            #expect(seen.header("Forwarded") == (isPublic ? nil : "for=10.0.0.9"))
            #expect(seen.header("X-Real-IP") == (isPublic ? nil : "10.0.0.9"))
            #expect(seen.header("X_Forwarded_For") == nil)
            #expect(seen.header("Via") == "1.1 hauban")
        }
        await door.stop(deadline: .zero)
        await service.kill()
    }

    @Test("a field name holds the characters of a token and no other (RFC 9110 §5.6.2)")
    func names() async throws {
        let token = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            for byte in UInt8(0x21)..<0x7F where byte != UInt8(ascii: ":") {
                let name = "X" + String(UnicodeScalar(byte))
                let client = try await fixture.client()
                let response = try await client.get("/name", headers: "\(name): 1\r\n")
                #expect(response.status == (token.contains(byte) ? 200 : 400), "\(name)")
                await client.close()
            }
        }
        await service.kill()
    }

    @Test("a head much larger than was expected passes whole, in both forms of a number")
    func large() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            let value = String(repeating: "v", count: 20_000)
            // The trace is told in both notations: sixteen hexadecimal digits, and a decimal number.
            _ = try await client.get(
                "/large",
                headers: "X-Large: \(value)\r\nX-Cloud-Trace-Context: 0123456789abcdef0123456789abcdef/255\r\n")
            let seen = try #require(service.seen.first)
            #expect(seen.header("X-Large") == value)
            #expect(seen.header("traceparent")?.hasPrefix("00-0123456789abcdef0123456789abcdef-") == true)
            #expect(seen.header("Via") == "1.1 hauban")
        }
        await service.kill()
    }

    @Test("a request has an id: its own if usable, else one of ours, and the answer repeats it")
    func requestID() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            let own = try await client.get("/", headers: "X-Request-Id: abc-123\r\n")
            #expect(own["x-request-id"] == "abc-123")
            #expect(service.seen[0].header("X-Request-Id") == "abc-123")
            let made = try await client.get("/")
            let id = try #require(made["x-request-id"])
            #expect(id.count == 32)
            #expect(service.seen[1].headers["X-Request-Id"] == [id])
            let unusable = try await client.get("/", headers: "X-Request-Id: with space\r\n")
            #expect(unusable["x-request-id"]?.count == 32)
            #expect(unusable["x-request-id"] != id)
        }
        await service.kill()
    }

    @Test("traceparent and X-Cloud-Trace-Context name one trace, begun here when nobody began it")
    func trace() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            let trace = "0af7651916cd43dd8448eb211c80319c"
            _ = try await client.get("/", headers: "traceparent: 00-\(trace)-00f067aa0ba902b7-01\r\n")
            #expect(service.seen[0].headers["traceparent"] == ["00-\(trace)-00f067aa0ba902b7-01"])
            #expect(service.seen[0].header("X-Cloud-Trace-Context") == "\(trace)/67667974448284343;o=1")
            _ = try await client.get("/", headers: "X-Cloud-Trace-Context: \(trace)/67667974448284343;o=1\r\n")
            #expect(service.seen[1].header("traceparent") == "00-\(trace)-00f067aa0ba902b7-01")
            #expect(service.seen[1].headers["X-Cloud-Trace-Context"] == ["\(trace)/67667974448284343;o=1"])
            _ = try await client.get("/")
            let parent = try #require(service.seen[2].header("traceparent")).split(separator: "-")
            #expect(parent.count == 4)
            #expect(service.seen[2].header("X-Cloud-Trace-Context")?.hasPrefix("\(parent[1])/") == true)
            // W3C Trace Context §3.2.2.3: an all-zero id is invalid, and the trace begins anew.
            _ = try await client.get(
                "/", headers: "traceparent: 00-00000000000000000000000000000000-00f067aa0ba902b7-01\r\n")
            let renewed = try #require(service.seen[3].headers["traceparent"].first)
            #expect(service.seen[3].headers["traceparent"].count == 1)
            #expect(!renewed.contains("00000000000000000000000000000000"))
        }
        await service.kill()
    }
}
