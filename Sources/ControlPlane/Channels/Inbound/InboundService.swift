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
            take(SlackInteraction.read(request, signingSecret: secret, now: now()), answer) {
                [caller] refusal, language in
                guard let words = refusal?.text(language),
                    let feedback = SlackInteraction.feedback(words, to: request)
                else {
                    return SlackInteraction.answer
                }
                Task { _ = try? await caller.send(feedback, within: .seconds(5)) }
                return SlackInteraction.answer
            }
        case TwilioGather.path:
            guard case .twilio(let twilio)? = settings.carriers[.call], let token = twilio.authToken,
                let url = twilio.answers
            else { return false }
            take(TwilioGather.read(request, publicURL: url, authToken: token), answer) { refusal, language in
                TwilioGather.answer(refusal ?? MessageWord.acknowledged.phrase, language)
            }
        default: return false
        }
        return true
    }

    /// - Parameter reply: the answer, given why it was not done, `nil`: it was; and what the asker is told in.
    private func take(
        _ reading: InboundReading, _ answer: @escaping (Answer) -> Void,
        _ reply: @escaping (Phrase?, Language) -> Answer
    ) {
        switch reading {
        case .answered(let found): answer(found)
        case .asks(let ask):
            let directory = engine.responder.directory
            let person = ask.by.person(in: directory)
            let who = person ?? ask.by.label
            let language =
                ask.language ?? person.flatMap { directory.people[$0]?.language } ?? engine.responder.rules.language
            let command: Event.Command =
                switch ask.deed {
                case .acknowledge: .acknowledge(page: ask.page)
                case .resolve: .resolve
                }
            engine.submit(.incident(ask.incident, command, by: who)) { outcome in
                switch outcome {
                case .done: answer(reply(nil, language))
                case .refused(let refusal): answer(reply(TimelineWords { $0.description }.phrase(refusal), language))
                // The provider sends it again, or the person presses again.
                case .unwritten(let error):
                    answer(.tryLater("it cannot be written: \(error)", status: 503, seconds: 5))
                }
            }
        }
    }
}
