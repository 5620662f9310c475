/// Something that somebody should perhaps know: one label set, from when it began to when it ended.
package struct Alert: Hashable, Sendable {
    package var labels: LabelSet
    package var annotations: [String: String]
    package var startsAt: Moment
    /// When it is taken as over unless it is told again; the past: it is over.
    package var endsAt: Moment
    /// Whether the end was only assumed, since the sender named none.
    package var endIsAssumed: Bool
    package var updatedAt: Moment
    package var source: String
    /// Where the sender shows what made it tell: Prometheus's expression, for one. Empty where it says nothing.
    package var generatorURL: String

    package init(
        labels: LabelSet, annotations: [String: String] = [:], startsAt: Moment, endsAt: Moment,
        endIsAssumed: Bool = false, updatedAt: Moment, source: String = "", generatorURL: String = ""
    ) {
        self.generatorURL = generatorURL
        self.labels = labels
        self.annotations = annotations
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.endIsAssumed = endIsAssumed
        self.updatedAt = updatedAt
        self.source = source
    }

    package func isResolved(at now: Moment) -> Bool { endsAt <= now }

    package func overlaps(_ other: Alert) -> Bool { startsAt <= other.endsAt && other.startsAt <= endsAt }
}

/// Every alert that is known, one for each label set.
package struct AlertBook: Sendable {
    /// What a report changed.
    package enum Change: Hashable, Sendable {
        /// First seen, or seen again after it was over.
        case began
        /// Known and firing still; only its times or annotations moved.
        case refreshed
        case resolved
        /// Told to be over without ever having been known, or once more.
        case nothing
    }

    /// What a sender says.
    package struct Report: Hashable, Sendable {
        package var labels: LabelSet
        package var annotations: [String: String]
        package var startsAt: Moment?
        package var endsAt: Moment?
        package var source: String
        package var generatorURL: String

        package init(
            labels: LabelSet, annotations: [String: String] = [:], startsAt: Moment? = nil, endsAt: Moment? = nil,
            source: String = "", generatorURL: String = ""
        ) {
            self.generatorURL = generatorURL
            self.labels = labels
            self.annotations = annotations
            self.startsAt = startsAt
            self.endsAt = endsAt
            self.source = source
        }
    }

    package private(set) var alerts: [Fingerprint: Alert] = [:]
    /// How long an alert without an end fires after it was last told.
    package var resolveTimeout: Duration

    package init(resolveTimeout: Duration = .seconds(300)) {
        self.resolveTimeout = resolveTimeout
    }

    /// Takes a report as Alertmanager's `POST /api/v2/alerts` does: no start is now, no end is assumed, and a report that
    /// overlaps what is known keeps the earlier start and moves the end.
    package mutating func take(_ report: Report, now: Moment) -> (fingerprint: Fingerprint, change: Change) {
        let fingerprint = report.labels.fingerprint
        // A start that is not given is now, or the end where that is earlier.
        let start = report.startsAt ?? report.endsAt.map { min($0, now) } ?? now
        var alert = Alert(
            labels: report.labels, annotations: report.annotations, startsAt: start,
            endsAt: report.endsAt ?? now + resolveTimeout, endIsAssumed: report.endsAt == nil, updatedAt: now,
            source: report.source, generatorURL: report.generatorURL)
        let known = alerts[fingerprint]
        let wasFiring = known.map { !$0.isResolved(at: now) } ?? false
        if let known, alert.overlaps(known) {
            if known.startsAt < alert.startsAt { alert.startsAt = known.startsAt }
            // An assumed end never shortens one that a sender named.
            if alert.endIsAssumed, !known.endIsAssumed, wasFiring, known.endsAt > alert.endsAt {
                alert.endsAt = known.endsAt
                alert.endIsAssumed = false
            }
        }
        if alert.isResolved(at: now) && !wasFiring {
            if known != nil { alerts[fingerprint]?.updatedAt = now }
            return (fingerprint, .nothing)
        }
        alerts[fingerprint] = alert
        if alert.isResolved(at: now) { return (fingerprint, .resolved) }
        return (fingerprint, wasFiring ? .refreshed : .began)
    }

    /// Takes a report that says of a firing alert what was said before, times apart: as ``take(_:now:)``, for senders that
    /// tell the same again and again.
    ///
    /// - Returns: whether it was taken. What is not firing, ends, or does not overlap is for ``take(_:now:)``.
    package mutating func retell(_ fingerprint: Fingerprint, startsAt: Moment?, endsAt: Moment?, now: Moment) -> Bool {
        guard let index = alerts.index(forKey: fingerprint) else { return false }
        let known = alerts.values[index]
        let start = startsAt ?? endsAt.map { min($0, now) } ?? now
        var end = endsAt ?? now + resolveTimeout
        var isAssumed = endsAt == nil
        guard known.endsAt > now, end > now, start <= known.endsAt, known.startsAt <= end else { return false }
        if isAssumed, !known.endIsAssumed, known.endsAt > end {
            end = known.endsAt
            isAssumed = false
        }
        alerts.values[index].startsAt = min(known.startsAt, start)
        alerts.values[index].endsAt = end
        alerts.values[index].endIsAssumed = isAssumed
        alerts.values[index].updatedAt = now
        return true
    }

    /// Knows again what was known before a restart.
    package mutating func restore(_ alert: Alert) { alerts[alert.labels.fingerprint] = alert }

    /// Ends at an alert's end what nobody told again; the alerts that ended since the time before.
    package func ended(after before: Moment, until now: Moment) -> [Fingerprint] {
        alerts.filter { $0.value.endsAt > before && $0.value.endsAt <= now }.map(\.key).sorted()
    }

    /// Forgets what has been over for longer than a time.
    package mutating func forget(overFor limit: Duration, now: Moment) -> [Fingerprint] {
        let old = alerts.filter { $0.value.endsAt + limit <= now }.map(\.key).sorted()
        for fingerprint in old { alerts[fingerprint] = nil }
        return old
    }
}
