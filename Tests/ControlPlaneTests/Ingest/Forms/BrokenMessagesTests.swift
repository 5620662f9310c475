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
        let values = ["null", "7", "[]", "{}", "\"\"", "true", "-1e99", "[{}]"]
        for _ in 0..<600 {
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
        }
        #expect(refused > 0)
        // Where each byte is signed hardly anything is left to be taken.
        #expect(sender == .sns || taken > 0)
    }
}
