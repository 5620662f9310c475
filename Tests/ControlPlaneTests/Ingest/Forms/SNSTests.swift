import ControlPlane
import Response
import Spec
import Testing
import World

@Suite("Amazon SNS with CloudWatch")
struct SNSTests {
    static func desk(_ change: (inout Integration) -> Void = { _ in }) throws -> FormDesk {
        let desk = try FormDesk(.sns, change)
        desk.certificates = [SignedMessages.certificateURL: Array(SignedMessages.certificate.utf8)]
        return desk
    }

    @Test("a subscription that is signed is confirmed, by version 1")
    func subscription() throws {
        let desk = try Self.desk()
        let outcome = try desk.send("/integrations/sns/KEY", SignedMessages.subscription)
        #expect(outcome.answer.status == 200)
        guard case .confirm(let url)? = outcome.deeds.first else {
            Issue.record("nothing to confirm: \(outcome.text)")
            return
        }
        #expect(url.hasPrefix("https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription"))
        let over = try desk.send("/integrations/sns/KEY", SignedMessages.unsubscribe)
        #expect(over.answer.status == 200)
        #expect(over.deeds.isEmpty, "the end of a subscription is not undone")
    }

    @Test("an alarm of CloudWatch fires and ends, by both versions of the signature")
    func alarm() throws {
        let desk = try Self.desk()
        let outcome = try desk.send("/integrations/sns/KEY", SignedMessages.alarm)
        #expect(outcome.answer.status == 200)
        let report = try #require(outcome.reports.first)
        #expect(report.labels["alertname"] == "Example alarm name")
        #expect(report.labels["region"] == "eu-west-1")
        #expect(report.labels["account"] == "000000000000")
        #expect(report.labels["metric"] == "DeliveryErrors")
        #expect(report.labels["dimension_QueueName"] == "orders")
        #expect(report.labels["dedup_key"] == "arn:aws:cloudwatch:eu-west-1:000000000000:alarm:Example alarm name")
        #expect(report.level == .high)
        #expect(report.annotations["summary"] == "Example alarm description.")
        #expect(report.annotations["description"]?.hasPrefix("Threshold Crossed") == true)
        #expect(report.startsAt?.description == "2017-01-12T16:30:42.236Z")
        #expect(
            report.generatorURL
                == "https://console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/Example%20alarm%20name"
        )
        let over = try desk.send("/integrations/sns/KEY", SignedMessages.ok)
        #expect(over.reports.first?.isOver() == true)
        #expect(over.reports.first?.labels["dedup_key"] == report.labels["dedup_key"])
    }

    @Test("an alarm without data is evidence of nothing else, and no more than medium")
    func noData() throws {
        let desk = try Self.desk { $0.level = .critical }
        let report = try #require(try desk.send("/integrations/sns/KEY", SignedMessages.noData).reports.first)
        #expect(report.labels["evidence"] == "missing")
        #expect(report.level == .medium)
        #expect(
            Response.Alert(
                labels: report.labels, startsAt: .init(seconds: 0), endsAt: .init(seconds: 0),
                updatedAt: .init(seconds: 0)
            ).isAboutMissingData)
    }

    @Test("what is no alarm is an alert of its subject")
    func plain() throws {
        let desk = try Self.desk()
        let report = try #require(try desk.send("/integrations/sns/KEY", SignedMessages.plain).reports.first)
        #expect(report.labels["alertname"] == "My First Message")
        #expect(report.labels["topic"] == "MyTopic")
        #expect(report.annotations["description"] == "Hello world!")
    }

    @Test(
        "a message that was changed on its way is refused",
        arguments: [
            ("ALARM", "ALARN"), ("22b80b92", "22b80b93"), ("2012-05-02", "2012-05-03"), ("MyTopic\"", "MyTopik\""),
            (#""SignatureVersion": "2""#, #""SignatureVersion": "1""#),
            (#""SignatureVersion": "2""#, #""SignatureVersion": "3""#), (#""Subject": ""#, #""Subject": "x"#),
            (#""Signature": ""#, #""Signature": "AAAA"#), (#""Signature": ""#, #""Signature": "!"#),
            (#""Subject""#, #""Subjekt""#),
        ])
    func tampered(part: String, other: String) throws {
        let desk = try Self.desk()
        let changed = SignedMessages.alarm.split(separator: part, maxSplits: 1, omittingEmptySubsequences: false)
        #expect(changed.count == 2)
        let outcome = try desk.send("/integrations/sns/KEY", changed.joined(separator: other))
        #expect(outcome.answer.status == 403, "\(outcome.text)")
        #expect(outcome.deeds.isEmpty)
    }

    @Test("a certificate of somebody else, one that is none, and one that is too old do not count")
    func certificates() throws {
        var desk = try Self.desk()
        for certificate in [SignedMessages.otherCertificate, "nonsense", ""] {
            desk.certificates = [SignedMessages.certificateURL: Array(certificate.utf8)]
            let outcome = try desk.send("/integrations/sns/KEY", SignedMessages.alarm)
            #expect(outcome.answer.status == 403)
            #expect(outcome.deeds.isEmpty)
        }
        desk = try Self.desk()
        desk.now = Moment(seconds: 6_000_000_000)
        #expect(try desk.send("/integrations/sns/KEY", SignedMessages.alarm).answer.status == 403)
    }

    @Test("a certificate that is not known yet is asked for, and the sender comes again")
    func wants() throws {
        let desk = try FormDesk(.sns)
        let outcome = try desk.send("/integrations/sns/KEY", SignedMessages.alarm)
        #expect(outcome.wants == SignedMessages.certificateURL)
        #expect(outcome.deeds.isEmpty)
        #expect(outcome.answer.status == 503)
        #expect(outcome.field("Retry-After") != nil)
    }

    @Test(
        "a certificate is fetched from SNS only",
        arguments: [
            "http://sns.us-west-2.amazonaws.com/a.pem", "https://sns.us-west-2.amazonaws.com.evil.example/a.pem",
            "https://evil.example/sns.us-west-2.amazonaws.com/a.pem",
            "https://sns.us-west-2.amazonaws.com@evil.example/a.pem",
            "https://sns.us-west-2.amazonaws.com:444/a.pem", "https://sns.a.b.amazonaws.com/a.pem",
            "https://sns..amazonaws.com/a.pem", "https://sns.us-west-2.amazonaws.com/a.pem?x",
            "https://sns.amazonaws.com/a.pem",
            "https://s3.us-west-2.amazonaws.com/a.pem", "https://sns.us-west-2.amazonaws.com.cn.evil.example/a.pem",
            "https://sns.us-west-2.amazonaws.com\\\\@evil.example/a.pem",
            "https://evil.example#.sns.us-west-2.amazonaws.com/a.pem",
            "",
        ])
    func hosts(url: String) throws {
        let desk = try Self.desk()
        let body = SignedMessages.alarm.split(separator: SignedMessages.certificateURL).joined(separator: url)
        let outcome = try desk.send("/integrations/sns/KEY", body)
        #expect(outcome.answer.status == 403)
        #expect(outcome.wants == nil)
        #expect(outcome.deeds.isEmpty)
    }

    @Test("the region's host in China counts")
    func china() throws {
        let desk = try Self.desk()
        let url = "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-1.pem"
        let body = SignedMessages.alarm.split(separator: SignedMessages.certificateURL).joined(separator: url)
        #expect(try desk.send("/integrations/sns/KEY", body).wants == url)
    }

    @Test("a signed subscription whose URL is elsewhere is not confirmed")
    func stranger() throws {
        let desk = try Self.desk()
        let outcome = try desk.send("/integrations/sns/KEY", SignedMessages.stranger)
        #expect(outcome.answer.status == 403)
        #expect(outcome.deeds.isEmpty)
    }

    @Test("an integration that names its topics takes no other")
    func topics() throws {
        let desk = try Self.desk { $0.topics = ["arn:aws:sns:us-west-2:123456789012:Other"] }
        #expect(try desk.send("/integrations/sns/KEY", SignedMessages.subscription).answer.status == 403)
        let other = try Self.desk { $0.topics = ["arn:aws:sns:us-west-2:123456789012:MyTopic"] }
        #expect(try other.send("/integrations/sns/KEY", SignedMessages.subscription).answer.status == 200)
    }

    @Test(
        "what is no message of SNS is refused", arguments: ["", "{}", #"{"Type": "Notification"}"#, #"{"Type": "X"}"#])
    func malformed(body: String) throws {
        let desk = try Self.desk()
        #expect(try desk.send("/integrations/sns/KEY", body).answer.status == 400)
    }

    @Test("a certificate is kept for a day, and no more than sixteen are")
    func kept() throws {
        let desk = try FormDesk(.sns)
        let url = SignedMessages.certificateURL
        func wants(after: Duration) throws -> String? {
            let request = APIRequest("POST", "/integrations/sns/\(desk.key)", body: Array(SignedMessages.alarm.utf8))
            let outcome = desk.desk.take(request, now: FormDesk.now + after, id: FormDesk.id)
            return try #require(outcome).wants
        }
        #expect(try wants(after: .zero) == url)
        desk.desk.certificates.put(Array(SignedMessages.certificate.utf8), from: url, now: FormDesk.now)
        #expect(try wants(after: .seconds(86_399)) == nil)
        #expect(try wants(after: .seconds(86_400)) == url)
        for index in 1...16 {
            desk.desk.certificates.put([1], from: "https://\(index)", now: FormDesk.now + .seconds(index))
        }
        #expect(try wants(after: .seconds(20)) == url)
        desk.desk.certificates.put([UInt8](repeating: 1, count: 65_537), from: url, now: FormDesk.now)
        #expect(try wants(after: .seconds(20)) == url, "one that is too large is not kept")
    }
}
