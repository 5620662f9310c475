import ControlPlane
import Foundation
import Response
import Spec
import Testing
import World

/// How a courier's other side behaves.
enum CourierWorld: String, CaseIterable, CustomTestStringConvertible {
    case takes, refuses, defers, silent, garbage, repeatsSecrets, hangsUp, absent

    var testDescription: String { rawValue }
}

/// A courier and its other side, for one test.
struct CourierMeeting: Sendable {
    var courier: any Courier
    var contact: Contact
    /// What may be told to nobody.
    var secrets: [String]
    /// Of each delivery that arrived: what a reader can drop a second one by.
    var keys: @Sendable () -> [String] = { [] }
    /// What arrived against the provider's published rules.
    var complaints: @Sendable () -> [String] = { [] }
    var end: @Sendable () async -> Void
}

/// Something that makes meetings: one for each courier. The next channel adds a case to ``CourierContract/subjects``.
struct CourierSubject: Sendable, CustomTestStringConvertible {
    var name: String
    /// Whether the provider can say when to come again.
    var saysWhen = true
    /// Whether an acceptance carries the provider's name for the message.
    var givesReference = true
    var meet: @Sendable (CourierWorld) async throws -> CourierMeeting

    var testDescription: String { name }
}

/// What every courier owes.
@Suite("Couriers: the contract")
struct CourierContract {
    static let subjects: [CourierSubject] = [
        .slack, .pagerDuty, .webhook, .text, .call, .template, .mail(.startTLS), .mail(.implicit),
    ]

    private func with(
        _ subject: CourierSubject, _ world: CourierWorld, _ body: (CourierMeeting) async throws -> Void
    ) async throws {
        let meeting = try await subject.meet(world)
        do {
            try await body(meeting)
        } catch {
            await meeting.end()
            throw error
        }
        await meeting.end()
    }

    @Test("delivers once, as the provider wants it, and says so", arguments: subjects)
    func delivers(subject: CourierSubject) async throws {
        try await with(subject, .takes) { meeting in
            let answer = await meeting.courier.deliver(try PageFixture.page(to: meeting.contact))
            guard case .accepted(let reference) = answer else {
                Issue.record("\(answer)")
                return
            }
            #expect((reference?.isEmpty == false) == subject.givesReference, "\(reference ?? "none")")
            #expect(meeting.keys().count == 1)
            #expect(meeting.complaints() == [])
        }
    }

    @Test("the same page twice arrives under one key, another page under another", arguments: subjects)
    func key(subject: CourierSubject) async throws {
        try await with(subject, .takes) { meeting in
            var page = try PageFixture.page(to: meeting.contact)
            for _ in 1...2 {
                guard case .accepted = await meeting.courier.deliver(page) else {
                    Issue.record("not accepted")
                    return
                }
                page.attempt += 1
            }
            page.key += "-other"
            page.message.key = page.key
            _ = await meeting.courier.deliver(page)
            let keys = meeting.keys()
            #expect(keys.count == 3 && keys.allSatisfy { !$0.isEmpty })
            #expect(keys.count == 3 && keys[0] == keys[1] && keys[1] != keys[2], "\(keys)")
        }
    }

    @Test("a refusal for good is one", arguments: subjects)
    func refuses(subject: CourierSubject) async throws {
        try await with(subject, .refuses) { meeting in
            let answer = await meeting.courier.deliver(try PageFixture.page(to: meeting.contact))
            guard case .refused(let detail) = answer else {
                Issue.record("\(answer)")
                return
            }
            #expect(!detail.isEmpty)
        }
    }

    @Test("a refusal for now is tried again, no sooner than the provider asks", arguments: subjects)
    func defers(subject: CourierSubject) async throws {
        try await with(subject, .defers) { meeting in
            let answer = await meeting.courier.deliver(try PageFixture.page(to: meeting.contact))
            guard case .failed(let detail, let retryAfter) = answer else {
                Issue.record("\(answer)")
                return
            }
            #expect(!detail.isEmpty)
            #expect(retryAfter == (subject.saysWhen ? .seconds(7) : nil))
        }
    }

