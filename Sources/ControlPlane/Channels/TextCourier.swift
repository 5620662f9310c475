import FoundationEssentials
package import Response
import Spec
package import World

/// Texts and calls: by Twilio, or by any provider that takes one POST.
package struct TextCourier: Courier {
    private let carrier: ChannelSettings.Carrier
    private let call: ProviderCall

    package init(
        _ carrier: ChannelSettings.Carrier, _ caller: HTTPCaller, patience: Duration = .seconds(20),
        _ keeper: Timekeeper = .live
    ) {
        self.carrier = carrier
        let (provider, secrets) = Self.secrets(carrier)
        call = ProviderCall(
            provider: provider, caller: caller, filter: SecretFilter(secrets), patience: patience, keeper: keeper)
    }

    private static func secrets(_ carrier: ChannelSettings.Carrier) -> (String, [Secret]) {
        switch carrier {
        case .twilio(let twilio):
            let password = twilio.password.exposed
            return (
                "Twilio",
                [twilio.password, Secret("\(twilio.user ?? twilio.account):\(password)")]
                    + [twilio.authToken].compactMap { $0 }
            )
        case .template(let template):
            return ("the provider", Array(template.fields.values) + [template.token].compactMap { $0 })
        }
    }

    package func deliver(_ dispatch: Dispatch) async -> DeliveryAnswer {
        switch carrier {
        case .twilio(let twilio): await deliver(dispatch, by: twilio)
        case .template(let template): await deliver(dispatch, by: template)
        }
    }

    // MARK: Twilio

    private func deliver(_ dispatch: Dispatch, by twilio: ChannelSettings.Twilio) async -> DeliveryAnswer {
        let resource: String
        var pairs = [("To", dispatch.contact.address)]
        switch dispatch.contact.kind {
        case .call:
            resource = "Calls"
            pairs += [("From", twilio.sender), ("Twiml", script(dispatch, answers: twilio.answers))]
        case .sms:
            resource = "Messages"
            pairs.append((twilio.sender.hasPrefix("MG") ? "MessagingServiceSid" : "From", twilio.sender))
            pairs.append(("Body", PlainText.short(dispatch.message)))
        case .pagerduty, .email, .slack, .webhook, .push:
            return .refused("Twilio carries texts and calls, no \(dispatch.contact.kind.rawValue)")
        }
        let credentials = "\(twilio.user ?? twilio.account):\(twilio.password.exposed)"
        let request = HTTPRequest(
            method: "POST", url: "\(twilio.url)/2010-04-01/Accounts/\(twilio.account)/\(resource).json",
            headers: [
                "Authorization": "Basic " + Data(credentials.utf8).base64EncodedString(),
                "Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": dispatch.key,
            ], body: ProviderTemplate.formBody(pairs))
        return await call.send(request) { answer in
            let said = JSONValue(parsing: Array(answer.body.utf8))
            if answer.status == 200 || answer.status == 201, let reference = said?["sid"]?.string {
                return .accepted(reference: reference)
            }
            var words: String?
            if let message = said?["message"]?.string {
                words = message + (said?["code"].map { " (\($0.text))" } ?? "")
            }
            let refusal = call.refusal(answer, said: words)
            // The sender's queue is full, or too many requests are under way.
            if case .refused(let text) = refusal, let code = said?["code"]?.text, ["21611", "20429"].contains(code) {
                return .failed(text, retryAfter: call.retryAfter(answer))
            }
            return refusal
        }
    }

    private func script(_ dispatch: Dispatch, answers: String?) -> String {
        let answer = answers.flatMap { address in
            dispatch.message.subject.map { subject in
                var query = [("incident", subject.id), ("page", dispatch.page)]
                // The answer to the digit speaks as the call did.
                if dispatch.message.language != .english {
                    query.append(("language", dispatch.message.language.rawValue))
                }
                return address + "?" + ProviderTemplate.formBody(query)
            }
        }
        return VoiceScript.twiML(dispatch.message, answer: answer)
    }

    // MARK: Templates

    private func deliver(_ dispatch: Dispatch, by provider: ChannelSettings.Template) async -> DeliveryAnswer {
        let (url, body) = provider.template.fill(
            dispatch.message, to: dispatch.contact.address, token: provider.token?.exposed)
        let type =
            switch provider.template.form {
            case .json: "application/json"
            case .form: "application/x-www-form-urlencoded"
            case .plain: "text/plain; charset=utf-8"
            }
        var headers = provider.fields.mapValues(\.exposed)
        headers["Content-Type"] = type
        headers["Idempotency-Key"] = dispatch.key
        return await call.send(HTTPRequest(method: "POST", url: url, headers: headers, body: body)) { answer in
            (200..<300).contains(answer.status)
                ? .accepted(reference: nil)
                : call.refusal(answer)
        }
    }
}
