import ControlPlane
import Response
import Spec
import TestKit
import Testing
import World

@Suite("What senders are answered in the middle of things")
struct PlaneAnswersTests {
    /// A key of each sender, and a group that waits for half a minute.
    private static func store() async throws -> (MemoryStore, [Integration.Sender: String]) {
        let store = MemoryStore()
        var keys: [Integration.Sender: String] = [:]
        var all = IntegrationKeys([])
        var batch = StoreBatch()
        for (index, sender) in Integration.Sender.allCases.enumerated() {
            let integration = Integration(
                name: sender.rawValue, sender: sender, created: PlaneFixture.start, createdBy: "ana")
            let made = try all.create(integration, random: (0..<29).map { UInt8($0 * 5 + index) })
            keys[sender] = made.key
            batch.records += made.saves
        }
        try await store.commit(batch)
        return (store, keys)
    }

    private static var waiting: Rulebook {
        Rulebook(
            platform: "test",
            routes: [Route(name: "default", timing: .init(wait: .seconds(30), settle: .zero), policy: "default")])
    }

    private static func event(_ key: String?, _ action: String, _ dedup: String = "db", _ level: String = "critical")
        -> String
    {
        """
        {"routing_key": "\(key ?? "")", "event_action": "\(action)", "dedup_key": "\(dedup)", "client": "Nagios",
         "payload": {"summary": "\(dedup) is full", "source": "srv01", "severity": "\(level)"}}
        """
    }

    private static func incidents(_ plane: PlaneFixture) async throws -> [Incident] {
        Array(try await plane.plane.state().incidents.values)
    }

