import ControlPlane
import Response
import TestKit
import Testing
import World

@Suite("The roles console and oncall", .timeLimit(.minutes(5)))
struct SurfaceRoleTests {
    private static let form = ["Content-Type": "application/x-www-form-urlencoded"]
    private static let password = "an unlikely mast and stay"

    /// Sets the first administrator up through a console.
    private static func signedIn(_ plane: PlaneFixture, _ client: PlainClient) async throws -> String {
        let link = try #require(try await plane.plane.openSetUp())
        let words = password.split(separator: " ").joined(separator: "+")
        let entered = try await client.send(
            "POST", "/set-up", json: "token=\(link.exposed)&name=ana&password=\(words)&again=\(words)",
            fields: form.merging(["Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"]) { $1 })
        #expect(entered.status == 303, "\(entered.body)")
        return String(try #require(entered.fields["set-cookie"]).prefix { $0 != ";" })
    }

    @Test("the console's pages, sign-in, forms and their protection pass through; nothing else does")
    func console() async throws {
        try await RoleDesk.with { desk in
            let plane = try await desk.incidents()
            let (_, client) = try await desk.role(.console, before: plane.plane.port)
            let first = try await client.send("GET", "/")
            #expect(first.status == 303)
            #expect(first.fields["location"]?.hasPrefix("/sign-in") == true)
            let cookie = try await Self.signedIn(plane, client)
            let page = try await client.send("GET", "/account", fields: ["Cookie": cookie])
            #expect(page.status == 200)
            #expect(page.fields["content-type"] == "text/html; charset=utf-8")
            #expect(page.fields["content-security-policy"] != nil)
            let mark = try #require(page.body.firstRange(of: "name=\"csrf\" value=\""))
            let csrf = String(page.body[mark.upperBound...].prefix { $0 != "\"" })
            func open(_ text: String, _ origin: String) async throws -> PlainClient.Answer {
                try await client.send(
                    "POST", "/incidents", json: "title=Looks+odd&severity=high&policy=watch" + text,
                    fields: Self.form.merging(["Cookie": cookie, "Origin": origin]) { $1 })
            }
            for (text, origin) in [("", "http://localhost"), ("&csrf=\(csrf)", "http://evil.example")] {
                let refused = try await open(text, origin)
                #expect(refused.status == 403 || refused.fields["location"]?.hasPrefix("/sign-in") == true)
            }
            #expect(try await plane.plane.state().incidents.isEmpty, "without proof, or from another site")
            let done = try await open("&csrf=\(csrf)", "http://localhost")
            #expect(done.fields["location"] == "/incidents?done=opened", "\(done.body)")
            #expect(try await plane.plane.state().incidents.values.map(\.title).contains("Looks odd"))
            let asset = try #require(page.body.firstRange(of: "/assets/"))
            let path = String(page.body[asset.lowerBound...].prefix { $0 != "\"" })
            #expect(try await client.send("GET", path).status == 200)
            for (path, role) in [
                ("/api/v2/alerts", "ingest"), ("/v2/enqueue", "ingest"), ("/api/v1/incidents", "incidents"),
                ("/inner/v1/health", "incidents"), ("/api/v1/oncall", "oncall"),
            ] {
                let method = path == "/v2/enqueue" ? "POST" : "GET"
                let answer = try await client.send(method, path, json: method == "POST" ? "{}" : nil)
                #expect(answer.status == 404, "\(path)")
                #expect(answer.json?["role"]?.string == role, "\(path) \(answer.body)")
            }
        }
    }

    @Test("live events stream through, and end when their reader goes")
    func live() async throws {
        try await RoleDesk.with { desk in
            let plane = try await desk.incidents()
            let (_, client) = try await desk.role(.console, before: plane.plane.port)
            #expect(try await client.send("GET", "/events").status == 401)
            let cookie = try await Self.signedIn(plane, client)
            async let heard = client.exchange(
                Array("GET /events HTTP/1.1\r\nHost: localhost\r\nCookie: \(cookie)\r\n\r\n".utf8),
                until: "event: alerts")
            try await eventually(within: .seconds(60)) {
                try await IngestRoleTests.metric(plane.client, "hauban_listeners") == 1
            }
            #expect(
                try await plane.client.send(
                    "POST", "/api/v2/alerts", json: RoleDesk.alert("Down"), fields: RoleDesk.bearer
                ).status == 200)
            let text = String(decoding: try await heard, as: UTF8.self)
            #expect(text.contains("Content-Type: text/event-stream"))
            #expect(text.contains("retry: 2000"))
            #expect(text.contains("event: alerts"))
            try await eventually(within: .seconds(60)) {
                try await IngestRoleTests.metric(plane.client, "hauban_listeners") == 0
            }
        }
    }

