import Crypto
import FoundationEssentials
package import Response
import Spec
package import World

/// A POST of our own form to a program of somebody's, signed as Standard Webhooks 1.0 says.
package struct WebhookCourier: Courier {
    private let hooks: [String: ChannelSettings.Webhook]
    private let call: ProviderCall

    package init(
        _ hooks: [String: ChannelSettings.Webhook], _ caller: HTTPCaller, patience: Duration = .seconds(20),
        _ keeper: Timekeeper = .live
    ) {
        self.hooks = hooks
        call = ProviderCall(
            provider: "the webhook", caller: caller,
            filter: SecretFilter(hooks.values.flatMap { [$0.url] + $0.secrets }), patience: patience, keeper: keeper)
    }

    package func deliver(_ dispatch: Dispatch) async -> DeliveryAnswer {
        guard let hook = hooks[dispatch.contact.address] else {
            return .refused("no webhook is called \(dispatch.contact.address)")
        }
        let body = WebhookBody.body(dispatch.message).compact
        // Of this attempt, so that a late one is not taken for a replay.
        let seconds = Int(call.keeper.date().timeIntervalSince1970)
        var headers = [
            "Content-Type": "application/json", "Idempotency-Key": dispatch.key, "webhook-id": dispatch.key,
            "webhook-timestamp": "\(seconds)",
        ]
        if !hook.secrets.isEmpty {
            headers["webhook-signature"] = hook.secrets.map {
                WebhookSignature.text(id: dispatch.key, seconds: seconds, body: body, secret: $0)
            }.joined(separator: " ")
        }
        let request = HTTPRequest(method: "POST", url: hook.url.exposed, headers: headers, body: body)
        return await call.send(request) { answer in
            (200..<300).contains(answer.status)
                ? .accepted(reference: nil)
                : call.refusal(answer)
        }
    }
}

/// The signature of a webhook: HMAC-SHA256 over identity, time and body (Standard Webhooks 1.0, "Signature scheme").
package enum WebhookSignature {
    /// `v1,` and base64.
    ///
    /// - Parameter secret: `whsec_` and a key in base64; any other text is the key itself.
    package static func text(id: String, seconds: Int, body: String, secret: Secret) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(id).\(seconds).\(body)".utf8), using: SymmetricKey(data: key(secret)))
        return "v1," + Data(code).base64EncodedString()
    }

    private static func key(_ secret: Secret) -> Data {
        let text = secret.exposed
        guard text.hasPrefix("whsec_"), let key = Data(base64Encoded: String(text.dropFirst(6))) else {
            return Data(text.utf8)
        }
        return key
    }
}
