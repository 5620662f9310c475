import FrontDoor
import Glibc
import NIOCore
import NIOHTTP1
import Testing

@Suite("HTTP/2", .timeLimit(.minutes(2)))
struct HTTP2Tests {
    /// A service behind a door that speaks HTTP/2.
    static func with<Value: Sendable>(
        _ change: (inout FrontDoorConfiguration) -> Void = { _ in },
        limits: FrontDoorConfiguration.Limits = .init(), timeouts: FrontDoorConfiguration.Timeouts = .init(),
        accessLog: String? = nil, _ body: (DoorFixture, TestService, String) async throws -> Value
    ) async throws -> Value {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        let pair = try await folder.make("a", for: "a.test")
        let service = try await TestService.start()
        let value = try await DoorFixture.secured(
            [pair], hsts: .init(), services: ["api": DoorFixture.service("r1", service.port)], limits: limits,
            timeouts: timeouts, accessLog: accessLog, change: change
        ) { fixture in try await body(fixture, service, pair.certificate) }
        await service.kill()
        return value
    }

    @Test("curl is answered over HTTP/2; the service gets HTTP/1.1 with the same fields as from HTTP/1 (RFC 9113 §8.3)")
    func curl() async throws {
        let folder = try temporaryFolder()
        defer { removeTree(folder) }
        try await Self.with(accessLog: folder + "/access.log") { fixture, service, trust in
            let result = try await fixture.curl("/a?b=c", "-i", "--http2", "-H", "Cookie: a=1", trust: trust)
            #expect(result.output.hasPrefix("HTTP/2 200 \r\n"), "\(result.errors)")
            #expect(result.output.contains("\r\nstrict-transport-security: max-age=31536000\r\n"))
            #expect(result.output.contains("\r\nx-service: one\r\n"))
            #expect(!result.output.lowercased().contains("\r\nconnection:"))
            let seen = try #require(service.seen.first)
            #expect(seen.uri == "/a?b=c")
            #expect(seen.header("Host") == "a.test:\(fixture.port)")
            #expect(seen.header("X-Forwarded-Proto") == "https")
            #expect(seen.header("X-Forwarded-For") == "127.0.0.1")
            #expect(seen.header("Via") == "1.1 hauban")
            #expect(seen.header("cookie") == "a=1")
            #expect(seen.header("X-Request-Id")?.isEmpty == false)
            #expect(seen.header("Transfer-Encoding") == nil)
            let posted = try await fixture.curl("/echo", "--http2", "-d", "hello there", trust: trust)
            #expect(posted.output == "hello there")
            #expect(service.seen.last?.header("Content-Length") == "11")
            let head = try await fixture.curl("/big?5000", "-I", "--http2", trust: trust)
            #expect(head.output.contains("content-length: 5000\r\n"))
            let missing = try await fixture.curl("/status/404", "-o", "/dev/null", "-w", "%{http_code}", trust: trust)
            #expect(missing.output == "404")
            let empty = try await fixture.curl("/no-content", "-w", "%{http_code}", trust: trust)
            #expect(empty.output == "204")
            let signals = try await fixture.signals()
            #expect(signals.requests == 5 && signals.inFlight == 0 && signals.clientAborted == 0)
            try await eventually("it is logged") {
                let log = try await Tool.run("cat", folder + "/access.log").output
                return log.contains("\"status\":200,\"method\":\"GET\",\"target\":\"/a?b=*\",")
                    && log.contains(",\"protocol\":\"HTTP/2\",\"tls\":\"1.3\",")
            }
        }
    }

