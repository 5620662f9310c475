import ControlPlane
import Response
import Spec
import Testing
import World

@Suite("Grafana OnCall's addresses")
struct OnCallTests {
    /// OnCall's own example of a formatted webhook (`config_integrations/formatted_webhook.py`).
    static func formatted(_ state: String) -> String {
        """
        {"alert_uid": "08d6891a-835c-e661-39fa-96b6a9e26552", "title": "TestAlert: The whole system is down",
         "image_url": "https://upload.example.org/cat.jpg", "state": "\(state)",
         "link_to_upstream_details": "https://en.wikipedia.org/wiki/Downtime",
         "message": "This alert was sent by user for demonstration purposes\\nSmth happened. Oh no!"}
        """
    }

    @Test("a formatted webhook fires and ends by its alert_uid", arguments: ["formatted_webhook", "webhook", "zabbix"])
    func formatted(type: String) throws {
        let desk = try FormDesk(.json)
        let outcome = try desk.send("/integrations/v1/\(type)/KEY/", Self.formatted("alerting"))
        #expect(outcome.answer.status == 200)
        #expect(outcome.text == #""Ok.""#)
        let report = try #require(outcome.reports.first)
        #expect(report.labels["alertname"] == "TestAlert: The whole system is down")
        #expect(report.labels["dedup_key"] == "08d6891a-835c-e661-39fa-96b6a9e26552")
        #expect(report.generatorURL == "https://en.wikipedia.org/wiki/Downtime")
        #expect(report.annotations["description"]?.hasSuffix("Oh no!") == true)
        #expect(report.annotations["image_url"] == "https://upload.example.org/cat.jpg")
        #expect(report.level == .high)
        let over = try desk.send("/integrations/v1/\(type)/KEY", Self.formatted("ok"))
        #expect(over.reports.first?.isOver() == true)
        #expect(over.reports.first?.labels == report.labels)
    }

    @Test("alertmanager and grafana_alerting take the webhook of each")
    func lists() throws {
        let desk = try FormDesk(.alertmanager)
        let body = AlertmanagerWebhookTests.body(
            AlertmanagerWebhookTests.alert("a:1") + "," + AlertmanagerWebhookTests.alert("b:1"))
        let outcome = try desk.send("/integrations/v1/alertmanager/KEY/", body)
        #expect(outcome.text == #""Ok.""#)
        #expect(outcome.reports.count == 2)
        let grafana = try FormDesk(.grafana)
        for type in ["grafana", "grafana_alerting", "legacy_grafana_alerting"] {
            #expect(try grafana.send("/integrations/v1/\(type)/KEY/", GrafanaWebhookTests.example).reports.count == 2)
        }
    }

    @Test("a bad alert of a list is named here too")
    func rejects() throws {
        let desk = try FormDesk(.alertmanager)
        let body = AlertmanagerWebhookTests.body("7," + AlertmanagerWebhookTests.alert("b:1"))
        let outcome = try desk.send("/integrations/v1/alertmanager/KEY/", body)
        #expect(outcome.answer.status == 400)
        #expect(outcome.field("X-Hauban-Rejected") == "0")
        #expect(outcome.reports.count == 1)
    }

    @Test("amazon_sns and stackdriver take what they took")
    func others() throws {
        let sns = try SNSTests.desk()
        #expect(try sns.send("/integrations/v1/amazon_sns/KEY/", SignedMessages.alarm).reports.count == 1)
        let google = try FormDesk(.googleCloud)
        #expect(
            try google.send("/integrations/v1/stackdriver/KEY/", CloudMonitoringTests.incident("open")).reports.count
                == 1)
    }

    @Test("Kapacitor's level says how bad it is, and when it is over")
    func kapacitor() throws {
        let desk = try FormDesk(.json)
        func body(_ level: String) -> String {
            #"{"id": "TestAlert", "message": "cpu is \#(level)", "details": "", "time": "2026-01-01T00:00:00Z", "level": "\#(level)", "data": {}}"#
        }
        let firing = try #require(try desk.send("/integrations/v1/kapacitor/KEY/", body("CRITICAL")).reports.first)
        #expect(firing.labels["alertname"] == "TestAlert")
        #expect(firing.level == .critical)
        #expect(try desk.send("/integrations/v1/kapacitor/KEY/", body("OK")).reports.first?.isOver() == true)
    }

    @Test("a heartbeat is answered as OnCall answers it")
    func heartbeat() throws {
        let desk = try FormDesk(.alertmanager)
        let get = try desk.send("/integrations/v1/alertmanager/KEY/heartbeat/", method: "GET")
        #expect(get.deeds == [.beat("shop")])
        #expect(get.text == #"":)""#)
        let post = try desk.send("/integrations/v1/alertmanager/KEY/heartbeat", method: "POST")
        #expect(post.deeds == [.beat("shop")])
        #expect(post.answer.status == 200)
        let alone = try FormDesk(.heartbeat)
        #expect(try alone.send("/integrations/v1/heartbeat/KEY/").deeds == [.beat("shop")])
    }

    @Test("a key that is not known is a 403, one of another kind a 400")
    func keys() throws {
        let desk = try FormDesk(.grafana)
        let unknown = try desk.send("/integrations/v1/grafana/hb_other/", "{}")
        #expect(unknown.answer.status == 403)
        #expect(unknown.text == "Integration key was not found. Permission denied.")
        let other = try desk.send("/integrations/v1/alertmanager/KEY/", AlertmanagerWebhookTests.body(""))
        #expect(other.answer.status == 400)
        #expect(other.text.contains("takes grafana"))
    }
}