    @Test(
        "silence, nobody there, a broken connection and an answer in another language are tried again",
        arguments: subjects,
        [CourierWorld.silent, .absent, .hangsUp, .garbage])
    func fails(subject: CourierSubject, world: CourierWorld) async throws {
        try await with(subject, world) { meeting in
            let answer = await meeting.courier.deliver(try PageFixture.page(to: meeting.contact))
            guard case .failed(let detail, nil) = answer else {
                Issue.record("\(answer)")
                return
            }
            #expect(!detail.isEmpty && detail.count <= 300)
        }
    }

    @Test("no secret is in what is told of an attempt", arguments: subjects, CourierWorld.allCases)
    func secrets(subject: CourierSubject, world: CourierWorld) async throws {
        try await with(subject, world) { meeting in
            let answer = await meeting.courier.deliver(try PageFixture.page(to: meeting.contact))
            let told = "\(answer) \(String(reflecting: answer))"
            for secret in meeting.secrets {
                #expect(!told.contains(secret), "\(told)")
                #expect(!told.contains(Data(secret.utf8).base64EncodedString()), "\(told)")
            }
            if world == .repeatsSecrets {
                guard case .refused(let detail) = answer else {
                    Issue.record("\(answer)")
                    return
                }
                #expect(detail.contains("[redacted]"), "the provider's words are to be shown: \(detail)")
            }
        }
    }
}

// MARK: By HTTP

extension CourierSubject {
    /// Only where nobody answers is it waited for.
    private static func patience(_ world: CourierWorld) -> Duration {
        world == .silent ? .milliseconds(500) : .seconds(60)
    }

    /// A provider's side, as far as couriers by HTTP differ.
    private struct Provider: Sendable {
        var taken: StubProvider.Reply
        var refused: StubProvider.Reply
        var contact: Contact
        var secrets: [String]
        /// What an answer of 200 that is not the provider's means: some look at the status only.
        var garbage = StubProvider.Reply.http(
            200, fields: ["Content-Type": "text/html"], "<html>sign in to the Wi-Fi</html>")
        var key: @Sendable (StubProvider.Request) -> String
        var complaints: @Sendable (StubProvider.Request) -> [String]
    }

    private static func overHTTP(
        _ name: String, givesReference: Bool = true, _ provider: Provider,
        courier: @escaping @Sendable (_ url: String, HTTPCaller, _ patience: Duration) -> any Courier
    ) -> CourierSubject {
        CourierSubject(name: name, givesReference: givesReference) { world in
            let stub = try await StubProvider { _, _ in
                switch world {
                case .takes: provider.taken
                case .refuses: provider.refused
                case .defers: .http(429, fields: ["Retry-After": "7"], "slow down")
                case .silent: .silence
                case .garbage: provider.garbage
                case .repeatsSecrets: .http(403, "you sent " + provider.secrets.joined(separator: " and "))
                case .hangsUp: .hangUp
                case .absent: .silence
                }
            }
            if world == .absent { await stub.stop() }
            let caller = HTTPCaller()
            return CourierMeeting(
                courier: courier(stub.url, caller, patience(world)), contact: provider.contact,
                secrets: provider.secrets,
                keys: { stub.requests.map(provider.key) }, complaints: { stub.requests.flatMap(provider.complaints) }
            ) {
                await stub.stop()
                await caller.close()
            }
        }
    }

