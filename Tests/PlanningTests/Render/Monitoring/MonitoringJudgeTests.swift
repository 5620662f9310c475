import Foundation
import Planning
import Spec
import TestKit
import Testing

@Suite("Files of Grafana, Loki and Alloy")
struct MonitoringJudgeTests {
    @Test("every file of every environment is one that its program takes")
    func taken() throws {
        var cases: [String: [String: String]] = [:]
        for name in MonitoringTests.examples {
            let subject = try MonitoringTests.subject(name)
            let rendering = MonitoringRenderer().render(subject)
            for place in subject.places {
                let files = MonitoringJudge.files(rendering, of: place.name.text)
                if !files.isEmpty { cases["\(name) \(place.name)"] = files }
            }
        }
        let subject = try MonitoringTests.subject(of: Self.small)
        let rendering = MonitoringRenderer().render(subject)
        for place in subject.places {
            cases["small \(place.name)"] = MonitoringJudge.files(rendering, of: place.name.text)
        }
        let kinds = ["/dashboards/", "/datasources.yml", "/loki/loki.yml", "/loki/rules/", ".alloy"]
        for kind in kinds { #expect(cases.values.contains { $0.keys.contains { $0.contains(kind) } }, "\(kind)") }
        #expect(cases.count >= 7)
        for (name, said) in try MonitoringJudge.findings(cases) { #expect(said == [], "\(name)") }
    }

    /// One change to a file as it is rendered, and a part of what is said of it.
    struct Change: Sendable {
        let file: String
        let from: String
        let to: String
        let said: String

        init(_ file: String, _ from: String, _ to: String, _ said: String) {
            (self.file, self.from, self.to, self.said) = (file, from, to, said)
        }
    }

    static let boards = [
        Change("/services.json", #""type": "timeseries""#, #""type": "timeserie""#, "the unknown type 'timeserie'"),
        Change("/services.json", #""unit": "reqps""#, #""units": "reqps""#, "the unknown key 'units'"),
        Change("/services.json", #""schemaVersion": 39"#, #""schemaVersion": "39""#, "'39' and no int"),
        Change("/services.json", #""refresh": 2"#, #""refresh": 7"#, "7 and not one of [0, 1, 2]"),
        Change("/services.json", #""uid": "prometheus""#, #""uid": "prom""#, "which is not provisioned"),
        Change("/services.json", "$service", "$servce", "names the variable 'servce'"),
        Change("/services.json", #""w": 8"#, #""w": 16"#, "overlap"),
        Change("/services.json", #""x": 16"#, #""x": 18"#, "beyond the 24th column"),
        Change("/services.json", #""refId": "A""#, #""ref": "A""#, "the unknown key 'ref'"),
        Change(
            "/services.json", #""options": {}"#, #""options": {"legend": {"displayMode": "lst"}}"#,
            "'lst' and not one of"),
        Change("/datasources.yml", "access: proxy", "acces: proxy", "the unknown key 'acces'"),
        Change("/datasources.yml", "isDefault: true", "isDefault: yes please", "isDefault is 'yes please'"),
        Change("/dashboards.yml", "path: /etc", "paths: /etc", "a provider of files has no path"),
    ]

    static let logs = [
        Change("/loki.yml", "retention_enabled:", "retention_enable:", "the unknown key 'retention_enable'"),
        Change("/loki.yml", "replication_factor: 1", "replication_factor: one", "'one', which is no int"),
        Change("/loki.yml", "retention_period: \"90d\"", "retention_period: 90 days", "which is no duration"),
        Change("/loki.yml", "store: tsdb", "store: tsbd", "'tsbd' and not one of"),
        Change("/loki.yml", "period: 24h", "period: 12h", "needs the period 24h"),
        Change("/loki.yml", "schema: v13", "schema: v12", "needs tsdb and v13"),
        Change("/loki.yml", "  delete_request_store: filesystem\n", "", "retention needs delete_request_store"),
        Change("/loki.yml", "retention_enabled: true", "retention_enabled: false", "nothing takes away"),
        Change("/alerts.yml", "count_over_time", "count_over", "there is no function 'count_over'"),
        Change("/alerts.yml", "[5m]", "[5 minutes]", "instead of a duration"),
        Change("/alerts.yml", "[5m]", "", "a range is missing"),
        Change("/alerts.yml", #"{service="oauth-manager"}"#, #"{service=~".*"}"#, "the empty text does not fulfil"),
        Change("/alerts.yml", #"|= ""#, #"|= | ""#, "instead of a string"),
        Change("/alerts.yml", "sum(count_over_time(", "sum(avg_over_time(", "needs an `unwrap`"),
        Change("/alerts.yml", "vector(0))", "vector(0)", "instead of )"),
        Change("/alerts.yml", "expr: '(sum", "exp: '(sum", "the unknown key 'exp'"),
    ]

    static let shipper = [
        Change(
            "/config.alloy", "[loki.write.loki.receiver]", "[loki.write.other.receiver]",
            "which is no list(LogsReceiver)"),
        Change("/config.alloy", "loki.source.file", "loki.source.files", "no component 'loki.source.files'"),
        Change("/config.alloy", "path_targets", "paths", "the unknown argument 'paths'"),
        Change("/config.alloy", "path_targets", "paths", "lacks 'path_targets'"),
        Change("/config.alloy", "stage.docker { }", "stage.dockr { }", "the unknown block 'stage.dockr'"),
        Change("/config.alloy", "\"drop\"", "\"keep\"", "that keeps has no stages"),
        Change("/config.alloy", "{owner!=", "{owner!", "is nothing of LogQL"),
        Change("/config.alloy", "(?P<service>.+)", "(.+)", "has a name"),
        Change("/config.alloy", "values = [", "values = ", "',' instead of a line"),
        Change("/config.alloy", "endpoint {", "endpoint", "instead of {"),
        Change("/config.alloy", "url = \"http://loki", "url = 8 \"http://loki", "instead of a line"),
    ]

    @Test("what its program would refuse, the judge refuses")
    func refused() throws {
        let rendering = MonitoringRenderer().render(try MonitoringTests.subject("personal-assistant"))
        let files = MonitoringJudge.files(rendering, of: "prod")
        var cases: [String: [String: String]] = [:]
        let changes = Self.boards + Self.logs + Self.shipper
        for (number, change) in changes.enumerated() {
            let path = try #require(
                files.keys.filter { $0.hasSuffix(change.file) && !$0.contains("prometheus/") }.first)
            let text = try #require(files[path])
            #expect(text.contains(change.from), "\(change)")
            var changed = files
            changed[path] = text.replacing(change.from, with: change.to)
            cases["\(number)"] = changed
        }
        let said = try MonitoringJudge.findings(cases)
        for (number, change) in changes.enumerated() {
            let found = said["\(number)"] ?? []
            #expect(found.contains { $0.contains(change.said) }, "\(change): \(found.prefix(3))")
        }
    }

    /// Alertmanager instead of a control plane, a Swarm, and log alerts whose words need quoting.
    private static let small = #"""
        hauban: 1
        platform: shop
        services:
          api: {source: api, run: ./api, port: 8000, metrics: /metrics, slo: {availability: 99%}}
        resources:
          db: {kind: postgres, storage: 10Gi}
        telemetry: {stack: prometheus, logs-keep: 14d}
        environments: {one: {target: docker}, several: {target: swarm}}
        alerts:
          quoted: {when: 'logs(api, "a \"quoted\" {word}") > 5', level: low}
          plain: {when: 'logs(api, "panic") >= 1', level: high}
        """#
}
