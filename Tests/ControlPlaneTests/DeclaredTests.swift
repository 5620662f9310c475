import ControlPlane
import Foundation
import Response
import Spec
import TestKit
import Testing
import World

/// What hauban.yaml says of providers and integrations, as the channels and the forms take it.
@Suite("Providers and integrations that hauban.yaml declares")
struct DeclaredTests {
    private func platform() throws -> Platform {
        let file = Golden.repository().appending(path: "Tests/SpecTests/Golden/good/response/hauban.yaml")
        let parsed = ParsedPlatform.parse(bytes: Array(try Data(contentsOf: file)), name: "hauban.yaml")
        return try #require(parsed.base)
    }

    @Test("each provider has its secrets' values, and Twilio's place is taken where another carries")
    func providers() throws {
        let (settings, missing) = ChannelSettings.declared(
            try platform().notify, answers: "https://hauban.x/calls", secret: { Secret("value of \($0)") })
        #expect(missing == [])
        #expect(settings.slack?.token.exposed == "value of slack-token")
        #expect(settings.slack?.signingSecret?.exposed == "value of slack-signing")
        #expect(
            settings.pagerDuty?.keys.mapValues(\.exposed) == [
                "default": "value of pagerduty-key", "payments": "value of payments-key",
            ])
        #expect(settings.pagerDuty?.url == "https://events.eu.pagerduty.com/v2/enqueue")
        #expect(settings.mail?.port == 465 && settings.mail?.security == .implicit)
        #expect(settings.mail?.password?.exposed == "value of smtp-password")
        guard case .template(let sms) = settings.carriers[.sms], case .twilio(let calls) = settings.carriers[.call]
        else {
            Issue.record("\(settings.carriers)")
            return
        }
        #expect(sms.template.form == .form && sms.fields["X-Api-Key"]?.exposed == "value of sms-key")
        #expect(calls.sender == "+33912345678" && calls.answers == "https://hauban.x/calls")
        #expect(settings.webhooks["ops"]?.url.exposed == "https://hooks.shop.example/ops")
        #expect(settings.webhooks["ops"]?.secrets.map(\.exposed) == ["value of hook-secret"])
        #expect(settings.webhooks["chat"]?.url.exposed == "value of chat-url")
    }

    @Test("what lacks a secret's value is left out and named, the rest is there")
    func missing() throws {
        let (settings, missing) = ChannelSettings.declared(
            try platform().notify, secret: { $0.text == "slack-token" ? Secret("x") : nil })
        #expect(settings.slack != nil && settings.slack?.signingSecret == nil)
        #expect(
            settings.pagerDuty == nil && settings.mail == nil && settings.carriers.isEmpty && settings.webhooks.isEmpty)
        #expect(
            missing.map(\.text) == [
                "chat-url", "hook-secret", "pagerduty-key", "payments-key", "slack-signing", "sms-key", "smtp-password",
                "twilio-token",
            ])
    }

    @Test("an integration has its kind, labels and places")
    func integrations() throws {
        let specs = try platform().integrations
        let all = specs.map { Integration(declared: $0.key.text, $0.value, created: Moment(seconds: 0)) }
            .sorted { $0.name < $1.name }
        #expect(all.map(\.name) == ["alarms", "grafana", "monitor"])
        #expect(all.map(\.sender) == [.sns, .grafana, .json])
        #expect(all[0].topics == ["arn:aws:sns:eu-west-3:1:alarms"] && all[0].endsAfter == .seconds(86_400))
        #expect(all[1].labels == ["team": "shop"] && all[1].level == .medium && all[1].mapping == nil)
        #expect(all[2].labels == ["service": "api"])
        let mapping = try #require(all[2].mapping)
        #expect(mapping.items?.description == "/alerts" && mapping.title.map(\.description) == ["alert.name"])
        #expect(mapping.severities == ["p1": .critical, "p2": .high] && mapping.resolved == ["ok", "closed"])
        #expect(mapping.acknowledged == ["seen"] && mapping.labels["host"]?.description == "tags[0].host")
    }
}
