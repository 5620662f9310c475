extension Responder {
    static func book(_ rules: Rulebook) -> AlertBook {
        // A group has to see each end before the alert is forgotten.
        let longest = rules.routes.map(\.timing.interval).max() ?? .zero
        return AlertBook(
            resolveTimeout: rules.resolveTimeout,
            retention: max(rules.retention, longest * 2 + rules.flapping.calm), flapping: rules.flapping)
    }

    /// Everything that is stored now: what a rebuilt one begins with.
    package var parts: [Part] {
        var parts: [Part] = book.alerts.values.map { .alert($0) }
        parts += groups.values.map { .group($0.record) }
        for incident in incidents.values {
            var bare = incident
            bare.log = []
            parts.append(.incident(bare))
            for (number, entry) in incident.log.enumerated() {
                parts.append(.entry(incident: incident.id, number: number, entry))
            }
        }
        parts += escalations.map { .escalation(incident: $0.key, $0.value) }
        parts += pages.values.map { .page($0) }
        parts += remedies.values.map { .remedy($0) }
        parts += mutes.silences.values.map { .silence($0) }
        parts += mutes.windows.values.filter { !declared.contains($0.id) }.map { .maintenance($0) }
        parts += releases.records.values.map { .release($0) }
        for (name, all) in overrides { parts += all.map { .override(schedule: name, $0) } }
        for (name, all) in absences { parts += all.map { .absence(schedule: name, id: $0.key, $0.value) } }
        parts += swaps.values.map { .swap($0) }
        parts += entries.values.map { .entryOfPerson($0) }
        parts += beats.map { .beat(name: $0.key, last: $0.value.last, isMissed: $0.value.isMissed) }
        parts.append(.register(register))
        return parts.sorted { $0.key < $1.key }
    }

    mutating func restore(_ parts: some Sequence<Part>) {
        var alerts: [Alert] = []
        var entries: [String: [Int: Incident.Entry]] = [:]
        for part in parts {
            switch part {
            case .alert(let alert): alerts.append(alert)
            case .group(let record): groups[record.key] = AlertGroup(record)
            case .incident(let incident): incidents[incident.id] = incident
            case .entry(let id, let number, let entry): entries[id, default: [:]][number] = entry
            case .escalation(let id, let escalation): escalations[id] = escalation
            case .page(let page): pages[page.id] = page
            case .remedy(let run): remedies[run.key] = run
            case .silence(let silence): mutes.put(silence, now: now)
            case .maintenance(let window): mutes.put(window, now: now)
            case .release(let record): _ = releases.put(record)
            case .override(let name, let override): overrides[name, default: []].append(override)
            case .absence(let name, let id, let absence): absences[name, default: [:]][id] = absence
            case .swap(let swap): swaps[swap.id] = swap
            case .beat(let name, let last, let isMissed): beats[name] = Beat(last: last, isMissed: isMissed)
            case .entryOfPerson(let entry): self.entries[entry.person] = entry
            case .register(let stored): register = stored
            }
        }
        for name in overrides.keys { overrides[name]?.sort { $0.id < $1.id } }
        for (id, lines) in entries {
            incidents[id]?.log = lines.sorted { $0.key < $1.key }.map(\.value)
        }
        arranged()
        restoreIncidents()
        for alert in alerts.sorted(by: { $0.labels < $1.labels }) { book.restore(alert, now: now) }
        regroup()
        restoreTimes()
        changes.drops.removeAll()
    }

    private mutating func restoreIncidents() {
        for (id, incident) in incidents {
            var bare = incident
            bare.log = []
            changes.stored[id] = bare
            changes.saved[id] = incident.log.count
        }
        for incident in incidents.values.sorted(by: { ($0.opened, $0.id) < ($1.opened, $1.id) }) where incident.isOpen {
            if let service = incident.service { openOf[service] = incident.id }
        }
        for page in pages.values.sorted(by: { ($0.id.utf8.count, $0.id) < ($1.id.utf8.count, $1.id) }) {
            if let incident = page.incident { pagesOf[incident, default: []].append(page.id) }
            if case .waiting(_, .rateLimit) = page.state { limited[page.contact, default: []].insert(page.id) }
            if let first = page.ledger.first(where: { $0.deed == .sent(attempt: 1) }) {
                sent[page.contact, default: []].append(first.at)
            }
        }
    }

    /// Puts every alert into the groups of its routes; what a group knew of what it told stays.
    private mutating func regroup() {
        inhibitions = InhibitionIndex(rules.inhibitions)
        var kept: [GroupKey: AlertGroup] = [:]
        var early: [EarlyAnswer] = []
        for (key, group) in groups {
            guard let route = rules.routes.first(where: { $0.name == key.route }) else {
                early += group.early
                drop(.group, key.description)
                queue.set(.group(key), at: nil)
                continue
            }
            var fresh = AlertGroup(group.record)
            fresh.timing = route.timing
            kept[key] = fresh
        }
        groups = kept
        heldBack = [:]
        for (fingerprint, alert) in book.alerts {
            let over = book.flapping.over(alert)
            if alert.endedAt == nil { inhibitions.insert(alert.labels, fingerprint) }
            for route in rules.routes.taken(by: alert.labels) {
                let key = route.group(of: alert.labels)
                if groups[key] == nil {
                    guard alert.endedAt == nil else { continue }
                    groups[key] = AlertGroup(key: key, timing: route.timing)
                }
                groups[key]?.restore(alert, fingerprint: fingerprint, over: over)
            }
        }
        for answer in early { give(answer, to: answer.alert) }
        for key in groups.keys {
            groups[key]?.restored { book.alerts[$0].flatMap(book.flapping.over) }
            guard let group = groups[key], !group.members.isEmpty else {
                queue.set(.group(key), at: now + rules.reopenWithin + rules.retention)
                continue
            }
            queue.set(.group(key), at: group.nextLook)
            guard group.verdict == .quiet(.allMuted) else { continue }
            for fingerprint in group.members {
                if let service = book.alerts[fingerprint]?.service { heldBack[service, default: []].insert(key) }
            }
        }
    }

    private mutating func restoreTimes() {
        for (id, escalation) in escalations { queue.set(.escalation(id), at: escalation.nextDue) }
        for (id, page) in pages {
            switch page.state {
            case .waiting(let until, _): queue.set(.page(id), at: until)
            case .sending(_, let since): queue.set(.page(id), at: since + rules.backoff.patience)
            case .accepted, .acknowledged, .withdrawn, .summarised, .dead: break
            }
        }
        for (key, run) in remedies {
            if case .running = run.state { queue.set(.remedy(key), at: run.since + run.action.timeout) }
        }
        for (id, incident) in incidents where !incident.isOpen {
            let over = incident.resolved ?? incident.log.last?.at ?? now
            queue.set(.archive(id), at: over + rules.keepResolved)
        }
        for silence in mutes.silences.values { put(silence) }
        for window in mutes.windows.values { put(window) }
        for service in Set(releases.records.values.flatMap(\.services)) { watchSwitch(service) }
        watchBeats()
        changes.clear()
    }

    private mutating func watchBeats() {
        for heartbeat in rules.heartbeats where beats[heartbeat.name]?.isMissed == false {
            // Nobody could be heard while nothing listened.
            queue.set(.beat(heartbeat.name), at: now + heartbeat.every + heartbeat.grace)
        }
    }

    /// Decides by other rules from now on.
    package mutating func use(_ rules: Rulebook, now: Moment) -> [Action] {
        let actions = event(.tick, now: now)
        self.rules = rules
        book.resolveTimeout = rules.resolveTimeout
        book.flapping = rules.flapping
        book.retention = max(book.retention, Self.book(rules).retention)
        declareMaintenance()
        arranged()
        regroup()
        for heartbeat in rules.heartbeats where queue.time(of: .beat(heartbeat.name)) == nil {
            guard let beat = beats[heartbeat.name], !beat.isMissed else { continue }
            queue.set(.beat(heartbeat.name), at: self.now + heartbeat.every + heartbeat.grace)
        }
        return actions + event(.tick, now: now)
    }
}
