import Spec

extension Responder {
    /// An alert as it stands, and why nobody is told of it, if so.
    package struct Standing: Hashable, Sendable {
        package var isFiring: Bool
        package var isFlapping: Bool
        package var mutes: [Mute]
        package var groups: [GroupKey]
        package var incidents: [String]
    }

    package func standing(of fingerprint: Fingerprint) -> Standing? {
        guard let alert = book.alerts[fingerprint] else { return nil }
        var mutes = mutes.mutes(alert.labels, zones: rules.zones, now: now)
        if let mute = switching(alert) { mutes.append(mute) }
        if let mute = inhibited(alert) { mutes.append(mute) }
        let keys = rules.routes.taken(by: alert.labels).map { $0.group(of: alert.labels) }
        return Standing(
            isFiring: alert.endedAt == nil, isFlapping: book.flapping.isFlapping(alert), mutes: mutes, groups: keys,
            incidents: keys.compactMap { groups[$0]?.incident.map(survivor) })
    }

    mutating func take(_ report: AlertBook.Report) {
        let known = book.alerts[report.labels.fingerprint]
        let (fingerprint, change) = book.take(report, now: now)
        switch change {
        case .began, .resolved: changed(fingerprint)
        case .refreshed:
            // Its words are kept; its times need not be.
            if known?.annotations != report.annotations || known?.generatorURL != report.generatorURL {
                changes.touch(alert: fingerprint)
            }
        case .extended: changes.touch(alert: fingerprint)
        case .nothing: break
        }
    }

    /// Takes a report that only tells again what is known, without an event and its actions: nothing of it is stored.
    ///
    /// - Returns: whether it was taken; what was not is for ``event(_:now:)``.
    package mutating func retell(_ place: AlertTable.Place, startsAt: Moment?, endsAt: Moment?, now: Moment) -> Bool {
        // What is due comes first: it may be the end of this very alert.
        guard now >= self.now, nextDue.map({ $0 > now }) ?? true else { return false }
        return book.retell(place, startsAt: startsAt, endsAt: endsAt, now: now)
    }

    /// Gives an alert the mark of what told of it: see ``AlertTable/place(marked:)``.
    package mutating func mark(_ fingerprint: Fingerprint, _ mark: UInt64) { book.mark(fingerprint, mark) }

    mutating func pass(_ passing: AlertBook.Passing) {
        switch passing {
        case .ended(let fingerprint): changed(fingerprint)
        case .forgotten(let alert): drop(.alert, alert.labels.fingerprint.description)
        }
    }

    /// An alert began or ended.
    private mutating func changed(_ fingerprint: Fingerprint) {
        guard let alert = book.alerts[fingerprint] else { return }
        changes.touch(alert: fingerprint)
        let over = book.flapping.over(alert)
        if over == nil {
            inhibitions.insert(alert.labels, fingerprint)
        } else {
            inhibitions.remove(alert.labels, fingerprint)
        }
        for route in rules.routes.taken(by: alert.labels) {
            let key = route.group(of: alert.labels)
            if groups[key] == nil {
                guard over == nil else { continue }
                groups[key] = AlertGroup(key: key, timing: route.timing)
            }
            groups[key]?.take(alert, fingerprint: fingerprint, over: over, now: now)
            if alert.endedAt != nil, groups[key]?.early.contains(where: { $0.alert == fingerprint }) == true {
                groups[key]?.early.removeAll { $0.alert == fingerprint }
                changes.touch(group: key)
            }
            if let next = groups[key]?.nextLook { queue.set(.group(key), at: next) }
            if over == nil, book.flapping.isFlapping(alert), let id = groups[key]?.incident.map(survivor) {
                isFlapping(fingerprint, id, times: alert.beganAgain.count)
            }
        }
    }

    /// Says once of an incident that one of its alerts flaps.
    private mutating func isFlapping(_ fingerprint: Fingerprint, _ id: String, times: Int) {
        guard let incident = incidents[id], incident.isOpen else { return }
        let isSaid = incident.log.contains { entry in
            guard case .decided(.flapping(fingerprint, _)) = entry.deed else { return false }
            return true
        }
        if !isSaid { decide(.flapping(fingerprint, times: times), about: id) }
    }

    // MARK: Mutes