    @Test("a client's address and way come from the role that saw it; nobody else is believed about them")
    func addresses() async throws {
        try await RoleDesk.with { desk in
            let plane = try await desk.incidents()
            let (_, client) = try await desk.role(.console, before: plane.plane.port) {
                $0.proxy = try? TrustedProxy(["127.0.0.1"])
            }
            let link = try #require(try await plane.plane.openSetUp())
            let words = Self.password.split(separator: " ").joined(separator: "+")
            let entered = try await client.send(
                "POST", "/set-up", json: "token=\(link.exposed)&name=ana&password=\(words)&again=\(words)",
                fields: Self.form.merging([
                    "Origin": "https://hauban.example", "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https",
                    "X-Forwarded-Host": "hauban.example", "X-Hauban-Client": "bm9uc2Vuc2U=",
                    "X-Hauban-Plane-Token": RoleDesk.token.exposed,
                ]) { $1 })
            #expect(entered.status == 303, "\(entered.body)")
            #expect(
                entered.fields["set-cookie"]?.hasPrefix("__Host-hauban=") == true, "over TLS, as the client sees it")
            let audit = try await desk.store.audit(before: nil, limit: 10).map(\.body).joined()
            #expect(audit.contains("203.0.113.9"))
            // Straight at the deciding role the same fields are worth nothing without the token.
            let forged = try await plane.client.send(
                "GET", "/account", fields: ["X-Hauban-Client": "bm9uc2Vuc2U=", "X-Hauban-Plane-Token": "a-guess"])
            #expect(forged.status == 401)
        }
    }

    @Test("the role incidents has no pages and takes nothing from senders, but programs with a token ask it as ever")
    func incidents() async throws {
        try await RoleDesk.with { desk in
            let plane = try await desk.incidents()
            for (path, role) in [("/", "console"), ("/sign-in", "console"), ("/api/v2/alerts", "ingest")] {
                let answer = try await plane.client.send("GET", path)
                #expect(answer.status == 404)
                #expect(answer.json?["role"]?.string == role, "\(path) \(answer.body)")
            }
            let enqueue = try await plane.client.send("POST", "/v2/enqueue", json: #"{"routing_key":"x"}"#)
            #expect(enqueue.json?["role"]?.string == "ingest")
            #expect(try await plane.client.send("GET", "/inner/v1/health").status == 401)
            for path in ["/api/v1/incidents", "/api/v1/oncall", "/api/v2/alerts"] {
                #expect(try await plane.client.send("GET", path, fields: RoleDesk.bearer).status == 200, "\(path)")
            }
            let metrics = try await plane.client.send("GET", "/metrics").body
            #expect(metrics.contains(#"hauban_role_info{role="incidents"} 1"#))
            #expect(!metrics.contains(#"role="ingest""#))
        }
    }

    @Test("each says whether it reaches the role incidents, answers 503 while it does not, and goes on when it does")
    func away() async throws {
        try await RoleDesk.with { desk in
            let plane = try await desk.incidents()
            let port = plane.plane.port
            let (_, console) = try await desk.role(.console, before: port)
            let (_, oncall) = try await desk.role(.oncall, before: port)
            let (_, second) = try await desk.role(.oncall, before: port)
            for client in [console, oncall, second] {
                try await eventually(within: .seconds(60)) { try await client.send("GET", "/health").status == 200 }
            }
            #expect(try await oncall.send("GET", "/api/v1/oncall", fields: RoleDesk.bearer).status == 200)
            #expect(try await second.send("GET", "/api/v1/people", fields: RoleDesk.bearer).body.contains("ana"))
            #expect(try await oncall.send("GET", "/api/v1/oncall").status == 401)
            #expect(try await oncall.send("GET", "/api/v1/incidents").status == 404)
            let sly = try await oncall.send("GET", "/api/v1/oncall/../../../inner/v1/oncall", fields: RoleDesk.bearer)
            #expect((400..<500).contains(sly.status), "no way in by a path: \(sly.body)")
            await desk.away()
            let page = try await console.send("GET", "/sign-in")
            #expect(page.status == 503)
            #expect(page.fields["retry-after"] == "2")
            #expect(page.body.contains("<html"))
            for client in [console, oncall] {
                try await eventually(within: .seconds(60)) { try await client.send("GET", "/health").status == 503 }
                #expect(try await client.send("GET", "/live").status == 200)
                #expect(try await client.send("GET", "/metrics").body.contains("hauban_plane_up 0"))
            }
            _ = try await desk.incidents(port: port)
            #expect(try await console.send("GET", "/sign-in").status == 200)
        }
    }

    @Test(
        "oncall goes on saying who is on call while nobody decides, with what was arranged, to who may know, and how old it is"
    )
    func standIn() async throws {
        try await RoleDesk.with { desk in
            let plane = try await desk.incidents()
            let (_, client) = try await desk.role(.oncall, before: plane.plane.port) { $0.rules = RoleDesk.rules }
            let end = Moment(milliseconds: desk.clock.now.milliseconds + 3_600_000)
            let arranged = try await client.send(
                "POST", "/api/v1/oncall/primary/overrides", json: #"{"person":"ben","endsAt":"\#(end)"}"#,
                fields: RoleDesk.bearer)
            #expect(arranged.status == 201, "\(arranged.body)")
            let now = try await client.send("GET", "/api/v1/oncall", fields: RoleDesk.bearer)
            #expect(now.body.contains("\"ben\""))
            #expect(now.fields["age"] == nil)
            #expect(now.json?["copy"] == nil)
            // The third one that is seen was asked for after the override.
            var copies: Set<String> = []
            try await eventually(within: .seconds(60)) {
                if let at = try await client.send("GET", "/health").json?["copyAt"]?.string { copies.insert(at) }
                return copies.count >= 3
            }
            await desk.away()
            try await eventually(within: .seconds(60)) {
                try await client.send("GET", "/health").json?["plane"]?["isReached"] == .bool(false)
            }
            #expect(try await client.send("GET", "/health").status == 200)
            let later = try await client.send("GET", "/api/v1/oncall", fields: RoleDesk.bearer)
            #expect(later.status == 200, "\(later.body)")
            #expect(later.json?["items"]?.text.contains("\"ben\"") == true)
            #expect(later.json?["copy"]?["asOf"] != nil)
            #expect(later.fields["age"].flatMap { Int($0) } ?? 0 >= 0)
            #expect(later.fields["warning"]?.hasPrefix("110") == true)
            let feed = try await client.send(
                "GET", "/api/v1/oncall/primary/calendar.ics", fields: RoleDesk.bearer)
            #expect(feed.body.hasPrefix("BEGIN:VCALENDAR"))
            for fields in [[:], ["Authorization": "Bearer somebody"]] {
                #expect(try await client.send("GET", "/api/v1/oncall", fields: fields).status == 503)
            }
            let change = try await client.send(
                "POST", "/api/v1/oncall/primary/overrides", json: #"{"person":"ben","endsAt":"\#(end)"}"#,
                fields: RoleDesk.bearer)
            #expect(change.status == 503, "nothing is arranged with a copy")
            #expect(try await client.send("GET", "/metrics").body.contains("hauban_stood_in_total 2"))
        }
    }
}
