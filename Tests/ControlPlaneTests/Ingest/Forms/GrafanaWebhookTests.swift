import ControlPlane
import Response
import Spec
import Testing
import World

@Suite("Grafana's webhook")
struct GrafanaWebhookTests {
    /// The two alerts of Grafana's own example ("Configure webhook notifications", Payload).
    static let example = """
        {"receiver": "My Super Webhook", "status": "firing", "orgId": 1, "alerts": [
         {"status": "firing", "labels": {"alertname": "High memory usage", "team": "blue", "zone": "us-1"},
          "annotations": {"description": "The system has high memory usage",
           "runbook_url": "https://myrunbook.com/runbook/1234", "summary": "This alert was triggered for zone us-1"},
          "startsAt": "2021-10-12T09:51:03.157076+02:00", "endsAt": "0001-01-01T00:00:00Z",
          "generatorURL": "https://play.grafana.org/alerting/1afz29v7z/edit", "fingerprint": "c6eadffa33fcdf37",
          "silenceURL": "https://play.grafana.org/alerting/silence/new?alertmanager=grafana&matchers=alertname%3DT2",
          "dashboardURL": "", "panelURL": "", "values": {"B": 44.23943737541908, "C": 1}},
         {"status": "firing", "labels": {"alertname": "High CPU usage", "team": "blue", "zone": "eu-1"},
          "annotations": {"summary": "This alert was triggered for zone eu-1"},
          "startsAt": "2021-10-12T09:56:03.157076+02:00", "endsAt": "0001-01-01T00:00:00Z",
          "generatorURL": "https://play.grafana.org/alerting/d1rdpdv7k/edit", "fingerprint": "bc97ff14869b13e3",
          "dashboardURL": "https://play.grafana.org/d/1", "panelURL": "", "values": null}],
         "groupLabels": {}, "commonLabels": {"team": "blue"}, "commonAnnotations": {},
         "externalURL": "https://play.grafana.org/", "version": "1", "groupKey": "{}:{}", "truncatedAlerts": 0,
         "title": "[FIRING:2]  (blue)", "state": "alerting", "message": "**Firing**"}
        """

    @Test("reads its own example: labels, values, links, times with an offset")
    func example() throws {
        let desk = try FormDesk(.grafana)
        let outcome = try desk.send("/integrations/grafana/KEY", Self.example)
        #expect(outcome.answer.status == 200)
        let reports = outcome.reports
        #expect(reports.map { $0.labels["alertname"] } == ["High memory usage", "High CPU usage"])
        #expect(reports[0].startsAt?.description == "2021-10-12T07:51:03.157Z")
        #expect(reports[0].annotations["values"] == #"{"B":44.23943737541908,"C":1}"#)
        #expect(reports[0].annotations["silence_url"]?.hasPrefix("https://play.grafana.org/alerting/silence") == true)
        #expect(reports[0].annotations["dashboard_url"] == nil)
        #expect(reports[1].annotations["dashboard_url"] == "https://play.grafana.org/d/1")
        #expect(reports[0].annotations["runbook_url"] == "https://myrunbook.com/runbook/1234")
        #expect(!reports[0].isOver())
    }

    @Test("two alerts with the same labels and different fingerprints stay two, and each ends by itself")
    func fingerprints() throws {
        let desk = try FormDesk(.grafana)
        func alert(_ fingerprint: String, _ status: String) -> String {
            #"{"status": "\#(status)", "labels": {"alertname": "A"}, "fingerprint": "\#(fingerprint)"}"#
        }
        let firing = try desk.send(
            "/integrations/grafana/KEY",
            #"{"alerts": [\#(alert("c6eadffa33fcdf37", "firing")), \#(alert("bc97ff14869b13e3", "firing"))]}"#)
        #expect(Set(firing.reports.map(\.labels)).count == 2)
        let over = try desk.send(
            "/integrations/grafana/KEY", #"{"alerts": [\#(alert("bc97ff14869b13e3", "resolved"))]}"#)
        #expect(over.reports.first?.labels == firing.reports.last?.labels)
        #expect(over.reports.first?.isOver() == true)
    }

    @Test("a contact point's test ends by itself")
    func test() throws {
        let desk = try FormDesk(.grafana)
        let outcome = try desk.send(
            "/integrations/grafana/KEY",
            #"{"alerts": [{"status": "firing", "labels": {"alertname": "TestAlert", "instance": "Grafana"}}]}"#,
            method: "PUT")
        #expect(outcome.reports.first?.endsAt == FormDesk.now + .seconds(300))
    }

    @Test("reads the single alert of the alerting before Grafana 9, and its end")
    func legacy() throws {
        let desk = try FormDesk(.grafana)
        func body(_ state: String) -> String {
            """
            {"evalMatches": [{"value": 100, "metric": "High value", "tags": null}],
             "imageUrl": "http://grafana.org/assets/img/blog/mixed_styles.png",
             "message": "Someone is testing the alert notification within grafana.", "ruleId": 0,
             "ruleName": "Test notification", "ruleUrl": "http://localhost:3000/", "state": "\(state)",
             "tags": {"service": "api"}, "title": "[Alerting] Test notification"}
            """
        }
        let report = try #require(try desk.send("/integrations/grafana/KEY", body("alerting")).reports.first)
        #expect(report.labels["alertname"] == "Test notification")
        #expect(report.labels["service"] == "api")
        #expect(report.labels["dedup_key"] == "Test notification")
        #expect(report.level == .high)
        #expect(try desk.send("/integrations/grafana/KEY", body("ok")).reports.first?.isOver() == true)
        #expect(
            try desk.send("/integrations/grafana/KEY", body("no_data")).reports.first?.labels["evidence"] == "missing")
        #expect(try desk.send("/integrations/grafana/KEY", body("pending")).deeds.isEmpty)
        #expect(try desk.send("/integrations/grafana/KEY", body("odd")).answer.status == 400)
    }
}
