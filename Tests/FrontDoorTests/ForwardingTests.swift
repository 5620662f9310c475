import FrontDoor
import NIOCore
import NIOHTTP1
import Testing

@Suite("Forwarding")
struct ForwardingTests {
    @Test("routes by the host, then by the longest path on whole segments")
    func routing() async throws {
        let web = try await TestService.start("web")
        let api = try await TestService.start("api")
        let admin = try await TestService.start("admin")
        let routes: [FrontDoorConfiguration.Route] = [
            .init(path: "/", service: "web"), .init(path: "/api", service: "api", stripPrefix: true),
            .init(host: "Admin.test", path: "/api", service: "admin"),
            .init(host: "only.test", path: "/only", service: "admin"),
        ]
        try await DoorFixture.with(
            [
                "web": DoorFixture.service("r1", web.port), "api": DoorFixture.service("r1", api.port),
                "admin": DoorFixture.service("r1", admin.port),
            ], routes: routes
        ) { fixture in
            let client = try await fixture.client()
            #expect(try await client.get("/").body == "web")
            #expect(try await client.get("/api/items?x=1").body == "api")
            #expect(try await client.get("/api").body == "api")
            #expect(try await client.get("/api?x").body == "api")
            #expect(try await client.get("/apis").body == "web")
            #expect(try await client.get("/api", host: "admin.TEST:8080").body == "admin")
            #expect(try await client.get("/", host: "admin.test").body == "web")
            #expect(try await client.get("http://admin.test/api/x", host: "elsewhere.test").body == "admin")
            #expect(api.seen.map(\.uri) == ["/items?x=1", "/", "/?x"])
            #expect(admin.seen.map(\.uri) == ["/api", "/api/x"])
            #expect(admin.seen.last?.header("Host") == "admin.test")
        }
        for service in [web, api, admin] { await service.kill() }
    }

    @Test("a request that no route takes is answered 404 with the reason")
    func noRoute() async throws {
        try await DoorFixture.with([:], routes: []) { fixture in
            let client = try await fixture.client()
            let response = try await client.get("/")
            #expect(response.status == 404)
            #expect(response["x-hauban-reason"] == "no-route")
            #expect(response.body.contains("\"requestId\":\"\(response["x-request-id"] ?? "?")\""))
            #expect(try await client.get("/again").status == 404)
            #expect(await fixture.door.signals().refused == ["no-route": 2])
        }
    }

    @Test("a listener of one service sends everything there")
    func serviceListener() async throws {
        let mailer = try await TestService.start("mailer")
        var configuration = DoorFixture.configuration(1, ["mailer": DoorFixture.service("r1", mailer.port)], routes: [])
        configuration.listeners.append(.init(name: "mailer", host: "127.0.0.1", port: 0, scope: .service("mailer")))
        let door = try await FrontDoor.start(configuration, threads: 1)
        let client = try await RawClient.connect(await door.configuration.listeners[1].port)
        #expect(try await client.get("/any").body == "mailer")
        await client.close()
        await door.stop(deadline: .zero)
        await mailer.kill()
    }

