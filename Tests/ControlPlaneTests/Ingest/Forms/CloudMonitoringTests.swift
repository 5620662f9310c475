import ControlPlane
import Response
import Spec
import Testing
import World

@Suite("Google Cloud Monitoring's webhook")
struct CloudMonitoringTests {
    /// Google's own example of version 1.2 ("Create and manage notification channels", webhooks).
    static func incident(_ state: String, severity: String = "", ended: String = "null", version: String = "1.2")
        -> String
    {
        """
        {"incident": {"incident_id": "0.opqiw61fsv7p", "scoping_project_id": "internal-project",
          "scoping_project_number": 12345,
          "url": "https://console.cloud.google.com/monitoring/alerting/incidents/0.lxfiw61fsv7p?project=internal-project",
          "started_at": 1577840461, "ended_at": \(ended), "state": "\(state)", \(severity)
          "resource_id": "11223344", "resource_name": "internal-project gke-cluster-1-default-pool-e2df4cbd-dgp3",
          "resource_display_name": "gke-cluster-1-default-pool-e2df4cbd-dgp3",
          "resource_type_display_name": "VM Instance",
          "resource": {"type": "gce_instance",
           "labels": {"instance_id": "11223344", "project_id": "internal-project", "zone": "us-central1-c"}},
          "metric": {"type": "compute.googleapis.com/instance/cpu/utilization", "displayName": "CPU utilization",
           "labels": {"instance_name": "the name of the VM instance"}},
          "metadata": {"system_labels": {"labelkey": "labelvalue"}, "user_labels": {"labelkey": "labelvalue"}},
          "policy_name": "Monitor-Project-Cluster",
          "policy_user_labels": {"user-label-1": "important label", "user-label-2": "another label"},
          "condition_name": "VM Instance - CPU utilization [MAX]", "threshold_value": "0.9", "observed_value": "0.835",
          "condition": {"name": "projects/internal-project/alertPolicies/1/conditions/1",
           "displayName": "VM Instance - CPU utilization [MAX]"},
          "documentation": {"content": "TEST ALERT", "mime_type": "text/markdown", "subject": "TEST ALERT",
           "links": [{"displayName": "Playbook", "url": "https://myownpersonaldomain.com/playbook?name=a"}]},
          "summary": "CPU utilization for internal-project is above the threshold of 0.9 with a value of 0.835."},
         "version": "\(version)"}
        """
    }

    @Test("reads its own example, and the close by the incident's id")
    func example() throws {
        let desk = try FormDesk(.googleCloud)
        let outcome = try desk.send("/integrations/google-cloud/KEY", Self.incident("open"))
        #expect(outcome.answer.status == 200)
        let report = try #require(outcome.reports.first)
        #expect(report.labels["alertname"] == "Monitor-Project-Cluster")
        #expect(report.labels["condition"] == "VM Instance - CPU utilization [MAX]")
        #expect(report.labels["project"] == "internal-project")
        #expect(report.labels["user_label_1"] == "important label")
        #expect(report.labels["resource_zone"] == "us-central1-c")
        #expect(report.labels["dedup_key"] == "0.opqiw61fsv7p")
        #expect(report.level == .high, "no severity: as the integration says")
        #expect(report.startsAt == Moment(seconds: 1_577_840_461))
        #expect(report.annotations["observed_value"] == "0.835")
        #expect(report.annotations["description"] == "TEST ALERT")
        #expect(report.annotations["links"] == "Playbook: https://myownpersonaldomain.com/playbook?name=a")
        #expect(report.generatorURL.hasPrefix("https://console.cloud.google.com/"))
        let closed = try desk.send("/integrations/google-cloud/KEY", Self.incident("closed", ended: "1577877071"))
        #expect(closed.reports.first?.labels == report.labels)
        #expect(closed.reports.first?.endsAt == Moment(seconds: 1_577_877_071))
    }

    @Test(
        "its severities are ours",
        arguments: [
            ("Critical", Level.critical), ("Error", .high), ("Warning", .medium), ("No severity", .low),
        ])
    func severities(word: String, level: Level) throws {
        let desk = try FormDesk(.googleCloud) { $0.level = .low }
        let body = Self.incident("OPEN", severity: #""severity": "\#(word)","#)
        #expect(try desk.send("/integrations/google-cloud/KEY", body).reports.first?.level == level)
    }

    @Test("a channel's test ends by itself")
    func test() throws {
        let desk = try FormDesk(.googleCloud)
        let outcome = try desk.send("/integrations/google-cloud/KEY", Self.incident("OPEN", version: "test"))
        #expect(outcome.reports.first?.endsAt == FormDesk.now + .seconds(300))
        #expect(outcome.reports.first?.level == .low)
    }

    @Test("the key comes in the path, the query or as the password of Basic")
    func keys() throws {
        let desk = try FormDesk(.googleCloud)
        #expect(
            try desk.send("/integrations/google-cloud", query: "auth_token=KEY", Self.incident("open")).answer.status
                == 200)
        // Basic: "user:KEY", RFC 7617.
        let basic = "Basic " + Self.base64("user:\(desk.key)")
        #expect(
            try desk.send(
                "/integrations/google-cloud", Self.incident("open"), fields: ["Authorization": basic]
            ).answer.status == 200)
        let none = try desk.send("/integrations/google-cloud", Self.incident("open"))
        #expect(none.answer.status == 401)
        #expect(none.field("WWW-Authenticate") == #"Basic realm="hauban""#)
    }

    @Test(
        "what is no incident is refused",
        arguments: [
            "", "{}", #"{"incident": []}"#, #"{"incident": {"state": "open"}}"#,
            #"{"incident": {"incident_id": "1", "state": "odd"}}"#,
        ])
    func malformed(body: String) throws {
        let desk = try FormDesk(.googleCloud)
        let outcome = try desk.send("/integrations/google-cloud/KEY", body)
        #expect(outcome.answer.status == 400)
        #expect(outcome.deeds.isEmpty)
    }

    static func base64(_ text: String) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var out = ""
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var value = 0
            for byte in group { value = value << 8 | Int(byte) }
            value <<= 8 * (3 - group.count)
            for index in 0..<4 {
                out.append(index <= group.count ? letters[value >> (18 - 6 * index) & 63] : "=")
            }
        }
        return out
    }
}
