import ControlPlane
import Foundation
import Response
import Spec
import TestKit
import Testing
import World

/// The console at a control plane: what a browser does, request by request.
@Suite("The console at a control plane")
struct PlaneConsoleTests {
    private struct Browser {
        let plane: PlaneFixture
        var cookie = ""
        var csrf = ""

        mutating func get(_ path: String) async throws -> PlainClient.Answer {
            let answer = try await plane.client.send("GET", path, fields: ["Cookie": cookie])
            if let mark = answer.body.firstRange(of: "name=\"csrf\" value=\"") {
                csrf = String(answer.body[mark.upperBound...].prefix { $0 != "\"" })
            }
            return answer
        }

        mutating func post(_ path: String, _ pairs: [String: String]) async throws -> PlainClient.Answer {
            var all = pairs
            if !csrf.isEmpty { all["csrf"] = csrf }
            let text = all.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.encoded($0.value))" }
                .joined(separator: "&")
            let answer = try await plane.client.send(
                "POST", path, json: text,
                fields: [
                    "Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie,
                    "Origin": "http://localhost", "Sec-Fetch-Site": "same-origin",
                ])
            if let set = answer.fields["set-cookie"] { cookie = String(set.prefix { $0 != ";" }) }
            return answer
        }

        private static func encoded(_ text: String) -> String {
            text.utf8.map { byte in
                let isPlain = (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) && byte < 0x80
                return isPlain
                    ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16).uppercased()
            }.joined()
        }
    }

    private static let password = "an unlikely mast and stay"

    private func signedIn(_ plane: PlaneFixture) async throws -> Browser {
        var browser = Browser(plane: plane)
        #expect(try await browser.get("/").fields["location"]?.hasPrefix("/sign-in") == true)
        let link = try #require(try await plane.plane.openSetUp())
        let page = try await browser.get("/set-up?token=\(link.exposed)")
        #expect(page.status == 200)
        let entered = try await browser.post(
            "/set-up",
            ["token": link.exposed, "name": "ana", "password": Self.password, "again": Self.password])
        #expect(entered.status == 303, "\(entered.body)")
        #expect(browser.cookie.hasPrefix("hauban-session="))
        #expect(try await plane.plane.openSetUp() == nil, "the link was the only one")
        return browser
    }

    @Test("a first administrator comes in, sees the incident, acknowledges and resolves it, and the log says so")
    func incident() async throws {
        let store = MemoryStore()
        let courier = RecordingCourier()
        try await PlaneFixture.with(store: store, rules: WatchTests.rules, courier: courier) { plane in
            var browser = try await signedIn(plane)
            try await plane.post(
                #"[{"labels":{"alertname":"Down","service":"api","severity":"critical"},"annotations":{"summary":"<b>api</b> is down"}}]"#
            )
            let overview = try await browser.get("/")
            #expect(overview.body.contains("&lt;b&gt;api&lt;/b&gt; is down"), "and nothing of it is markup")
            #expect(try await browser.get("/incidents/i1").status == 200)
            let done = try await browser.post("/incidents/i1/acknowledge", [:])
            #expect(done.status == 303, "\(done.body)")
            #expect(try await plane.plane.state().incidents["i1"]?.assignee == "ana")
            #expect(try await browser.post("/incidents/i1/resolve", [:]).status == 303)
            #expect(try await browser.post("/incidents/i9/resolve", [:]).status == 404)
            let audit = try await browser.get("/audit")
            #expect(audit.body.contains("/incidents/i1/resolve"))
            #expect(audit.body.contains("signed in") || audit.body.contains("set-up"))
            for path in [
                "/incidents?state=all", "/alerts", "/on-call", "/releases", "/silences", "/maintenance",
                "/integrations", "/people", "/account", "/incidents/i1/postmortem", "/figures", "/figures?days=7",
            ] {
                let page = try await browser.get(path)
                #expect(page.status == 200, "\(path)")
                #expect(page.fields["content-security-policy"]?.contains("default-src 'none'") == true)
            }
            let made = try await browser.post("/integrations", ["name": "pd", "sender": "pagerduty"])
            #expect(made.body.contains("hb_"), "the key is shown, this once")
            #expect(try await browser.get("/integrations").body.contains("pd"))
        }
        try await PlaneFixture.with(store: store, rules: WatchTests.rules, courier: courier) { plane in
            var browser = Browser(plane: plane)
            let wrong = try await browser.post("/sign-in", ["name": "ana", "password": "something else"])
            #expect(wrong.status == 401)
            #expect(try await browser.post("/sign-in", ["name": "ana", "password": Self.password]).status == 303)
            #expect(try await browser.get("/incidents?state=resolved").body.contains("i1"), "a restart forgets nothing")
        }
    }

    @Test("a form without the session's proof does nothing, and neither does one of another site")
    func forgery() async throws {
        try await PlaneFixture.with(rules: WatchTests.rules, courier: RecordingCourier()) { plane in
            var browser = try await signedIn(plane)
            try await plane.post(#"[{"labels":{"alertname":"Down","service":"api"}}]"#)
            _ = try await browser.get("/incidents/i1")
            browser.csrf = "AAAA"
            #expect(try await browser.post("/incidents/i1/resolve", [:]).status != 200)
            #expect(try await plane.plane.state().incidents["i1"]?.isOpen == true)
        }
    }

    @Test("language and theme are not set by a form of another site, or without the session's proof")
    func forgedLooks() async throws {
        try await PlaneFixture.with(rules: WatchTests.rules) { plane in
            func choose(_ fields: [String: String]) async throws -> PlainClient.Answer {
                try await plane.client.send(
                    "POST", "/preferences", json: "theme=dark&back=%2F",
                    fields: fields.merging(["Content-Type": "application/x-www-form-urlencoded"]) { one, _ in one })
            }
            let own = ["Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"]
            let visitor = try await choose(own)
            #expect(visitor.status == 303 && visitor.fields["set-cookie"]?.contains("dark") == true)
            let other = try await choose(["Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"])
            #expect(other.status == 403 && other.fields["set-cookie"] == nil)
            var browser = try await signedIn(plane)
            let unproven = try await choose(own.merging(["Cookie": browser.cookie]) { one, _ in one })
            #expect(unproven.status == 403 && unproven.fields["set-cookie"] == nil)
            _ = try await browser.get("/account")
            let cookie = browser.cookie
            #expect(try await browser.post("/preferences", ["theme": "dark", "back": "/account"]).status == 303)
            // A session that is over is none: the page of a visitor, without a proof, is good again.
            #expect(try await choose(own.merging(["Cookie": cookie + "x"]) { one, _ in one }).status == 303)
        }
    }

    @Test("what a silence would mute is looked for beside the loop, and made as it was shown")
    func previews() async throws {
        try await PlaneFixture.with(rules: WatchTests.rules, courier: RecordingCourier()) { plane in
            var browser = try await signedIn(plane)
            try await plane.post(#"[{"labels":{"alertname":"Down","service":"api"}}]"#)
            _ = try await browser.get("/silences/new")
            let fields = ["matchers": "service=api", "for": "1h", "reason": "repair"]
            let shown = try await browser.post("/silences/preview", fields)
            #expect(shown.status == 200 && shown.body.contains("1 alert of 1"), "\(shown.body)")
            #expect(try await browser.post("/silences", fields).status == 303)
            #expect(try await plane.plane.state().mutes.silences.count == 1)
            let refused = try await browser.post(
                "/silences", ["matchers": "service=~\".*\"", "for": "1h", "reason": "r"])
            #expect(refused.status == 422)
            #expect(try await browser.post("/maintenance/preview", ["matchers": "service=api"]).status == 200)
        }
    }

    @Test(
        "somebody changes how they are reached, is tested there at once, and goes back to the file; the log says both")
    func entry() async throws {
        let courier = RecordingCourier()
        let store = MemoryStore()
        try await PlaneFixture.with(store: store, rules: WatchTests.rules, courier: courier) { plane in
            var browser = try await signedIn(plane)
            let page = try await browser.get("/people/ana")
            #expect(page.body.contains("From hauban.yaml"))
            let wrong = try await browser.post("/people/ana/entry", ["phone": "0612", "quiet": "sometimes"])
            #expect(wrong.status == 422)
            #expect(wrong.body.contains("value=\"0612\"") && wrong.body.contains("not a part of the week"))
            let fields = [
                "phone": "+33699999999", "language": "fr", "zone": "UTC", "order-critical": "sms, call 2m",
                "quiet": "22:00-07:00; sat,sun", "below": "high",
            ]
            #expect(try await browser.post("/people/ana/entry", fields).status == 303)
            let changed = try await browser.get("/people/ana")
            #expect(changed.body.contains("Changed here by ana") && changed.body.contains("value=\"sms, call 2m\""))
            #expect(changed.body.contains("value=\"22:00-07:00; sat-sun\""))
            #expect(try await browser.post("/people/ana/test", [:]).status == 303)
            try await eventually(within: .seconds(60)) {
                courier.dispatches.contains { $0.contact == Contact(.sms, "+33699999999") }
            }
            let state = try await plane.plane.state()
            #expect(state.directory.people["ana"]?.language == .french)
            let log = try await browser.get("/audit")
            #expect(log.body.contains("/people/ana/entry"))
        }
        let audit = try await store.audit(before: nil, limit: 50).map(\.body)
        #expect(audit.contains { $0.contains("as in hauban.yaml") && $0.contains("+33699999999") })
        try await PlaneFixture.with(store: store, rules: WatchTests.rules, courier: courier) { plane in
            var browser = Browser(plane: plane)
            let signedIn = try await browser.post("/sign-in", ["name": "ana", "password": Self.password])
            #expect(signedIn.status == 303)
            #expect(try await browser.get("/people/ana").body.contains("+33699999999"), "a restart forgets nothing")
            #expect(try await browser.post("/people/ana/entry/reset", [:]).status == 303)
            #expect(try await browser.get("/people/ana").body.contains("From hauban.yaml"))
            #expect(try await plane.plane.state().entries.isEmpty)
        }
    }

    @Test("a log whose end was cut off does not keep the pager from starting, and shows it")
    func cutLog() async throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/plane.sqlite"
        try await PlaneFixture.with(store: try SQLiteStore(path: path), rules: WatchTests.rules) { plane in
            _ = try await signedIn(plane)
        }
        try TamperedStore.cutAudit(path)
        try await PlaneFixture.with(store: try SQLiteStore(path: path), rules: WatchTests.rules) { plane in
            var browser = Browser(plane: plane)
            #expect(try await browser.post("/sign-in", ["name": "ana", "password": Self.password]).status == 303)
            let audit = try await browser.get("/audit")
            #expect(audit.body.contains("found another end of the log"))
        }
    }
}
