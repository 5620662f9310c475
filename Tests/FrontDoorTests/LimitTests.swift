import FrontDoor
import NIOCore
import Testing

@Suite("Limits and timeouts")
struct LimitTests {
    @Test("a request line, header fields, their count and a body have bounds")
    func sizes() async throws {
        let service = try await TestService.start()
        let limits = FrontDoorConfiguration.Limits(
            requestLineBytes: 100, headerBytes: 500, headerCount: 10, bodyBytes: 10)
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)], limits: limits) { fixture in
            let long = String(repeating: "a", count: 600)
            let many = (0..<12).map { "X-\($0): 1\r\n" }.joined()
            let requests: [(String, Int, String)] = [
                ("GET /\(long) HTTP/1.1\r\nHost: a\r\n\r\n", 414, "target-too-long"),
                ("GET /\(long)", 414, "target-too-long"),
                ("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)\r\n\r\n", 431, "headers-too-large"),
                ("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)", 431, "headers-too-large"),
                ("GET / HTTP/1.1\r\nHost: a\r\n\(many)\r\n", 431, "headers-too-many"),
                (
                    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n", 413,
                    "body-too-large"
                ),
                (
                    "POST /swallow HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n", 413,
                    "body-too-large"
                ),
            ]
            for (request, status, reason) in requests {
                let client = try await fixture.client()
                try await client.send(request)
                let response = try await client.response()
                #expect(response.status == status)
                #expect(response["x-hauban-reason"] == reason)
                try await client.waitForEnd()
                await client.close()
            }
            #expect(service.seen.isEmpty)
        }
        await service.kill()
    }

    @Test(
        "a route may bound bodies more narrowly or more widely than its service, whose own listener keeps the service's"
    )
    func bodyOfRoute() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(
            ["api": .init(releases: [DoorFixture.target("r1", [service.port])], maxBodyBytes: 10)],
            routes: [
                .init(path: "/", service: "api"), .init(path: "/narrow", service: "api", maxBodyBytes: 5),
                .init(path: "/wide", service: "api", maxBodyBytes: 20),
            ]
        ) { fixture in
            for (path, length, status) in [
                ("/", 10, 200), ("/", 11, 413), ("/narrow", 5, 200), ("/narrow", 6, 413), ("/wide", 20, 200),
                ("/wide", 21, 413),
            ] {
                let client = try await fixture.client()
                let body = String(repeating: "x", count: length)
                try await client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n\(body)")
                #expect(try await client.response().status == status, "\(path) with \(length) bytes")
                await client.close()
            }
        }
        await service.kill()
    }

    @Test("a service that takes no connection is 502, none at all 503, one that does not answer 504")
    func upstreamFailures() async throws {
        let service = try await TestService.start()
        let gone = try await TestService.start("gone", port: lastingPort())
        await gone.kill()
        let liar = try await ScriptedService.start { _, _ in
            [.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n")]
        }
        try await DoorFixture.with(
            [
                "api": DoorFixture.service("r1", service.port), "gone": DoorFixture.service("r1", gone.port),
                "never": .init(
                    releases: [DoorFixture.target("r1", [service.port])], responseHeaderMilliseconds: 200),
                "none": .init(releases: []), "liar": DoorFixture.service("r1", liar.port),
            ],
            routes: [
                .init(service: "api"), .init(path: "/gone", service: "gone"), .init(path: "/none", service: "none"),
                .init(path: "/liar", service: "liar"), .init(path: "/never", service: "never"),
            ]
        ) { fixture in
            let cases = [
                ("/gone", 502, "connect-failed"), ("/none", 503, "no-release"), ("/never", 504, "response-timeout"),
                ("/close", 502, "upstream-closed"), ("/liar", 502, "upstream-invalid"),
            ]
            let client = try await fixture.client()
            for (path, status, reason) in cases {
                let response = try await client.get(path)
                #expect(response.status == status)
                #expect(response["x-hauban-reason"] == reason)
            }
            #expect(try await client.get("/fine").status == 200)
            let signals = try await fixture.signals()
            #expect(signals.serverErrors == 1)
            #expect(signals.upstreamFailures == 1)
            #expect(signals.inFlight == 0)
            #expect(try await fixture.signals(of: "never").upstreamFailures == 1)
            #expect(try await fixture.signals(of: "never").serverErrors == 1)
        }
        await service.kill()
    }

    @Test("an answer that stops early breaks the client's connection instead of looking whole")
    func truncated() async throws {
        let service = try await ScriptedService.start { head, _ in
            head.contains("/length")
                ? [.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart"), .close]
                : [.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n"), .close]
        }
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            for path in ["/length", "/chunked"] {
                let client = try await fixture.client()
                try await client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                let text = try await client.readToEnd()
                #expect(!text.contains("\r\n0\r\n"))
                await client.close()
            }
            #expect(try await fixture.signals().upstreamFailures == 2)
        }
    }

    @Test("an answer to HTTP/1.0 that stops early is ended by a reset, since an ordinary end would make it whole")
    func truncatedForOldClients() async throws {
        let service = try await ScriptedService.start { head, _ in
            let ok = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n"
            return head.contains("/whole") ? [.send(ok + "0\r\n\r\n")] : [.send(ok), .close]
        }
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            for (path, isReset) in [("/whole", false), ("/broken", true)] {
                let client = try await fixture.client()
                try await client.send("GET \(path) HTTP/1.0\r\n\r\n")
                try await client.waitForEnd()
                #expect(client.isReset == isReset, "\(path)")
                await client.close()
            }
        }
    }

    @Test("slow heads and slow bodies are ended (slowloris)")
    func slow() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(
            ["api": DoorFixture.service("r1", service.port)],
            timeouts: .init(idleMilliseconds: 250, headerReadMilliseconds: 250)
        ) { fixture in
            let head = try await fixture.client()
            try await head.send("GET / HTTP/1.1\r\n")
            // Bytes that go on dripping do not renew the time for a head.
            let drip = Task {
                while true {
                    try await head.send("X")
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            let response = try await head.response()
            #expect(response.status == 408)
            #expect(response["x-hauban-reason"] == "header-timeout")
            drip.cancel()
            let body = try await fixture.client()
            try await body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nab")
            let late = try await body.response()
            #expect(late.status == 408)
            #expect(late["x-hauban-reason"] == "body-timeout")
        }
        await service.kill()
    }

    @Test("an idle connection is closed after its time")
    func idle() async throws {
        try await DoorFixture.with([:], routes: [], timeouts: .init(keepAliveMilliseconds: 100)) { fixture in
            let client = try await fixture.client()
            try await client.waitForEnd(within: .seconds(60))
            #expect(client.receivedBytes == 0)
        }
    }

    @Test("a client that takes its answer slowly gets all of it, past the wait for its next request")
    func slowTaker() async throws {
        let service = try await TestService.start()
        // Long enough for the request to come in time on a busy machine, and much shorter than what the client takes.
        let timeouts = FrontDoorConfiguration.Timeouts(idleMilliseconds: 5_000, keepAliveMilliseconds: 1_000)
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)], timeouts: timeouts) { fixture in
            let size = 12 * 1024 * 1024
            let client = try await RawClient.connect(fixture.port, readsAtOnce: false)
            try await client.send("GET /big?\(size) HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("everything arrives", within: .seconds(60)) {
                client.readOnce()
                return client.receivedBytes > size || client.isEnded
            }
            #expect(client.receivedBytes > size)
            await client.close()
        }
        await service.kill()
    }

    @Test("connections above the limit are answered 503")
    func connectionLimit() async throws {
        try await DoorFixture.with([:], routes: [], limits: .init(connections: 2)) { fixture in
            let first = try await fixture.client()
            let second = try await fixture.client()
            #expect(try await first.get("/").status == 404)
            #expect(try await second.get("/").status == 404)
            let third = try await fixture.client()
            let response = try await third.response()
            #expect(response.status == 503)
            #expect(response["x-hauban-reason"] == "connection-limit")
        }
    }

    @Test("a client that leaves is counted, and the service's connection is not used again")
    func clientAborted() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            try await client.send("GET /never HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("the service has the request") { service.requests == 1 }
            await client.close()
            try await eventually("the front door notices") { try await fixture.signals().clientAborted == 1 }
            #expect(try await fixture.signals().inFlight == 0)
            let next = try await fixture.client()
            #expect(try await next.get("/x").body == "one")
            #expect(service.connections == 2)
        }
        await service.kill()
    }
}
