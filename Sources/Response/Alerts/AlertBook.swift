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
        package var annotations: Annotations
        package var startsAt: Moment?
        package var endsAt: Moment?
        package var source: String
        package var generatorURL: String

        package init(
            labels: LabelSet, annotations: Annotations = [:], startsAt: Moment? = nil, endsAt: Moment? = nil,
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

    package private(set) var alerts = AlertTable()
    /// How many fire.
    package private(set) var firing = 0
    /// How long an alert without an end fires after it was last told.
    package var resolveTimeout: Duration
    /// How long an alert is known after it is over.
    package var retention: Duration
    package var flapping: Flapping
    /// The end of each that fires, perhaps an earlier one than it has by now, and the last day of each that is over.
    private var times = TimeHeap<Fingerprint>()
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
    package var nextDue: Moment? { times.first?.at }

    /// Puts back what was stored. What fired then had no chance to be told again meanwhile: it gets the time for that.
    package mutating func restore(_ stored: Alert, now: Moment) {
        var alert = stored
        if alert.endedAt == nil {
            alert.endsAt = max(alert.endsAt, now + resolveTimeout)
            firing += 1
        }
        let fingerprint = alert.labels.fingerprint
        alerts[fingerprint] = alert
        set(fingerprint, due: alert.endedAt.map { $0 + retention } ?? alert.endsAt)
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
        // What is said now may be other words.
        alerts.mark(fingerprint, 0)
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
            set(fingerprint, due: now + retention)
            return (fingerprint, .resolved)
        }
        alerts[fingerprint] = alert
        guard wasFiring, let known else {
            storedEnds[fingerprint] = nil
            firing += 1
            set(fingerprint, due: alert.endsAt)
            return (fingerprint, .began)
        }
        // An end that only moves away is looked up when the earlier one comes: a refresh touches no queue.
        if alert.endsAt < known.endsAt { set(fingerprint, due: alert.endsAt) }
        if isToBeStored(fingerprint, from: known.endsAt, to: alert.endsAt, now) {
            storedEnds[fingerprint] = nil
            return (fingerprint, .extended)
        }
        moved(fingerprint, from: known.endsAt, to: alert.endsAt, now)
        return (fingerprint, .refreshed)
    }

    /// Gives an alert a mark, by which ``AlertTable/place(marked:)`` finds it.
    package mutating func mark(_ fingerprint: Fingerprint, _ mark: UInt64) { alerts.mark(fingerprint, mark) }

    /// Takes a report that says of a firing alert what was said before, times apart: as ``take(_:now:)``, for senders that
    /// tell the same again and again.
    ///
    /// - Returns: whether it was taken. What is not firing, ends, does not overlap, or is to be stored is for
    ///   ``take(_:now:)``.
    package mutating func retell(_ place: AlertTable.Place, startsAt: Moment?, endsAt: Moment?, now: Moment) -> Bool {
        let start = startsAt ?? endsAt.map { min($0, now) } ?? now
        let told = endsAt ?? now + resolveTimeout
        let fingerprint = alerts.fingerprint(at: place)
        var before = told
        if let endsAt {
            before = alerts.change(place) { $0.alert?.endsAt ?? told }
            if isToBeStored(fingerprint, from: before, to: endsAt, now) { return false }
        }
        // In its place: an alert that is taken out and put back costs more than all the rest.
        let outcome = alerts.change(place) { slot -> Alert.Retelling in
            slot.alert?.retell(start, told, isAssumed: endsAt == nil, now) ?? .refused
        }
        switch outcome {
        case .refused: return false
        case .taken:
            if let endsAt { moved(fingerprint, from: before, to: endsAt, now) }
            return true
        case .endsSooner(let end):
            set(fingerprint, due: end)
            return true
        }
    }

    private mutating func moved(_ fingerprint: Fingerprint, from before: Moment, to end: Moment, _ now: Moment) {
        guard isBeyondRestart(before, end, now), storedEnds[fingerprint] == nil else { return }
        storedEnds[fingerprint] = before
    }

    /// The next thing that time alone does, up to now.
    package mutating func pass(until now: Moment) -> Passing? {
        while let (at, fingerprint) = times.first, at <= now {
            times.removeFirst()
            // What was moved since is in the heap once more.
            guard alerts.due(of: fingerprint) == at, let alert = alerts[fingerprint] else { continue }
            alerts.setDue(fingerprint, nil)
            if alert.endedAt == nil {
                guard alert.isResolved(at: now) else {
                    set(fingerprint, due: alert.endsAt)
                    continue
                }
                storedEnds[fingerprint] = nil
                alerts[fingerprint]?.endedAt = alert.endsAt
                firing -= 1
                set(fingerprint, due: max(alert.endsAt, now) + retention)
                return .ended(fingerprint)
            }
            alerts[fingerprint] = nil
            dropMoved()
            return .forgotten(alert)
        }
        return nil
    }

    /// Has time look at an alert then, and not before.
    private mutating func set(_ fingerprint: Fingerprint, due: Moment) {
        guard alerts.due(of: fingerprint) != due else { return }
        alerts.setDue(fingerprint, due)
        times.insert(fingerprint, at: due)
        if times.count > 2 * alerts.count + 64 {
            times.keepOnly { alerts.due(of: $1) == $0 }
        }
        dropMoved()
    }

    /// What comes first is what is due first.
    private mutating func dropMoved() {
        while let (at, fingerprint) = times.first, alerts.due(of: fingerprint) != at { times.removeFirst() }
    }
}

extension Alert {
    fileprivate enum Retelling { case refused, taken, endsSooner(Moment) }

    fileprivate mutating func retell(_ start: Moment, _ told: Moment, isAssumed: Bool, _ now: Moment) -> Retelling {
        let before = endsAt
        guard endedAt == nil, before > now, told > now, start <= before, startsAt <= told else { return .refused }
        let keepsEnd = !endIsAssumed && before > told
        let end = keepsEnd ? before : told
        startsAt = min(startsAt, start)
        endsAt = end
        endIsAssumed = keepsEnd ? false : isAssumed
        updatedAt = now
        return end < before ? .endsSooner(end) : .taken
    }
}
