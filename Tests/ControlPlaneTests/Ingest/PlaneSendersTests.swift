import ControlPlane
import Response
import Spec
import TestKit
import Testing
import World

@Suite("Other senders at a control plane")
struct PlaneSendersTests {
    /// A store that knows an integration of each kind, and their keys.
    private static func store() async throws -> (MemoryStore, [Integration.Sender: String]) {
        let store = MemoryStore()
        var keys: [Integration.Sender: String] = [:]
        var all = IntegrationKeys([])
        var batch = StoreBatch()
        for (index, sender) in Integration.Sender.allCases.enumerated() {
            let integration = Integration(
                name: sender.rawValue, sender: sender, labels: ["service": "api"], created: PlaneFixture.start,
                createdBy: "ana")
            let made = try all.create(integration, random: (0..<29).map { UInt8($0 * 5 + index) })
            keys[sender] = made.key
            batch.records += made.saves
        }
        try await store.commit(batch)
        return (store, keys)
    }

    private static func event(_ key: String?, _ action: String, severity: String = "critical") -> String {
        """
        {"routing_key": "\(key ?? "")", "event_action": "\(action)", "dedup_key": "srv01/disk", "client": "Nagios",
         "payload": {"summary": "disk full", "source": "srv01", "severity": "\(severity)"}}
        """
    }

    private static func incidents(_ store: MemoryStore) async throws -> [Incident] {
        try await store.load().parts.compactMap { if case .incident(let incident) = $0 { incident } else { nil } }
    }

    @Test("a 202 stands on a commit, and a restart loses neither the alert nor what its key means")
    func durable() async throws {
        let (store, keys) = try await Self.store()
        let body = Self.event(keys[.pagerDuty], "trigger")
        try await PlaneFixture.with(store: store) { plane in
            store.hold()
            async let answer = plane.client.send("POST", "/v2/enqueue", json: body)
            try await eventually { store.heldCommits == 1 }
            #expect(store.alerts.isEmpty)
            store.letGo()
            let came = try await answer
            #expect(came.status == 202)
            #expect(came.json?["dedup_key"]?.string == "srv01/disk")
            #expect(store.alerts.map(\.labels.dictionary["dedup_key"]) == ["srv01/disk"])
            #expect(try await plane.names() == ["disk full"])
        }
        try await PlaneFixture.with(store: store) { plane in
            plane.clock.advance(by: .seconds(7 * 86_400))
            let names = try await plane.names()
            #expect(names == ["disk full"], "it fires until it is said to be over")
            let resolve = Self.event(keys[.pagerDuty], "resolve")
            #expect(try await plane.client.send("POST", "/v2/enqueue", json: resolve).status == 202)
            #expect(store.alerts.allSatisfy { $0.endedAt != nil })
            // An alert is shown up to the moment of its end.
            plane.clock.advance(by: .seconds(1))
            #expect(try await plane.names().isEmpty)
        }
    }

    @Test("what cannot be written is not answered 2xx, and is taken when it is told again")
    func refused() async throws {
        let (store, keys) = try await Self.store()
        try await PlaneFixture.with(store: store) { plane in
            store.refuse(WorldError(code: "disk-full", operation: "write to the store", underlying: "full"))
            let body = Self.event(keys[.pagerDuty], "trigger")
            let refused = try await plane.client.send("POST", "/v2/enqueue", json: body)
            #expect(refused.status == 503)
            store.refuse(nil)
            #expect(try await plane.client.send("POST", "/v2/enqueue", json: body).status == 202)
            #expect(store.alerts.count == 1)
        }
    }

    @Test("an alert keeps its labels while it fires, and its severity follows")
    func severity() async throws {
        let (store, keys) = try await Self.store()
        try await PlaneFixture.with(store: store) { plane in
            for severity in ["warning", "warning", "critical"] {
                let body = Self.event(keys[.pagerDuty], "trigger", severity: severity)
                #expect(try await plane.client.send("POST", "/v2/enqueue", json: body).status == 202)
            }
            plane.clock.advance(by: .seconds(1))
            let alerts = try await plane.alerts()
            #expect(alerts.map { $0["labels"]?["severity"]?.string } == ["critical"])
            #expect(alerts.first?["labels"]?["service"]?.string == "api")
        }
    }

    @Test("a change event is a release, told once however often it is sent")
    func change() async throws {
        let (store, keys) = try await Self.store()
        try await PlaneFixture.with(store: store) { plane in
            let key = try #require(keys[.pagerDuty])
            let body = #"{"routing_key": "\#(key)", "payload": {"summary": "Deployed 4.2", "source": "ci"}}"#
            for _ in 1...2 {
                #expect(try await plane.client.send("POST", "/v2/change/enqueue", json: body).status == 202)
            }
            let releases: [ReleaseRecord] = try await store.load().parts.compactMap {
                if case .release(let record) = $0 { record } else { nil }
            }
            #expect(releases.map(\.services) == [["api"]])
            #expect(releases.first?.verdict == .elsewhere)
        }
    }

    @Test("the valid alerts of a webhook are on disk when the answer names the others")
    func batch() async throws {
        let (store, keys) = try await Self.store()
        try await PlaneFixture.with(store: store) { plane in
            let body = AlertmanagerWebhookTests.body("7," + AlertmanagerWebhookTests.alert("a:1"))
            let path = "/integrations/v1/alertmanager/\(keys[.alertmanager] ?? "")/"
            let answer = try await plane.client.send("POST", path, json: body)
            #expect(answer.status == 400)
            #expect(answer.fields["x-hauban-rejected"] == "0")
            #expect(store.alerts.map { $0.labels["instance"] } == ["a:1"])
        }
    }

    @Test("Opsgenie's close by alias ends the alert, a key of nobody does nothing")
    func opsgenie() async throws {
        let (store, keys) = try await Self.store()
        try await PlaneFixture.with(store: store) { plane in
            let fields = ["Authorization": "GenieKey \(keys[.opsgenie] ?? "")"]
            let create = #"{"message": "disk full", "alias": "db1/disk", "priority": "P1"}"#
            let created = try await plane.client.send("POST", "/v2/alerts", json: create, fields: fields)
            #expect(created.status == 202)
            #expect(try await plane.names() == ["disk full"])
            let close = "/v2/alerts/db1%2Fdisk/close?identifierType=alias"
            let wrong = ["Authorization": "GenieKey hb_00000000000000000000000000000"]
            #expect(try await plane.client.send("POST", close, json: "{}", fields: wrong).status == 401)
            #expect(try await plane.names() == ["disk full"])
            #expect(try await plane.client.send("POST", close, json: "{}", fields: fields).status == 202)
            plane.clock.advance(by: .seconds(1))
            #expect(try await plane.names().isEmpty)
        }
    }

    @Test("a list that names one alert twice with another severity leaves one that fires")
    func twice() async throws {
        let (store, keys) = try await Self.store()
        try await PlaneFixture.with(store: store) { plane in
            let items = ["low", "high", "medium"].map { level in
                #"{"title": "A", "alert_uid": "a", "severity": "\#(level)"}"#
            }
            let body = "[\(items.joined(separator: ","))]"
            let answer = try await plane.client.send("POST", "/integrations/json/\(keys[.json] ?? "")", json: body)
            #expect(answer.status == 200)
            #expect(store.alerts.filter { $0.endedAt == nil }.map(\.level) == [.medium])
            #expect(store.alerts.count == 3)
        }
    }
}
