import ControlPlane
import Response
import TestKit
import Testing
import World

@Suite("Limits of what is taken")
struct LimitTests {
    @Test("a body above the limit is 413 before it is read, whether its length is said or not")
    func body() async throws {
        try await PlaneFixture.with {
            $0.limits.bodyBytes = 10_000
        } _: { plane in
            let said = try await plane.client.exchange(
                Array(
                    "POST /api/v2/alerts HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 10001\r\n\r\n"
                        .utf8))
            #expect(try PlainClient.parse(said).status == 413)
            let chunk = "1000\r\n" + String(repeating: "x", count: 4096) + "\r\n"
            let unsaid = try await plane.client.exchange(
                Array(
                    ("POST /api/v2/alerts HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + String(repeating: chunk, count: 3)).utf8))
            #expect(try PlainClient.parse(unsaid).status == 413)
            #expect(try await plane.names() == [])
        }
    }

    @Test("too many labels, a long name and a long value are named, and the other alerts are kept")
    func labels() async throws {
        try await PlaneFixture.with {
            $0.limits.labels = 4
            $0.limits.nameBytes = 20
            $0.limits.valueBytes = 100
        } _: { plane in
            let many = (1...5).map { "\"l\($0)\":\"x\"" }.joined(separator: ",")
            let long = String(repeating: "v", count: 101)
            let name = String(repeating: "n", count: 21)
            let answer = try await plane.post(
                """
                [{"labels":{\(many)}},{"labels":{"alertname":"\(long)"}},{"labels":{"\(name)":"x"}},
                 {"labels":{"alertname":"a"},"annotations":{"x":"\(long)"}},{"labels":{"alertname":"kept"}}]
                """)
            #expect(answer.status == 400)
            #expect(answer.fields["x-hauban-rejected"] == "0,1,2,3")
            for words in [
                "alert 0 has 5 labels, and 4 at most", "alert 1 has 101 bytes", "alert 2 has 21 bytes", "alert 3",
            ] {
                #expect(answer.body.contains(words), "\(answer.body)")
            }
            #expect(try await plane.names() == ["kept"])
        }
    }

    @Test("when too much waits for the disk, more is answered 429 with the time to come back")
    func waiting() async throws {
        let store = MemoryStore()
        try await PlaneFixture.with(store: store) {
            $0.limits.waitingAlerts = 3
        } _: { plane in
            store.hold()
            let body = { @Sendable (name: String) in #"[{"labels":{"alertname":"\#(name)"}}]"# }
            async let first = plane.post(body("first"))
            try await eventually(within: .seconds(60)) { store.heldCommits == 1 }
            let three = (1...3).map { number in Task { try await plane.post(body("n\(number)")).status } }
            try await eventually(within: .seconds(60)) {
                try await plane.client.send("GET", "/metrics").body.contains("hauban_alerts_waiting 3\n")
            }
            let refused = try await plane.post(body("refused"))
            #expect(refused.status == 429)
            #expect(refused.fields["retry-after"] == "1")
            store.letGo()
            #expect(try await first.status == 200)
            for task in three { #expect(try await task.value == 200) }
            #expect(try await plane.post(body("refused")).status == 200, "there is room again")
        }
    }

    @Test("when as many alerts as may be are known, new ones are answered 429 and known ones go on")
    func known() async throws {
        try await PlaneFixture.with {
            $0.limits.knownAlerts = 2
        } _: { plane in
            try await plane.post(#"[{"labels":{"alertname":"a"}},{"labels":{"alertname":"b"}}]"#)
            let answer = try await plane.post(#"[{"labels":{"alertname":"a"}},{"labels":{"alertname":"c"}}]"#)
            #expect(answer.status == 429)
            #expect(answer.fields["x-hauban-rejected"] == "1")
            #expect(try await plane.post(#"[{"labels":{"alertname":"b"}}]"#).status == 200)
            #expect(try await plane.names() == ["a", "b"])
        }
    }

    @Test("requests that arrive slowly and together exceed the limit are answered 429")
    func receiving() async throws {
        try await PlaneFixture.with {
            $0.limits.receivingBytes = 1000
        } _: { plane in
            let answer = try await plane.client.exchange(
                Array(
                    ("POST /api/v2/alerts HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
                        + String(repeating: " ", count: 2000)).utf8))
            #expect(try PlainClient.parse(answer).status == 429)
        }
    }

    @Test("requests on one connection, pipelined and in pieces, are answered in order; what is no HTTP is refused")
    func connection() async throws {
        try await PlaneFixture.with { plane in
            let post = { @Sendable (name: String) in
                let body = #"[{"labels":{"alertname":"\#(name)"}}]"#
                return
                    "POST /api/v2/alerts HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            }
            let text =
                post("a") + post("b") + "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n"
                + "GET /-/healthy HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            let bytes = try await plane.client.exchange(Array(text.utf8))
            let statuses = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
                .filter { $0.contains("HTTP/1.1 ") }.map {
                    $0.suffix(from: $0.firstRange(of: "HTTP/1.1 ")?.upperBound ?? $0.startIndex).prefix(3)
                }
            #expect(statuses == ["200", "200", "404", "200"])
            #expect(try await plane.names() == ["a", "b"])
            for text in ["nonsense\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n"] {
                let answer = try PlainClient.parse(try await plane.client.exchange(Array(text.utf8)))
                #expect(answer.status == 400, "\(text)")
            }
            let waits =
                "POST /api/v2/alerts HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]"
            let both = String(decoding: try await plane.client.exchange(Array(waits.utf8)), as: UTF8.self)
            #expect(both.contains(" 200 OK"))
        }
    }
}
