import ControlPlane
import Glibc
import Response
import TestKit
import Testing
import World

/// Debian's Prometheus 2.42 as the sender.
@Suite("The real Prometheus")
struct PrometheusTests {
    private static func rules(_ expression: String) -> String {
        """
        groups:
        - name: test
          rules:
          - alert: AlwaysFires
            expr: \(expression)
            labels: {severity: critical, service: api}
            annotations: {summary: "value {{ $value }}"}
        """
    }

    @Test("a rule that fires arrives, goes on, and ends when the rule does")
    func firing() async throws {
        try await PlaneFixture.with(clock: .following) { plane in
            let configuration = """
                global: {evaluation_interval: 1s, scrape_interval: 10s, external_labels: {cluster: test}}
                rule_files: [rules.yml]
                alerting:
                  alertmanagers:
                  - static_configs: [{targets: ["127.0.0.1:\(plane.plane.port)"]}]
                """
            try await RealServer.with(
                files: ["prometheus.yml": configuration, "rules.yml": Self.rules("vector(7)")], ready: "/-/ready",
                command: { folder, port in
                    [
                        "prometheus", "--config.file=\(folder)/prometheus.yml", "--storage.tsdb.path=\(folder)/data",
                        "--web.listen-address=127.0.0.1:\(port)", "--rules.alert.resend-delay=1s", "--log.level=error",
                    ]
                }
            ) { prometheus in
                try await eventually(within: .seconds(90)) { try await !plane.alerts().isEmpty }
                let alert = try #require(try await plane.alerts().first)
                #expect(
                    alert["labels"]?.text
                        == #"{"alertname":"AlwaysFires","cluster":"test","service":"api","severity":"critical"}"#)
                #expect(alert["annotations"]?["summary"]?.string == "value 7")
                #expect(alert["generatorURL"]?.string?.contains("/graph?g0.expr=vector%287%29") == true)
                try await eventually(within: .seconds(90)) {
                    try await plane.metric("hauban_alerts_refreshed_total") ?? 0 >= 2
                }
                #expect(try await plane.metric("hauban_alerts_changed_total") == 1, "refreshes are not written")
                #expect(try await plane.metric("hauban_alerts_invalid_total") == 0)
                try prometheus.folder.write("rules.yml", Self.rules("vector(7) > 8"))
                prometheus.signal(SIGHUP)
                try await eventually(within: .seconds(90)) { try await plane.alerts().isEmpty }
            }
        }
    }
}
