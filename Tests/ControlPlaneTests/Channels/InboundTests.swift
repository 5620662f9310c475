import ControlPlane
import Crypto
import Foundation
import Response
import Spec
import Testing
import World

@Suite("Answers that come back from channels")
struct InboundTests {
    // MARK: Slack

    private let secret = Secret("8f742231b10e8888abcd99yyyzzz85a5")
    private let now = Moment(seconds: 1_531_420_618)

    /// A request as Slack signs it.
    private func slack(
        _ body: String, seconds: Int = 1_531_420_618, signature: String? = nil, method: String = "POST"
    ) -> APIRequest {
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("v0:\(seconds):\(body)".utf8), using: SymmetricKey(data: Data(secret.exposed.utf8)))
        let hexadecimal = code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return APIRequest(
            method, SlackInteraction.path,
            fields: [
                "X-Slack-Request-Timestamp": "\(seconds)", "X-Slack-Signature": signature ?? "v0=\(hexadecimal)",
                "Content-Type": "application/x-www-form-urlencoded",
            ], body: Array(body.utf8))
    }

    private func press(
        _ action: String, value: String = "i12", user: String = #"{"id":"U123","username":"ana","team_id":"T1"}"#
    ) -> String {
        let payload = """
            {"type":"block_actions","user":\(user),"api_app_id":"A1","token":"old","trigger_id":"1.2",
            "response_url":"https://hooks.slack.com/actions/T1/2/3","container":{"type":"message","message_ts":"1.2"},
            "actions":[{"action_id":"\(action)","block_id":"hauban-i12","type":"button","value":"\(value)"}]}
            """
        return ProviderTemplate.formBody([("payload", payload)])
    }

    private func ask(_ reading: InboundReading) -> InboundAsk? {
        if case .asks(let ask) = reading { return ask }
        return nil
    }

    private func status(_ reading: InboundReading) -> Int? {
        if case .answered(let answer) = reading { return answer.status }
        return nil
    }

    private func read(_ request: APIRequest, at moment: Moment? = nil) -> InboundReading {
        SlackInteraction.read(request, signingSecret: secret, now: moment ?? now)
    }

    @Test(
        "a press of a button is a request of a member about an incident",
        arguments: [
            ("hauban_acknowledge", InboundAsk.Deed.acknowledge), ("hauban_resolve", .resolve),
        ])
    func press(action: String, deed: InboundAsk.Deed) throws {
        let asked = try #require(ask(read(slack(press(action)))))
        #expect(asked == InboundAsk(deed: deed, incident: "i12", by: .slack(user: "U123", name: "ana")))
    }

    @Test("the buttons of our own messages are understood")
    func ownButtons() throws {
        let page = try PageFixture.page(to: Contact(.slack, "#alerts"))
        let body = SlackMessage.body(page.message, channel: "#alerts").compact
        for button in SlackMessage.Button.allCases {
            #expect(body.contains(#""action_id":"\#(button.rawValue)","value":"i1""#))
            #expect(ask(read(slack(press(button.rawValue, value: "i1"))))?.incident == "i1")
        }
    }

    @Test(
        "what asks for nothing is answered with a bare 200",
        arguments: [
            "hauban_open", "somebody_elses_button",
        ])
    func nothing(action: String) { #expect(status(read(slack(press(action)))) == 200) }

    @Test("Slack's own example of a signature is accepted")
    func example() {
        let body =
            "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
            + "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
            + "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
            + "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
        let signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
        // Signed, and without a payload.
        #expect(status(read(slack(body, signature: signature))) == 400)
        #expect(status(read(slack(body + "x", signature: signature))) == 401)
    }

    @Test(
        "a request that Slack did not sign is refused",
        arguments: [
            "", "v0=", "v0=00", "v1=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
            "v0=zz114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
            "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503", "v0=é",
        ])
    func unsigned(signature: String) {
        #expect(status(read(slack(press("hauban_resolve"), signature: signature))) == 401)
    }

    @Test("a request without fields, with another method, or to nobody's secret is refused")
    func bare() {
        let body = Array(press("hauban_resolve").utf8)
        #expect(status(read(APIRequest("POST", SlackInteraction.path, body: body))) == 401)
        #expect(status(read(slack(press("hauban_resolve"), method: "GET"))) == 405)
        let request = slack(press("hauban_resolve"))
        #expect(status(SlackInteraction.read(request, signingSecret: Secret(""), now: now)) == 401)
    }

    @Test(
        "a request is good for five minutes",
        arguments: [(0, true), (299, true), (300, true), (301, false), (-300, true), (-301, false)])
    func age(seconds: Int, isTaken: Bool) {
        let reading = read(slack(press("hauban_resolve")), at: now + .seconds(seconds))
        #expect((ask(reading) != nil) == isTaken)
    }

    @Test(
        "a payload that is none is refused",
        arguments: [
            "", "payload=", "payload=%7B", "payload=%5B1%5D%7D", "other=1",
        ])
    func garbled(body: String) { #expect(status(read(slack(body))) == 400) }

    @Test("a press by nobody is refused")
    func nobody() { #expect(status(read(slack(press("hauban_resolve", user: "{}")))) == 400) }

    @Test("who pressed hears why nothing was done, at Slack and nowhere else")
    func feedback() throws {
        let request = try #require(SlackInteraction.feedback("it is over", to: slack(press("hauban_resolve"))))
        #expect(request.url == "https://hooks.slack.com/actions/T1/2/3" && request.method == "POST")
        let body = try #require(JSONValue(parsing: Array((request.body ?? "").utf8)))
        #expect(body["text"]?.string == "it is over" && body["response_type"]?.string == "ephemeral")
        let elsewhere = press("hauban_resolve").replacing("hooks.slack.com", with: "evil.example")
        #expect(SlackInteraction.feedback("x", to: slack(elsewhere)) == nil)
    }

    // MARK: Twilio

    private let token = Secret("12345")
    private let site = "https://hauban.shop.example"

    private func twilio(
        _ pairs: [(String, String)], query: String = "incident=i12&page=i12.p3", signedFor base: String? = nil,
        signature: String? = nil, method: String = "POST"
    ) -> APIRequest {
        let address = (base ?? site) + TwilioGather.path + "?" + query
        let text = address + pairs.sorted { $0.0 < $1.0 }.map { $0.0 + $0.1 }.joined()
        let code = HMAC<Insecure.SHA1>.authenticationCode(
            for: Data(text.utf8), using: SymmetricKey(data: Data(token.exposed.utf8)))
        return APIRequest(
            method, TwilioGather.path, query: query,
            fields: ["X-Twilio-Signature": signature ?? Data(code).base64EncodedString()],
            body: Array(ProviderTemplate.formBody(pairs).utf8))
    }

    private let pressed = [
        ("CallSid", "CA1"), ("Digits", "1"), ("From", "+15005550006"), ("To", "+33612345678"), ("ToCity", ""),
        ("Msg", "é & ü=+"),
    ]

    private func read(_ request: APIRequest, _ token: Secret) -> InboundReading {
        TwilioGather.read(request, publicURL: site, authToken: token)
    }

    @Test("1 acknowledges the page's incident for the number that was called")
    func digit() throws {
        let asked = try #require(ask(read(twilio(pressed), token)))
        #expect(
            asked
                == InboundAsk(
                    deed: .acknowledge, incident: "i12", page: "i12.p3", by: .telephone("+33612345678"),
                    language: .english))
        #expect(asked.event(by: "ana") == .incident("i12", .acknowledge(page: "i12.p3"), by: "ana"))
    }

    @Test("another digit acknowledges nothing, and says so")
    func otherDigit() throws {
        var pairs = pressed
        pairs[1].1 = "2"
        guard case .answered(let answer) = read(twilio(pairs), token), case .bytes(let bytes, let type) = answer.body
        else {
            Issue.record("it was taken")
            return
        }
        #expect(answer.status == 200 && type.hasPrefix("text/xml"))
        #expect(String(decoding: bytes, as: UTF8.self).contains("<Say>Nothing was acknowledged.</Say>"))
    }

    @Test("Twilio's own example of a signature is accepted")
    func twilioExample() {
        let pairs = [
            ("CallSid", "CA1234567890ABCDE"), ("Caller", "+14158675309"), ("Digits", "1234"), ("From", "+14158675309"),
            ("To", "+18005551212"),
        ]
        func request(_ signature: String) -> APIRequest {
            APIRequest(
                "POST", "/myapp.php", query: "foo=1&bar=2", fields: ["X-Twilio-Signature": signature],
                body: Array(ProviderTemplate.formBody(pairs).utf8))
        }
        func status(_ signature: String) -> Int? {
            self.status(
                TwilioGather.read(request(signature), publicURL: "https://mycompany.com", authToken: token))
        }
        // Signed, and without an incident.
        #expect(status("RSOYDt4T1cUTdK1PDd93/VVr8B8=") == 400)
        #expect(status("RSOYDt4T1cUTdK1PDd93/VVr9B8=") == 403)
    }

    @Test(
        "a request that Twilio did not sign is refused", arguments: ["", "x", "AAAA", "RSOYDt4T1cUTdK1PDd93/VVr8B8="])
    func forged(signature: String) { #expect(status(read(twilio(pressed, signature: signature), token)) == 403) }

    @Test("a signature over another address, incident or form is refused")
    func moved() {
        #expect(status(read(twilio(pressed, signedFor: "https://evil.example"), token)) == 403)
        var request = twilio(pressed)
        request.query = "incident=i13&page=i12.p3"
        #expect(status(read(request, token)) == 403)
        request = twilio(pressed)
        request.body += Array("&Digits=1".utf8) + Array("&Extra=1".utf8)
        #expect(status(read(request, token)) == 403)
        #expect(status(read(twilio(pressed), Secret(""))) == 403)
        #expect(status(read(twilio(pressed, method: "GET"), token)) == 405)
    }

    @Test("a signature over the address with its usual port is accepted")
    func port() { #expect(ask(read(twilio(pressed, signedFor: site + ":443"), token)) != nil) }

    @Test("what a caller hears is well-formed")
    func words() {
        guard case .bytes(let bytes, _) = TwilioGather.answer(Phrase(verbatim: "a < b & c"), .english).body else {
            Issue.record("no body")
            return
        }
        #expect(String(decoding: bytes, as: UTF8.self).contains("<Say>a &lt; b &amp; c</Say>"))
    }

    @Test("the answer to a digit speaks as the call did", arguments: [("1", true), ("2", false)])
    func french(digit: String, isTaken: Bool) {
        var pairs = pressed
        pairs[1].1 = digit
        let reading = read(twilio(pairs, query: "incident=i12&page=i12.p3&language=fr"), token)
        #expect((ask(reading)?.language == .french) == isTaken)
        guard case .answered(let answer) = reading, case .bytes(let bytes, _) = answer.body else { return }
        let script = String(decoding: bytes, as: UTF8.self)
        #expect(script.contains("<Say language=\"fr-FR\">Rien n’a été pris en charge.</Say><Hangup/>"))
    }

    // MARK: Who it was

    @Test("who asks is the person with that contact, if it is one")
    func person() {
        var rules = Rulebook(platform: "shop", routes: [])
        func card(_ name: String, _ contacts: Contact...) {
            rules.people[name] = ContactCard(name: name, contacts: contacts)
        }
        card("ana", Contact(.slack, "U123"), Contact(.sms, "+33612345678"), Contact(.call, "+33612345678"))
        card("ben", Contact(.slack, "@ben"), Contact(.call, "+33600000000"))
        card("chi", Contact(.call, "+33600000000"))
        #expect(InboundAsk.Asker.slack(user: "U123", name: "x").person(in: rules) == "ana")
        #expect(InboundAsk.Asker.slack(user: "U9", name: "ben").person(in: rules) == "ben")
        #expect(InboundAsk.Asker.slack(user: "U9", name: "").person(in: rules) == nil)
        #expect(InboundAsk.Asker.telephone("+33612345678").person(in: rules) == "ana")
        // Two have that number.
        #expect(InboundAsk.Asker.telephone("+33600000000").person(in: rules) == nil)
        #expect(InboundAsk.Asker.slack(user: "U9", name: "eva").label == "eva (Slack)")
    }
}
