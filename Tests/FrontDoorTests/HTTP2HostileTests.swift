import FrontDoor
import NIOCore
import NIOHPACK
import Testing

enum MalformedRequest {
    /// Requests that RFC 9113 calls malformed: a stream error of type PROTOCOL_ERROR (1), or an answer 400.
    static let all: [(what: String, fields: [(String, String)])] = [
        (
            "CR LF in a value: a second request in HTTP/1.1 (§8.2.1, §10.3)",
            FrameClient.request("/", [("x", "a\r\nHost: evil\r\n\r\nGET /evil HTTP/1.1")])
        ),
        ("LF in a value (§8.2.1)", FrameClient.request("/", [("x", "a\nb")])),
        ("NUL in a value (§8.2.1)", FrameClient.request("/", [("x", "a\0b")])),
        ("a colon in a name (§8.2.1)", FrameClient.request("/", [("x:y", "1")])),
        ("CR LF in a name (§8.2.1)", FrameClient.request("/", [("x\r\ny", "1")])),
        ("a space in a name (§8.2.1)", FrameClient.request("/", [("x y", "1")])),
        ("an upper-case name (§8.2.1)", FrameClient.request("/", [("X-Y", "1")])),
        ("transfer-encoding (§8.2.2)", FrameClient.request("/", [("transfer-encoding", "chunked")])),
        ("connection (§8.2.2)", FrameClient.request("/", [("connection", "x-private")])),
        ("keep-alive (§8.2.2)", FrameClient.request("/", [("keep-alive", "1")])),
        ("upgrade (§8.2.2)", FrameClient.request("/", [("upgrade", "websocket")])),
        ("te that is not trailers (§8.2.2)", FrameClient.request("/", [("te", "gzip")])),
        ("CR LF in the path (§8.3.1)", FrameClient.request("/ HTTP/1.1\r\nHost: evil\r\n\r\n")),
        ("a space in the path (§8.3.1)", FrameClient.request("/a b")),
        ("an empty path (§8.3.1)", FrameClient.request("")),
        ("a path of absolute form: a second authority (§8.3.1)", FrameClient.request("http://evil/")),
        ("a path without its slash (§8.3.1)", FrameClient.request("a")),
        ("a space in the method (§8.3.1)", FrameClient.request("/", method: "GET / HTTP/1.1\r\nX: y\r\n\r\nGET")),
        ("no method (§8.3.1)", [(":scheme", "https"), (":authority", "a.test"), (":path", "/")]),
        ("no scheme (§8.3.1)", [(":method", "GET"), (":authority", "a.test"), (":path", "/")]),
        ("no path (§8.3.1)", [(":method", "GET"), (":scheme", "https"), (":authority", "a.test")]),
        ("two paths (§8.3.1)", FrameClient.request("/") + [(":path", "/other")]),
        ("a pseudo-header of answers (§8.3)", FrameClient.request("/") + [(":status", "200")]),
        ("an unknown pseudo-header (§8.3)", FrameClient.request("/") + [(":other", "1")]),
        (
            "a pseudo-header behind a field (§8.3)",
            [(":method", "GET"), (":scheme", "https"), (":authority", "a.test"), ("x", "1"), (":path", "/")]
        ),
        (
            "a scheme of its own (§8.3.1)",
            [(":method", "GET"), (":scheme", "gopher"), (":authority", "a.test"), (":path", "/")]
        ),
        ("host and :authority that differ (§8.3.1)", FrameClient.request("/", [("host", "evil")])),
        (
            "two hosts (RFC 9112 §3.2)",
            [(":method", "GET"), (":scheme", "https"), (":path", "/"), ("host", "a.test"), ("host", "b.test")]
        ),
        (
            "user information in :authority (§8.3.1)",
            [(":method", "GET"), (":scheme", "https"), (":authority", "me@a.test"), (":path", "/")]
        ),
        (
            "CR LF in :authority (§8.3.1)",
            [(":method", "GET"), (":scheme", "https"), (":authority", "a\r\nX: y"), (":path", "/")]
        ),
        (
            "two lengths that differ (§8.1.1)",
            FrameClient.request("/", [("content-length", "1"), ("content-length", "2")])
        ),
        ("a length that is no number (§8.1.1)", FrameClient.request("/", [("content-length", "+0")])),
        ("a length without its body (§8.1.1)", FrameClient.request("/", method: "POST", [("content-length", "5")])),
        (
            "extended CONNECT, which was not offered (RFC 8441 §3)",
            [
                (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":authority", "a.test"),
                (":path", "/"),
            ]
        ),
    ]
}

