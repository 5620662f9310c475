extension Responder {
    /// What an event changed, before it is said once and in order.
    struct Changes: Sendable {
        /// Keys in the order in which they were first touched.
        private(set) var touched: [Part.Key] = []
        private var known: Set<Part.Key> = []
        /// The parts that are made when they are touched, not when everything is done.
        private(set) var alerts: [Fingerprint] = []
        private var knownAlerts: Set<Fingerprint> = []
        private(set) var groups: [GroupKey] = []
        private var knownGroups: Set<GroupKey> = []
        /// How many lines of each incident's log were saved.
        var saved: [String: Int] = [:]
        /// Each incident as it was saved last, without its log.
        var stored: [String: Incident] = [:]
        /// What the world has to do once everything is saved.
        var later: [Action] = []
        var drops: [Action] = []

        mutating func touch(_ kind: Part.Key.Kind, _ id: String) {
            let key = Part.Key(kind, id)
            if known.insert(key).inserted { touched.append(key) }
        }

        mutating func touch(alert: Fingerprint) {
            if knownAlerts.insert(alert).inserted { alerts.append(alert) }
        }

        mutating func touch(group: GroupKey) {
            if knownGroups.insert(group).inserted { groups.append(group) }
        }

        mutating func clear() {
            guard !(touched.isEmpty && alerts.isEmpty && groups.isEmpty && later.isEmpty && drops.isEmpty) else {
                return
            }
            touched.removeAll(keepingCapacity: true)
            known.removeAll(keepingCapacity: true)
            alerts.removeAll(keepingCapacity: true)
            knownAlerts.removeAll(keepingCapacity: true)
            groups.removeAll(keepingCapacity: true)
            knownGroups.removeAll(keepingCapacity: true)
            later.removeAll()
            drops.removeAll()
        }
    }

    /// The actions of an event, and a clean slate.
    mutating func finish() -> [Action] {
        var actions: [Action] = []
        for fingerprint in changes.alerts {
            if let alert = book.alerts[fingerprint] { actions.append(.save(.alert(alert))) }
        }
        for key in changes.groups { if let group = groups[key] { actions.append(.save(.group(group.record))) } }
        for key in changes.touched { actions += saves(key) }
        actions += changes.drops
        actions += changes.later
        changes.clear()
        return actions
    }

    private mutating func saves(_ key: Part.Key) -> [Action] {
        let id = key.id
        switch key.kind {
        case .incident: return incidentSaves(id)
        case .escalation: return escalations[id].map { [.save(.escalation(incident: id, $0))] } ?? []
        case .page: return pages[id].map { [.save(.page($0))] } ?? []
        case .remedy: return remedies[id].map { [.save(.remedy($0))] } ?? []
        case .silence: return mutes.silences[id].map { [.save(.silence($0))] } ?? []
        case .maintenance: return mutes.windows[id].map { [.save(.maintenance($0))] } ?? []
        case .release: return releases.records[id].map { [.save(.release($0))] } ?? []
        case .swap: return swaps[id].map { [.save(.swap($0))] } ?? []
        case .beat: return beats[id].map { [.save(.beat(name: id, last: $0.last, isMissed: $0.isMissed))] } ?? []
        case .register: return [.save(.register(register))]
        // These say themselves what they save.
        case .alert, .group, .entry, .override, .absence, .person: return []
        }
    }

    private mutating func incidentSaves(_ id: String) -> [Action] {
        guard let incident = incidents[id] else { return [] }
        var actions: [Action] = []
        var bare = incident
        bare.log = []
        if changes.stored[id] != bare {
            changes.stored[id] = bare
            actions.append(.save(.incident(bare)))
        }
        let saved = changes.saved[id] ?? 0
        for number in saved..<incident.log.count {
            actions.append(.save(.entry(incident: id, number: number, incident.log[number])))
        }
        changes.saved[id] = incident.log.count
        return actions
    }

    mutating func save(_ part: Part) { changes.drops.append(.save(part)) }

    mutating func drop(_ kind: Part.Key.Kind, _ id: String) { changes.drops.append(.drop(Part.Key(kind, id))) }

    /// Writes a line into an incident's log.
    mutating func note(_ id: String, _ deed: Incident.Entry.Deed, by actor: Incident.Actor = .hauban) {
        incidents[id]?.note(deed, actor, now)
        changes.touch(.incident, id)
    }

    mutating func decide(_ decision: Decision, about id: String) { note(id, .decided(decision)) }
}
