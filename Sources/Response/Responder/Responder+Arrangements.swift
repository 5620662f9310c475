import Spec

extension Responder {
    /// What people arranged about a schedule.
    mutating func arrange(_ name: String, _ arrangement: Event.Arrangement) throws(Refusal) {
        guard let schedule = directory.schedules[name] else { throw .unknownSchedule(name) }
        switch arrangement {
        case .override(let override): try put(override, name)
        case .cancelOverride(let id):
            guard overrides[name]?.contains(where: { $0.id == id }) == true else { throw .unknownArrangement(id) }
            overrides[name]?.removeAll { $0.id == id }
            drop(.override, "\(name)/\(id)")
        case .absence(let id, let absence):
            guard absence.end > now else { throw .timeInThePast }
            absences[name, default: [:]][id] = absence
            save(.absence(schedule: name, id: id, absence))
        case .cancelAbsence(let id):
            guard absences[name]?.removeValue(forKey: id) != nil else { throw .unknownArrangement(id) }
            drop(.absence, "\(name)/\(id)")
        case .propose(let swap):
            do throws(ShiftSwap.Refusal) { try swap.check(schedule, now: now) } catch { throw .swap(error) }
            swaps[swap.id] = swap
            changes.touch(.swap, swap.id)
        case .answer(let id, let accepts, let person):
            guard var swap = swaps[id], swap.schedule == name else { throw .unknownArrangement(id) }
            let agreed: [OnCallSchedule.Override]
            do throws(ShiftSwap.Refusal) {
                agreed = try swap.answer(accepts: accepts, by: person, schedule, now: now)
            } catch { throw .swap(error) }
            swaps[id] = swap
            changes.touch(.swap, id)
            for override in agreed { try put(override, name) }
        }
        arranged()
    }

    private mutating func put(_ override: OnCallSchedule.Override, _ name: String) throws(Refusal) {
        guard override.end > now, override.start < override.end else { throw .timeInThePast }
        overrides[name, default: []].removeAll { $0.id == override.id }
        overrides[name, default: []].append(override)
        save(.override(schedule: name, override))
    }

    /// Puts what is arranged into the schedules; what is long over is forgotten.
    mutating func arranged() {
        directory = rules
        applyEntries()
        for name in overrides.keys.sorted() {
            for old in (overrides[name] ?? []) where old.end + Self.keepsArrangements <= now {
                drop(.override, "\(name)/\(old.id)")
            }
            overrides[name]?.removeAll { $0.end + Self.keepsArrangements <= now }
            directory.schedules[name]?.overrides += overrides[name] ?? []
        }
        for name in absences.keys.sorted() {
            for (id, old) in (absences[name] ?? [:]).sorted(by: { $0.key < $1.key })
            where old.end + Self.keepsArrangements <= now {
                absences[name]?[id] = nil
                drop(.absence, "\(name)/\(id)")
            }
            let all = (absences[name] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
            directory.schedules[name]?.absences += all
        }
    }

    /// How long an override or an absence is shown after its end.
    static let keepsArrangements = Duration.seconds(90 * 86_400)

    // MARK: Signs of life

    mutating func beat(_ name: String) throws(Refusal) {
        guard let heartbeat = rules.heartbeats.first(where: { $0.name == name }) else {
            throw .unknownHeartbeat(name)
        }
        let wasMissed = beats[name]?.isMissed == true
        // A sign of life changes nothing that has to be stored, unless it is the first or ends an alarm; a restart gives
        // everybody a fresh interval.
        let isFirst = beats[name] == nil
        beats[name] = Beat(last: now, isMissed: false)
        queue.set(.beat(name), at: now + heartbeat.every + heartbeat.grace)
        if wasMissed || isFirst { changes.touch(.beat, name) }
        if wasMissed { take(missed(heartbeat, endsAt: now)) }
    }

    mutating func missed(_ name: String) {
        guard let heartbeat = rules.heartbeats.first(where: { $0.name == name }) else { return }
        beats[name]?.isMissed = true
        changes.touch(.beat, name)
        take(missed(heartbeat, endsAt: now + .seconds(365 * 86_400)))
    }

    private func missed(_ heartbeat: Rulebook.Heartbeat, endsAt: Moment) -> AlertBook.Report {
        var labels = [
            "alertname": "HeartbeatMissed", "heartbeat": heartbeat.name, "severity": heartbeat.level.rawValue,
        ]
        labels["service"] = heartbeat.service
        let summary = Phrase.noSignOfLife(heartbeat.name, for: heartbeat.every + heartbeat.grace)
        return .init(
            labels: LabelSet(labels),
            annotations: ["summary": summary.text(rules.language)],
            endsAt: endsAt, source: "hauban")
    }
}
