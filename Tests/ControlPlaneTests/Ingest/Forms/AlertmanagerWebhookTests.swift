import ControlPlane
import Response
import Spec
import Testing
import World

@Suite("Alertmanager's webhook")
struct AlertmanagerWebhookTests {
    /// As Alertmanager 0.25 writes it ("Configuration", `<webhook_config>`).
    static func body(_ alerts: String, version: String = "4") -> String {
        """
        {"version": "\(version)", "groupKey": "{}:{alertname=\\"InstanceDown\\"}", "truncatedAlerts": 0,
         "status": "firing", "receiver": "hauban", "groupLabels": {"alertname": "InstanceDown"},
         "commonLabels": {"job": "node"}, "commonAnnotations": {}, "externalURL": "http://am:9093",
         "alerts": [\(alerts)]}
        """
    }

    static func alert(
        _ instance: String, status: String = "firing", ends: String = "0001-01-01T00:00:00Z", fingerprint: String? = nil
    ) -> String {
        let labels = ["alertname": "InstanceDown", "instance": instance, "job": "node", "severity": "warning"]
        let fingerprint = fingerprint ?? LabelSet(labels).fingerprint.description
        return """
            {"status": "\(status)", "labels": {"alertname": "InstanceDown", "instance": "\(instance)", "job": "node",
             "severity": "warning"}, "annotations": {"summary": "\(instance) is down"},
             "startsAt": "2026-06-12T08:24:38.326Z", "endsAt": "\(ends)",
             "generatorURL": "http://prometheus/graph?g0.expr=up", "fingerprint": "\(fingerprint)"}
            """
    }

    @Test("each alert of a group is an alert of its own, with the fingerprint that Alertmanager gave it")
    func alerts() throws {
        let desk = try FormDesk(.alertmanager)
        let outcome = try desk.send(
            "/integrations/alertmanager/KEY",
            Self.body(
                [
                    Self.alert("a:9100"),
                    Self.alert("b:9100", status: "resolved", ends: "2026-06-12T09:00:00Z"),
                ].joined(separator: ",")))
        #expect(outcome.answer.status == 200)
        let reports = outcome.reports
        #expect(reports.count == 2)
        #expect(reports.map(\.labels.dictionary["instance"]) == ["a:9100", "b:9100"])
        #expect(
            reports[0].labels.labels.count == 4, "nothing is added, so it is the alert that Prometheus may tell us too")
        #expect(reports[0].startsAt?.description == "2026-06-12T08:24:38.326Z")
        #expect(!reports[0].isOver())
        #expect(reports[0].level == .medium)
        #expect(reports[0].annotations == ["summary": "a:9100 is down"])
        #expect(reports[0].generatorURL == "http://prometheus/graph?g0.expr=up")
        #expect(reports[0].source == "shop")
        #expect(reports[1].endsAt?.description == "2026-06-12T09:00:00Z")
    }

    @Test("an alert fires until it is said to be over: Alertmanager repeats after hours, not minutes")
    func openEnd() throws {
        let desk = try FormDesk(.alertmanager)
        let first = try desk.send("/integrations/alertmanager/KEY", Self.body(Self.alert("a:9100")))
        var book = AlertBook()
        let (fingerprint, _) = book.take(try #require(first.reports.first), now: FormDesk.now)
        #expect(book.pass(until: FormDesk.now + .seconds(86_400)) == nil)
        #expect(book.alerts[fingerprint]?.endedAt == nil)
        let last = try desk.send(
            "/integrations/alertmanager/KEY",
            Self.body(Self.alert("a:9100", status: "resolved", ends: "2099-01-01T00:00:00Z")))
        let change = book.take(try #require(last.reports.first), now: FormDesk.now).change
        #expect(change == .resolved, "an end that is said to be in the past is, whatever the sender's clock shows")
    }

    @Test("the valid alerts of a batch are kept, and the answer names the others")
    func batch() throws {
        let desk = try FormDesk(.alertmanager)
        let outcome = try desk.send(
            "/integrations/alertmanager/KEY",
            Self.body(
                [
                    Self.alert("a:9100"), #"{"status": "firing", "labels": {"alertname": 7}}"#,
                    #"{"status": "new", "labels": {"alertname": "A"}}"#, "[]", #"{"status": "firing", "labels": {}}"#,
                    Self.alert("b:9100"),
                ].joined(separator: ",")))
        #expect(outcome.reports.map(\.labels.dictionary["instance"]) == ["a:9100", "b:9100"])
        #expect(outcome.answer.status == 400)
        #expect(outcome.rejects.map(\.index) == [1, 2, 3, 4])
        #expect(outcome.field("X-Hauban-Rejected") == "1,2,3,4")
        #expect(outcome.text.contains(#"{"index":1,"reason":"\"alertname\" among the labels is no text"}"#))
        #expect(outcome.text.contains("status \\\"new\\\" is neither firing nor resolved"))
    }

    @Test("what is no webhook of version 4 is refused", arguments: ["", "nonsense", "[]", #"{"alerts": {}}"#, "{}"])
    func malformed(body: String) throws {
        let desk = try FormDesk(.alertmanager)
        let outcome = try desk.send("/integrations/alertmanager/KEY", body)
        #expect(outcome.answer.status == 400)
        #expect(outcome.deeds.isEmpty)
    }

    @Test("another version is refused, and says so")
    func version() throws {
        let desk = try FormDesk(.alertmanager)
        let outcome = try desk.send("/integrations/alertmanager/KEY", Self.body(Self.alert("a"), version: "5"))
        #expect(outcome.answer.status == 400)
        #expect(outcome.text.contains("version 5"))
    }

    @Test("labels above the limits are refused by name")
    func limits() throws {
        var limits = IngestLimits()
        limits.labels = 5
        limits.valueBytes = 100
        let desk = try FormDesk(.alertmanager, limits: limits)
        let many = (0..<6).map { #""l\#($0)": "x""# }.joined(separator: ",")
        let long = String(repeating: "x", count: 101)
        let outcome = try desk.send(
            "/integrations/alertmanager/KEY",
            Self.body(
                [
                    #"{"status": "firing", "labels": {\#(many)}}"#,
                    #"{"status": "firing", "labels": {"alertname": "\#(long)"}}"#, Self.alert("a:9100"),
                ].joined(separator: ",")))
        #expect(
            outcome.rejects.map(\.reason) == [
                "6 labels are more than the 5 that are taken",
                "label \"alertname\" has 101 bytes, more than the 100 that are taken",
            ])
        #expect(outcome.reports.count == 1)
    }

    @Test("the integration's labels are given to alerts that do not say them")
    func defaults() throws {
        let desk = try FormDesk(.alertmanager) { $0.labels = ["service": "api", "job": "other"] }
        let outcome = try desk.send("/integrations/alertmanager/KEY", Self.body(Self.alert("a:9100")))
        #expect(outcome.reports.first?.labels["service"] == "api")
        #expect(outcome.reports.first?.labels["job"] == "node")
    }
}
