import Response
import Spec
import World

/// Has done what people asked for where they were told: by a button in Slack, by a digit on the telephone.
///
/// Belongs to one event loop.
final class InboundService {
    private let settings: ChannelSettings
    private let engine: ResponseEngine
    private let caller: HTTPCaller
    private let now: () -> Moment

    init(settings: ChannelSettings, engine: ResponseEngine, caller: HTTPCaller, now: @escaping () -> Moment) {
        self.settings = settings
        self.engine = engine
        self.caller = caller
        self.now = now
    }

    /// Answers a provider.
    ///
    /// - Returns: whether the path is one of a provider's that is set up; only then it is answered.
    func handle(_ request: APIRequest, _ answer: @escaping (Answer) -> Void) -> Bool {
        switch request.path {
        case SlackInteraction.path:
            guard let secret = settings.slack?.signingSecret else { return false }
            take(SlackInteraction.read(request, signingSecret: secret, now: now()), answer) { [caller] words in
                guard let words, let feedback = SlackInteraction.feedback(words, to: request) else {
                    return SlackInteraction.answer
                }
                Task { _ = try? await caller.send(feedback, within: .seconds(5)) }
                return SlackInteraction.answer
            }
        case TwilioGather.path:
            guard case .twilio(let twilio)? = settings.carriers[.call], let token = twilio.authToken,
                let url = twilio.answers
            else { return false }
            take(TwilioGather.read(request, publicURL: url, authToken: token), answer) { words in
                TwilioGather.answer(words ?? "Acknowledged.")
            }
        default: return false
        }
        return true
    }

    /// - Parameter reply: the answer, given why it was not done; `nil`: it was.
    private func take(
        _ reading: InboundReading, _ answer: @escaping (Answer) -> Void, _ reply: @escaping (String?) -> Answer
    ) {
        switch reading {
        case .answered(let found): answer(found)
        case .asks(let ask):
            let who = ask.by.person(in: engine.responder.directory) ?? ask.by.label
            let command: Event.Command =
                switch ask.deed {
                case .acknowledge: .acknowledge(page: ask.page)
                case .resolve: .resolve
                }
            engine.submit(.incident(ask.incident, command, by: who)) { outcome in
                switch outcome {
                case .done: answer(reply(nil))
                case .refused(let refusal): answer(reply(Problem(refusal).detail))
                // The provider sends it again, or the person presses again.
                case .unwritten(let error):
                    answer(.tryLater("it cannot be written: \(error)", status: 503, seconds: 5))
                }
            }
        }
    }
}