    @Test("bodies of unknown length and trailers pass both ways (RFC 9113 §8.1)")
    func trailers() async throws {
        try await Self.with { fixture, service, _ in
            let client = try await FrameClient.connect(fixture.port)
            try await client.headers(1, FrameClient.request("/stream-echo", method: "POST"), ends: false)
            try await client.data(1, "one,", ends: false)
            try await client.data(1, "two", ends: false)
            try await client.headers(1, [("x-sum", "7"), ("authorization", "no")])
            let answer = try await client.answer(1)
            #expect(answer.body == "one,two")
            #expect(answer.trailers.map(\.name) == ["x-sum"])
            let seen = try #require(service.seen.first)
            #expect(seen.header("Transfer-Encoding") == "chunked")
            #expect(seen.trailers?.first(name: "x-sum") == "7")
            // Trailers that authenticate are not passed on (RFC 9110 §6.5.1).
            #expect(seen.trailers?.first(name: "authorization") == nil)
            try await client.headers(3, FrameClient.request("/chunked"))
            let chunked = try await client.answer(3)
            #expect(chunked.body == "part one,part two")
            #expect(chunked.trailers.map(\.name) == ["x-sum"])
            #expect(chunked["transfer-encoding"] == nil)
            try await client.headers(5, FrameClient.request("/hop"))
            let hop = try await client.answer(5)
            #expect(hop["x-private"] == nil && hop["keep-alive"] == nil && hop["x-public"] == "2")
            await client.close()
        }
    }

    @Test("an expectation is answered by the service (RFC 9110 §10.1.1), and cookies come joined (RFC 9113 §8.2.3)")
    func interim() async throws {
        try await Self.with { fixture, service, _ in
            let client = try await FrameClient.connect(fixture.port)
            try await client.headers(
                1,
                FrameClient.request(
                    "/continue", method: "POST",
                    [("expect", "100-continue"), ("content-length", "4"), ("cookie", "a=1"), ("cookie", "b=2")]),
                ends: false)
            try await eventually("the service asks for it") { service.requests == 1 }
            try await client.data(1, "body", ends: true)
            let answer = try await client.answer(1)
            #expect(answer.interim == [100])
            #expect(answer.body == "body")
            #expect(service.seen.first?.header("cookie") == "a=1; b=2")
            await client.close()
        }
    }

    @Test("an early answer is delivered whole, then the client is told to stop without an error (RFC 9113 §8.1)")
    func early() async throws {
        try await Self.with(limits: .init(bodyBytes: 1_000)) { fixture, service, _ in
            let client = try await FrameClient.connect(fixture.port)
            try await client.headers(1, FrameClient.request("/early", method: "POST"), ends: false)
            let answer = try await client.answer(1)
            #expect(answer.status == 413 && answer.body == "full")
            var after = try await client.next()
            while after.type == FrameClient.Frame.windowUpdate { after = try await client.next() }
            #expect(after.type == FrameClient.Frame.reset && after.stream == 1 && after.code == 0, "\(after)")
            // The door's own refusal, on the same connection.
            try await client.headers(
                3, FrameClient.request("/x", method: "POST", [("content-length", "5000")]), ends: false)
            let refused = try await client.answer(3)
            #expect(refused.status == 413 && refused["x-hauban-reason"] == "body-too-large")
            try await client.headers(5, FrameClient.request("/swallow", method: "POST"), ends: false)
            try await client.data(5, String(repeating: "x", count: 1_500), ends: false)
            #expect(try await client.answer(5).status == 413)
            try await client.headers(7, FrameClient.request("/"))
            #expect(try await client.answer(7).body == "one")
            await client.close()
        }
    }

    @Test("many streams of one connection are served at once, each counted on its own")
    func concurrent() async throws {
        try await Self.with { fixture, service, _ in
            let client = try await FrameClient.connect(fixture.port)
            let streams = (0..<20).map { UInt32(2 * $0 + 1) }
            for stream in streams { try await client.headers(stream, FrameClient.request("/held")) }
            try await eventually("all are in flight") { try await fixture.signals().inFlight == 20 }
            try await client.headers(41, FrameClient.request("/"))
            #expect(try await client.answer(41).body == "one")
            service.release()
            let answers = try await client.answers(streams)
            #expect(answers.values.allSatisfy { $0.body == "held one" })
            let signals = try await fixture.signals()
            #expect(signals.requests == 21 && signals.inFlight == 0)
            #expect(await fixture.door.metrics().contains("hauban_client_connections 1\n"))
            await client.close()
        }
    }

