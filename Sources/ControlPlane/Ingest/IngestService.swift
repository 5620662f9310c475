import NIOCore
import Response
import World

/// Takes what senders of every kind say, has it written, and answers them in their own form.
///
/// Belongs to one event loop.
final class IngestService {
    private var desk: IngestDesk
    private var keyed: KeyedAlerts
    private let engine: ResponseEngine
    private let caller: HTTPCaller
    private let loop: any EventLoop
    private let now: () -> Moment
    private let newID: @Sendable () -> String
    private static let fetchTime = Duration.seconds(5)

    init(
        keys: IntegrationKeys, limits: IngestLimits, engine: ResponseEngine, caller: HTTPCaller,
        loop: any EventLoop, now: @escaping () -> Moment, newID: @escaping @Sendable () -> String
    ) {
        desk = IngestDesk(keys: keys, limits: limits)
        keyed = KeyedAlerts(engine.responder.book.alerts.values)
        self.engine = engine
        self.caller = caller
        self.loop = loop
        self.now = now
        self.newID = newID
        engine.forgotten = { [weak self] in self?.keyed.forget($0) }
    }

    var keys: IntegrationKeys { desk.keys }

    /// Takes an integration that a file declares.
    func declare(_ integration: Integration) {
        for record in desk.keys.declare(integration) { engine.commits.save(record) }
    }

    /// Changes integrations or their keys; what is to be written is the caller's affair.
    func change<Value>(_ body: (inout IntegrationKeys) throws(Problem) -> Value) throws(Problem) -> Value {
        try body(&desk.keys)
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

    /// Now and then: when keys were used.
    func sweep() {
        for record in desk.keys.takeUsed() { engine.commits.save(record) }
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
        guard engine.commits.waiting < desk.limits.waitingAlerts else {
            return answer(outcome.busy("too many alerts wait to be written; nothing of this request was taken"))
        }
        var refusal: Refusal?
        var reports: [AlertBook.Report] = []
        var named: Set<AlertKey> = []
        /// Alerts among the reports that were not known before.
        var new: Set<Fingerprint> = []
        var refused = 0
        func tell() {
            if !reports.isEmpty { _ = engine.take(reports, now: moment) }
            reports.removeAll()
            named.removeAll()
            new.removeAll()
        }
        for deed in outcome.deeds {
            switch deed {
            case .report, .resolve:
                if case .report(let report) = deed,
                    let begun = keyed.begins(report, now: moment, alert: { engine.responder.book.alerts[$0] }),
                    !new.contains(begun)
                {
                    guard engine.responder.book.alerts.count + new.count < desk.limits.knownAlerts else {
                        refused += 1
                        continue
                    }
                    new.insert(begun)
                }
                // Many are one event, but what is said twice of one alert is said one after the other.
                if case .report(let report) = deed, let key = AlertKey(report.labels), !named.insert(key).inserted {
                    tell()
                    named.insert(key)
                }
                let told = keyed.reports(for: deed, now: moment) { engine.responder.book.alerts[$0] }
                reports += told.prefix(1)
                // The alert goes on under another severity: what was said of it meanwhile goes with it.
                if told.count == 2 {
                    tell()
                    engine.submit(.renamed(told[1].labels.fingerprint, to: told[0].labels.fingerprint), nil)
                    reports.append(told[1])
                }
            case .acknowledge, .note, .beat, .change, .confirm:
                tell()
                refusal = perform(deed) ?? refusal
            }
        }
        tell()
        guard !outcome.deeds.isEmpty else { return answer(outcome.answer) }
        if let refusal { return answer(outcome.unheard(Problem(refusal))) }
        engine.commits.afterCommit { result in
            switch result {
            case .success where refused > 0:
                answer(
                    outcome.busy(
                        "\(refused) new alerts were not taken, since as many as may be are known; the others were",
                        seconds: 20))
            case .success: answer(outcome.answer)
            case .failure(let error):
                answer(outcome.busy("alerts cannot be written: \(error)", status: 503, seconds: 5))
            }
        }
    }

    /// - Returns: why it is not done, where the sender has to hear of that.
    private func perform(_ deed: IngestDeed) -> Refusal? {
        switch deed {
        case .report, .resolve: break
        // Of an alert that nobody told of there is nothing to acknowledge: as PagerDuty has it, that is no fault.
        case .acknowledge(let target, let who):
            if let alert = keyed.fingerprint(target) { engine.submit(.answer(alert, .acknowledge, by: who), nil) }
        case .note(let target, let text, let who):
            if let alert = keyed.fingerprint(target) { engine.submit(.answer(alert, .note(text), by: who), nil) }
        case .beat(let name):
            var refusal: Refusal?
            engine.submit(.beat(name)) { if case .refused(let why) = $0 { refusal = why } }
            return refusal
        case .change(let record, _): engine.submit(.release(record), nil)
        case .confirm(let url):
            let caller = caller
            engine.commits.afterwards {
                Task { _ = try? await caller.send(HTTPRequest(url: url), within: Self.fetchTime) }
            }
        }
        return nil
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
