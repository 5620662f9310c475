import ControlPlane
import FoundationEssentials
import Response
import Spec
import TestKit
import Testing
import World

/// Debian's Alertmanager 0.25 as the sender: it speaks its own webhook, PagerDuty's events and Opsgenie's alerts.
@Suite("The real Alertmanager as a sender")
struct RealAlertmanagerSendsTests {
    private static func configuration(_ server: SenderServer) throws -> String {
        let base = "http://127.0.0.1:\(server.port)"
        let alertmanager = try #require(server.keys[.alertmanager])
        return """
            global: {resolve_timeout: 1h}
            route: {receiver: hauban, group_by: ['...'], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}
            receivers:
            - name: hauban
              webhook_configs:
              - {url: "\(base)/integrations/v1/alertmanager/\(alertmanager)/", send_resolved: true}
              - url: "\(base)/integrations/alertmanager"
                send_resolved: true
                http_config: {basic_auth: {username: hauban, password: "\(alertmanager)"}}
              pagerduty_configs:
              - routing_key: "\(try #require(server.keys[.pagerDuty]))"
                url: "\(base)/v2/enqueue"
                severity: '{{ .CommonLabels.severity }}'
                class: '{{ .CommonLabels.alertname }}'
                send_resolved: true
              opsgenie_configs:
              - api_key: "\(try #require(server.keys[.opsgenie]))"
                api_url: "\(base)/"
                priority: P1
                tags: 'node,down'
                send_resolved: true
            """
    }

    @Test("an alert arrives by webhook, as PagerDuty's event and as Opsgenie's alert, and ends in all three")
    func allThree() async throws {
        try await SenderServer.with { server in
            try await RealServer.with(
                files: ["alertmanager.yml": try Self.configuration(server)], ready: "/-/ready",
                command: { folder, port in
                    [
                        "prometheus-alertmanager", "--config.file=\(folder)/alertmanager.yml",
                        "--storage.path=\(folder)/data", "--cluster.listen-address=",
                        "--web.listen-address=127.0.0.1:\(port)", "--log.level=debug",
                    ]
                }
            ) { alertmanager in
                let labels = #"{"alertname": "InstanceDown", "instance": "a:9100", "severity": "warning"}"#
                let firing = try await alertmanager.client.send(
                    "POST", "/api/v2/alerts",
                    json: #"[{"labels": \#(labels), "annotations": {"summary": "a:9100 is down"}}]"#)
                #expect(firing.status == 200)
                // The webhook of OnCall's address and the plain one tell of the same alert.
                try await eventually { server.firing.count == 3 && server.log.count >= 4 }
                let bySource = Dictionary(grouping: server.firing, by: \.source)
                let own = try #require(bySource["alertmanager"]?.first)
                #expect(
                    own.labels.dictionary == ["alertname": "InstanceDown", "instance": "a:9100", "severity": "warning"])
                #expect(own.annotations == ["summary": "a:9100 is down"])
                let event = try #require(bySource["pagerduty"]?.first)
                #expect(event.labels["class"] == "InstanceDown")
                #expect(event.level == .medium)
                #expect(event.labels["dedup_key"]?.count == 64, "Alertmanager's hash of the group")
                #expect(event.annotations["num_firing"] == "1")
                let opsgenie = try #require(bySource["opsgenie"]?.first)
                #expect(opsgenie.level == .critical)
                #expect(opsgenie.labels["tags"] == "down,node")
                #expect(opsgenie.annotations["alertname"] == "InstanceDown")
                _ = try await alertmanager.client.send(
                    "POST", "/api/v2/alerts",
                    json: #"[{"labels": \#(labels), "endsAt": "2026-01-01T00:00:00Z"}]"#)
                try await eventually { server.firing.isEmpty }
                #expect(server.ended.count == 3)
                #expect(server.log.allSatisfy { $0.hasSuffix("200") || $0.hasSuffix("202") }, "\(server.log)")
                #expect(server.log.contains { $0.contains("/close?identifierType=alias") }, "\(server.log)")
            }
        }
    }
}