    @Test("a client that resets a stream has left: 499, and its replica is let go of (RFC 9113 §5.4.2)")
    func abort() async throws {
        try await Self.with { fixture, service, _ in
            let client = try await FrameClient.connect(fixture.port)
            try await client.headers(1, FrameClient.request("/never"))
            try await eventually("it is there") { service.requests == 1 }
            try await client.reset(1)
            try await eventually("it is counted") {
                let signals = try await fixture.signals()
                return signals.clientAborted == 1 && signals.inFlight == 0 && signals.responses["4xx"] == 1
            }
            #expect(await fixture.door.metrics().contains("code=\"499\"} 1\n"))
            // The connection, and another stream on it, go on.
            try await client.headers(3, FrameClient.request("/"))
            #expect(try await client.answer(3).body == "one")
            await client.close()
        }
    }

    @Test("a service is read only as fast as the client's window lets it (RFC 9113 §5.2)")
    func downloadBackPressure() async throws {
        try await Self.with { fixture, service, _ in
            let client = try await FrameClient.connect(fixture.port, window: 1_000)
            try await client.headers(1, FrameClient.request("/big?100000000"))
            try await eventually("the window is used up") { client.raw.receivedBytes > 1_000 }
            let before = residentBytes()
            try await Task.sleep(for: .milliseconds(200))
            #expect(residentBytes() - before < 48 << 20)
            // Another stream is not held up by it.
            try await client.headers(3, FrameClient.request("/"))
            var reached = false
            while !reached {
                let frame = try await client.next()
                reached = frame.stream == 3 && frame.endsStream
            }
            try await client.reset(1)
            try await eventually("it is let go of") { try await fixture.signals().inFlight == 0 }
            await client.close()
        }
    }

