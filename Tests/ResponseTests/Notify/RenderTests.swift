import Foundation
import Response
import Spec
import TestKit
import Testing

@Suite("Messages in the forms of channels")
struct RenderTests {
    /// A message about an incident with everything that there can be, from a story.
    private func message(
        _ kind: String = "page", title: String = "checkout <fails> & \"burns\"", service: String = "api"
    ) -> Message {
        var story = Story {
            $0.channels["primary"] = [.critical: [.init(.slack, "#alerts")]]
        }
        story.ships("r1", [service])
        story.settles("r1")
        story.pass(minutes: 300)
        story.ships("r2", [service])
        story.pass(minutes: 1)
        story.settles("r2")
        story.pass(minutes: 5)
        var report = story.report("Down", service, "critical", ["pod": "a"], summary: title)
        report.annotations["runbook_url"] = "https://runbooks.example/down"
        story.happen(.alerts([report]))
        if kind == "acknowledged" { story.does("ana", .acknowledge()) }
        if kind == "resolved" { story.does("ana", .resolve) }
        if kind == "summary" {
            var other = Story {
                $0.rateLimit = RateLimit(messages: 1)
                $0.channels["primary"] = [.critical: [.init(.slack, "#alerts")]]
            }
            for index in 1...4 { other.fires("Down", "s\(index)", summary: title) }
            other.pass(minutes: 5)
            return other.sent.last { if case .summary = $0.message.kind { true } else { false } }?.message
                ?? other.sent[0].message
        }
        return story.sent.last?.message ?? story.sent[0].message
    }

