/// Every alert that is known, one for each label set.
package struct AlertBook: Sendable {
    /// What a report changed.
    package enum Change: Hashable, Sendable {
        /// First seen, or seen again after it was over.
        case began
        /// Known and firing still; only its times or annotations moved.
        case refreshed
        /// Known and firing still, and its end moved so far that a restart has to know of it.
        case extended
        case resolved
        /// Told to be over without ever having been known, or once more.
        case nothing
    }

    /// What a sender says.
    package struct Report: Hashable, Codable, Sendable {
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
            self.labels = labels
            self.annotations = annotations
            self.startsAt = startsAt
            self.endsAt = endsAt
            self.source = source
            self.generatorURL = generatorURL
        }
    }

    /// What time alone did.
    package enum Passing: Hashable, Sendable {
        case ended(Fingerprint)
        /// Over for so long that it is no longer known.
        case forgotten(Alert)
    }

    package private(set) var alerts: [Fingerprint: Alert] = [:]
    /// How many fire.
    package private(set) var firing = 0
    /// How long an alert without an end fires after it was last told.
    package var resolveTimeout: Duration
    /// How long an alert is known after it is over.
    package var retention: Duration
    package var flapping: Flapping
    /// The end of each that fires, perhaps an earlier one than it has by now, and the last day of each that is over.
    private var times = DueQueue<Fingerprint>()
    /// The stored end of alerts whose end has moved a little since; only of ends that a restart would not reach by itself.
    private var storedEnds: [Fingerprint: Moment] = [:]

    package init(
        resolveTimeout: Duration = .seconds(300), retention: Duration = .seconds(3600), flapping: Flapping = .init()
    ) {
        self.resolveTimeout = resolveTimeout
        self.retention = retention
        self.flapping = flapping
    }

    /// When ``pass(until:)`` may have something to say.
    package var nextDue: Moment? { times.next }

    /// Puts back what was stored. What fired then had no chance to be told again meanwhile: it gets the time for that.
    package mutating func restore(_ stored: Alert, now: Moment) {
        var alert = stored
        if alert.endedAt == nil {
            alert.endsAt = max(alert.endsAt, now + resolveTimeout)
            firing += 1
        }
        let fingerprint = alert.labels.fingerprint
        times.set(fingerprint, at: alert.endedAt.map { $0 + retention } ?? alert.endsAt)
        alerts[fingerprint] = alert
    }

    /// Whether a firing alert's end is to be stored when a refresh moves it.
    ///
    /// ``restore(_:now:)`` lets each go on for ``resolveTimeout``, so ends within that need no write: those of Prometheus,
    /// which come each minute, are of this kind. An end further away is stored when it is a minute later than the stored one,
    /// or a sixtieth of its distance: after a restart no alert ends earlier than it was last told to by more than that.
    private func isToBeStored(_ fingerprint: Fingerprint, from before: Moment, to end: Moment, _ now: Moment) -> Bool {
        guard isBeyondRestart(before, end, now) else { return false }
        let far = Duration.milliseconds((end - now).milliseconds / 60)
        return end - (storedEnds[fingerprint] ?? before) >= max(.seconds(60), far)
    }

    private func isBeyondRestart(_ before: Moment, _ end: Moment, _ now: Moment) -> Bool {
        end > before && end > now + resolveTimeout
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
        let wasFiring = known.map { $0.endedAt == nil } ?? false
        if let known, alert.overlaps(known) {
            if known.startsAt < alert.startsAt { alert.startsAt = known.startsAt }
            // An end that a sender named is shortened by an end that has come, by no other (Alertmanager, `types.Alert.Merge`).
            if !alert.isResolved(at: now), !known.endIsAssumed, wasFiring, known.endsAt > alert.endsAt {
                alert.endsAt = known.endsAt
                alert.endIsAssumed = false
            }
        }
        let isOver = alert.isResolved(at: now)
        if isOver && !wasFiring {
            if known != nil { alerts[fingerprint]?.updatedAt = now }
            return (fingerprint, .nothing)
        }
        if let known {
            alert.beganAgain = known.beganAgain
            if wasFiring {
                alert.receivedAt = known.receivedAt
            } else {
                alert.beganAgain = flapping.remembered(known.beganAgain + [now], now: now)
            }
        }
        if isOver {
            storedEnds[fingerprint] = nil
            alert.endedAt = alert.endsAt
            alerts[fingerprint] = alert
            firing -= 1
            times.set(fingerprint, at: now + retention)
            return (fingerprint, .resolved)
        }
        alerts[fingerprint] = alert
        guard wasFiring, let known else {
            storedEnds[fingerprint] = nil
            firing += 1
            times.set(fingerprint, at: alert.endsAt)
            return (fingerprint, .began)
        }
        // An end that only moves away is looked up when the earlier one comes: a refresh touches no queue.
        if alert.endsAt < known.endsAt { times.set(fingerprint, at: alert.endsAt) }
        if isToBeStored(fingerprint, from: known.endsAt, to: alert.endsAt, now) {
            storedEnds[fingerprint] = nil
            return (fingerprint, .extended)
        }
        moved(fingerprint, from: known.endsAt, to: alert.endsAt, now)
        return (fingerprint, .refreshed)
    }

    /// Takes a report that says of a firing alert what was said before, times apart: as ``take(_:now:)``, for senders that
    /// tell the same again and again.
    ///
    /// - Returns: whether it was taken. What is not firing, ends, does not overlap, or is to be stored is for
    ///   ``take(_:now:)``.
    package mutating func retell(_ fingerprint: Fingerprint, startsAt: Moment?, endsAt: Moment?, now: Moment) -> Bool {
        guard let index = alerts.index(forKey: fingerprint) else { return false }
        let start = startsAt ?? endsAt.map { min($0, now) } ?? now
        let before = alerts.values[index].endsAt
        if let endsAt, isToBeStored(fingerprint, from: before, to: endsAt, now) { return false }
        // In its place: an alert that is taken out and put back costs more than all the rest.
        switch Self.retell(&alerts.values[index], start, endsAt ?? now + resolveTimeout, endsAt == nil, now) {
        case .refused: return false
        case .taken:
            if let endsAt { moved(fingerprint, from: before, to: endsAt, now) }
            return true
        case .endsSooner(let end):
            times.set(fingerprint, at: end)
            return true
        }
    }

    private mutating func moved(_ fingerprint: Fingerprint, from before: Moment, to end: Moment, _ now: Moment) {
        guard isBeyondRestart(before, end, now), storedEnds[fingerprint] == nil else { return }
        storedEnds[fingerprint] = before
    }

    private enum Retelling { case refused, taken, endsSooner(Moment) }

    private static func retell(
        _ alert: inout Alert, _ start: Moment, _ told: Moment, _ isAssumed: Bool, _ now: Moment
    ) -> Retelling {
        let before = alert.endsAt
        guard alert.endedAt == nil, before > now, told > now, start <= before, alert.startsAt <= told else {
            return .refused
        }
        let keepsEnd = !alert.endIsAssumed && before > told
        let end = keepsEnd ? before : told
        alert.startsAt = min(alert.startsAt, start)
        alert.endsAt = end
        alert.endIsAssumed = keepsEnd ? false : isAssumed
        alert.updatedAt = now
        return end < before ? .endsSooner(end) : .taken
    }

    /// The next thing that time alone does, up to now.
    package mutating func pass(until now: Moment) -> Passing? {
        while let (fingerprint, _) = times.take(until: now) {
            guard let alert = alerts[fingerprint] else { continue }
            if alert.endedAt == nil {
                guard alert.isResolved(at: now) else {
                    times.set(fingerprint, at: alert.endsAt)
                    continue
                }
                storedEnds[fingerprint] = nil
                alerts[fingerprint]?.endedAt = alert.endsAt
                firing -= 1
                times.set(fingerprint, at: max(alert.endsAt, now) + retention)
                return .ended(fingerprint)
            }
            alerts[fingerprint] = nil
            return .forgotten(alert)
        }
        return nil
    }
}
