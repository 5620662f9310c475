import Response
import World

/// Has what senders ask for decided by the engine of this process.
///
/// Belongs to one event loop.
final class DecidedDeeds: DeedSink {
    private let engine: ResponseEngine
    private let limits: IngestLimits
    private var keyed: KeyedAlerts

    init(_ engine: ResponseEngine, limits: IngestLimits) {
        self.engine = engine
        self.limits = limits
        keyed = KeyedAlerts(engine.responder.book.alerts.values)
        engine.forgotten = { [weak self] in self?.keyed.forget($0) }
    }

    var isFull: Bool { engine.commits.waiting >= limits.waitingAlerts }

    func take(_ deeds: [IngestDeed], at moment: Moment, _ answer: @escaping (DeedOutcome) -> Void) {
        let (refusal, refused) = decide(deeds, at: moment, knownAlerts: limits.knownAlerts)
        if let refusal { return answer(.refused(refusal)) }
        engine.commits.afterCommit { result in
            switch result {
            case .success: answer(refused > 0 ? .takenBut(refused) : .taken)
            case .failure(let error): answer(.unwritten(error))
            }
        }
    }

    /// Has deeds decided, for the commit that comes next.
    ///
    /// - Parameter knownAlerts: as many may be known; by default no sender can be told of a limit any more.
    /// - Returns: why one is not done, where the sender has to hear of that, and how many new alerts were too many.
    func decide(
        _ deeds: [IngestDeed], at moment: Moment, knownAlerts: Int = .max
    ) -> (refusal: Refusal?, refused: Int) {
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
        for deed in deeds {
            switch deed {
            case .report, .resolve:
                if case .report(let report) = deed,
                    let begun = keyed.begins(report, now: moment, alert: { engine.responder.book.alerts[$0] }),
                    !new.contains(begun)
                {
                    guard engine.responder.book.alerts.count + new.count < knownAlerts else {
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
        return (refusal, refused)
    }

    /// - Returns: why it is not done, where the sender has to hear of that.
    private func perform(_ deed: IngestDeed) -> Refusal? {
        switch deed {
        case .report, .resolve, .confirm: break
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
        }
        return nil
    }
}
