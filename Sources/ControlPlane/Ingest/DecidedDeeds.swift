import Response
import World

/// Has what senders ask for decided by the engine of this process.
///
/// Belongs to one event loop.
final class DecidedDeeds: DeedSink {
    private let engine: ResponseEngine
    private let waitingAlerts: Int
    private var keyed: KeyedAlerts
    private var sweeps = 0

    init(_ engine: ResponseEngine, limits: IngestLimits) {
        self.engine = engine
        waitingAlerts = limits.waitingAlerts
        keyed = KeyedAlerts(engine.responder.book.alerts.values)
    }

    var isFull: Bool { engine.commits.waiting >= waitingAlerts }

    func take(_ deeds: [IngestDeed], at moment: Moment, _ answer: @escaping (DeedOutcome) -> Void) {
        if let refusal = decide(deeds, at: moment) { return answer(.refused(refusal)) }
        engine.commits.afterCommit { result in
            switch result {
            case .success: answer(.taken)
            case .failure(let error): answer(.unwritten(error))
            }
        }
    }

    /// Has deeds decided, for the commit that comes next.
    ///
    /// - Returns: why one is not done, where the sender has to hear of that.
    func decide(_ deeds: [IngestDeed], at moment: Moment) -> Refusal? {
        var refusal: Refusal?
        var reports: [AlertBook.Report] = []
        var named: Set<AlertKey> = []
        func tell() {
            if !reports.isEmpty { _ = engine.take(reports, now: moment) }
            reports.removeAll()
            named.removeAll()
        }
        for deed in deeds {
            switch deed {
            case .report, .resolve:
                // Many are one event, but what is said twice of one alert is said one after the other.
                if case .report(let report) = deed, let key = AlertKey(report.labels), !named.insert(key).inserted {
                    tell()
                    named.insert(key)
                }
                reports += keyed.reports(for: deed, now: moment) { engine.responder.book.alerts[$0] }
            case .acknowledge, .note, .beat, .change, .confirm:
                tell()
                refusal = perform(deed) ?? refusal
            }
        }
        tell()
        return refusal
    }

    /// Now and then: alerts that are known no more.
    func sweep() {
        // Goes through every alert: not too often.
        sweeps += 1
        if sweeps.isMultiple(of: 40) { keyed = KeyedAlerts(engine.responder.book.alerts.values) }
    }

    /// - Returns: why it is not done, where the sender has to hear of that.
    private func perform(_ deed: IngestDeed) -> Refusal? {
        switch deed {
        case .report, .resolve, .confirm: break
        case .acknowledge(let target, let who):
            for id in incidents(target) { engine.submit(.incident(id, .acknowledge(), by: who), nil) }
        case .note(let target, let text, let who):
            for id in incidents(target) { engine.submit(.incident(id, .note(text), by: who), nil) }
        case .beat(let name):
            var refusal: Refusal?
            engine.submit(.beat(name)) { if case .refused(let why) = $0 { refusal = why } }
            return refusal
        case .change(let record, _): engine.submit(.release(record), nil)
        }
        return nil
    }

    private func incidents(_ target: AlertTarget) -> [String] {
        guard let fingerprint = keyed.fingerprint(target) else { return [] }
        return engine.responder.standing(of: fingerprint)?.incidents ?? []
    }
}
