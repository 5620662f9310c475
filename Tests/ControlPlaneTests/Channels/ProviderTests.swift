import ControlPlane
import Foundation
import Response
import Spec
import Testing
import World

@Suite("Channels by HTTP")
struct ProviderTests {
    /// Sends one page to a stub.
    private func deliver(
        _ contact: Contact, page: Dispatch? = nil, _ settings: @escaping (_ url: String) -> ChannelSettings,
        _ reply: @escaping @Sendable (StubProvider.Request, Int) -> StubProvider.Reply,
        _ check: (DeliveryAnswer, [StubProvider.Request]) throws -> Void
    ) async throws {
        let caller = HTTPCaller()
        do {
            try await StubProvider.with(reply) { stub in
                var settings = settings(stub.url)
                settings.patience = .seconds(60)
                let page = try page ?? PageFixture.page(to: contact)
                let answer = await CourierBoard(settings, caller: caller).deliver(page)
                try check(answer, stub.requests)
            }
        } catch {
            await caller.close()
            throw error
        }
        await caller.close()
    }

    private func json(_ request: StubProvider.Request?) throws -> JSONValue {
        let request = try #require(request)
        return try #require(JSONValue(parsing: Array(request.body.utf8)))
    }

    private func isRefused(_ answer: DeliveryAnswer) -> Bool { if case .refused = answer { true } else { false } }
    private func isFailed(_ answer: DeliveryAnswer) -> Bool { if case .failed = answer { true } else { false } }

    // MARK: Slack

    private func slack(_ url: String) -> ChannelSettings {
        ChannelSettings(slack: .init(token: Secret("xoxb-1-2-abc"), url: url + "/api"))
    }

    private let alerts = Contact(.slack, "#alerts")

