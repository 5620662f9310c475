import ControlPlane
import Response
import Spec
import Testing
import World

@Suite("PagerDuty's Events API v2")
struct PagerDutyTests {
    /// PagerDuty's own example (`api-schema`, `reference/events-v2/openapiv3.json`).
    static func trigger(
        severity: String = "critical", key: String = #""dedup_key": "srv01/mysql","#,
        summary: String = "DISK at 99% on machine prod-datapipe03.example.com", source: String = "prod-datapipe03"
    ) -> String {
        """
        {"payload": {"summary": "\(summary)", "timestamp": "2015-07-17T08:42:58.315+0000", "severity": "\(severity)",
          "source": "\(source)", "component": "mysql", "group": "prod-datapipe", "class": "disk",
          "custom_details": {"free space": "1%", "ping time": "1500ms", "load avg": 0.75}},
         "routing_key": "KEY", \(key) "event_action": "trigger", "client": "Sample Monitoring Service",
         "client_url": "https://monitoring.service.com",
         "links": [{"href": "http://pagerduty.example.com", "text": "An example link."}],
         "images": [{"src": "https://chart.example.com/chart?chs=600x400", "href": "https://example.com", "alt": "x"}]}
        """
    }

    @Test("a key has the 32 characters that PagerDuty's keys have")
    func key() throws {
        let desk = try FormDesk(.pagerDuty)
        #expect(desk.key.count == 32)
        #expect(desk.key.hasPrefix("hb_"))
    }

    @Test("reads its own example, and answers 202 with the key")
    func trigger() throws {
        let desk = try FormDesk(.pagerDuty) { $0.labels = ["service": "shop-db"] }
        let outcome = try desk.send("/v2/enqueue", Self.trigger())
        #expect(outcome.answer.status == 202)
        #expect(outcome.text == #"{"status":"success","message":"Event processed","dedup_key":"srv01/mysql"}"#)
        let report = try #require(outcome.reports.first)
        #expect(report.labels["alertname"] == "DISK at 99% on machine prod-datapipe03.example.com")
        #expect(report.labels["dedup_key"] == "srv01/mysql")
        #expect(report.labels["integration"] == "shop")
        #expect(report.labels["service"] == "shop-db")
        #expect(report.labels["component"] == "mysql")
        #expect(report.labels["class"] == "disk")
        #expect(report.labels["source"] == "prod-datapipe03")
        #expect(report.level == .critical)
        #expect(report.startsAt?.description == "2015-07-17T08:42:58.315Z")
        #expect(report.annotations["free_space"] == "1%")
        #expect(report.annotations["load_avg"] == "0.75")
        #expect(report.annotations["links"] == "An example link.: http://pagerduty.example.com")
        #expect(report.generatorURL == "https://monitoring.service.com")
        #expect(!report.isOver())
    }

    @Test(
        "its four severities are ours",
        arguments: [("critical", Level.critical), ("error", .high), ("warning", .medium), ("info", .low)])
    func severities(word: String, level: Level) throws {
        let desk = try FormDesk(.pagerDuty)
        #expect(try desk.send("/v2/enqueue", Self.trigger(severity: word)).reports.first?.level == level)
    }

    @Test("a trigger without a key is given one, and told it")
    func newKey() throws {
        let desk = try FormDesk(.pagerDuty)
        let outcome = try desk.send("/v2/enqueue", Self.trigger(key: ""))
        #expect(outcome.json?["dedup_key"]?.string == "43a29c5c3dbf4fa49c26f4f71023e120")
        #expect(outcome.reports.first?.labels["dedup_key"] == "43a29c5c3dbf4fa49c26f4f71023e120")
    }

    @Test("acknowledge and resolve name the alert by its key alone")
    func follow() throws {
        let desk = try FormDesk(.pagerDuty)
        let target = AlertTarget.key(AlertKey(integration: "shop", text: "srv01/mysql"))
        let body = #"{"routing_key": "KEY", "dedup_key": "srv01/mysql", "event_action": "ACTION", "client": "Nagios"}"#
        func send(_ action: String) throws -> IngestOutcome {
            try desk.send("/v2/enqueue", body.split(separator: "ACTION").joined(separator: action))
        }
        #expect(try send("acknowledge").deeds == [.acknowledge(target, by: "Nagios")])
        let resolve = try send("resolve")
        #expect(resolve.deeds == [.resolve(target)])
        #expect(resolve.answer.status == 202)
        let odd = try send("snooze")
        #expect(odd.answer.status == 400)
        #expect(odd.text.contains("'event_action' is invalid"))
    }

