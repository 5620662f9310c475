import ControlPlane
import Foundation
import Response
import Spec
import TestKit
import Testing
import World

/// The senders' own libraries, from PyPI (Tests/requirements.txt).
@Suite("The real clients of PagerDuty and Opsgenie")
struct RealClientsTests {
    private static func run(_ script: String, _ arguments: String...) async throws -> String {
        let python = try #require(
            ProcessInfo.processInfo.environment["HAUBAN_TEST_PYTHON"],
            "run `make test`, which makes a virtual environment from Tests/requirements.txt and names its interpreter")
        let folder = TemporaryFolder()
        try folder.write("client.py", script)
        let result = try await RealServer.run([python, "client.py"] + arguments, in: folder.path)
        #expect(result.isSuccess, "\(result.output) \(result.errors)")
        return result.output
    }

    private static let pagerDuty = """
        import sys, pagerduty, pdpyras
        base, key = sys.argv[1:]
        def client_for(key):
            client = pagerduty.EventsApiV2Client(key)
            client._url = base  # its setter insists on https, and this is the loopback
            return client
        new = client_for(key)
        old = pdpyras.EventsAPISession(key)
        old.url = base
        for name, client in (("new", new), ("old", old)):
            print(client.trigger("disk full", "db1", dedup_key=name, severity="error", custom_details={"free": "1%"}))
            print(client.acknowledge(name))
            print(client.resolve(name))
            print(len(client.trigger("no key", name, severity="info")))
        new.submit(
            "Deployed 4.2", source="ci", custom_details={"version": "4.2", "service": "api"},
            timestamp="2026-01-02T03:04:05.678901+00:00")
        changes = pdpyras.ChangeEventsAPISession(key)
        changes.url = base
        changes.submit("Deployed 4.3", source="ci")
        try:
            new.trigger("bad", "db1", severity="fatal")
        except pagerduty.Error as error:
            print(error.response.status_code, error.response.json()["errors"][0].split("'")[1])
        wrong = client_for(key[:-1] + "~")
        try:
            wrong.trigger("bad", "db1")
        except pagerduty.Error as error:
            print(error.response.status_code, error.response.json()["errors"][0])
        """

    @Test("PagerDuty's two libraries trigger, acknowledge, resolve and report changes")
    func pagerDuty() async throws {
        try await SenderServer.with { server in
            let key = try #require(server.keys[.pagerDuty])
            let output = try await Self.run(Self.pagerDuty, "http://127.0.0.1:\(server.port)", key)
            #expect(
                output.split(separator: "\n") == [
                    "new", "new", "new", "32", "old", "old", "old", "32", "400 payload.severity",
                    "400 Invalid routing key",
                ], "\(server.log)")
            #expect(server.ended.compactMap { $0.labels["dedup_key"] }.sorted() == ["new", "old"])
            #expect(server.ended.allSatisfy { $0.level == .high && $0.annotations["free"] == "1%" })
            #expect(server.firing.map(\.level) == [.low, .low])
            var acknowledged = 0
            var changes: [ReleaseRecord] = []
            for deed in server.others {
                if case .acknowledge = deed { acknowledged += 1 }
                if case .change(let record, _) = deed { changes.append(record) }
            }
            #expect(acknowledged == 2)
            #expect(changes.map(\.version) == ["4.2", "Deployed 4.3"])
            #expect(changes.first?.services == ["api"])
            #expect(changes.first?.began.description == "2026-01-02T03:04:05.678Z")
        }
    }

    private static let opsgenie = """
        import sys, opsgenie_sdk
        base, key = sys.argv[1:]
        configuration = opsgenie_sdk.Configuration()
        configuration.host = base
        configuration.api_key["Authorization"] = key
        alerts = opsgenie_sdk.AlertApi(opsgenie_sdk.ApiClient(configuration))
        body = opsgenie_sdk.CreateAlertPayload(
            message="disk full", alias="db1/disk", description="1% left", priority="P2", tags=["disk", "db"],
            details={"free": "1%"}, entity="db1", responders=[{"name": "SampleTeam", "type": "team"}])
        print(alerts.create_alert(body).result)
        note = opsgenie_sdk.AddNoteToAlertPayload(note="looking", user="ana")
        print(alerts.add_note("db1/disk", note, identifier_type="alias").result)
        seen = opsgenie_sdk.AcknowledgeAlertPayload(user="ana")
        print(alerts.acknowledge_alert("db1/disk", identifier_type="alias", acknowledge_alert_payload=seen).result)
        over = opsgenie_sdk.CloseAlertPayload(user="ana", note="done")
        print(alerts.close_alert("db1/disk", identifier_type="alias", close_alert_payload=over).result)
        heartbeats = opsgenie_sdk.HeartbeatApi(opsgenie_sdk.ApiClient(configuration))
        print(heartbeats.ping("nightly").result)
        try:
            alerts.create_alert(opsgenie_sdk.CreateAlertPayload(message=" "))
        except opsgenie_sdk.exceptions.ConfigurationException as error:
            print(error.status)
        """

    @Test("Opsgenie's library creates, notes, acknowledges and closes by alias, and pings a heartbeat")
    func opsgenie() async throws {
        try await SenderServer.with { server in
            let key = try #require(server.keys[.opsgenie])
            let output = try await Self.run(Self.opsgenie, "http://127.0.0.1:\(server.port)", key)
            #expect(
                output.split(separator: "\n")
                    == Array(repeating: "Request will be processed", count: 4) + ["PONG - Heartbeat received", "422"],
                "\(server.log)")
            let alert = try #require(server.ended.first)
            #expect(alert.labels["dedup_key"] == "db1/disk")
            #expect(alert.level == .high)
            #expect(alert.annotations["free"] == "1%")
            let target = AlertTarget.key(AlertKey(integration: "opsgenie", text: "db1/disk"))
            #expect(
                server.others == [
                    .note(target, text: "looking", by: "ana"), .acknowledge(target, by: "ana"),
                    .note(target, text: "done", by: "ana"), .beat("nightly"),
                ])
            #expect(server.firing.isEmpty)
        }
    }
}
