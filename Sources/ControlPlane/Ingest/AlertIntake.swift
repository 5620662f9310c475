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

    /// Hash of what a sender last said, by the alert's fingerprint: what is said again needs no reading.
    private var contents: [Fingerprint: Int] = [:]
    private let rules: AlertRules
    private let engine: ResponseEngine
    private let commits: CommitQueue
    private var text = AlertText()
    /// What a body said that is to be decided, until the whole of it was read.
    private var reports: [AlertBook.Report] = []
    private var reported: [Fingerprint: Int] = [:]
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
            try text.read(&scanner, index: index)
            counts.received += 1
            if let fault = text.fault {
                tally.faults.append((index, fault))
            } else {
                take(scanner, index, now, &tally)
            }
            index += 1
        } while scanner.take(0x2c)
        try scanner.expect(0x5d)
    }

    private func take(_ scanner: JSONScanner, _ index: Int, _ now: Moment, _ tally: inout Tally) {
        let content = text.content(scanner)
        if text.isInOrder {
            let fingerprint = text.fingerprint(scanner)
            if contents[fingerprint] == content, isToldAgain(fingerprint, now) {
                counts.refreshed += 1
                if commits.isUnwritten(fingerprint) { tally.needsCommit = true }
                return
            }
        }
        do throws(AlertText.Fault) {
            let report = try rules.report(
                text, scanner, index: index, now: now, resolveTimeout: engine.responder.book.resolveTimeout)
            let fingerprint = report.labels.fingerprint
            let known = engine.responder.book.alerts
            if known[fingerprint] == nil, reported[fingerprint] == nil,
                known.count + reported.count >= rules.limits.knownAlerts
            {
                tally.refused.append(index)
                return
            }
            reports.append(report)
            reported[fingerprint] = content
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
        for (fingerprint, content) in reported {
            guard engine.responder.book.alerts[fingerprint] != nil else { continue }
            contents[fingerprint] = content
            if !tally.needsCommit, commits.isUnwritten(fingerprint) { tally.needsCommit = true }
        }
        reports.removeAll(keepingCapacity: true)
        reported.removeAll(keepingCapacity: true)
    }

    private func isToldAgain(_ fingerprint: Fingerprint, _ now: Moment) -> Bool {
        // What the same body said before comes first.
        guard reported.isEmpty || reported[fingerprint] == nil else { return false }
        let start = text.startsAt ?? text.endsAt
        if let start, let end = text.endsAt, end < start { return false }
        return engine.retell(fingerprint, startsAt: start, endsAt: text.endsAt, now: now)
    }

    /// Forgets what was said of alerts that are no longer known: now and then.
    func tidy() {
        let known = engine.responder.book.alerts
        guard contents.count > known.count else { return }
        contents = contents.filter { known[$0.key] != nil }
    }
}