    @Test("every fault of an event is named in the list of errors")
    func faults() throws {
        let desk = try FormDesk(.pagerDuty)
        let outcome = try desk.send(
            "/v2/enqueue", Self.trigger(severity: "fatal", summary: " ", source: ""))
        #expect(outcome.answer.status == 400)
        #expect(outcome.deeds.isEmpty)
        #expect(outcome.json?["status"]?.string == "invalid event")
        #expect(outcome.json?["message"]?.string == "Event object is invalid")
        #expect(
            outcome.json?["errors"]?.text
                == #"["'payload.summary' is missing or blank","'payload.source' is missing or blank","#
                + #""'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')"]"#
        )
        let noKey = try desk.send("/v2/enqueue", #"{"routing_key": "KEY", "event_action": "resolve"}"#)
        #expect(noKey.text.contains("'dedup_key' is missing or blank"))
        let noPayload = try desk.send("/v2/enqueue", #"{"routing_key": "KEY", "event_action": "trigger"}"#)
        #expect(noPayload.text.contains("'payload' is missing or blank"))
        let long = String(repeating: "k", count: 256)
        let longKey = try desk.send("/v2/enqueue", Self.trigger(key: #""dedup_key": "\#(long)","#))
        #expect(longKey.answer.status == 400)
    }

    @Test("a missing or wrong routing key is a 400 in PagerDuty's form")
    func routingKey() throws {
        let desk = try FormDesk(.pagerDuty)
        let missing = try desk.send("/v2/enqueue", #"{"event_action": "trigger"}"#)
        #expect(missing.answer.status == 400)
        #expect(missing.text.contains("'routing_key' is missing or blank"))
        let wrong = try desk.send("/v2/enqueue", #"{"routing_key": "KEYx", "event_action": "trigger"}"#)
        #expect(wrong.answer.status == 400)
        #expect(wrong.json?["errors"]?.text == #"["Invalid routing key"]"#)
        #expect(try desk.send("/v2/enqueue", "no JSON").answer.status == 400)
        #expect(try desk.send("/v2/enqueue", method: "GET").answer.status == 405)
    }

    @Test("an event above 512 KiB is refused")
    func size() throws {
        let desk = try FormDesk(.pagerDuty)
        let outcome = try desk.send("/v2/enqueue", Self.trigger(summary: String(repeating: "x", count: 513 << 10)))
        #expect(outcome.answer.status == 413)
        #expect(outcome.deeds.isEmpty)
    }

    @Test("a change is a release that Hauban cannot return")
    func change() throws {
        let desk = try FormDesk(.pagerDuty) { $0.labels = ["service": "api"] }
        // "Send a change event", the example's fields.
        let body = """
            {"routing_key": "KEY", "payload": {"summary": "Build Success - Increase snapshot create timeout to 30 seconds",
             "timestamp": "2020-07-17T08:42:58.315+0000", "source": "acme-build-pipeline-tool-default-i-9999",
             "custom_details": {"build_state": "passed", "build_number": "2", "run_time": "1236s"}},
             "links": [{"href": "https://acme.pagerduty.dev/build/2", "text": "View more details in Acme!"}]}
            """
        let outcome = try desk.send("/v2/change/enqueue", body)
        #expect(outcome.answer.status == 202)
        #expect(outcome.text == #"{"status":"success","message":"Change event processed"}"#)
        guard case .change(let record, let summary)? = outcome.deeds.first else {
            Issue.record("no change: \(outcome.deeds)")
            return
        }
        #expect(record.services == ["api"])
        #expect(record.by == "acme-build-pipeline-tool-default-i-9999")
        #expect(record.version == "2")
        #expect(record.began.description == "2020-07-17T08:42:58.315Z")
        #expect(record.migration == .unknown)
        #expect(summary.hasSuffix("View more details in Acme!: https://acme.pagerduty.dev/build/2"))
        #expect(try desk.send("/v2/change/enqueue", body).deeds == outcome.deeds, "told again, it is the same change")
        let empty = try desk.send("/v2/change/enqueue", #"{"routing_key": "KEY", "payload": {}}"#)
        #expect(empty.answer.status == 400)
    }

    @Test("a time with an offset and a Z, as Python programs write it, is read")
    func doubledOffset() throws {
        let desk = try FormDesk(.pagerDuty)
        let outcome = try desk.send(
            "/v2/change/enqueue",
            """
            {"routing_key": "KEY", "payload": {"summary": "x", "timestamp": "2026-11-21T18:30:50.123456+00:00Z"}}
            """)
        guard case .change(let record, _)? = outcome.deeds.first else {
            Issue.record("no change")
            return
        }
        #expect(record.began.description == "2026-11-21T18:30:50.123Z")
    }
}
