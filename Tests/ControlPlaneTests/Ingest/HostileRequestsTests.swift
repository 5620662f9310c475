import ControlPlane
import Response
import TestKit
import Testing
import World

@Suite("Requests that nobody means well")
struct HostileRequestsTests {
    private static let values = [
        "null", "7", "[]", "{}", "\"\"", "true", "1e400", "9223372036854775808", "-9223372036854775809", "\"(\"",
        "\"0000-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.999999999-23:59\"", "\"0001-01-01T00:00:00Z\"",
        "\"\\ud800\\ud800\"", "\"" + String(repeating: "(", count: 2000) + "\"",
        "\"" + String(repeating: "(a*)*", count: 300) + "\"", "\"(((a{1000}){1000}){1000})\"",
        String(repeating: "[", count: 3000), String(repeating: #"{"a":"#, count: 70),
    ]

    private static let bodies: [(path: String, body: String)] = [
        (
            "/api/v2/alerts",
            #"""
            [{"labels":{"alertname":"A","severity":"critical"},"annotations":{"summary":"s"},
              "startsAt":"2027-01-15T08:00:00Z","endsAt":"2027-01-15T09:00:00Z","generatorURL":"http://a/b"}]
            """#
        ),
        (
            "/api/v2/silences",
            #"""
            {"id":"","matchers":[{"name":"alertname","value":"A.*","isRegex":true,"isEqual":true}],
             "startsAt":"2027-01-15T08:00:00Z","endsAt":"2027-01-16T08:00:00Z","createdBy":"ana","comment":"c"}
            """#
        ),
    ]

    @Test("broken alerts and silences are taken or refused, and the process lives on", arguments: 0..<2)
    func broken(index: Int) async throws {
        let (path, example) = Self.bodies[index]
        var random = SeededGenerator(seed: UInt64(index) + 77)
        try await PlaneFixture.with { plane in
            for _ in 0..<250 {
                var bytes = Array(example.utf8)
                switch Int.random(in: 0..<3, using: &random) {
                case 0:
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random)))
                default:
                    let colons = bytes.indices.filter { bytes[$0] == 0x3a && $0 > 0 && bytes[$0 - 1] == 0x22 }
                    let start = (colons.randomElement(using: &random) ?? 0) + 1
                    let end = bytes[start...].firstIndex { $0 == 0x2c || $0 == 0x7d } ?? bytes.count
                    bytes.replaceSubrange(
                        start..<end, with: Array((Self.values.randomElement(using: &random) ?? "").utf8))
                }
                let body = String(decoding: bytes, as: UTF8.self)
                let status = try await plane.client.send("POST", path, json: body).status
                #expect((200..<500).contains(status), "\(status) for \(body.prefix(300))")
                if Int.random(in: 0..<10, using: &random) == 0 {
                    plane.clock.advance(by: .seconds(Int.random(in: 0..<7200, using: &random)))
                }
            }
            for path in ["/api/v2/alerts", "/api/v2/alerts/groups", "/api/v2/silences", "/metrics"] {
                #expect(try await plane.client.send("GET", path).status == 200)
            }
        }
    }

    @Test("parameters of queries that are nothing are refused")
    func parameters() async throws {
        try await PlaneFixture.with { plane in
            let filters = ["(", "a=~%22(%22", "a=~%22(((a%7B1000%7D)%7B1000%7D)%7B1000%7D)%22", "%00=1", "=", "%"]
            for filter in filters {
                let status = try await plane.client.send("GET", "/api/v2/alerts?filter=\(filter)").status
                #expect(status == 200 || status == 400, "\(filter): \(status)")
            }
        }
    }

    @Test("who asks a hundred times and reads nothing holds up what is made for him, and gets it all when he reads")
    func reads() async throws {
        try await PlaneFixture.with { plane in
            let words = String(repeating: "x", count: 60_000)
            let alerts = (0..<20).map { #"{"labels":{"alertname":"a\#($0)"},"annotations":{"a":"\#(words)"}}"# }
            try await plane.post("[\(alerts.joined(separator: ","))]")
            let one = "GET /api/v2/alerts HTTP/1.1\r\nHost: a\r\n\r\n"
            let last = "GET /-/healthy HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            let bytes = try await plane.client.exchange(Array((String(repeating: one, count: 30) + last).utf8))
            #expect(bytes.count > 30 * 20 * 60_000, "no answer is lost or cut")
        }
    }
}
