import FrontDoor
import Testing

/// Requests that two servers in a row could read differently. Each is refused, the connection ends, and the service never
/// hears of it.
@Suite("Requests that could be smuggled")
struct SmugglingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var rule: String
        var request: String
        var status = 400
        var reason: Reason

        var testDescription: String { rule }
    }

    static let cases: [Case] = [
        Case(
            rule: "RFC 9112 §6.1: Content-Length and Transfer-Encoding together (CL.TE)",
            request: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
            reason: .lengthAndEncoding),
        Case(
            rule: "RFC 9112 §6.1: Transfer-Encoding and Content-Length together (TE.CL)",
            request: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
            reason: .lengthAndEncoding),
        Case(
            rule: "RFC 9112 §6.3: two Transfer-Encoding fields (TE.TE)",
            request:
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            reason: .transferEncoding),
        Case(
            rule: "RFC 9112 §7: chunked applied twice",
            request: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
            reason: .transferEncoding),
        Case(
            rule: "RFC 9112 §6.3: the last coding is not chunked",
            request: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            reason: .transferEncoding),
        Case(
            rule: "RFC 9112 §6.1: an obfuscated coding name",
            request: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            reason: .transferEncoding),
        Case(
            rule: "RFC 9112 §6.1: a coding that is not understood is 501",
            request: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", status: 501,
            reason: .transferCodingUnknown),
        Case(
            rule: "RFC 9112 §6.1: Transfer-Encoding in an HTTP/1.0 request is faulty framing",
            request: "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            reason: .transferEncoding),
        Case(
            rule: "RFC 9112 §6.3: two Content-Length fields that differ",
            request: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            reason: .contentLengthDuplicate),
        Case(
            rule: "RFC 9112 §6.3: two equal Content-Length fields (may be refused, and are)",
            request: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab",
            reason: .contentLengthDuplicate),
        Case(
            rule: "RFC 9110 §8.6: a list in Content-Length",
            request: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2, 2\r\n\r\nab", reason: .contentLength),
        Case(
            rule: "RFC 9110 §8.6: a sign in Content-Length",
            request: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\nab", reason: .contentLength),
        Case(
            rule: "RFC 9110 §8.6: hexadecimal in Content-Length",
            request: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x2\r\n\r\nab", reason: .contentLength),
        Case(
            rule: "RFC 9110 §8.6: a Content-Length beyond any integer",
            request: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
            reason: .contentLength),
        Case(
            rule: "RFC 9110 §8.6: an empty Content-Length",
            request: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", reason: .contentLength),
        Case(
            rule: "RFC 9112 §2.2: a line that ends in a bare LF",
            request: "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", reason: .bareLineFeed),
        Case(
            rule: "RFC 9112 §2.2: a request line that ends in a bare LF",
            request: "GET / HTTP/1.1\nHost: a\r\n\r\n", reason: .bareLineFeed),
        Case(
            rule: "RFC 9112 §2.2: a bare CR inside a value",
            request: "GET / HTTP/1.1\r\nHost: a\r\nX: a\rContent-Length: 5\r\n\r\n", reason: .headerValue),
        Case(
            rule: "RFC 9112 §5.2: a folded field",
            request: "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", reason: .foldedHeader),
        Case(
            rule: "RFC 9112 §5.2: whitespace before the first field",
            request: "GET / HTTP/1.1\r\n Host: a\r\n\r\n", reason: .foldedHeader),
        Case(
            rule: "RFC 9112 §5.1: whitespace between name and colon",
            request: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 2\r\n\r\nab", reason: .headerName),
        Case(
            rule: "RFC 9110 §5.1: an empty field name",
            request: "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", reason: .headerName),
        Case(
            rule: "RFC 9110 §5.6.2: a control character in a field name",
            request: "GET / HTTP/1.1\r\nHost: a\r\nX\u{1}: x\r\n\r\n", reason: .headerName),
        Case(
            rule: "RFC 9110 §5.5: NUL in a value",
            request: "GET / HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n", reason: .headerValue),
        Case(
            rule: "RFC 9112 §3.2: no Host", request: "GET / HTTP/1.1\r\nX: a\r\n\r\n", reason: .hostMissing),
        Case(
            rule: "RFC 9112 §3.2: two Host fields",
            request: "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", reason: .hostDuplicate),
        Case(
            rule: "RFC 9112 §3.2: a Host that is no host",
            request: "GET / HTTP/1.1\r\nHost: a/b@c\r\n\r\n", reason: .hostInvalid),
        Case(
            rule: "RFC 9112 §3: two spaces in the request line",
            request: "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", reason: .requestLine),
        Case(
            rule: "RFC 9112 §3.2: a space in the target",
            request: "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", reason: .requestLine),
        Case(
            rule: "RFC 9112 §3: a request line without a version",
            request: "GET /\r\nHost: a\r\n\r\n", reason: .requestLine),
        Case(
            rule: "RFC 9112 §2.3: a version in lower case",
            request: "GET / http/1.1\r\nHost: a\r\n\r\n", reason: .requestLine),
        Case(
            rule: "RFC 9110 §15.6.6: another major version",
            request: "GET / HTTP/2.0\r\nHost: a\r\n\r\n", status: 505, reason: .version),
        Case(
            rule: "RFC 9110 §9.3.6: CONNECT is for proxies that a client chose",
            request: "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", status: 501, reason: .connectMethod),
        Case(
            rule: "RFC 9112 §7.1: a chunk size that is not hexadecimal",
            request: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", reason: .chunk),
        Case(
            rule: "RFC 9112 §7.1: a chunk that is longer than its size",
            request: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
            reason: .chunk),
        Case(
            rule: "RFC 9112 §7.1: a chunk size beyond any integer",
            request: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
            reason: .chunk),
        Case(
            rule: "RFC 9112 §7.1: a chunk line that ends in a bare LF",
            request: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n",
            reason: .bareLineFeed),
    ]

    @Test("is refused with its reason, and the connection ends", arguments: cases)
    func refused(_ item: Case) async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            try await client.send(item.request)
            let response = try await client.response()
            #expect(response.status == item.status)
            #expect(response["x-hauban-reason"] == item.reason.rawValue)
            #expect(response["connection"] == "close")
            try await client.waitForEnd()
            // A request with a broken body may have reached the service, but never to its end.
            #expect(service.seen.isEmpty)
        }
        await service.kill()
    }

    @Test("RFC 9112 §7.1.1: chunk extensions are dropped and chunks written anew")
    func chunkExtensions() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            try await client.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
                    + "3;a=\"b\"\r\nabc\r\n2 ; x\r\nde\r\n0\r\n\r\n")
            #expect(try await client.response().body == "abcde")
        }
        await service.kill()
    }

    @Test("h2c is not passed on, so that no tunnel goes past the routes")
    func h2c() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await fixture.client()
            let response = try await client.get(
                "/x", headers: "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n")
            #expect(response.status == 200)
            #expect(service.seen.first?.header("Upgrade") == nil)
            #expect(service.seen.first?.header("HTTP2-Settings") == nil)
        }
        await service.kill()
    }
}
