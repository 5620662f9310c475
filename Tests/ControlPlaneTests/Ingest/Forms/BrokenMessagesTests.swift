import ControlPlane
import Response
import TestKit
import Testing
import World

@Suite("Messages that were broken at random")
struct BrokenMessagesTests {
    private static let cases: [(Integration.Sender, String, String)] = [
        (
            .alertmanager, "/integrations/alertmanager/KEY",
            AlertmanagerWebhookTests.body(AlertmanagerWebhookTests.alert("a:1"))
        ),
        (.grafana, "/integrations/grafana/KEY", GrafanaWebhookTests.example),
        (.pagerDuty, "/v2/enqueue", PagerDutyTests.trigger()),
        (.opsgenie, "/v2/alerts", OpsgenieTests.create()),
        (.googleCloud, "/integrations/google-cloud/KEY", CloudMonitoringTests.incident("open")),
        (.sns, "/integrations/sns/KEY", SignedMessages.alarm),
        (.json, "/integrations/json/KEY", OnCallTests.formatted("alerting")),
    ]

    /// Of other kinds, and of sizes that no sender means.
    private static let values =
        [
            "null", "7", "[]", "{}", "\"\"", "true", "-1e99", "[{}]", "1e400", "-0", "9223372036854775807",
            "-9223372036854775808", "99999999999999999999999", "0.0000001", "99999999999999", "\"\\ud800\"",
            "\"\\u0000\"", "\"0000-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.999999999-23:59\"",
            "\"0001-01-01T00:00:01Z\"", "\"2026-02-30T00:00:00Z\"", "\"2026-11-21T10:00:00+99:99\"",
            String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000),
            String(repeating: #"{"a":"#, count: 63) + "1" + String(repeating: "}", count: 63),
            "\"" + String(repeating: "e\u{301}", count: 3000) + "\"",
            "\"e" + String(repeating: "\u{301}", count: 3000) + "\"",
            "{" + (0..<300).map { "\"k\($0)\": 1" }.joined(separator: ",") + "}",
        ]

    @Test("are taken as what can be read of them, or refused", arguments: 0..<7)
    func broken(index: Int) throws {
        let (sender, path, example) = Self.cases[index]
        let desk = try FormDesk(sender)
        desk.desk.certificates.put(
            Array(SignedMessages.certificate.utf8), from: SignedMessages.certificateURL, now: FormDesk.now)
        let whole = Array(example.split(separator: "KEY").joined(separator: desk.key).utf8)
        var random = SeededGenerator(seed: UInt64(index) + 1)
        var taken = 0
        var refused = 0
        let values = Self.values
        // What is taken is told to a responder, which has to live on.
        var responder = Responder(
            rules: Rulebook(platform: "test", routes: [Route(name: "default", policy: "nobody")]), now: FormDesk.now)
        var keyed = KeyedAlerts()
        var now = FormDesk.now
        for _ in 0..<600 {
            now = now + .seconds(Int.random(in: 0..<600, using: &random))
            var bytes = whole
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random)))
            case 1: bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            case 2:
                let start = Int.random(in: 0..<bytes.count, using: &random)
                bytes.removeSubrange(start..<min(bytes.count, start + Int.random(in: 1..<40, using: &random)))
            default:
                // Another value for one key.
                let colons = bytes.indices.filter { bytes[$0] == 0x3a && $0 > 0 && bytes[$0 - 1] == 0x22 }
                let start = (colons.randomElement(using: &random) ?? 0) + 1
                let end = bytes[start...].firstIndex { $0 == 0x2c || $0 == 0x7d } ?? bytes.count
                bytes.replaceSubrange(start..<end, with: Array((values.randomElement(using: &random) ?? "").utf8))
            }
            let request = APIRequest(
                "POST", path.split(separator: "KEY").joined() + (path.hasSuffix("KEY") ? desk.key : ""),
                fields: ["Authorization": "GenieKey \(desk.key)"], body: bytes)
            let answered = desk.desk.take(request, now: FormDesk.now, id: FormDesk.id)
            let outcome = try #require(answered)
            let status = outcome.answer.status
            #expect((200..<300).contains(status) || (400..<500).contains(status) || outcome.wants != nil, "\(status)")
            if status < 300 {
                taken += 1
                #expect(outcome.rejects.isEmpty)
            } else {
                refused += 1
                #expect(outcome.deeds.isEmpty || !outcome.rejects.isEmpty, "what is refused whole does nothing")
            }
            for report in outcome.reports {
                #expect(!report.labels.isEmpty)
                #expect((report.startsAt ?? FormDesk.now) <= FormDesk.now)
                #expect((report.startsAt ?? FormDesk.now) <= (report.endsAt ?? FormDesk.now))
            }
            for deed in outcome.deeds {
                let reports = keyed.reports(for: deed, now: now) { responder.book.alerts[$0] }
                _ = responder.event(.alerts(reports), now: now)
            }
            _ = responder.event(.tick, now: now)
        }
        #expect(refused > 0)
        // Where each byte is signed hardly anything is left to be taken.
        #expect(sender == .sns || taken > 0)
    }
}