    private func object(_ tree: JSONTree) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(tree.compact.utf8))
        return try #require(value as? [String: Any])
    }

    // MARK: Slack

    @Test("a Slack message has a header, facts, alerts, the suspect and buttons that name the incident")
    func slack() throws {
        let body = try object(SlackMessage.body(message(), channel: "#alerts", thread: "17.1"))
        #expect(body["channel"] as? String == "#alerts" && body["thread_ts"] as? String == "17.1")
        let blocks = try #require(body["blocks"] as? [[String: Any]])
        #expect(
            blocks.compactMap { $0["type"] as? String } == [
                "header", "section", "section", "section", "actions", "context",
            ])
        let elements = try #require(blocks[4]["elements"] as? [[String: Any]])
        #expect(
            elements.compactMap { $0["action_id"] as? String } == [
                "hauban_acknowledge", "hauban_resolve", "hauban_open",
            ])
        #expect(elements.prefix(2).allSatisfy { $0["value"] as? String == "i1" })
        #expect(elements[2]["url"] as? String == "https://hauban.shop.example/incidents/i1")
        let suspect = (blocks[3]["text"] as? [String: Any])?["text"] as? String
        #expect(suspect?.hasPrefix("Shipped before it: r2 (v2) by eva at ") == true)
    }

    @Test("what an alert says is text to Slack, never a link or a mention")
    func slackEscapes() throws {
        let body = try object(SlackMessage.body(message(title: "<!channel> & <http://evil|x>"), channel: "c"))
        func markup(_ value: Any) -> [String] {
            if let object = value as? [String: Any] {
                if object["type"] as? String == "mrkdwn" { return [object["text"] as? String ?? ""] }
                return object.values.flatMap(markup)
            }
            return (value as? [Any])?.flatMap(markup) ?? []
        }
        let texts = markup(body) + [try #require(body["text"] as? String)]
        #expect(texts.count > 5)
        #expect(texts.allSatisfy { !$0.contains("<!channel>") && !$0.contains("<http://evil") })
        #expect(texts.contains { $0.contains("&lt;!channel&gt; &amp;") })
    }

    @Test("no text is longer than Slack takes, however long a title")
    func slackLimits() throws {
        let body = try object(SlackMessage.body(message(title: String(repeating: "é", count: 9000)), channel: "c"))
        let blocks = try #require(body["blocks"] as? [[String: Any]])
        func texts(_ value: Any) -> [String] {
            if let object = value as? [String: Any] {
                return object.flatMap {
                    $0.key == "text" && $0.value is String ? [$0.value as? String ?? ""] : texts($0.value)
                }
            }
            return (value as? [Any])?.flatMap(texts) ?? []
        }
        #expect(blocks.count <= 50 && texts(blocks).allSatisfy { $0.count <= 3000 })
        let header = (blocks[0]["text"] as? [String: Any])?["text"] as? String
        #expect(header?.count == 150 && header?.hasSuffix("…") == true)
    }

    @Test(
        "what becomes of it is one line with a link; a summary names each incident",
        arguments: ["acknowledged", "resolved", "summary"])
    func slackShort(kind: String) throws {
        let body = try object(SlackMessage.body(message(kind), channel: "c"))
        let blocks = try #require(body["blocks"] as? [[String: Any]])
        #expect(blocks.count == (kind == "summary" ? 3 : 1))
        let text = try #require((blocks[kind == "summary" ? 1 : 0]["text"] as? [String: Any])?["text"] as? String)
        #expect(text.contains("https://hauban.shop.example/incidents/i"))
        if kind == "summary" { #expect(text.split(separator: "\n").count == 3) }
    }

    // MARK: PagerDuty

    @Test("a PagerDuty event triggers, acknowledges and resolves under one key")
    func pagerDuty() throws {
        var keys: Set<String> = []
        for (kind, action) in [("page", "trigger"), ("acknowledged", "acknowledge"), ("resolved", "resolve")] {
            let body = try object(PagerDutyEvent.body(message(kind), routingKey: "R"))
            #expect(body["event_action"] as? String == action && body["routing_key"] as? String == "R")
            keys.insert(try #require(body["dedup_key"] as? String))
            #expect((body["payload"] != nil) == (action == "trigger"))
        }
        #expect(keys == ["hauban-shop-i1"])
    }

    @Test("the payload has what PagerDuty requires, in its bounds")
    func pagerDutyPayload() throws {
        let body = try object(PagerDutyEvent.body(message(title: String(repeating: "x", count: 3000)), routingKey: "R"))
        let payload = try #require(body["payload"] as? [String: Any])
        #expect((payload["summary"] as? String)?.count == 1024)
        #expect(payload["severity"] as? String == "critical" && payload["source"] as? String == "api")
        #expect(payload["timestamp"] as? String == message().at.description)
        let links = try #require(body["links"] as? [[String: Any]])
        #expect(
            links.compactMap { $0["href"] as? String } == [
                "https://runbooks.example/down", "https://hauban.shop.example/incidents/i1",
            ])
        let details = try #require(payload["custom_details"] as? [String: Any])
        #expect(details["last_good_release"] as? String == "r1")
    }

    // MARK: E-mail

    @Test("an e-mail is read by another program as it was meant")
    func mail() throws {
        let title = "Café « fermé » — line.\r\nBcc: everybody@x"
        let text = MailText.text(message(title: title), from: "hauban@shop.example", to: "ana@x", host: "shop.example")
        let script = """
            import email, email.policy, json
            message = email.message_from_bytes(open("mail.eml", "rb").read(), policy=email.policy.default)
            print(json.dumps({"subject": message["subject"], "to": message["to"], "id": message["message-id"],
                "references": message["references"], "date": message["date"].datetime.isoformat(),
                "bcc": message["bcc"], "body": message.get_content(), "defects": [str(d) for d in message.defects],
                "auto": message["auto-submitted"]}))
            """
        let output = try PythonJudge().run(script, files: ["mail.eml": text])
        let read = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
        #expect(read["subject"] as? String == "[critical] Café « fermé » — line.Bcc: everybody@x (i1)")
        #expect(read["bcc"] is NSNull && (read["defects"] as? [String])?.isEmpty == true)
        #expect(read["to"] as? String == "ana@x" && read["id"] as? String == "<hauban-i1.p1@shop.example>")
        #expect(read["references"] as? String == "<hauban-shop-i1@shop.example>")
        #expect(read["auto"] as? String == "auto-generated")
        #expect(read["date"] as? String == "2026-09-21T19:19:20+00:00")
        let body = try #require(read["body"] as? String).replacing("\r\n", with: "\n")
        #expect(body.contains("Releases before it:\n- r2 (v2) by eva at "))
        #expect(body.contains("This is where primary is told; it has just begun."))
    }

    @Test("no line of an e-mail is longer than 78 characters, begins with a dot, or lacks its CR")
    func mailLines() {
        let title = String(repeating: "ž.", count: 400)
        let text = MailText.text(message(title: title), from: "a@b", to: "c@d", host: "h\r\nX: y")
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(
            lines.allSatisfy { $0.utf8.count <= 78 && !$0.hasPrefix(".") && !$0.contains("\n") && !$0.contains("\r") })
        #expect(!lines.contains { $0.hasPrefix("X:") })
        #expect(text.utf8.allSatisfy { $0 < 0x80 })
    }

    // MARK: Text and voice

    @Test("a short message fits into two, and its address is whole")
    func short() {
        for title in [
            "api is down", String(repeating: "a", count: 2000), String(repeating: "é", count: 2000),
            String(repeating: "Ω中", count: 900), String(repeating: "{", count: 900), "two\nlines",
        ] {
            let text = PlainText.short(message(title: title))
            #expect(PlainText.segments(text) <= 2)
            #expect(text.hasPrefix("[critical] ") && text.hasSuffix(" https://hauban.shop.example/incidents/i1"))
            #expect(!text.contains("\n"))
        }
    }

    @Test(
        "segments are counted as networks count them",
        arguments: [
            ("", 1), (String(repeating: "a", count: 160), 1), (String(repeating: "a", count: 161), 2),
            (String(repeating: "a", count: 306), 2), (String(repeating: "a", count: 307), 3),
            (String(repeating: "€", count: 80), 1), (String(repeating: "€", count: 81), 2),
            (String(repeating: "中", count: 70), 1), (String(repeating: "中", count: 71), 2),
            (String(repeating: "😀", count: 35), 1), (String(repeating: "😀", count: 36), 2),
        ])
    func segments(text: String, expected: Int) { #expect(PlainText.segments(text) == expected) }

    @Test("a call's script is well-formed whatever an alert says, and takes one digit")
    func voice() throws {
        let script = VoiceScript.twiML(message(), answer: "https://h.example/voice?page=i1.p1&x=\"1\"")
        let parsed = try PythonJudge().run(
            """
            import xml.etree.ElementTree as tree
            root = tree.parse("call.xml").getroot()
            gather = root.find("Gather")
            print(root.tag, gather.get("numDigits"), gather.get("action"))
            print(gather.find("Say").text)
            """, files: ["call.xml": script])
        let lines = parsed.split(separator: "\n")
        #expect(lines[0] == "Response 1 https://h.example/voice?page=i1.p1&x=\"1\"")
        #expect(lines[1].hasPrefix("critical incident in api of shop. checkout <fails> & \"burns\". "))
    }

    @Test("a call that nobody can answer asks for no digit, and one about much is still short enough")
    func voiceWithoutAnswer() {
        let script = VoiceScript.twiML(message(), answer: nil)
        #expect(!script.contains("<Gather") && !script.contains("Press 1") && script.contains("checkout &lt;fails&gt;"))
        let long = VoiceScript.twiML(
            message(title: String(repeating: "\"&", count: 3000)), answer: "https://h.example/")
        #expect(long.count <= 4000 && long.contains("Press 1") && long.hasSuffix("</Response>\n"))
    }

    // MARK: Webhooks

    @Test("a webhook's body says what happened, about which incident, and why")
    func webhook() throws {
        let body = try object(WebhookBody.body(message()))
        #expect(body["version"] as? Int == 1 && body["event"] as? String == "incident.page")
        #expect(body["key"] as? String == "hauban-i1.p1")
        let incident = try #require(body["incident"] as? [String: Any])
        #expect(incident["id"] as? String == "i1" && incident["status"] as? String == "triggered")
        #expect(incident["title"] as? String == "checkout <fails> & \"burns\"")
        let alerts = try #require(incident["alerts"] as? [[String: Any]])
        #expect((alerts[0]["labels"] as? [String: String])?["pod"] == "a")
        #expect(incident["lastGoodRelease"] as? String == "r1")
        let events = try ["acknowledged", "resolved", "summary"].map {
            try object(WebhookBody.body(message($0)))["event"] as? String
        }
        #expect(events == ["incident.acknowledged", "incident.resolved", "incidents.summary"])
    }

    @Test("a provider's template is filled as its form needs it, and what it does not know stays")
    func template() {
        let message = message(title: "a \"b\" & c")
        let json = ProviderTemplate(
            url: "https://sms.example/${to}?k=${key}", form: .json,
            body: #"{"t":"${text}","x":"${other}","i":"${incident}"}"#)
        let filled = json.fill(message, to: "+33 6")
        #expect(filled.url == "https://sms.example/%2B33%206?k=hauban-i1.p1")
        #expect(
            filled.body
                == #"{"t":"[critical] a \"b\" & c (i1) https://hauban.shop.example/incidents/i1","x":"${other}","i":"i1"}"#
        )
        let form = ProviderTemplate(url: "u", form: .form, body: "to=${to}&text=${text}&")
        #expect(form.fill(message, to: "+33").body.hasPrefix("to=%2B33&text=%5Bcritical%5D%20a%20%22b%22%20%26%20c"))
        #expect(ProviderTemplate(url: "u", form: .plain, body: "${to} ${").fill(message, to: "x").body == "x ${")
        #expect(ProviderTemplate.formBody([("To", "+33"), ("Body", "a b")]) == "To=%2B33&Body=a%20b")
    }

    @Test("a template's token is written as its form needs it")
    func templateToken() {
        let template = ProviderTemplate(url: "https://p.example/${token}", form: .json, body: #"{"k":"${token}"}"#)
        #expect(template.fill(message(), to: "x", token: "a/\"b").url == "https://p.example/a%2F%22b")
        #expect(template.fill(message(), to: "x", token: "a/\"b").body == #"{"k":"a/\"b"}"#)
        #expect(template.fill(message(), to: "x").body == #"{"k":"${token}"}"#)
    }

    @Test("a template's values are not filled again: what an alert says is no placeholder")
    func templateOnce() {
        let template = ProviderTemplate(url: "u", form: .plain, body: "${text}")
        #expect(template.fill(message(title: "${to}"), to: "secret").body.contains("${to}"))
    }
}
