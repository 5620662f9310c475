package import Response
import Spec
package import World

/// Slack's `chat.postMessage` with a bot's token.
///
/// Slack has no idempotency key; the page's own travels in the message's metadata.
package struct SlackCourier: Courier {
    private let settings: ChannelSettings.Slack
    private let call: ProviderCall

    package init(
        _ settings: ChannelSettings.Slack, _ caller: HTTPCaller, patience: Duration = .seconds(20),
        _ keeper: Timekeeper = .live
    ) {
        self.settings = settings
        call = ProviderCall(
            provider: "Slack", caller: caller, filter: SecretFilter([settings.token]), patience: patience,
            keeper: keeper)
    }

    package func deliver(_ dispatch: Dispatch) async -> DeliveryAnswer {
        let started = ContinuousClock.now
        var leftOut: Set<String> = []
        while true {
            var culprit: String?
            let answer = await call.send(request(dispatch, without: leftOut), started: started) { answer in
                let (meaning, error) = read(answer)
                culprit = error.flatMap { Self.culprits[$0] }
                return meaning
            }
            // A page in plain words, or beside its thread, is better than none.
            guard let culprit, leftOut.insert(culprit).inserted else { return answer }
        }
    }

    private func request(_ dispatch: Dispatch, without leftOut: Set<String>) -> HTTPRequest {
        var members: [JSONTree.Member] = []
        if case .object(let whole) = SlackMessage.body(
            dispatch.message, channel: dispatch.contact.address, thread: dispatch.thread,
            withButtons: settings.signingSecret != nil)
        {
            members = whole.filter { !leftOut.contains($0.key) }
        }
        if !leftOut.contains("metadata") {
            let payload = JSONTree.object([.init("key", .text(dispatch.key))])
            members.append(
                .init(
                    "metadata", .object([.init("event_type", .text("hauban_page")), .init("event_payload", payload)])))
        }
        return HTTPRequest(
            method: "POST", url: settings.url + "/chat.postMessage",
            headers: [
                "Authorization": "Bearer \(settings.token.exposed)", "Content-Type": "application/json; charset=utf-8",
                "Idempotency-Key": dispatch.key,
            ],
            body: JSONTree.object(members).compact)
    }

    /// What an answer means, and Slack's word for the error.
    private func read(_ answer: HTTPRequest.Answer) -> (DeliveryAnswer, String?) {
        let body = JSONValue(parsing: Array(answer.body.utf8))
        let error = body?["error"]?.string
        guard answer.status == 200 else { return (call.refusal(answer, said: error), nil) }
        if body?["ok"] == .bool(true), let reference = body?["ts"]?.string {
            return (.accepted(reference: reference), nil)
        }
        guard body?["ok"] == .bool(false), let error else { return (call.refusal(answer), nil) }
        var text = "Slack refused: \(error)"
        if case .array(let messages)? = body?["response_metadata"]?["messages"] {
            text += " (" + messages.compactMap(\.string).joined(separator: "; ") + ")"
        }
        let passes = Self.passing.contains(error)
        return (passes ? .failed(text, retryAfter: call.retryAfter(answer)) : .refused(text), error)
    }

    /// Errors that a part of the message is to blame for, which it can do without.
    private static let culprits = [
        "invalid_blocks": "blocks", "invalid_blocks_format": "blocks", "msg_blocks_too_long": "blocks",
        "invalid_metadata_format": "metadata", "invalid_metadata_schema": "metadata", "metadata_too_large": "metadata",
        "cannot_reply_to_message": "thread_ts", "thread_not_found": "thread_ts", "invalid_thread_ts": "thread_ts",
        "restricted_action_thread_locked": "thread_ts",
    ]

    /// Errors that pass by themselves, of those that the method documents. All others need somebody's hand: an unknown channel, a
    /// bot that was not invited, a revoked token.
    private static let passing: Set = [
        "ratelimited", "rate_limited", "message_limit_exceeded", "internal_error", "fatal_error", "service_unavailable",
        "request_timeout", "team_added_to_org", "org_login_required", "accesslimited",
    ]
}
