import Response

/// Takes reports of alerts: decides what they change, and has changes of state written before they are answered.
///
/// Belongs to one event loop. Memory may be ahead of the store by what `unwritten` names; whatever touches one of these waits
/// for its commit too, so that no answer stands on a change that a failed commit left behind.
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

    private(set) var book: AlertBook
    /// Hash of what a sender last said, by the alert's fingerprint: what is said again needs no reading.
    private var contents: [Fingerprint: Int] = [:]
    private let rules: AlertRules
    private let commits: CommitQueue
    private var text = AlertText()
    private(set) var counts = Counts()

    /// What was taken since the start, for metrics.
    struct Counts {
        var requests = 0
        var received = 0
        var refreshed = 0
        var changed = 0
        var invalid = 0
    }

    init(
        _ stored: some Sequence<Alert>, limits: IngestLimits, resolveTimeout: Duration, keepOver: Duration,
        commits: CommitQueue, now: Moment
    ) {
        rules = AlertRules(limits: limits)
        self.commits = commits
        book = AlertBook(resolveTimeout: resolveTimeout, retention: keepOver)
        for alert in stored { book.restore(alert, now: now) }
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
                if commits.isUnwritten(fingerprint) {
                    commits.gather(fingerprint)
                    tally.needsCommit = true
                }
                return
            }
        }
        do throws(AlertText.Fault) {
            let report = try rules.report(
                text, scanner, index: index, now: now, resolveTimeout: book.resolveTimeout)
            let fingerprint = report.labels.fingerprint
            let known = book.alerts[fingerprint]
            if known == nil, book.alerts.count >= rules.limits.knownAlerts {
                tally.refused.append(index)
                return
            }
            let change = book.take(report, now: now).change
            if change != .nothing { contents[fingerprint] = content }
            guard isWorthWriting(change, known, report) || commits.isUnwritten(fingerprint) else {
                counts.refreshed += 1
                return
            }
            counts.changed += 1
            commits.gather(fingerprint)
            tally.needsCommit = true
        } catch {
            tally.faults.append((index, error))
        }
    }

    private func isToldAgain(_ fingerprint: Fingerprint, _ now: Moment) -> Bool {
        let start = text.startsAt ?? text.endsAt
        if let start, let end = text.endsAt, end < start { return false }
        return book.retell(fingerprint, startsAt: start, endsAt: text.endsAt, now: now)
    }

    private func isWorthWriting(_ change: AlertBook.Change, _ known: Alert?, _ report: AlertBook.Report) -> Bool {
        switch change {
        case .began, .resolved: true
        case .nothing: false
        case .refreshed:
            known?.annotations != report.annotations || known?.generatorURL != report.generatorURL
        }
    }

    /// What the passing of time changes: alerts that ended untold, and ones that have been over for long.
    func tick(now: Moment) {
        while let passing = book.pass(until: now) {
            switch passing {
            case .ended(let fingerprint): commits.gather(fingerprint)
            case .forgotten(let alert):
                contents[alert.labels.fingerprint] = nil
                commits.forget(alert.labels.fingerprint)
            }
        }
    }
}