    @Test("PagerDuty's acknowledge within the group's wait is kept over a restart, and nobody is paged")
    func early() async throws {
        let (store, keys) = try await Self.store()
        let clock = TestClock()
        try await PlaneFixture.with(store: store, rules: Self.waiting, clock: clock) { plane in
            for action in ["trigger", "acknowledge"] {
                let body = Self.event(keys[.pagerDuty], action)
                #expect(try await plane.client.send("POST", "/v2/enqueue", json: body).status == 202)
            }
            let opened = try await Self.incidents(plane)
            #expect(opened.isEmpty)
            // The sender thinks less of it by now: the same alert under another label.
            let calmer = Self.event(keys[.pagerDuty], "trigger", "db", "error")
            #expect(try await plane.client.send("POST", "/v2/enqueue", json: calmer).status == 202)
        }
        let courier = RecordingCourier()
        try await PlaneFixture.with(store: store, rules: Self.waiting, clock: clock, courier: courier) { plane in
            clock.advance(by: .seconds(40))
            try await eventually(within: .seconds(60)) { try await !Self.incidents(plane).isEmpty }
            let incident = try #require(try await Self.incidents(plane).first)
            #expect(incident.status == .acknowledged && incident.assignee == "Nagios")
            #expect(
                incident.log.contains { entry in
                    guard case .decided(.acknowledgedBefore(_, by: "Nagios", _, stands: true)) = entry.deed else {
                        return false
                    }
                    return true
                })
            #expect(try await plane.plane.state().pages.isEmpty)
        }
    }

    @Test("Opsgenie's acknowledge and note within the group's wait are kept, its close means that nothing is told")
    func opsgenie() async throws {
        let (store, keys) = try await Self.store()
        try await PlaneFixture.with(store: store, rules: Self.waiting) { plane in
            let fields = ["Authorization": "GenieKey \(keys[.opsgenie] ?? "")"]
            func send(_ path: String, _ body: String) async throws {
                let answer = try await plane.client.send("POST", path, json: body, fields: fields)
                #expect(answer.status == 202, "\(answer.body)")
            }
            try await send("/v2/alerts", #"{"message": "seen", "alias": "seen"}"#)
            try await send("/v2/alerts/seen/acknowledge?identifierType=alias", #"{"user": "eva"}"#)
            try await send("/v2/alerts/seen/notes?identifierType=alias", #"{"user": "eva", "note": "I look"}"#)
            plane.clock.advance(by: .seconds(40))
            try await eventually(within: .seconds(60)) { try await !Self.incidents(plane).isEmpty }
            let incident = try #require(try await Self.incidents(plane).first)
            #expect(incident.status == .acknowledged)
            #expect(incident.log.contains { $0.deed == .noted("I look") && $0.by == .person("eva") })
        }
        let (other, others) = try await Self.store()
        try await PlaneFixture.with(store: other, rules: Self.waiting) { plane in
            let fields = ["Authorization": "GenieKey \(others[.opsgenie] ?? "")"]
            for (path, body) in [
                ("/v2/alerts", #"{"message": "over", "alias": "over"}"#),
                ("/v2/alerts/over/close?identifierType=alias", "{}"),
            ] {
                #expect(try await plane.client.send("POST", path, json: body, fields: fields).status == 202)
            }
            plane.clock.advance(by: .seconds(3600))
            try await eventually(within: .seconds(60)) { try await plane.plane.state().book.alerts.isEmpty }
            #expect(try await Self.incidents(plane).isEmpty)
        }
    }

    @Test("an acknowledge of a key that nobody told of is accepted and does nothing, as PagerDuty has it")
    func unknown() async throws {
        let (store, keys) = try await Self.store()
        try await PlaneFixture.with(store: store, rules: Self.waiting) { plane in
            for action in ["acknowledge", "resolve"] {
                let body = Self.event(keys[.pagerDuty], action, "never heard of")
                let answer = try await plane.client.send("POST", "/v2/enqueue", json: body)
                #expect(answer.status == 202)
                #expect(answer.json?["dedup_key"]?.string == "never heard of")
            }
            let state = try await plane.plane.state()
            #expect(state.book.alerts.isEmpty && state.groups.isEmpty)
        }
    }

    /// Address, what begins an alert and what ends it, the answer's status, and a member of its form.
    private struct Form: CustomTestStringConvertible {
        var sender: Integration.Sender
        var path: String
        var begins: @Sendable (String) -> String
        var ends: (path: String, body: String)
        var status: Int
        var member: String
        var testDescription: String { path }
    }

    private static let forms: [Form] = [
        Form(
            sender: .pagerDuty, path: "/v2/enqueue", begins: { Self.event("KEY", "trigger", $0) },
            ends: ("/v2/enqueue", Self.event("KEY", "resolve", "a")), status: 429, member: "errors"),
        Form(
            sender: .opsgenie, path: "/v2/alerts", begins: { #"{"message": "\#($0)", "alias": "\#($0)"}"# },
            ends: ("/v2/alerts/a/close?identifierType=alias", "{}"), status: 429, member: "requestId"),
        Form(
            sender: .alertmanager, path: "/integrations/alertmanager/KEY",
            begins: { AlertmanagerWebhookTests.body(AlertmanagerWebhookTests.alert($0)) },
            ends: (
                "/integrations/alertmanager/KEY",
                AlertmanagerWebhookTests.body(
                    AlertmanagerWebhookTests.alert("a").replacing("firing", with: "resolved"))
            ), status: 503, member: "detail"),
        Form(
            sender: .json, path: "/integrations/json/KEY", begins: { #"{"title": "T", "alert_uid": "\#($0)"}"# },
            ends: ("/integrations/json/KEY", #"{"title": "T", "alert_uid": "a", "state": "ok"}"#), status: 429,
            member: "detail"),
        Form(
            sender: .alertmanager, path: "/integrations/v1/alertmanager/KEY/",
            begins: { AlertmanagerWebhookTests.body(AlertmanagerWebhookTests.alert($0)) },
            ends: (
                "/integrations/v1/alertmanager/KEY/",
                AlertmanagerWebhookTests.body(
                    AlertmanagerWebhookTests.alert("a").replacing("firing", with: "resolved"))
            ), status: 503, member: ""),
    ]

    @Test(
        "when as many alerts as may be are known, each form refuses new ones so that they come again, and ends go on",
        arguments: 0..<5)
    func full(index: Int) async throws {
        let form = Self.forms[index]
        let (store, keys) = try await Self.store()
        let key = keys[form.sender] ?? ""
        func filled(_ text: String) -> String {
            text.split(separator: "KEY", omittingEmptySubsequences: false).joined(separator: key)
        }
        try await PlaneFixture.with(store: store) {
            $0.limits.knownAlerts = 1
        } _: { plane in
            func send(_ path: String, _ body: String) async throws -> PlainClient.Answer {
                try await plane.client.send(
                    "POST", filled(path), json: filled(body), fields: ["Authorization": "GenieKey \(key)"])
            }
            let first = try await send(form.path, form.begins("a"))
            #expect((200..<300).contains(first.status), "\(first.body)")
            let again = try await send(form.path, form.begins("a"))
            #expect((200..<300).contains(again.status), "what is known is taken")
            let refused = try await send(form.path, form.begins("b"))
            #expect(refused.status == form.status, "\(refused.body)")
            #expect(refused.fields["retry-after"] == "20")
            if !form.member.isEmpty { #expect(refused.json?[form.member] != nil, "\(refused.body)") }
            #expect(store.alerts.count == 1)
            let over = try await send(form.ends.path, form.ends.body)
            #expect((200..<300).contains(over.status), "\(over.body)")
            #expect(store.alerts.allSatisfy { $0.endedAt != nil } && store.alerts.count == 1)
        }
    }

    @Test("of a list the known alerts are taken when the new ones have no room")
    func partly() async throws {
        let (store, keys) = try await Self.store()
        try await PlaneFixture.with(store: store) {
            $0.limits.knownAlerts = 2
        } _: { plane in
            let path = "/integrations/json/\(keys[.json] ?? "")"
            func item(_ key: String, _ state: String) -> String {
                #"{"title": "T", "alert_uid": "\#(key)", "state": "\#(state)"}"#
            }
            #expect(try await plane.client.send("POST", path, json: item("a", "alerting")).status == 200)
            let list = "[\(item("b", "alerting")), \(item("c", "alerting")), \(item("a", "ok"))]"
            let answer = try await plane.client.send("POST", path, json: list)
            #expect(answer.status == 429 && answer.body.contains("1 new alerts were not taken"), "\(answer.body)")
            #expect(Set(store.alerts.map { $0.labels["dedup_key"] }) == ["a", "b"])
            #expect(store.alerts.filter { $0.endedAt != nil }.map { $0.labels["dedup_key"] } == ["a"])
        }
    }

    @Test("a heartbeat of an unknown name is refused in the form of its sender")
    func heartbeats() async throws {
        let (store, keys) = try await Self.store()
        try await PlaneFixture.with(store: store) { plane in
            let genie = ["Authorization": "GenieKey \(keys[.opsgenie] ?? "")"]
            let ping = try await plane.client.send("POST", "/v2/heartbeats/nobody/ping", json: "", fields: genie)
            #expect(ping.status == 404 && ping.fields["content-type"] == "application/json")
            #expect(ping.json?["message"]?.string?.contains("nobody") == true && ping.json?["requestId"] != nil)
            let onCall = try await plane.client.send(
                "POST", "/integrations/v1/webhook/\(keys[.json] ?? "")/heartbeat/", json: "")
            #expect(onCall.status == 404 && onCall.fields["content-type"]?.hasPrefix("text/plain") == true)
            let own = try await plane.client.send("POST", "/integrations/heartbeat/\(keys[.heartbeat] ?? "")")
            #expect(own.status == 404 && own.json?["title"]?.string != nil)
        }
    }

    @Test("each form asks for patience with a status that its clients come again after")
    func busy() {
        let forms: [(IngestForm, Int)] = [
            (.alertmanager, 503), (.grafana, 503), (.googleCloud, 503), (.sns, 503), (.onCall(.alertmanager), 503),
            (.onCall(.json), 429), (.pagerDutyEvent, 429), (.pagerDutyChange, 429), (.opsgenie(.create), 429),
            (.json, 429), (.heartbeat(name: nil), 429), (.onCallHeartbeat, 429),
        ]
        for (form, status) in forms {
            let answer = form.busy("full", seconds: 7, id: "1")
            #expect(answer.status == status)
            #expect(answer.fields.contains { $0.0 == "Retry-After" && $0.1 == "7" })
        }
    }

    @Test("what an alert's key meant is forgotten with the alert")
    func forgotten() async throws {
        let (store, keys) = try await Self.store()
        try await PlaneFixture.with(store: store) {
            $0.limits.knownAlerts = 1
        } _: { plane in
            for action in ["trigger", "resolve"] {
                let body = Self.event(keys[.pagerDuty], action)
                #expect(try await plane.client.send("POST", "/v2/enqueue", json: body).status == 202)
            }
            plane.clock.advance(by: .seconds(86_400))
            try await eventually(within: .seconds(60)) { try await plane.plane.state().book.alerts.isEmpty }
            let anew = Self.event(keys[.pagerDuty], "trigger", "db", "info")
            #expect(try await plane.client.send("POST", "/v2/enqueue", json: anew).status == 202)
            let resolve = Self.event(keys[.pagerDuty], "resolve")
            #expect(try await plane.client.send("POST", "/v2/enqueue", json: resolve).status == 202)
            #expect(store.alerts.allSatisfy { $0.endedAt != nil })
        }
    }

    @Test("an event of PagerDuty's that is too large is refused before it is read for its key")
    func large() throws {
        let desk = try FormDesk(.pagerDuty)
        let outcome = try desk.send("/v2/enqueue", #"{"routing_key": "KEY", "x": ""#)
        #expect(outcome.answer.status == 400)
        let large = String(repeating: "[", count: 600 << 10)
        #expect(try desk.send("/v2/enqueue", large).answer.status == 413)
        #expect(try desk.send("/v2/change/enqueue", large).answer.status == 413)
    }
}
