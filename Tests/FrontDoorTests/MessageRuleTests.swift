import DoorKit
import Testing

/// What RFC 9110 and RFC 9112 ask of an intermediary, a rule a case, told in bytes on both sides.
/// docs/front-door-http.md lists all rules with the tests that prove them.
@Suite("A rule of HTTP")
struct MessageRuleTests {
    struct Rule: Sendable, CustomTestStringConvertible {
        var rule: String
        var story: [DoorScript.Part]
        /// Texts that each side gets, and texts that it must not get.
        var client: [String] = []
        var notClient: [String] = []
        var service: [String] = []
        var notService: [String] = []
        /// Whether the client's connection ends with the story.
        var closes: Bool?
        /// Whether the first connection to the service is given up.
        var givesUp: Bool?
        /// How many connections to the service are opened.
        var connections: Int?

        var testDescription: String { rule }
    }

    static let ok = DoorScript.Part.service("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    static func get(_ fields: String = "", target: String = "/", version: String = "1.1", method: String = "GET")
        -> DoorScript.Part
    {
        .client("\(method) \(target) HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n")
    }

    static func answer(_ head: String, _ body: String = "") -> DoorScript.Part {
        .service("HTTP/1.1 \(head)\r\n\r\n\(body)")
    }

    static let requests: [Rule] = [
        Rule(
            rule: "RFC 9112 §2.2: empty lines before a request are passed over",
            story: [.client("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), ok], client: ["200 OK"], service: ["GET / HTTP"]),
        Rule(
            rule: "RFC 9112 §2.3: a higher minor version is read as 1.1 and forwarded as our own",
            story: [get(version: "1.7"), ok], client: ["HTTP/1.1 200 OK"], service: ["GET / HTTP/1.1\r\n"]),
        Rule(
            rule: "RFC 9112 §3.2.2: absolute form is accepted, and its host takes the place of the Host field",
            story: [get(target: "http://b:81/x?y"), ok], client: ["200 OK"],
            service: ["GET /x?y HTTP/1.1\r\n", "Host: b:81\r\n"], notService: ["Host: a\r\n"]),
        Rule(
            rule: "RFC 9110 §4.2.3: an empty path in absolute form means /",
            story: [get(target: "http://b"), ok, get(target: "HTTP://b?q"), ok], client: ["200 OK"],
            service: ["GET / HTTP/1.1\r\n", "GET /?q HTTP/1.1\r\n"]),
        Rule(
            rule: "RFC 9112 §3.2.4: OPTIONS in absolute form with an empty path is sent on as *",
            story: [get(target: "http://b", method: "OPTIONS"), ok], service: ["OPTIONS * HTTP/1.1\r\nHost: b\r\n"]),
        Rule(
            rule: "RFC 9112 §3.2.4: asterisk form is for OPTIONS", story: [get(target: "*", method: "OPTIONS"), ok],
            client: ["200 OK"], service: ["OPTIONS * HTTP/1.1"]),
        Rule(
            rule: "RFC 9112 §3.2.4: asterisk form with another method is refused", story: [get(target: "*")],
            client: ["400 Bad Request", "request-line"], closes: true, connections: 0),
        Rule(
            rule: "RFC 9112 §3.2.3: authority form is for CONNECT", story: [get(target: "b:80")],
            client: ["400 Bad Request", "request-line"], closes: true, connections: 0),
        Rule(
            rule: "RFC 9110 §4.2.4: user information in a target is refused", story: [get(target: "http://u@b/")],
            client: ["400 Bad Request", "host-invalid"], closes: true, connections: 0),
        Rule(
            rule: "RFC 3986 §3.2.2: text behind an address in brackets is no host",
            story: [.client("GET / HTTP/1.1\r\nHost: [::1]a\r\n\r\n")], client: ["400 Bad Request", "host-invalid"],
            closes: true, connections: 0),
        Rule(
            rule: "RFC 9112 §3.2: an IPv6 host with a port is one",
            story: [.client("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"), ok], client: ["200 OK"],
            service: ["Host: [::1]:80\r\n"]),
        Rule(
            rule: "RFC 9112 §3.2: HTTP/1.0 without a Host is sent on with one",
            story: [.client("GET / HTTP/1.0\r\n\r\n"), ok], service: ["Host: localhost\r\n"]),
        Rule(
            rule: "RFC 9112 §3.2: HTTP/1.0 with an empty Host is sent on with that one only",
            story: [.client("GET / HTTP/1.0\r\nHost:\r\n\r\n"), ok], service: ["Host:\r\n"],
            notService: ["localhost"]),
        Rule(
            rule: "RFC 9110 §7.6.1: fields that Connection nominates stop here",
            story: [get("Connection: X-One, close\r\nX-One: 1\r\nX-Two: 2\r\n"), ok], service: ["X-Two: 2"],
            notService: ["X-One", "Connection"], closes: true),
        Rule(
            rule: "RFC 9110 §7.6.1: and so do trailers that it nominates",
            story: [
                .client(
                    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: X-One\r\n\r\n"
                        + "0\r\nX-One: 1\r\nX-Two: 2\r\n\r\n"), ok,
            ], service: ["0\r\nX-Two: 2\r\n\r\n"], notService: ["X-One"]),
        Rule(
            rule: "RFC 9110 §7.6.1: what is meant for all cannot be nominated away",
            story: [
                get("Connection: Host, X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host, Content-Length, Via\r\n"),
                ok,
            ],
            service: [
                "Host: a", "X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: http", "X-Forwarded-Host: a", "Via: ",
            ]
        ),
        Rule(
            rule: "RFC 9110 §7.6.3: a gateway sends Via, with the version that it received",
            story: [get("Via: 1.0 before\r\nConnection: keep-alive\r\n", version: "1.0"), ok],
            service: ["Via: 1.0 before\r\n", "Via: 1.0 hauban\r\n"]),
        Rule(
            rule: "RFC 9110 §7.6.2: Max-Forwards of OPTIONS is counted down",
            story: [get("Max-Forwards: 3\r\n", method: "OPTIONS"), ok], service: ["Max-Forwards: 2\r\n"],
            notService: ["Max-Forwards: 3"]),
        Rule(
            rule: "RFC 9110 §7.6.2: OPTIONS with Max-Forwards 0 is answered here",
            story: [get("Max-Forwards: 0\r\n", method: "OPTIONS")], client: ["200 OK", "Allow: GET, HEAD"],
            closes: false,
            connections: 0),
        Rule(
            rule: "RFC 9110 §7.6.2: TRACE with Max-Forwards 0 is answered here",
            story: [get("Max-Forwards: 0\r\n", method: "TRACE")],
            client: ["405 Method Not Allowed", "trace-method", "Allow: "],
            connections: 0),
        Rule(
            rule: "RFC 9110 §7.6.2: Max-Forwards of other methods may be ignored",
            story: [get("Max-Forwards: 0\r\n"), ok], client: ["200 OK"], service: ["Max-Forwards: 0"]),
        Rule(
            rule: "RFC 9112 §9.3: close wins over keep-alive, in either order",
            story: [get("Connection: close, keep-alive\r\n", version: "1.0"), ok], client: ["Connection: close"],
            closes: true),
        Rule(
            rule: "RFC 9110 §7.8: Upgrade is ignored in HTTP/1.0",
            story: [get("Connection: upgrade\r\nUpgrade: websocket\r\n", version: "1.0"), ok], client: ["200 OK"],
            notService: ["Upgrade"]),
        Rule(
            rule: "RFC 9110 §7.8: Upgrade without its connection option is not passed on",
            story: [get("Upgrade: websocket\r\n"), ok], client: ["200 OK"], notService: ["Upgrade"]),
        Rule(
            rule: "RFC 9113 §3.1: h2c is not passed on, wherever in the list it stands",
            story: [get("Connection: upgrade\r\nUpgrade: foo, h2c\r\n"), ok], client: ["200 OK"],
            notService: ["Upgrade", "h2c"]),
        Rule(
            rule: "RFC 9113 §3.1: nor in one of several fields",
            story: [get("Connection: upgrade\r\nUpgrade: h2c\r\nUpgrade: foo\r\n"), ok], client: ["200 OK"],
            notService: ["Upgrade", "h2c"]),
        Rule(
            rule: "RFC 9110 §7.8: an upgrade with a body switches only when the body has arrived",
            story: [
                .client(
                    "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: foo\r\nContent-Length: 4\r\n\r\nbo"),
                answer("101 Switching Protocols\r\nUpgrade: foo\r\nConnection: upgrade"),
            ], client: ["502 Bad Gateway", "upstream-invalid"], notClient: ["101"], givesUp: true),
        Rule(
            rule: "RFC 9110 §10.1.1: Expect is passed on, and 100 comes back before the body goes",
            story: [
                .client("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"),
                answer("100 Continue"), .client("hi"), ok,
            ], client: ["HTTP/1.1 100 Continue\r\n", "200 OK"], service: ["Expect: 100-continue\r\n", "\r\n\r\nhi"],
            closes: false),
        Rule(
            rule: "RFC 9110 §10.1.1: a final answer instead of 100 is delivered, and the connection ends",
            story: [
                .client("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"),
                answer("417 Expectation Failed\r\nContent-Length: 0"),
            ], client: ["417 Expectation Failed", "Connection: close"], notClient: ["100 Continue"], closes: true,
            givesUp: true),
        Rule(
            rule: "RFC 9110 §10.1.1: an expectation that we do not know is the service's to judge",
            story: [get("Expect: tea\r\n"), answer("417 Expectation Failed\r\nContent-Length: 0")],
            client: ["417 Expectation Failed"], service: ["Expect: tea"]),
        Rule(
            rule: "RFC 9110 §10.1.1: Expect in HTTP/1.0 is ignored",
            story: [
                .client("POST / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi"),
                answer("100 Continue"), ok,
            ], client: ["200 OK"], notClient: ["100 Continue"], notService: ["Expect"]),
        Rule(
            rule: "RFC 9112 §9.3.2: what was pipelined before an error is answered, in order",
            story: [
                get(target: "/1"),
                .client("GET /2 HTTP/1.1\r\nHost: a\nX: y\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n"),
                ok,
            ], client: ["200 OK", "400 Bad Request", "bare-line-feed"], service: ["GET /1 "], notService: ["/2", "/3"],
            closes: true),
        Rule(
            rule: "RFC 9112 §7.1.1: chunk extensions have a bound",
            story: [
                .client(
                    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + String(repeating: "1;\(String(repeating: "x", count: 1_000))\r\na\r\n", count: 17))
            ], client: ["400 Bad Request", "chunk"], closes: true, givesUp: true),
        Rule(
            rule: "RFC 9110 §9.3.2: even a refused HEAD is answered without a body",
            story: [.client("HEAD / HTTP/1.1\r\nHost: a b\r\n\r\n")], client: ["400 Bad Request", "Content-Length: "],
            notClient: ["{"], closes: true),
        Rule(
            rule: "RFC 9112 §9.6: a client that ends its side before the answer has left; the service is told",
            story: [get(), .step(.clientEnds)], notClient: ["HTTP/"], closes: true, givesUp: true),
    ]

    static let answers: [Rule] = [
        Rule(
            rule: "RFC 9112 §6.1: chunked from HTTP/1.0 is faulty framing",
            story: [get(), .service("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")],
            client: ["502 Bad Gateway"], notClient: ["\r\nok"], givesUp: true),
        Rule(
            rule: "RFC 9110 §5.4: an answer's fields have a bound as a request's have",
            story: [get(), answer("200 OK\r\nX: \(String(repeating: "x", count: 2_000))\r\nContent-Length: 0")],
            client: ["502 Bad Gateway", "upstream-invalid"], notClient: ["xxx"], givesUp: true),
        Rule(
            rule: "RFC 9110 §5.4: in number too",
            story: [get(), answer("200 OK\r\n" + String(repeating: "X: y\r\n", count: 20) + "Content-Length: 0")],
            client: ["502 Bad Gateway", "upstream-invalid"], givesUp: true),
        Rule(
            rule: "RFC 9112 §9.3: an HTTP/1.0 service keeps its connection only when it says so",
            story: [get(), .service("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"), get(), ok], client: ["200 OK"],
            givesUp: true, connections: 2),
        Rule(
            rule: "RFC 9112 §9.3: a service that says close and keep-alive closes",
            story: [get(), answer("200 OK\r\nConnection: close, keep-alive\r\nContent-Length: 2", "ok"), get(), ok],
            givesUp: true, connections: 2),
        Rule(
            rule: "RFC 9110 §7.6.1: a service cannot nominate its own framing away",
            story: [
                get(), answer("200 OK\r\nConnection: Content-Length, X-One\r\nX-One: 1\r\nContent-Length: 2", "ok"),
            ],
            client: ["Content-Length: 2\r\n", "\r\n\r\nok"], notClient: ["X-One"], closes: false),
        Rule(
            rule: "RFC 9110 §8.6: a 204 that claims a body ends its connection",
            story: [get(), answer("204 No Content\r\nContent-Length: 5", "hello"), get(), ok],
            client: ["204 No Content", "200 OK"], notClient: ["hello", "Content-Length: 5"], givesUp: true,
            connections: 2),
        Rule(
            rule: "RFC 9112 §6.1: so does one in chunks",
            story: [get(), answer("204 No Content\r\nTransfer-Encoding: chunked"), get(), ok],
            client: ["204 No Content", "200 OK"], notClient: ["Transfer-Encoding"], givesUp: true, connections: 2),
        Rule(
            rule: "RFC 9112 §6.3: a 204 with a length of 0 is harmless",
            story: [get(), answer("204 No Content\r\nContent-Length: 0"), get(), ok],
            client: ["204 No Content", "200 OK"],
            notClient: ["Content-Length: 0"], connections: 1),
        Rule(
            rule: "RFC 9112 §6.3: a 304 may say the length that a 200 would have",
            story: [get(), answer("304 Not Modified\r\nContent-Length: 9"), get(), ok],
            client: ["304 Not Modified", "Content-Length: 9", "200 OK"], connections: 1),
        Rule(
            rule: "RFC 9112 §6.3: bytes behind an answer to HEAD end the connection",
            story: [get(method: "HEAD"), answer("200 OK\r\nContent-Length: 2", "ok"), get(), ok],
            client: ["200 OK"], givesUp: true, connections: 2),
        Rule(
            rule: "RFC 9112 §6.3: bytes behind any answer end the connection, and answer nobody",
            story: [
                get(), answer("200 OK\r\nContent-Length: 2", "okHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"),
                get(), ok,
            ],
            client: ["\r\n\r\nok"], notClient: ["poison"], givesUp: true, connections: 2),
        Rule(
            rule: "RFC 9110 §15.2: interim answers pass through",
            story: [get(), answer("103 Early Hints\r\nLink: </a.css>"), ok],
            client: ["HTTP/1.1 103 Early Hints\r\nLink: </a.css>", "200 OK"]),
        Rule(
            rule: "RFC 9110 §15.2: HTTP/1.0 does not know them",
            story: [get(version: "1.0"), answer("103 Early Hints"), ok],
            client: ["200 OK"], notClient: ["103"]),
        Rule(
            rule: "RFC 9112 §6.1: an interim answer has no framing",
            story: [get(), answer("103 Early Hints\r\nContent-Length: 2"), ok],
            client: ["502 Bad Gateway"], notClient: ["103"], givesUp: true),
        Rule(
            rule: "interim answers without end are cut off, since memory has one",
            story: [get(), .service(String(repeating: "HTTP/1.1 103 Early Hints\r\n\r\n", count: 40)), ok],
            client: ["502 Bad Gateway", "upstream-invalid"], notClient: ["200 OK"], givesUp: true),
        Rule(
            rule: "RFC 9110 §7.8: a service may not switch to a protocol that nobody named",
            story: [
                get("Connection: upgrade\r\nUpgrade: websocket\r\n"),
                answer("101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c"),
            ], client: ["502 Bad Gateway"], notClient: ["101"], givesUp: true),
        Rule(
            rule: "RFC 9110 §7.8: a service may refuse the upgrade with an ordinary answer",
            story: [
                get("Connection: upgrade\r\nUpgrade: websocket\r\n"),
                answer("426 Upgrade Required\r\nUpgrade: b\r\nContent-Length: 0"), get(), ok,
            ],
            client: ["426 Upgrade Required", "Upgrade: b\r\n", "200 OK"], closes: false, connections: 1),
        Rule(
            rule: "RFC 9112 §8: an answer that its length says is not whole breaks the client's connection",
            story: [get(), answer("200 OK\r\nContent-Length: 9", "part"), .step(.serviceEnds)], client: ["part"],
            closes: true),
        Rule(
            rule: "RFC 9112 §8: an answer in chunks without the last one breaks it too",
            story: [get(), answer("200 OK\r\nTransfer-Encoding: chunked", "4\r\npart\r\n"), .step(.serviceEnds)],
            client: ["4\r\npart\r\n"], notClient: ["0\r\n\r\n"], closes: true),
        Rule(
            rule: "RFC 9112 §6.3: an answer up to the end of its connection is whole there",
            story: [get(), .service("HTTP/1.1 200 OK\r\n\r\nto the end"), .step(.serviceEnds)],
            client: ["Transfer-Encoding: chunked", "a\r\nto the end\r\n0\r\n\r\n"], closes: false),
        Rule(
            rule: "RFC 9110 §9.2.2: a request that may be repeated is sent once more when its connection was dead",
            story: [get(), ok, get(target: "/2"), .step(.serviceAborts), ok], client: ["200 OK"],
            service: ["GET /2 HTTP/1.1"], connections: 2),
        Rule(
            rule: "RFC 9110 §9.2.2: one that may not is answered 502",
            story: [
                get(), ok, .client("POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"), .step(.serviceAborts),
            ], client: ["200 OK", "502 Bad Gateway", "upstream-closed"], connections: 1),
        Rule(
            rule: "RFC 9112 §9.6: a service may close a connection at rest at any moment",
            story: [
                get(), ok, .step(.serviceEnds), .client("POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"), ok,
            ],
            client: ["200 OK"], notClient: ["502"], connections: 2),
        Rule(
            rule: "RFC 9110 §6.5.1: trailers that steer are left out, also from a service",
            story: [
                get(),
                answer(
                    "200 OK\r\nTransfer-Encoding: chunked",
                    "0\r\nX-Sum: 1\r\nSet-Cookie: a\r\nContent-Length: 9\r\n\r\n"),
            ],
            client: ["0\r\nX-Sum: 1\r\n\r\n"], notClient: ["Set-Cookie", "Content-Length"]),
    ]

    @Test("no more is read from a side than the other takes, so that memory is bounded")
    func backPressure() {
        let part = String(repeating: "x", count: 20)
        let parts: [DoorScript.Part] = (0..<50).flatMap { _ in [.step(.segment), .service(part)] }
        let head = Self.answer("200 OK\r\nContent-Length: 1000")
        let slowClient = DoorScript([.step(.clientTakes), Self.get(), head] + parts).play()
        #expect(slowClient.unread.service >= 49)
        let taking = DoorScript([.step(.clientTakes), Self.get(), head] + parts + [.step(.clientTakes)]).play()
        #expect(taking.unread.service == 0)
        #expect(taking.toClient.hasSuffix(String(repeating: part, count: 50)))

        let upload = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200\r\n\r\n"
        let pieces: [DoorScript.Part] = (0..<10).flatMap { _ in [.step(.segment), .client(part)] }
        let slowService = DoorScript([.client(upload), .step(.serviceTakes)] + pieces).play()
        #expect(slowService.unread.client >= 9)
        // Nor does a client that pipelines without end fill it.
        let pipelined = DoorScript([DoorScript.Part](repeating: Self.get(), count: 40)).play()
        #expect(pipelined.unread.client >= 38)
    }

    /// What a service says over a WebSocket before it is cut, and whether a frame of ours fits behind it.
    static let frames: [(said: String, fits: Bool)] = [
        ("", true), ("\u{81}\u{02}hi", true), ("\u{81}\u{02}h", false), ("\u{81}", false), ("\u{01}\u{02}hi", true),
        ("\u{82}\u{7E}\u{00}\u{03}abc", true), ("\u{82}\u{7E}\u{00}\u{03}ab", false), ("\u{82}\u{7E}\u{00}", false),
        ("\u{82}\u{7F}\u{00}\u{00}\u{00}\u{00}\u{00}\u{00}\u{00}\u{01}a", true),
        ("\u{82}\u{7F}\u{00}\u{00}\u{00}\u{00}\u{00}\u{00}\u{00}\u{02}a", false),
        ("\u{81}\u{01}a\u{8A}\u{00}\u{81}\u{01}b", true), ("\u{88}\u{02}\u{03}\u{60}", false),
    ]

    @Test("RFC 6455 §7.4.1: a WebSocket that is cut is told so, but not within a frame", arguments: frames)
    func goodbye(_ said: String, _ fits: Bool) {
        let outcome = DoorScript([
            Self.get("Connection: Upgrade\r\nUpgrade: websocket\r\n"),
            Self.answer("101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket"), .step(.segment),
            .service(said), .step(.swap), .step(.waitLong),
        ]).play()
        #expect(outcome.problems == [])
        #expect(outcome.toClient.hasSuffix(said + (fits ? "\u{88}\u{02}\u{03}\u{E9}" : "")))
        #expect(outcome.isClientClosed)
        #expect(outcome.isServiceClosed == [true])
    }

    @Test("a tunnel of another protocol is cut without words")
    func mute() {
        let outcome = DoorScript([
            Self.get("Connection: Upgrade\r\nUpgrade: foo\r\n"),
            Self.answer("101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo", "hi"), .step(.swap),
            .step(.waitLong),
        ]).play()
        #expect(outcome.problems == [])
        #expect(outcome.toClient.hasSuffix("\r\n\r\nhi"))
        #expect(outcome.isClientClosed)
    }

    @Test("of requests is kept", arguments: requests)
    func request(_ rule: Rule) { check(rule) }

    @Test("of answers is kept", arguments: answers)
    func answer(_ rule: Rule) { check(rule) }

    private func check(_ rule: Rule) {
        let outcome = DoorScript(rule.story).play()
        #expect(outcome.problems == [])
        let service = outcome.toService.joined()
        for text in rule.client { #expect(outcome.toClient.contains(text), "\(text.debugDescription)") }
        for text in rule.notClient { #expect(!outcome.toClient.contains(text), "\(text.debugDescription)") }
        for text in rule.service { #expect(service.contains(text), "\(text.debugDescription)") }
        for text in rule.notService { #expect(!service.contains(text), "\(text.debugDescription)") }
        if let closes = rule.closes { #expect(outcome.isClientClosed == closes) }
        if let givesUp = rule.givesUp { #expect(outcome.isServiceClosed.first == givesUp) }
        if let connections = rule.connections { #expect(outcome.toService.count == connections) }
    }
}
