import FoundationEssentials
import FrontDoor
import Glibc
import NIOCore
import Testing

@Suite("The access log", .timeLimit(.minutes(3)))
struct AccessLogTests {
    private typealias Line = [String: Field]

    private enum Field: Decodable, Equatable {
        case text(String)
        case number(Double)
        case truth(Bool)

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let truth = try? value.decode(Bool.self) {
                self = .truth(truth)
            } else if let number = try? value.decode(Double.self) {
                self = .number(number)
            } else {
                self = .text(try value.decode(String.self))
            }
        }

        var number: Double? { if case .number(let number) = self { number } else { nil } }
        var text: String? { if case .text(let text) = self { text } else { nil } }
    }

    /// Every line must be an object of its own, whatever clients sent.
    private func lines(_ path: String, _ count: Int) async throws -> [Line] {
        var lines: [Line] = []
        try await eventually("\(count) lines are on disk") {
            lines = try readText(path).split(separator: "\n").map {
                try JSONDecoder().decode(Line.self, from: Data($0.utf8))
            }
            return lines.count >= count
        }
        #expect(lines.count == count)
        return lines
    }

    private func with(
        limits: FrontDoorConfiguration.Limits = .init(), _ body: (DoorFixture, String, TestService) async throws -> Void
    ) async throws {
        let service = try await TestService.start()
        let folder = try temporaryFolder()
        defer { removeTree(folder) }
        let path = folder + "/access.log"
        try await DoorFixture.with(
            ["api": DoorFixture.service("r1", service.port)], limits: limits, accessLog: path
        ) { fixture in try await body(fixture, path, service) }
        await service.kill()
    }

    @Test("a line says who asked what, what was answered, how long it took and where")
    func fields() async throws {
        try await with { fixture, path, _ in
            let client = try await fixture.client()
            try await client.send(
                "POST /echo?page=2&token=s3cret HTTP/1.1\r\nHost: shop.test\r\nUser-Agent: test/1\r\n"
                    + "X-Request-Id: id-1\r\ntraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n"
                    + "Content-Length: 5\r\n\r\nhello")
            #expect(try await client.response().body == "hello")
            let line = try await lines(path, 1)[0]
            #expect(line["status"] == .number(200))
            #expect(line["method"] == .text("POST"))
            #expect(line["target"] == .text("/echo?page=*&token=*"))
            #expect(line["host"] == .text("shop.test"))
            #expect(line["protocol"] == .text("HTTP/1.1"))
            #expect(line["client"] == .text("127.0.0.1"))
            #expect(line["service"] == .text("api"))
            #expect(line["release"] == .text("r1"))
            #expect(line["replica"] == .text("0"))
            #expect(line["requestId"] == .text("id-1"))
            #expect(line["traceId"] == .text("4bf92f3577b34da6a3ce929d0e0e4736"))
            #expect(line["userAgent"] == .text("test/1"))
            #expect(line["bytesIn"] == .number(194))
            #expect((60...400).contains(line["bytesOut"]?.number ?? 0))
            let duration = try #require(line["durationMs"]?.number)
            let upstream = try #require(line["upstreamMs"]?.number)
            #expect(upstream > 0 && upstream <= duration)
            let time = try #require(line["time"]?.text)
            #expect(time.count == 24 && time.hasSuffix("Z"), "\(time)")
            #expect(line["retries"] == nil && line["reason"] == nil && line["clientLeft"] == nil)
            #expect(line["tls"] == nil, "it came in the clear")
        }
    }

    @Test("a line says which version of TLS the request came over", arguments: ["1.2", "1.3"])
    func secured(_ version: String) async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        let pair = try await folder.make("a", for: "a.test")
        let path = folder.path + "/access.log"
        let service = try await TestService.start()
        try await DoorFixture.secured(
            [pair], services: ["api": DoorFixture.service("r1", service.port)], accessLog: path
        ) { fixture in
            let answer = try await fixture.curl(
                "/", "--http1.1", "--tls-max", version, trust: pair.certificate)
            #expect(answer.output == "one", "\(answer.errors)")
            let line = try await lines(path, 1)[0]
            #expect(line["protocol"] == .text("HTTP/1.1"))
            #expect(line["tls"] == .text(version))
        }
        await service.kill()
    }

    @Test(
        "of a query only the names remain",
        arguments: [
            ("/a?q=1&b=2", "/a?q=*&b=*"), ("/a?token", "/a?*"), ("/a?", "/a?"), ("/a?x=&y", "/a?x=*&*"), ("/a", "/a"),
            ("/a?k=v=w&&z=1", "/a?k=*&*&z=*"), ("/a?\(String(repeating: "n", count: 65))=1", "/a?*"),
        ])
    func redaction(_ target: String, _ logged: String) async throws {
        try await with { fixture, path, _ in
            _ = try await fixture.client().get(target)
            #expect(try await lines(path, 1)[0]["target"] == .text(logged))
        }
    }

    @Test("what is refused, fails, is repeated or left is in it with its reason")
    func outcomes() async throws {
        try await with { fixture, path, service in
            let client = try await fixture.client()
            _ = try await client.get("/warm")
            _ = try await client.get("/close", method: "POST")
            let other = try await fixture.client()
            try await other.send("GET / HTTP/1.1\nHost: a\r\n\r\n")
            #expect(try await other.response().status == 400)
            let leaver = try await fixture.client()
            try await leaver.send("GET /never HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("the service has it") { service.requests == 3 }
            await leaver.close()
            let lines = try await lines(path, 4)
            func line(_ status: Double) throws -> Line {
                try #require(lines.first { $0["status"] == .number(status) })
            }
            #expect(try line(200)["target"] == .text("/warm"))
            #expect(try line(502)["reason"] == .text("upstream-closed"))
            #expect(try line(400)["reason"] == .text("bare-line-feed"))
            #expect(try line(400)["method"] == nil, "what is no request has no method")
            #expect(try line(499)["clientLeft"] == .truth(true))
        }
    }

    @Test("hostile bytes make no second line and no invalid JSON")
    func hostile() async throws {
        try await with { fixture, path, _ in
            let client = try await fixture.client()
            var bytes = Array("GET /\"\\ HTTP/1.1\r\nHost: a\r\nUser-Agent: ".utf8)
            bytes += [0xFF, 0xC3, 0x28, UInt8(ascii: "\""), UInt8(ascii: "}"), 0x09] + Array("\r\n\r\n".utf8)
            try await client.send(ByteBuffer(bytes: bytes))
            _ = try await client.response()
            _ = try await client.get("/" + String(repeating: "a", count: 5_000))
            let lines = try await lines(path, 2)
            #expect(lines[0]["target"] == .text("/\"\\"))
            #expect(lines[0]["userAgent"]?.text?.contains("\u{FFFD}") == true)
            #expect(lines[1]["target"]?.text?.count == 2_048)
        }
    }

    @Test("files are turned over by size, and the oldest goes")
    func rotation() async throws {
        try await with(limits: .init(accessLogBytes: 4_096, accessLogFiles: 3)) { fixture, path, _ in
            let client = try await fixture.client()
            for round in 0..<60 {
                _ = try await client.get("/round/\(round)")
                if round % 5 == 4 {
                    try await eventually("the lines are out") { readText(path).contains("/round/\(round)\"") }
                }
            }
            #expect(readText(path + ".1").contains("/round/"))
            #expect(readText(path + ".2").contains("/round/"))
            #expect(readText(path + ".3").isEmpty)
            for name in [path, path + ".1", path + ".2"] { #expect(readText(name).utf8.count <= 4_096) }
            #expect(!readText(path + ".2").contains("/round/0\""))
        }
    }

    @Test("a file that somebody moved away is begun anew")
    func reopen() async throws {
        try await with { fixture, path, _ in
            let client = try await fixture.client()
            _ = try await client.get("/one")
            _ = try await lines(path, 1)
            rename(path, path + ".moved")
            _ = try await client.get("/two")
            #expect(try await lines(path, 1)[0]["target"] == .text("/two"))
        }
    }

    @Test("a disk that takes nothing stops no request; lost lines are counted, and half lines are not left")
    func fullDisk() async throws {
        let service = try await TestService.start()
        // Writing to it fails with ENOSPC (full(4)).
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)], accessLog: "/dev/full") {
            fixture in
            let client = try await fixture.client()
            for _ in 0..<5 { #expect(try await client.get("/").status == 200) }
            try await eventually("they are counted") {
                await fixture.door.metrics().contains("\nhauban_access_log_lost_lines_total 5\n")
            }
        }
        await service.kill()
    }

    @Test("a tunnel is logged when it ends, with what passed through it")
    func tunnel() async throws {
        let service = try await ScriptedService.start { _, _ in
            [.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n"), .echo]
        }
        let folder = try temporaryFolder()
        defer { removeTree(folder) }
        let path = folder + "/access.log"
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)], accessLog: path) { fixture in
            let client = try await fixture.client()
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n")
            #expect(try await client.response(toHead: true).status == 101)
            let text = String(repeating: "x", count: 10_000)
            try await client.send(text)
            #expect(try await client.read(10_000) == text)
            #expect(readText(path).isEmpty)
            await client.close()
            let line = try await lines(path, 1)[0]
            #expect(line["status"] == .number(101))
            #expect((line["bytesIn"]?.number ?? 0) > 10_000 && (line["bytesOut"]?.number ?? 0) > 10_000)
        }
    }
}