    static var slack: CourierSubject {
        let token = "xoxb-1234-5678-abcdefgh"
        return overHTTP(
            "Slack",
            Provider(
                taken: .http(200, #"{"ok":true,"channel":"C1","ts":"1503435956.000247"}"#),
                refused: .http(200, #"{"ok":false,"error":"channel_not_found"}"#), contact: Contact(.slack, "#alerts"),
                secrets: [token],
                key: { request in
                    JSONValue(parsing: Array(request.body.utf8))?["metadata"]?["event_payload"]?["key"]?.string ?? ""
                }, complaints: ProviderRules.slack)
        ) { url, caller, patience in
            SlackCourier(
                .init(token: Secret(token), signingSecret: Secret("s"), url: url + "/api"), caller, patience: patience)
        }
    }

    static var pagerDuty: CourierSubject {
        let key = "0123456789abcdef0123456789abcdef"
        return overHTTP(
            "PagerDuty",
            Provider(
                taken: .http(202, #"{"status":"success","message":"Event processed","dedup_key":"hauban-shop-i1"}"#),
                refused: .http(
                    400, #"{"status":"invalid event","message":"Event object is invalid","errors":["no summary"]}"#),
                contact: Contact(.pagerduty, "default"), secrets: [key],
                key: { $0.fields["idempotency-key"] ?? "" }, complaints: ProviderRules.pagerDuty)
        ) { url, caller, patience in
            PagerDutyCourier(
                .init(keys: ["default": Secret(key)], url: url + "/v2/enqueue"), caller, patience: patience)
        }
    }

    static var webhook: CourierSubject {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        return overHTTP(
            "webhook", givesReference: false,
            Provider(
                taken: .http(204), refused: .http(404, "no such hook"), contact: Contact(.webhook, "default"),
                secrets: [secret, "/hooks/t0psecret"], garbage: .raw("SSH-2.0-OpenSSH_9.2\r\n"),
                key: { $0.fields["webhook-id"] ?? "" }, complaints: { ProviderRules.webhook($0, secret: secret) })
        ) { url, caller, patience in
            let hook = ChannelSettings.Webhook(url: Secret(url + "/hooks/t0psecret"), secrets: [Secret(secret)])
            return WebhookCourier(["default": hook], caller, patience: patience)
        }
    }

    private static let account = "AC0123456789abcdef0123456789abcdef"

    private static func twilio(_ name: String, _ kind: Channel.Kind) -> CourierSubject {
        let password = "auth-token-of-the-account"
        return overHTTP(
            name,
            Provider(
                taken: .http(201, #"{"sid":"SM0123456789abcdef0123456789abcdef","status":"queued"}"#),
                refused: .http(
                    400, #"{"code":21211,"message":"The 'To' number is not valid","more_info":"…","status":400}"#),
                contact: Contact(kind, "+33612345678"), secrets: [password],
                key: { $0.fields["idempotency-key"] ?? "" }, complaints: ProviderRules.twilio)
        ) { url, caller, patience in
            TextCourier(
                .twilio(
                    .init(
                        account: account, password: Secret(password), sender: "+15005550006", url: url,
                        answers: "https://hauban.shop.example\(TwilioGather.path)")), caller, patience: patience)
        }
    }

    static var text: CourierSubject { twilio("text by Twilio", .sms) }
    static var call: CourierSubject { twilio("call by Twilio", .call) }

    static var template: CourierSubject {
        let token = "api-key-in-the-query"
        let field = "Bearer field-of-the-provider"
        return overHTTP(
            "any provider", givesReference: false,
            Provider(
                taken: .http(200, #"{"id":"17"}"#), refused: .http(422, #"{"error":"no such number"}"#),
                contact: Contact(.sms, "+33612345678"), secrets: [token, field, "field-of-the-provider"],
                garbage: .raw("220 mx.test ESMTP\r\n"), key: { $0.fields["idempotency-key"] ?? "" },
                complaints: { request in
                    let isRight =
                        request.target == "/send?key=\(token)" && request.fields["authorization"] == field
                        && JSONValue(parsing: Array(request.body.utf8))?["to"]?.string == "+33612345678"
                    return isRight ? [] : ["\(request)"]
                })
        ) { url, caller, patience in
            let template = ProviderTemplate(
                url: url + "/send?key=${token}", form: .json, body: #"{"to":"${to}","text":"${text}"}"#)
            return TextCourier(
                .template(.init(template, fields: ["Authorization": Secret(field)], token: Secret(token))), caller,
                patience: patience)
        }
    }
}

// MARK: By mail

extension CourierSubject {
    static func mail(_ security: MailSink.Security) -> CourierSubject {
        CourierSubject(name: "mail, \(security.rawValue)", saysWhen: false) { world in
            switch world {
            case .takes, .refuses, .defers, .repeatsSecrets: try await mail(security, world)
            case .silent, .garbage, .hangsUp, .absent: try await brokenMail(security, world)
            }
        }
    }

    private static func settings(
        _ security: MailSink.Security, port: Int, password: String, certificate: String?
    ) -> ChannelSettings.Mail {
        ChannelSettings.Mail(
            host: "localhost", port: port, security: security == .startTLS ? .startTLS : .implicit,
            user: MailSink.user, password: Secret(password), from: "Hauban <pager@shop.example>",
            trustedCertificates: certificate)
    }

    private static func mail(_ security: MailSink.Security, _ world: CourierWorld) async throws -> CourierMeeting {
        let sink = try await MailSink.start(security)
        let password = world == .repeatsSecrets ? "wrong-password-that-leaks" : MailSink.password
        let name = world == .refuses ? "refuse" : world == .defers ? "defer" : "ana"
        return CourierMeeting(
            courier: MailCourier(
                settings(security, port: sink.port, password: password, certificate: sink.certificate),
                patience: MailPatience(
                    connecting: .seconds(60), command: .seconds(60), message: .seconds(60), whole: .seconds(120))),
            contact: Contact(.email, "\(name)@shop.example"), secrets: [password],
            keys: { sink.letters.map { $0.header("Message-ID") ?? "" } },
            complaints: { sink.letters.flatMap(MailRules.complaints) }
        ) { await sink.stop() }
    }

    private static func brokenMail(
        _ security: MailSink.Security, _ world: CourierWorld
    ) async throws -> CourierMeeting {
        let server = try await ScriptedMailServer { _ in
            switch world {
            case .garbage: .say("HTTP/1.1 400 Bad Request\r\n\r\n")
            case .hangsUp: .hangUp
            default: .silence
            }
        }
        if world == .absent { await server.stop() }
        return CourierMeeting(
            courier: MailCourier(
                settings(security, port: server.port, password: MailSink.password, certificate: nil),
                patience: MailPatience(
                    connecting: .seconds(60), command: patience(world), whole: .seconds(120))),
            contact: Contact(.email, "ana@shop.example"), secrets: [MailSink.password]
        ) { await server.stop() }
    }
}

/// RFC 5321 and 5322, as far as they can be seen at the end.
enum MailRules {
    static func complaints(_ letter: MailSink.Letter) -> [String] {
        var complaints: [String] = []
        if !letter.isEncrypted { complaints.append("came without TLS") }
        if letter.user != MailSink.user { complaints.append("came from nobody") }
        if letter.sender != "pager@shop.example" { complaints.append("sender \(letter.sender)") }
        if letter.recipients.count != 1 { complaints.append("recipients \(letter.recipients)") }
        for name in ["Date", "From", "To", "Subject", "Message-ID"] where letter.header(name) == nil {
            complaints.append("no \(name)")
        }
        if !letter.text.utf8.allSatisfy({ $0 < 0x7f }) { complaints.append("more than ASCII") }
        for line in letter.text.split(separator: "\r\n", omittingEmptySubsequences: false) {
            if line.utf8.count > 998 { complaints.append("a line that is too long") }
            if line.contains("\n") || line.contains("\r") { complaints.append("a bare line end") }
        }
        return complaints
    }
}