    /// Why nobody is told of an alert.
    func mute(_ alert: Alert) -> Mute? {
        mutes.mute(alert.labels, zones: rules.zones, now: now) ?? switching(alert) ?? inhibited(alert)
    }

    private func inhibited(_ alert: Alert) -> Mute? {
        inhibitions.inhibitor(of: alert.labels).map { .inhibited(by: $0.source, rule: $0.rule) }
    }

    /// What began while its service switches is about the switch, as long as the service keeps its objective.
    private func switching(_ alert: Alert) -> Mute? {
        guard let service = alert.service, !register.burning.contains(service),
            let (record, _) = releases.switching(
                service, settle: rules.switchSettles, longest: rules.switchLasts, now: now),
            alert.receivedAt >= record.began,
            // What is said of the release itself is no symptom of its switch.
            record.ended == nil || alert.labels["release"] != record.id
        else { return nil }
        return .switching(release: record.id, service: service)
    }

    /// Why nobody is told of any alert of an incident, when all are muted.
    func mute(ofIncident id: String) -> Mute? {
        guard let firing = incidents[id]?.firing, !firing.isEmpty else { return nil }
        var least: (Fingerprint, Mute)?
        for fingerprint in firing {
            guard let alert = book.alerts[fingerprint], let mute = mute(alert) else { return nil }
            if least.map({ fingerprint < $0.0 }) ?? true { least = (fingerprint, mute) }
        }
        return least?.1
    }

    mutating func put(_ silence: Silence) {
        mutes.put(silence, now: now)
        changes.touch(.silence, silence.id)
        queue.set(.silence(silence.id), at: silence.end + Self.keepsSilences)
    }

    mutating func expireSilence(_ id: String) throws(Refusal) {
        guard var silence = mutes.silences[id], silence.state(at: now) != .expired else { throw .unknownSilence(id) }
        silence.expire(at: now)
        put(silence)
    }

    /// How long a silence or a window is shown after its end.
    static let keepsSilences = Duration.seconds(5 * 86_400)

    mutating func silenceChanged(_ id: String) {
        mutes.remove(silence: id)
        drop(.silence, id)
    }

    mutating func put(_ window: MaintenanceWindow) {
        mutes.put(window, now: now)
        changes.touch(.maintenance, window.id)
        var end = window.until
        if case .once(_, let last) = window.recurrence { end = min(end ?? last, last) }
        queue.set(.maintenance(window.id), at: end.map { $0 + Self.keepsSilences })
    }

    mutating func endMaintenance(_ id: String) throws(Refusal) {
        // One that is declared would come back with the next start: it is ended where it stands.
        guard var window = mutes.windows[id], !window.isOver(at: now), !declared.contains(id) else {
            throw .unknownMaintenance(id)
        }
        window.until = now
        put(window)
    }

    mutating func maintenanceChanged(_ id: String) {
        mutes.remove(window: id)
        drop(.maintenance, id)
    }

    // MARK: Looks

    mutating func look(_ key: GroupKey) {
        guard var group = groups.removeValue(forKey: key) else { return }
        guard !group.members.isEmpty else {
            drop(.group, key.description)
            return
        }
        let flapping = book.flapping
        let found = group.look(
            now: now, alert: { book.alerts[$0] },
            over: { flapping.over($0) },
            mute: { mute($0) })
        group.incident = group.incident.map(survivor)
        if let id = group.incident { end(found.ended, of: id) }
        if case .tell(let notice) = found.outcome, !notice.firing.isEmpty,
            let policy = rules.routes.first(where: { $0.name == key.route })?.policy
        {
            bring(notice, &group, policy)
            doEarly(&group, notice.firing)
        }
        if case .quiet(.allMuted) = found.outcome {
            for case .switching(_, let service) in found.muted.values { heldBack[service, default: []].insert(key) }
        }
        // Without members it is remembered as long as its last incident may matter to an alert.
        let next = group.members.isEmpty ? now + rules.reopenWithin + rules.retention : group.nextLook
        groups[key] = group
        queue.set(.group(key), at: next)
        changes.touch(group: key)
    }

    /// A switch ended, or its service burns: what waited for that waits no longer.
    mutating func wakeHeldBack(_ service: String) {
        for key in (heldBack.removeValue(forKey: service) ?? []).sorted() {
            groups[key]?.hurry(now)
            if let next = groups[key]?.nextLook { queue.set(.group(key), at: next) }
        }
    }
}
