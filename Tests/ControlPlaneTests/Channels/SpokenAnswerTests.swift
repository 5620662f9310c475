import ControlPlane
import Crypto
import Foundation
import Response
import Spec
import Testing
import World

/// What somebody hears who pressed a digit, by a running control plane.
@Suite("Answers to digits")
struct SpokenAnswerTests {
    private let token = Secret("12345")
    private let site = "https://hauban.shop.example"

    private func press(_ fixture: PlaneFixture, _ query: String) async throws -> PlainClient.Answer {
        let target = TwilioGather.path + "?" + query
        let pairs = [("Digits", "1"), ("To", "+33612345678")]
        let signed = site + target + pairs.map { $0.0 + $0.1 }.joined()
        let code = HMAC<Insecure.SHA1>.authenticationCode(
            for: Data(signed.utf8), using: SymmetricKey(data: Data(token.exposed.utf8)))
        return try await fixture.client.send(
            "POST", target, json: ProviderTemplate.formBody(pairs),
            fields: [
                "X-Twilio-Signature": Data(code).base64EncodedString(),
                "Content-Type": "application/x-www-form-urlencoded",
            ])
    }

    @Test("what was done, and why it was not, is said in the language of the call")
    func languages() async throws {
        try await PlaneFixture.with({
            $0.rules.people["ana"] = ContactCard(
                name: "ana", contacts: [Contact(.call, "+33612345678")], language: .french)
            $0.channels.carriers[.call] = .twilio(
                .init(account: "AC1", password: token, authToken: token, sender: "+15005550006", answers: site))
        }) { fixture in
            try await fixture.post(#"[{"labels":{"alertname":"Down","severity":"critical"}}]"#)
            let done = try await press(fixture, "incident=i1&page=i1.p1&language=fr")
            #expect(done.body.contains("<Say language=\"fr-FR\">C’est pris en charge.</Say>"), "\(done.body)")
            let state = try await fixture.plane.state()
            #expect(state.incidents["i1"]?.assignee == "ana")
            let french = try await press(fixture, "incident=i9&page=i9.p1&language=fr")
            #expect(french.body.contains("<Say language=\"fr-FR\">Il n’y a pas d’incident i9.</Say>"), "\(french.body)")
            let english = try await press(fixture, "incident=i9&page=i9.p1")
            #expect(english.body.contains("<Say>There is no incident i9.</Say>"), "\(english.body)")
        }
    }
}