@Suite("Hostile HTTP/2", .timeLimit(.minutes(2)))
struct HTTP2HostileTests {
    @Test("no malformed request reaches a service, and the connection goes on")
    func malformed() async throws {
        try await HTTP2Tests.with { fixture, service, _ in
            let client = try await FrameClient.connect(fixture.port)
            var stream: UInt32 = 1
            for (what, fields) in MalformedRequest.all {
                try await client.headers(stream, fields)
                let answer = try await client.answer(stream)
                #expect(answer.reset == 1 || answer.status == 400, "\(what): \(answer)")
                stream += 2
            }
            #expect(service.requests == 0)
            try await client.headers(stream, FrameClient.request("/"))
            #expect(try await client.answer(stream).body == "one")
            await client.close()
        }
    }

    @Test("what slips through HPACK is judged again before it becomes text", arguments: MalformedRequest.all.indices)
    func judgedAgain(_ index: Int) throws {
        let (what, fields) = MalformedRequest.all[index]
        // These three are told by what follows, or by the head's own parser.
        let later = ["a length", "two lengths", "user information"]
        if later.contains(where: { what.hasPrefix($0) }) { return }
        #expect(throws: Reason.self, "\(what)") {
            try HTTP2Fields.request(HPACKHeaders(fields), hasBody: false)
        }
    }

    @Test("more data than the length says, or less, ends the stream with PROTOCOL_ERROR (RFC 9113 §8.1.1)")
    func lengths() async throws {
        try await HTTP2Tests.with { fixture, service, _ in
            let client = try await FrameClient.connect(fixture.port)
            try await client.headers(
                1, FrameClient.request("/echo", method: "POST", [("content-length", "3")]), ends: false)
            try await client.data(1, "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n", ends: true)
            #expect(try await client.answer(1).reset == 1)
            try await client.headers(
                3, FrameClient.request("/echo", method: "POST", [("content-length", "30")]), ends: false)
            try await client.data(3, "short", ends: true)
            #expect(try await client.answer(3).reset == 1)
            try await eventually("nothing is held") { try await fixture.signals().inFlight == 0 }
            #expect(!service.seen.contains { $0.uri == "/evil" })
            await client.close()
        }
    }

    @Test("CONNECT is not supported: 501 (RFC 9113 §8.5)")
    func connect() async throws {
        try await HTTP2Tests.with { fixture, _, _ in
            let client = try await FrameClient.connect(fixture.port)
            try await client.headers(1, [(":method", "CONNECT"), (":authority", "a.test:443")])
            let answer = try await client.answer(1)
            #expect(answer.status == 501 && answer["x-hauban-reason"] == "connect-method")
            await client.close()
        }
    }

    @Test("fields above the limit are answered 431, a target 414 (RFC 9113 §10.5.1); far above, the connection ends")
    func largeFields() async throws {
        try await HTTP2Tests.with(limits: .init(requestLineBytes: 200, headerBytes: 4_000)) { fixture, service, _ in
            let client = try await FrameClient.connect(fixture.port)
            try await client.headers(1, FrameClient.request("/", [("x", String(repeating: "a", count: 5_000))]))
            #expect(try await client.answer(1).status == 431)
            try await client.headers(3, FrameClient.request("/" + String(repeating: "a", count: 300)))
            #expect(try await client.answer(3).status == 414)
            try await client.headers(
                5, FrameClient.request("/", (0..<101).map { ("x-\($0)", "1") }))
            #expect(try await client.answer(5).status == 431)
            try await client.headers(7, FrameClient.request("/", [("x", String(repeating: "a", count: 12_000))]))
            #expect(try await client.goAway() != 0)
            try await client.raw.waitForEnd(within: .seconds(60))
            #expect(service.requests == 0)
        }
    }

    @Test("streams above the limit end the connection or are refused (RFC 9113 §5.1.2)")
    func tooManyStreams() async throws {
        try await HTTP2Tests.with(limits: .init(concurrentStreams: 10)) { fixture, service, _ in
            let client = try await FrameClient.connect(fixture.port)
            // The limit binds once SETTINGS are acknowledged.
            try await client.send(FrameClient.Frame.settings, flags: 1, stream: 0)
            // The connection may be gone before the last of them.
            for number in 0..<30 { try? await client.headers(UInt32(2 * number + 1), FrameClient.request("/never")) }
            #expect(try await client.goAway() != 0)
            try await client.raw.waitForEnd(within: .seconds(60))
            #expect(service.requests <= 10)
            try await eventually("nothing is held") { try await fixture.signals().inFlight == 0 }
        }
    }

    @Test("streams opened and reset without end are cut off (CVE-2023-44487)")
    func rapidReset() async throws {
        try await HTTP2Tests.with { fixture, service, _ in
            let client = try await FrameClient.connect(fixture.port)
            let flood = Task {
                for number in 0..<2_000 {
                    try await client.headers(UInt32(2 * number + 1), FrameClient.request("/never"))
                    try await client.reset(UInt32(2 * number + 1))
                }
            }
            #expect(try await client.goAway() == 11)
            _ = await flood.result
            try await client.raw.waitForEnd(within: .seconds(60))
            #expect(service.requests <= 201)
            try await eventually("nothing is held") { try await fixture.signals().inFlight == 0 }
        }
    }

    @Test("a field section in endless CONTINUATION frames is cut off (CVE-2024-27316)")
    func continuations() async throws {
        try await HTTP2Tests.with { fixture, _, _ in
            let client = try await FrameClient.connect(fixture.port)
            try await client.send(
                FrameClient.Frame.headers, flags: 1, stream: 1, FrameClient.block(FrameClient.request("/")))
            for number in 0..<100 {
                let part = FrameClient.block([("x-\(number)", "1")])
                do {
                    try await client.send(FrameClient.Frame.continuation, stream: 1, part)
                } catch { break }
            }
            #expect(try await client.goAway() != 0)
            try await client.raw.waitForEnd(within: .seconds(60))
        }
    }

    @Test(
        "floods of PING (CVE-2019-9512), SETTINGS (9515), and empty DATA (9518) are cut off",
        arguments: ["ping", "settings", "priority", "empty data"])
    func floods(_ kind: String) async throws {
        try await HTTP2Tests.with { fixture, _, _ in
            let client = try await FrameClient.connect(fixture.port)
            if kind == "empty data" {
                try await client.headers(1, FrameClient.request("/swallow", method: "POST"), ends: false)
            }
            let flood = Task {
                for _ in 0..<3_000 {
                    switch kind {
                    case "ping":
                        try await client.send(FrameClient.Frame.ping, stream: 0, ByteBuffer(repeating: 1, count: 8))
                    case "priority":
                        try await client.send(2, stream: 1, ByteBuffer(bytes: [0, 0, 0, 3, 1]))
                    case "settings": try await client.send(FrameClient.Frame.settings, stream: 0)
                    default: try await client.send(FrameClient.Frame.data, stream: 1)
                    }
                }
            }
            #expect(try await client.goAway() == 11)
            _ = await flood.result
            try await client.raw.waitForEnd(within: .seconds(60))
        }
    }

    @Test("a field without a name ends the connection with COMPRESSION_ERROR (RFC 9113 §4.3)")
    func namelessField() async throws {
        try await HTTP2Tests.with { fixture, service, _ in
            let client = try await FrameClient.connect(fixture.port)
            try await client.headers(1, FrameClient.request("/", [("", "1")]))
            #expect(try await client.goAway() == 9)
            try await client.raw.waitForEnd(within: .seconds(60))
            #expect(service.requests == 0)
        }
    }

    @Test("bytes that are no HTTP/2 end the connection, whatever they are")
    func garbage() async throws {
        try await HTTP2Tests.with { fixture, _, _ in
            for bytes in [
                "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u{0}\u{0}\u{5}garbage",
            ] {
                let raw = try await RawClient.connect(fixture.port, secure: .init(name: "a.test", protocols: ["h2"]))
                try await raw.send(bytes + String(repeating: "\u{7F}", count: 64))
                try await raw.waitForEnd(within: .seconds(60))
            }
            try await eventually("none is held") {
                await fixture.door.metrics().contains("hauban_client_connections 0\n")
            }
        }
    }
}
