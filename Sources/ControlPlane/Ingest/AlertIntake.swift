import Response

/// Takes reports of alerts: has what they change decided and written before they are answered.
///
/// Belongs to one event loop. Memory may be ahead of the store by what is unwritten; whatever touches one of these waits for its
/// commit too, so that no answer stands on a change that a failed commit left behind.
final class AlertIntake {
    /// What came of a body.
    struct Tally {
        /// Places in the list, and what is wrong there.
        var faults: [(index: Int, fault: AlertText.Fault)] = []
        /// Places of new alerts that were not taken, since as many as may be are known.
        var refused: [Int] = []
        var needsCommit = false
        /// Where the text stopped being JSON.
        var broken: JSONScanner.Fault?
    }

    /// What is said again word for word needs no reading: its hash is the alert's mark.
    private let hash = TextHash()
    private let rules: AlertRules
    private let engine: ResponseEngine
    private let commits: CommitQueue
    private var text = AlertText()
    /// What a body said that is to be decided, until the whole of it was read.
    private var reports: [AlertBook.Report] = []
    private var reported: [Fingerprint: UInt64] = [:]
    private(set) var counts = Counts()

    /// What was taken since the start, for metrics.
    struct Counts {
        var requests = 0
        var received = 0
        var refreshed = 0
        var changed = 0
        var invalid = 0
    }

    init(_ engine: ResponseEngine, limits: IngestLimits) {
        rules = AlertRules(limits: limits)
        self.engine = engine
        commits = engine.commits
    }

    /// Takes the list of a `POST /api/v2/alerts`. Where the text breaks off, what stood before is taken all the same.
    func take(_ body: UnsafeRawBufferPointer, now: Moment) -> Tally {
        counts.requests += 1
        var tally = Tally()
        do throws(JSONScanner.Fault) {
            try take(body, now, &tally)
        } catch {
            tally.broken = error
        }
        counts.invalid += tally.faults.count
        decide(now, &tally)
        return tally
    }

    private func take(_ body: UnsafeRawBufferPointer, _ now: Moment, _ tally: inout Tally) throws(JSONScanner.Fault) {
        var scanner = JSONScanner(body)
        if try scanner.takeNull() { return }
        try scanner.expect(0x5b)
        if scanner.take(0x5d) { return }
        var index = 0
        repeat {
            counts.received += 1
            var mark: UInt64 = 0
            if let skim = AlertSkim(scanner) {
                mark = skim.mark(hash)
                if isToldAgain(skim, mark, now, &tally) {
                    scanner.pass(to: skim.end)
                    index += 1
                    continue
                }
            }
            try text.read(&scanner, index: index)
            if let fault = text.fault {
                tally.faults.append((index, fault))
            } else {
                take(scanner, index, mark, now, &tally)
            }
            index += 1
        } while scanner.take(0x2c)
        try scanner.expect(0x5d)
    }

    /// Takes an alert whose words are known; it is read where that does not do.
    @inline(__always)
    private func isToldAgain(_ skim: AlertSkim, _ mark: UInt64, _ now: Moment, _ tally: inout Tally) -> Bool {
        guard let place = engine.responder.book.alerts.place(marked: mark) else { return false }
        // What the same body said before comes first.
        if !reported.isEmpty, reported[engine.responder.book.alerts.fingerprint(at: place)] != nil { return false }
        let start = skim.startsAt ?? skim.endsAt
        if let start, let end = skim.endsAt, end < start { return false }
        guard engine.retell(place, startsAt: start, endsAt: skim.endsAt, now: now) else { return false }
        counts.refreshed += 1
        if !tally.needsCommit, commits.hasUnwritten,
            commits.isUnwritten(engine.responder.book.alerts.fingerprint(at: place))
        {
            tally.needsCommit = true
        }
        return true
    }

    private func take(_ scanner: JSONScanner, _ index: Int, _ mark: UInt64, _ now: Moment, _ tally: inout Tally) {
        do throws(AlertText.Fault) {
            let report = try rules.report(
                text, scanner, index: index, now: now, resolveTimeout: engine.responder.book.resolveTimeout)
            let fingerprint = report.labels.fingerprint
            let known = engine.responder.book.alerts.count
            if known + reported.count >= rules.limits.knownAlerts, reported[fingerprint] == nil,
                engine.responder.book.alerts[fingerprint] == nil
            {
                tally.refused.append(index)
                return
            }
            reports.append(report)
            reported[fingerprint] = mark
        } catch {
            tally.faults.append((index, error))
        }
    }

    /// Has everything decided that a body said and that is more than what was known.
    private func decide(_ now: Moment, _ tally: inout Tally) {
        guard !reports.isEmpty else { return }
        let changed = engine.take(reports, now: now)
        counts.changed += changed
        counts.refreshed += max(0, reports.count - changed)
        tally.needsCommit = tally.needsCommit || changed > 0
        for (fingerprint, mark) in reported {
            engine.mark(fingerprint, mark)
            if !tally.needsCommit, commits.isUnwritten(fingerprint) { tally.needsCommit = true }
        }
        reports.removeAll(keepingCapacity: true)
        reported.removeAll(keepingCapacity: true)
    }
}