    @Test(
        "Slack's errors that pass are tried again, those that need a hand are not",
        arguments: [
            ("channel_not_found", false), ("not_in_channel", false), ("is_archived", false), ("invalid_auth", false),
            ("token_revoked", false), ("missing_scope", false), ("account_inactive", false), ("no_text", false),
            ("something_new", false), ("ratelimited", true), ("internal_error", true), ("fatal_error", true),
            ("service_unavailable", true), ("request_timeout", true), ("message_limit_exceeded", true),
        ])
    func slackErrors(error: String, passes: Bool) async throws {
        try await deliver(alerts, slack, { _, _ in .http(200, #"{"ok":false,"error":"\#(error)"}"#) }) {
            answer, requests in
            #expect(passes ? isFailed(answer) : isRefused(answer), "\(answer)")
            #expect("\(answer)".contains(error) && requests.count == 1)
        }
    }

    @Test(
        "what Slack will not take a part of goes without it",
        arguments: [
            ("invalid_blocks", "blocks"), ("msg_blocks_too_long", "blocks"), ("cannot_reply_to_message", "thread_ts"),
            ("invalid_metadata_schema", "metadata"),
        ])
    func slackWithout(error: String, member: String) async throws {
        var page = try PageFixture.page(to: alerts)
        page.thread = "1503435956.000247"
        try await deliver(alerts, page: page, slack) { request, _ in
            request.body.contains("\"\(member)\"")
                ? .http(200, #"{"ok":false,"error":"\#(error)"}"#)
                : .http(200, #"{"ok":true,"ts":"1503435956.000300"}"#)
        } _: { answer, requests in
            #expect(answer == .accepted(reference: "1503435956.000300") && requests.count == 2)
            let body = try json(requests.last)
            #expect(body["text"]?.string?.contains("checkout") == true)
        }
    }

    @Test("Slack that refuses the message in each form is asked no further")
    func slackGivesUp() async throws {
        try await deliver(alerts, slack, { _, _ in .http(200, #"{"ok":false,"error":"invalid_blocks"}"#) }) {
            answer, requests in
            #expect(isRefused(answer) && requests.count == 2)
        }
    }

    @Test("buttons are shown where a press of them can be believed", arguments: [true, false])
    func slackButtons(isSigned: Bool) async throws {
        try await deliver(
            alerts,
            { url in
                ChannelSettings(
                    slack: .init(
                        token: Secret("xoxb-1"), signingSecret: isSigned ? Secret("signing") : nil, url: url + "/api"))
            }, { _, _ in .http(200, #"{"ok":true,"ts":"1.2"}"#) }
        ) { _, requests in
            let request = try #require(requests.first)
            #expect(ProviderRules.slack(request) == [])
            #expect(request.body.contains("hauban_acknowledge") == isSigned)
            #expect(request.body.contains("hauban_open"))
        }
    }

    @Test("what follows is said in the thread of the first message")
    func slackThread() async throws {
        let page = try #require(try PageFixture.pages(to: alerts).last)
        try await deliver(alerts, page: page, slack, { _, _ in .http(200, #"{"ok":true,"ts":"1.2"}"#) }) {
            _, requests in
            let body = try json(requests.first)
            #expect(body["thread_ts"]?.string == "1503435956.000247")
        }
    }

    @Test(
        "an answer with the right status that is not Slack's is not an acceptance",
        arguments: [
            "", "<html>", "{}", #"{"ok":true}"#, #"{"ok":"true","ts":"1.2"}"#, "[]",
        ])
    func slackGarbage(body: String) async throws {
        try await deliver(alerts, slack, { _, _ in .http(200, body) }) { answer, _ in #expect(isFailed(answer)) }
    }

    // MARK: PagerDuty

    @Test("one incident has one key at PagerDuty, from its trigger to its end")
    func pagerDuty() async throws {
        let contact = Contact(.pagerduty, "backend")
        let key = "0123456789abcdef0123456789abcdef"
        var seen: [String] = []
        for page in try PageFixture.pages(to: contact) {
            try await deliver(
                contact, page: page,
                { ChannelSettings(pagerDuty: .init(keys: ["backend": Secret(key)], url: $0 + "/v2/enqueue")) },
                { _, _ in .http(202, #"{"status":"success","dedup_key":"hauban-shop-i1"}"#) }
            ) { answer, requests in
                #expect(answer == .accepted(reference: "hauban-shop-i1"))
                #expect(requests.flatMap(ProviderRules.pagerDuty) == [])
                let body = try json(requests.first)
                #expect(body["routing_key"]?.string == key && body["dedup_key"]?.string == "hauban-shop-i1")
                seen.append(body["event_action"]?.string ?? "")
            }
        }
        #expect(seen == ["trigger", "resolve"])
    }

    @Test(
        "what PagerDuty answers",
        arguments: [(400, false), (403, false), (413, false), (429, true), (500, true), (503, true)])
    func pagerDutyStatus(status: Int, passes: Bool) async throws {
        try await deliver(
            Contact(.pagerduty, "default"),
            { ChannelSettings(pagerDuty: .init(keys: ["default": Secret("k")], url: $0)) },
            { _, _ in .http(status, #"{"status":"invalid event","message":"Event object is invalid","errors":["why"]}"#)
            }
        ) { answer, _ in
            #expect(passes ? isFailed(answer) : isRefused(answer))
            #expect("\(answer)".contains("Event object is invalid; why"))
        }
    }

    // MARK: Texts and calls

    private func twilio(_ url: String, _ kind: Channel.Kind, answers: String?, sender: String = "+15005550006")
        -> ChannelSettings
    {
        ChannelSettings(carriers: [
            kind: .twilio(
                .init(
                    account: "AC0123456789abcdef0123456789abcdef", user: "SK1", password: Secret("api-secret"),
                    sender: sender,
                    url: url, answers: answers))
        ])
    }

    @Test("a call says what is wrong and takes a digit where an answer can come back", arguments: [true, false])
    func call(answers: Bool) async throws {
        let address = answers ? "https://hauban.shop.example\(TwilioGather.path)" : nil
        try await deliver(
            Contact(.call, "+33612345678"), { twilio($0, .call, answers: address) },
            { _, _ in .http(201, #"{"sid":"CA1"}"#) }
        ) { answer, requests in
            #expect(answer == .accepted(reference: "CA1"))
            let form = ProviderRules.form(requests.first?.body ?? "")
            let script = form["Twiml"] ?? ""
            #expect(script.contains("checkout &lt;fails&gt;"))
            #expect(script.contains("<Gather") == answers && script.contains("incident=i1&amp;page=i1.p1") == answers)
            let expected = "Basic " + Data("SK1:api-secret".utf8).base64EncodedString()
            #expect(requests.first?.fields["authorization"] == expected)
            #expect(form["From"] == "+15005550006" && form["To"] == "+33612345678")
        }
    }

    @Test("a title as long as an alert may have it fits into a call")
    func longCall() async throws {
        let page = try PageFixture.page(
            to: Contact(.call, "+33612345678"), title: String(repeating: "\"&<", count: 20_000))
        try await deliver(
            page.contact, page: page, { twilio($0, .call, answers: "https://h.example/x") },
            { _, _ in .http(201, #"{"sid":"CA1"}"#) }
        ) { _, requests in #expect(requests.flatMap(ProviderRules.twilio) == []) }
    }

    @Test("a messaging service sends in the place of a number")
    func service() async throws {
        try await deliver(
            Contact(.sms, "+33612345678"), { twilio($0, .sms, answers: nil, sender: "MG1") },
            { _, _ in .http(201, #"{"sid":"SM1"}"#) }
        ) { answer, requests in
            let form = ProviderRules.form(requests.first?.body ?? "")
            #expect(form["MessagingServiceSid"] == "MG1" && form["From"] == nil)
        }
    }

    @Test(
        "Twilio's full queue passes, a wrong number does not",
        arguments: [
            (400, 21211, false), (400, 21611, true), (401, 20003, false), (429, 20429, true), (503, 20503, true),
        ])
    func twilioErrors(status: Int, code: Int, passes: Bool) async throws {
        try await deliver(
            Contact(.sms, "+33612345678"), { twilio($0, .sms, answers: nil) },
            { _, _ in .http(status, #"{"code":\#(code),"message":"why","status":\#(status)}"#) }
        ) { answer, _ in
            #expect(passes ? isFailed(answer) : isRefused(answer))
            #expect("\(answer)".contains("why (\(code))"))
        }
    }

    @Test("an alert that spells a placeholder learns no token")
    func placeholder() async throws {
        let page = try PageFixture.page(to: Contact(.push, "device"), title: "${token}")
        try await deliver(
            page.contact, page: page,
            {
                ChannelSettings(carriers: [
                    .push: .template(
                        .init(
                            ProviderTemplate(url: $0 + "/${token}/send", form: .form, body: "to=${to}&text=${text}"),
                            token: Secret("t/k")))
                ])
            }, { _, _ in .http(200) }
        ) { answer, requests in
            #expect(answer == .accepted(reference: nil))
            #expect(requests.first?.target == "/t%2Fk/send")
            #expect(ProviderRules.form(requests.first?.body ?? "")["text"]?.contains("${token}") == true)
        }
    }

    // MARK: Webhooks

    @Test("a webhook's signature is the one of the specification's example")
    func signature() {
        let signature = WebhookSignature.text(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", seconds: 1_614_265_330, body: #"{"test": 2432232314}"#,
            secret: Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test("while one secret replaces another, both sign")
    func rotation() async throws {
        let secrets = ["whsec_bmV3bmV3bmV3bmV3bmV3bmV3", "whsec_b2xkb2xkb2xkb2xkb2xkb2xk"]
        try await deliver(
            Contact(.webhook, "default"),
            {
                ChannelSettings(webhooks: [
                    "default": .init(url: Secret($0 + "/in"), secrets: secrets.map { Secret($0) })
                ])
            },
            { _, _ in .http(200, "thanks") }
        ) { answer, requests in
            #expect(answer == .accepted(reference: nil) && requests.count == 1)
            for secret in secrets { #expect(requests.flatMap { ProviderRules.webhook($0, secret: secret) } == []) }
        }
    }

    @Test(
        "what a webhook answers",
        arguments: [
            (200, "accepted"), (202, "accepted"), (204, "accepted"), (301, "refused"), (400, "refused"),
            (401, "refused"),
            (404, "refused"), (410, "refused"), (408, "failed"), (425, "failed"), (429, "failed"), (500, "failed"),
            (502, "failed"), (503, "failed"), (504, "failed"),
        ])
    func webhookStatus(status: Int, expected: String) async throws {
        try await deliver(
            Contact(.webhook, "default"),
            { ChannelSettings(webhooks: ["default": .init(url: Secret($0), secrets: [])]) },
            { _, _ in .http(status, "x") }
        ) { answer, _ in #expect("\(answer)".hasPrefix(expected)) }
    }

    @Test(
        "a provider says in seconds or with a date when to come again",
        arguments: [
            ("0", 0), ("120", 120), ("99999999999999999999", 86_400), ("Fri, 15 Jan 2027 08:00:30 GMT", 30),
            ("Fri, 15 Jan 2027 07:00:00 GMT", 0), ("soon", nil), ("-5", nil), ("Fri, 15 Xxx 2027 08:00:30 GMT", nil),
            ("", nil),
        ] as [(String, Int?)])
    func retryAfter(text: String, seconds: Int?) async throws {
        let caller = HTTPCaller()
        let clock = TestClock()
        try await StubProvider.with { _, _ in
            .http(503, fields: ["Retry-After": text])
        } _: { stub in
            let hook = ChannelSettings.Webhook(url: Secret(stub.url), secrets: [])
            let courier = WebhookCourier(["default": hook], caller, patience: .seconds(60), clock.keeper)
            let answer = await courier.deliver(try PageFixture.page(to: Contact(.webhook, "default")))
            guard case .failed(_, let retryAfter) = answer else {
                Issue.record("\(answer)")
                return
            }
            #expect(retryAfter == seconds.map { .seconds($0) })
        }
        await caller.close()
    }

    // MARK: The board

    @Test("a channel that is not set up says so, for good", arguments: Channel.Kind.allCases)
    func notSetUp(kind: Channel.Kind) async throws {
        let caller = HTTPCaller()
        let board = CourierBoard(ChannelSettings(), caller: caller)
        let answer = await board.deliver(try PageFixture.page(to: Contact(kind, "x")))
        await caller.close()
        #expect(answer == .refused("the channel \(kind.rawValue) is not set up here (docs/channels.md)"))
        #expect(board.kinds.isEmpty)
    }

    @Test("a name that no integration has is refused", arguments: [Channel.Kind.pagerduty, .webhook])
    func unknownName(kind: Channel.Kind) async throws {
        try await deliver(
            Contact(kind, "other"),
            {
                ChannelSettings(
                    pagerDuty: .init(keys: ["default": Secret("k")], url: $0),
                    webhooks: ["default": .init(url: Secret($0), secrets: [])])
            }, { _, _ in .http(200) }
        ) { answer, requests in
            #expect(isRefused(answer) && "\(answer)".contains("other") && requests.isEmpty)
        }
    }

    @Test("settings show no secret, however they are printed")
    func settings() {
        let secret = "s3cret-value"
        let settings = ChannelSettings(
            slack: .init(token: Secret(secret), signingSecret: Secret(secret)),
            pagerDuty: .init(keys: ["default": Secret(secret)]),
            mail: .init(host: "mx.example", user: "u", password: Secret(secret), from: "a@b.example"),
            carriers: [
                .sms: .twilio(.init(account: "AC1", password: Secret(secret), authToken: Secret(secret), sender: "+1")),
                .push: .template(
                    .init(
                        ProviderTemplate(url: "https://p.example", form: .json, body: "{}"),
                        fields: ["Authorization": Secret(secret)], token: Secret(secret))),
            ], webhooks: ["default": .init(url: Secret("https://h.example/\(secret)"), secrets: [Secret(secret)])])
        var dumped = ""
        dump(settings, to: &dumped)
        #expect(!("\(settings)" + String(reflecting: settings) + dumped).contains(secret))
    }
}