    @Test("a client may send only as fast as the service reads (RFC 9113 §5.2)")
    func uploadBackPressure() async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        let pair = try await folder.make("a", for: "a.test")
        // Takes the head and reads no further.
        let stuck = try await StuckService.start()
        try await DoorFixture.secured([pair], services: ["api": DoorFixture.service("r1", stuck.port)]) { fixture in
            let client = try await FrameClient.connect(fixture.port)
            try await client.headers(1, FrameClient.request("/", method: "POST"), ends: false)
            let part = FrameClient.bytes(
                FrameClient.Frame.data, stream: 1, ByteBuffer(repeating: 0x61, count: 16_000))
            // Its window is 65,535 bytes; more only comes as it is taken.
            var allowed = 65_535
            var sent = 0
            let deadline = ContinuousClock.now + .seconds(2)
            while ContinuousClock.now < deadline, sent < 200_000_000 {
                if allowed >= 16_000 {
                    try await client.raw.send(part)
                    allowed -= 16_000
                    sent += 16_000
                } else if let frame = try? await client.next(within: .milliseconds(500)) {
                    if frame.type == FrameClient.Frame.windowUpdate, frame.stream == 1 {
                        allowed += Int(frame.code ?? 0)
                    }
                } else {
                    break
                }
            }
            // What the sockets' buffers hold, and no more.
            #expect(sent < 20_000_000)
            await client.close()
        }
        await stuck.stop()
    }

    @Test("a swap under HTTP/2 load loses no request, and each connection goes on with the new release")
    func swap() async throws {
        try await Self.with { fixture, old, _ in
            let new = try await TestService.start("two")
            async let load = Tool.run(
                "h2load", "-n", "3000", "-c", "4", "-m", "10", "https://127.0.0.1:\(fixture.port)/")
            try await eventually("the load runs") { old.requests > 200 }
            var next = await fixture.door.configuration
            next.generation += 1
            next.services["api"] = DoorFixture.service("r2", new.port)
            try await fixture.door.apply(next)
            _ = await fixture.door.drain(service: "api", release: "r1", deadline: .seconds(10))
            old.markStopped()
            let result = try await load
            #expect(result.output.contains("3000 succeeded, 0 failed, 0 errored, 0 timeout"), "\(result.output)")
            #expect(old.requestsAfterStop == 0)
            #expect(new.requests > 0)
            await new.kill()
        }
    }

    @Test("a stopping door says GOAWAY, serves the streams that are open, and ends the connection (RFC 9113 §6.8)")
    func stop() async throws {
        try await Self.with { fixture, service, _ in
            let client = try await FrameClient.connect(fixture.port)
            try await client.headers(1, FrameClient.request("/held"))
            try await eventually("it is there") { service.requests == 1 }
            async let stopped = fixture.door.stop(deadline: .seconds(20))
            var saidGoodbye = false
            while !saidGoodbye {
                let frame = try await client.next()
                if frame.type == FrameClient.Frame.goAway {
                    #expect(frame.code == 0)
                    saidGoodbye = true
                }
            }
            service.release()
            var body = ""
            var isOver = false
            while !isOver {
                let frame = try await client.next()
                switch frame.type {
                case FrameClient.Frame.ping where frame.flags == 0:
                    try await client.send(FrameClient.Frame.ping, flags: 1, stream: 0, frame.payload)
                case FrameClient.Frame.data: body += String(buffer: frame.payload)
                default: break
                }
                isOver = frame.endsStream
            }
            #expect(body == "held one")
            #expect(await stopped == 0)
            await client.close()
        }
    }

    @Test("a connection that rests is told to go after its time")
    func rests() async throws {
        try await Self.with(timeouts: .init(keepAliveMilliseconds: 1_500)) { fixture, _, _ in
            let client = try await FrameClient.connect(fixture.port)
            try await client.headers(1, FrameClient.request("/"))
            #expect(try await client.answer(1).body == "one")
            #expect(try await client.goAway() == 0)
            // Without an answer to the ping that goes with it the connection ends all the same.
            try await client.raw.waitForEnd(within: .seconds(60))
        }
    }

    @Test("a service that breaks off in its answer breaks the stream off, not the connection")
    func broken() async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        let pair = try await folder.make("a", for: "a.test")
        let service = try await ScriptedService.start { head, _ in
            head.hasPrefix("GET /cut")
                ? [.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart"), .close]
                : [.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")]
        }
        try await DoorFixture.secured([pair], services: ["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await FrameClient.connect(fixture.port)
            try await client.headers(1, FrameClient.request("/cut"))
            let cut = try await client.answer(1)
            #expect(cut.status == 200 && cut.reset == 2)
            try await client.headers(3, FrameClient.request("/whole"))
            #expect(try await client.answer(3).body == "ok")
            #expect(try await fixture.signals().upstreamFailures == 1)
            await client.close()
        }
    }

    @Test("nghttp, with its own priorities and trailers, is served")
    func nghttp() async throws {
        try await Self.with { fixture, service, _ in
            let folder = try temporaryFolder()
            defer { removeTree(folder) }
            _ = try await Tool.run(["sh", "-c", "echo -n posted > \(folder)/body"])
            let result = try await Tool.run(
                "nghttp", "-v", "--no-verify-peer", "-d", folder + "/body", "--trailer", "x-end: yes",
                "https://127.0.0.1:\(fixture.port)/echo")
            #expect(result.output.contains(":status: 200"), "\(result.output) \(result.errors)")
            #expect(service.seen.first?.body == "posted")
            // A length was given, and HTTP/1.1 has no trailers behind a body of known length.
            #expect(service.seen.first?.header("Content-Length") == "6")
        }
    }
}