    @Test("one connection serves many requests on both sides")
    func keepAlive() async throws {
        let service = try await TestService.start()
        let timeouts = FrontDoorConfiguration.Timeouts(upstreamKeepAliveMilliseconds: 60_000)
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)], timeouts: timeouts) { fixture in
            let client = try await fixture.client()
            for _ in 0..<50 { #expect(try await client.get("/x").status == 200) }
            #expect(service.requests == 50)
            #expect(service.connections == 1)
        }
        await service.kill()
    }

    @Test("pipelined requests are answered in their order")
    func pipelining() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            try await client.send(
                "GET /slow?60 HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\ntwo"
                    + "GET /three HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().body == "slow one")
            #expect(try await client.response().body == "two")
            #expect(try await client.response().body == "one")
            #expect(service.seen.map(\.uri) == ["/slow?60", "/echo", "/three"])
        }
        await service.kill()
    }

    @Test("a client may pipeline thousands of requests cut at any place")
    func longPipeline() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            let count = 2_000
            let padding = String(repeating: "p", count: 100)
            let all = Array(
                String(repeating: "GET /x HTTP/1.1\r\nHost: a\r\nX: \(padding)\r\n\r\n", count: count).utf8)
            // A length that no request's length divides: most pieces end within a head.
            for start in stride(from: 0, to: all.count, by: 1_009) {
                client.post(ByteBuffer(bytes: all[start..<min(all.count, start + 1_009)]))
            }
            for _ in 0..<count { #expect(try await client.response(within: .seconds(60)).status == 200) }
            #expect(service.requests == count)
        }
        await service.kill()
    }

    @Test("bodies pass both ways with their length, in chunks, and with trailers")
    func bodies() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
            let echoed = try await client.response()
            #expect(echoed.body == "hello")
            #expect(echoed["content-length"] == "5")

            try await client.send(
                "POST /stream-echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-Check\r\n\r\n4\r\nping\r\n"
            )
            try await eventually("the first chunk arrives") { service.bodyBytes == 9 }
            try await client.send("4\r\npong\r\n0\r\nX-Check: 42\r\nContent-Length: 7\r\n\r\n")
            let streamed = try await client.response()
            #expect(streamed.body == "pingpong")
            #expect(streamed.trailers.map(\.name) == ["x-check"])
            #expect(service.seen.last?.trailers?.first(name: "X-Check") == "42")
            // RFC 9110 §6.5.1: a trailer may not steer framing.
            #expect(service.seen.last?.trailers?.contains(name: "Content-Length") == false)
        }
        await service.kill()
    }

    @Test("an answer in chunks arrives with its permitted trailers, and to HTTP/1.0 without chunks")
    func chunkedAnswers() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            let response = try await client.get("/chunked")
            #expect(response.body == "part one,part two")
            #expect(response.trailers.map(\.name) == ["x-sum"])
            let old = try await fixture.client()
            try await old.send("GET /chunked HTTP/1.0\r\n\r\n")
            let whole = try await old.readToEnd()
            #expect(whole.hasSuffix("\r\n\r\npart one,part two"))
            #expect(!whole.lowercased().contains("transfer-encoding"))
        }
        await service.kill()
    }

    @Test("an answer that ends with its connection reaches an HTTP/1.1 client in chunks, and its connection stays")
    func untilClose() async throws {
        let service = try await ScriptedService.start { _, _ in
            [.send("HTTP/1.1 200 OK\r\n\r\nto the end"), .close]
        }
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            for _ in 0..<2 {
                let response = try await client.get("/")
                #expect(response.body == "to the end")
                #expect(response["transfer-encoding"] == "chunked")
            }
        }
    }

    @Test("HEAD, 204 and 304 have no body whatever their fields say (RFC 9112 §6.3)")
    func bodiless() async throws {
        let service = try await ScriptedService.start { head, _ in
            head.hasPrefix("HEAD")
                ? [.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")]
                : head.hasPrefix("GET /304")
                    ? [.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\nETag: \"x\"\r\n\r\n")]
                    : [.send("HTTP/1.1 204 No Content\r\n\r\n")]
        }
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            let head = try await client.get("/", method: "HEAD")
            #expect(head.status == 200)
            #expect(head["content-length"] == "5")
            #expect(try await client.get("/304").status == 304)
            #expect(try await client.get("/204").status == 204)
        }
    }

    @Test("100 Continue and 103 Early Hints pass through; a client that waits is told to go on")
    func interim() async throws {
        let service = try await TestService.start()
        let hinting = try await ScriptedService.start { _, _ in
            [.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")]
        }
        try await DoorFixture.with(
            ["api": DoorFixture.service("r1", service.port), "hints": DoorFixture.service("r1", hinting.port)],
            routes: [.init(service: "api"), .init(path: "/hints", service: "hints")]
        ) { fixture in
            let client = try await fixture.client()
            try await client.send(
                "POST /continue HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
            #expect(try await client.response().status == 100)
            try await client.send("body")
            #expect(try await client.response().body == "body")
            let hint = try await client.get("/hints")
            #expect(hint.status == 103)
            #expect(try await client.response().body == "ok")
        }
        await service.kill()
    }

    @Test("an answer before the request's end is delivered, and then the connection ends")
    func earlyAnswer() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            try await client.send("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nbeginning")
            let response = try await client.response()
            #expect(response.status == 413)
            #expect(response.body == "full")
            #expect(response["connection"] == "close")
            try await client.waitForEnd()
            let next = try await fixture.client()
            #expect(try await next.get("/x").status == 200)
        }
        await service.kill()
    }

    @Test("an HTTP/1.0 client keeps its connection when it asks to, and only then")
    func oldClients() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let keeping = try await fixture.client()
            for _ in 0..<2 {
                try await keeping.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                let response = try await keeping.response()
                #expect(response.body == "one")
                #expect(response["connection"] == "keep-alive")
            }
            let closing = try await fixture.client()
            try await closing.send("GET / HTTP/1.0\r\n\r\n")
            #expect(try await closing.readToEnd().hasSuffix("\r\n\r\none"))
        }
        await service.kill()
    }

    @Test("bytes behind an answer, or without a question, never answer the next request")
    func unsolicited() async throws {
        let service = try await ScriptedService.start { head, _ in
            let path = head.split(separator: " ").dropFirst().first ?? ""
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: \(path.utf8.count)\r\n\r\n\(path)"
            return [.send(answer + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")]
        }
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            for number in 0..<20 { #expect(try await client.get("/\(number)").body == "/\(number)") }
        }
    }

    @Test(
        "an answer that could be read in two ways is not passed on (RFC 9112 §6.3, §5.2, §2.2)",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
            "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n", "HTTP/1.1 99 Low\r\n\r\n", "HTTP/2 200\r\n\r\n",
            "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX : a\r\n\r\n", "HTTP/1.1 200 O\u{7}K\r\n\r\n",
        ])
    func ambiguousAnswers(_ answer: String) async throws {
        let service = try await ScriptedService.start { _, _ in [.send(answer)] }
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            let response = try await client.get("/")
            #expect(response.status == 502)
            #expect(response["x-hauban-reason"] == "upstream-invalid")
        }
    }

    @Test("an upgraded connection is a tunnel both ways until each side has ended its half")
    func upgrade() async throws {
        let service = try await ScriptedService.start { head, _ in
            head.contains("Upgrade: websocket")
                ? [
                    .send(
                        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nhello"), .echo,
                ] : [.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")]
        }
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            let response = try await client.get(
                "/ws",
                headers:
                    "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n")
            #expect(response.status == 101)
            #expect(response["upgrade"] == "websocket")
            #expect(response["connection"] == "Upgrade")
            #expect(response["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            #expect(try await client.read(5) == "hello")
            #expect(try await fixture.signals().inFlight == 1)
            for round in 0..<3 {
                try await client.send("frame \(round)")
                #expect(try await client.read(7) == "frame \(round)")
            }
            try await client.send("last")
            try await client.closeOutput()
            #expect(try await client.readToEnd() == "last")
            try await eventually("the tunnel is counted out") { try await fixture.signals().inFlight == 0 }
            #expect(try await fixture.signals().responses["1xx"] == 1)
        }
    }

    @Test("an upgrade that the service refuses leaves an ordinary connection")
    func upgradeRefused() async throws {
        let service = try await ScriptedService.start { head, _ in
            let asked = head.contains("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n") ? "asked" : "plain"
            return [.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\(asked)")]
        }
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
            #expect(try await client.get("/x", headers: upgrade).body == "asked")
            #expect(try await client.get("/y").body == "plain")
        }
    }

    @Test("a fast service waits for a slow client, and a fast client for a slow service")
    func backPressure() async throws {
        let service = try await TestService.start()
        let stuck = try await ScriptedService.start { _, _ in [] }
        _ = stuck
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let size = 64 * 1024 * 1024
            let client = try await RawClient.connect(fixture.port, readsAtOnce: false)
            try await client.send("GET /big?\(size) HTTP/1.1\r\nHost: a\r\n\r\n")
            // The client reads nothing: what passes is bounded by the buffers in between, so the request does not end.
            try await eventually("the request is in flight") { try await fixture.signals().inFlight == 1 }
            try await Task.sleep(for: .milliseconds(300))
            #expect(try await fixture.signals().inFlight == 1)
            #expect(residentBytes() < 1_500_000_000)
            try await client.startReading()
            try await eventually("everything arrives", within: .seconds(60)) { client.receivedBytes > size }
            try await eventually("the request ends") { try await fixture.signals().inFlight == 0 }
            await client.close()
        }
        await service.kill()
    }

    @Test("a large upload arrives whole")
    func largeUpload() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let size = 8 * 1024 * 1024
            let client = try await fixture.client()
            try await client.send("POST /swallow HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n")
            client.post(ByteBuffer(repeating: 0x62, count: size))
            #expect(try await client.response(within: .seconds(60)).status == 200)
            #expect(service.bodyBytes == size)
        }
        await service.kill()
    }
}
