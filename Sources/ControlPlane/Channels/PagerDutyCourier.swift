package import Response
import Spec
package import World

/// PagerDuty's Events API v2: `POST /v2/enqueue`.
package struct PagerDutyCourier: Courier {
    private let settings: ChannelSettings.PagerDuty
    private let call: ProviderCall

    package init(
        _ settings: ChannelSettings.PagerDuty, _ caller: HTTPCaller, patience: Duration = .seconds(20),
        _ keeper: Timekeeper = .live
    ) {
        self.settings = settings
        call = ProviderCall(
            provider: "PagerDuty", caller: caller, filter: SecretFilter(Array(settings.keys.values)),
            patience: patience, keeper: keeper)
    }

    package func deliver(_ dispatch: Dispatch) async -> DeliveryAnswer {
        guard let key = settings.keys[dispatch.contact.address] else {
            return .refused("no integration of PagerDuty is called \(dispatch.contact.address)")
        }
        let body = PagerDutyEvent.body(dispatch.message, routingKey: key.exposed).compact
        let headers = ["Content-Type": "application/json", "Idempotency-Key": dispatch.key]
        let request = HTTPRequest(method: "POST", url: settings.url, headers: headers, body: body)
        return await call.send(request) { answer in
            let said = JSONValue(parsing: Array(answer.body.utf8))
            if answer.status == 202, said?["status"]?.string == "success" {
                return .accepted(reference: said?["dedup_key"]?.string)
            }
            var words = [said?["message"]?.string].compactMap { $0 }
            if case .array(let errors)? = said?["errors"] { words += errors.compactMap(\.string) }
            return call.refusal(answer, said: words.isEmpty ? nil : words.joined(separator: "; "))
        }
    }
}
