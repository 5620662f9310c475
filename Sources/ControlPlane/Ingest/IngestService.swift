import NIOCore
import Response
import World

/// Takes what senders of every kind say, has it written, and answers them in their own form.
///
/// Belongs to one event loop.
final class IngestService {
    private var desk: IngestDesk
    private let sink: any DeedSink
    private let caller: HTTPCaller
    private let loop: any EventLoop
    private let now: () -> Moment
    private let newID: @Sendable () -> String
    /// How often integrations or their keys were changed.
    private(set) var changes = 0
    private static let fetchTime = Duration.seconds(5)

    init(
        keys: IntegrationKeys, limits: IngestLimits, sink: any DeedSink, caller: HTTPCaller,
        loop: any EventLoop, now: @escaping () -> Moment, newID: @escaping @Sendable () -> String
    ) {
        desk = IngestDesk(keys: keys, limits: limits)
        self.sink = sink
        self.caller = caller
        self.loop = loop
        self.now = now
        self.newID = newID
    }

    var keys: IntegrationKeys { desk.keys }

    /// Changes integrations or their keys; what is to be written is the caller's affair.
    func change<Value, Failure: Error>(
        _ body: (inout IntegrationKeys) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        changes += 1
        return try body(&desk.keys)
    }

    /// Records of keys that were used since the last call, for the next commit that has time.
    func takeUsed() -> [Record] { desk.keys.takeUsed() }

    /// Takes the word of another process that keys were used.
    func noteUses(_ uses: [IntegrationKey]) {
        for use in uses { desk.keys.noteUse(use) }
    }

    /// Whether a key that came as a bearer token or a password lets somebody send to Alertmanager's own paths.
    func admits(_ request: APIRequest) -> Bool {
        guard let key = IngestRouter.credential(request) else { return false }
        do throws(IntegrationKeys.Denial) {
            return try desk.keys.admit(key, now: now()).sender == .alertmanager
        } catch {
            return false
        }
    }

    /// Answers a sender.
    ///
    /// - Returns: whether the path is one of a sender's; only then it is answered.
    func handle(_ request: APIRequest, _ answer: @escaping (Answer) -> Void) -> Bool {
        take(request, again: true, answer)
    }

    private func take(_ request: APIRequest, again: Bool, _ answer: @escaping (Answer) -> Void) -> Bool {
        let moment = now()
        guard let outcome = desk.take(request, now: moment, id: newID()) else {
            return false
        }
        if let wanted = outcome.wants, again {
            fetch(wanted) { _ = self.take(request, again: false, answer) }
        } else {
            finish(outcome, moment, answer)
        }
        return true
    }

    private func finish(_ outcome: IngestOutcome, _ moment: Moment, _ answer: @escaping (Answer) -> Void) {
        guard !sink.isFull else {
            return answer(outcome.busy("too many alerts wait to be written; nothing of this request was taken"))
        }
        guard !outcome.deeds.isEmpty else { return answer(outcome.answer) }
        sink.take(outcome.deeds, at: moment) { [self] result in
            switch result {
            case .taken:
                for case .confirm(let url) in outcome.deeds { Self.confirm(url, caller) }
                answer(outcome.answer)
            case .takenBut(let refused):
                answer(
                    outcome.busy(
                        "\(refused) new alerts were not taken, since as many as may be are known; the others were",
                        seconds: 20))
            case .refused(let refusal): answer(outcome.unheard(Problem(refusal)))
            case .unwritten(let error):
                answer(outcome.busy("alerts cannot be written: \(error)", status: 503, seconds: 5))
            }
        }
    }

    private static func confirm(_ url: String, _ caller: HTTPCaller) {
        Task { _ = try? await caller.send(HTTPRequest(url: url), within: fetchTime) }
    }

    private func fetch(_ url: String, _ then: @escaping () -> Void) {
        let promise = loop.makePromise(of: [UInt8]?.self)
        let caller = caller
        promise.completeWithTask {
            guard let answer = try? await caller.send(HTTPRequest(url: url), within: Self.fetchTime),
                answer.status == 200
            else { return nil }
            return Array(answer.body.utf8)
        }
        promise.futureResult.assumeIsolated().whenSuccess { bytes in
            if let bytes { self.desk.certificates.put(bytes, from: url, now: self.now()) }
            then()
        }
    }
}
