import FoundationEssentials
import Glibc
import Testing
import World
import hauban

/// What visitors meet: rates and maintenance, from hauban.yaml to the socket, by the built binary.
@Suite("Visitors", .timeLimit(.minutes(10)))
struct VisitorTests {
    private static let platform = """
        hauban: 1
        platform: visitors
        services:
          api:
            source: api
            run: exec python3 -u server.py
            port: 8080
            health: {ready: /api, start: 10s}
            expose: [{path: /api}, {path: /login, rate: 3/m}]
            scale: 2
            smoke: [{get: /api}]
            stop: 2s
          site:
            source: site
            site: {output: .}
            expose: {path: /}
            smoke: [{get: /}]
        release: {watch: 1s, requests: 1}
        environments:
          dev: {target: local}

        """

    private static func server(_ version: String) -> String {
        """
        import http.server, os
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", "\(version.utf8.count)")
                self.end_headers()
                self.wfile.write(b"\(version)")
            def log_message(self, *arguments):
                pass
        http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()

        """
    }

    private func get(_ port: Int, _ path: String, _ headers: [String: String] = [:]) async throws -> HTTPRequest.Answer
    {
        try await HTTPRequest(url: "http://127.0.0.1:\(port)\(path)", headers: headers).send(within: .seconds(60))
    }

    @Test("a rate and a maintenance hold through releases and the death of the front door")
    func story() async throws {
        try await PlatformFixture.with { shop in
            try shop.write("hauban.yaml", Self.platform)
            try shop.write("api/server.py", Self.server("one"))
            #expect(try await shop.hauban("maintenance", "on").code == 1, "nothing is deployed")
            try await shop.deploy(expecting: 0)
            let port = try await shop.port()

            for _ in 0..<3 { #expect(try await get(port, "/login").status == 200) }
            let refused = try await get(port, "/login?password=hunter2")
            #expect(refused.status == 429)
            #expect(try await get(port, "/api").status == 200)

            let begun = try await shop.hauban(
                "maintenance", "on", "--until", "30m", "--message", "We move house.", "--json")
            #expect(begun.code == 0, "\(begun.output)\(begun.errors)")
            let token = try #require(begun.json?["token"]?.string)
            #expect(begun.json?["link"]?.string == "http://127.0.0.1:\(port)/.well-known/hauban/bypass/\(token)")
            #expect(try await get(port, "/api").status == 503)
            let page = try await get(port, "/", ["Accept": "text/html"])
            #expect(page.status == 503)
            #expect(page.body.contains("We move house."))
            #expect(try await get(port, "/api", ["X-Hauban-Bypass": token]).body == "one")
            let status = try await shop.hauban("status", "dev")
            #expect(status.code == 0, "\(status.output)")
            #expect(status.output.contains("in maintenance: everything, ends in 29m"), "\(status.output)")

            // A release beneath it: its smoke requests pass, visitors still see the page.
            try shop.write("api/server.py", Self.server("two"))
            try await shop.deploy(expecting: 0)
            #expect(try await get(port, "/api").status == 503)
            #expect(try await get(port, "/api", ["X-Hauban-Bypass": token]).body == "two")

            let door = try #require(try await frontDoor(shop))
            door.send(SIGKILL, toGroup: false)
            try await shop.eventually("the front door is back") { (try? await get(port, "/api"))?.status == 503 }

            let one = try await shop.hauban("maintenance", "on", "--service", "api", "--json")
            #expect(one.json?["token"]?.string == token, "a browser keeps one cookie")
            #expect(try await shop.hauban("maintenance", "off").output.contains("let in again"))
            #expect(try await get(port, "/").status == 200)
            #expect(try await get(port, "/api").status == 503)
            #expect(try await shop.hauban("maintenance", "off", "--service", "api").code == 0)
            #expect(try await get(port, "/api").body == "two")
            #expect(try await shop.hauban("maintenance", "off").output.contains("was not in maintenance"))
            #expect(try await shop.hauban("maintenance", "on", "--service", "apu").code == 64)
            #expect(try await shop.hauban("maintenance", "on", "--until", "soon").code == 64)

            try await shop.eventually("the access log has all that") {
                let log = try await shop.hauban("logs", "dev", "--access", "--json", "--last", "1000").output
                return log.contains("\"reason\":\"rate-limited\"") && log.contains("\"reason\":\"maintenance\"")
                    && log.contains("\"target\":\"/login?password=*\"") && log.contains("\"service\":\"site\"")
                    && !log.contains("hunter2")
            }
            let shown = try await shop.hauban("logs", "dev", "--access", "api")
            #expect(shown.output.contains("200  GET  127.0.0.1:\(port)/login"), "\(shown.output)")
        }
    }

    private func frontDoor(_ shop: PlatformFixture) async throws -> ProcessRecord? {
        let status = try await shop.hauban("status", "dev", "--json")
        guard case .array(let replicas)? = status.json?["replicas"] else { return nil }
        let pid = replicas.first { $0["id"]?.string == "front-door" }?["pid"]?.text
        return pid.flatMap { Int32($0) }.flatMap { ProcessRecord(running: $0) }
    }

    @Test(
        "moments are durations, times of day and RFC 3339",
        arguments: [
            ("30m", 1_800.0), ("1h30m", 5_400), ("2026-11-21T12:00:10Z", 10), ("2026-11-21T14:00:00+02:00", 0),
        ])
    func moments(_ text: String, _ seconds: Double) throws {
        let now = try Date("2026-11-21T12:00:00Z", strategy: .iso8601)
        #expect(try #require(MomentText.parse(text, now: now)).timeIntervalSince(now) == seconds)
    }

    @Test("a time of day is the next one", arguments: ["00:00", "12:00", "23:59"])
    func timeOfDay(_ text: String) throws {
        let now = try Date("2026-11-21T12:00:30Z", strategy: .iso8601)
        let rest = try #require(MomentText.parse(text, now: now)).timeIntervalSince(now)
        #expect(rest > 0 && rest <= 86_400)
    }

    @Test("what is no moment is refused", arguments: ["", "soon", "25:00", "12:60", "1:00", "12", "12:00:00", "-5m"])
    func noMoments(_ text: String) { #expect(MomentText.parse(text, now: Date(timeIntervalSince1970: 0)) == nil) }
}
