import Spec

extension Responder {
    /// Does what somebody says of an alert with its incidents, and keeps it for those that it has not yet: its group still
    /// waits, or the alert is muted.
    mutating func answer(_ fingerprint: Fingerprint, _ deed: EarlyAnswer.Deed, by person: String) {
        guard let alert = book.alerts[fingerprint] else { return }
        var done: Set<String> = []
        for route in rules.routes.taken(by: alert.labels) {
            let key = route.group(of: alert.labels)
            guard let group = groups[key] else { continue }
            let id = group.incident.map(survivor)
            let isIn = id.flatMap { incidents[$0] }.map { $0.isOpen && $0.firing.contains(fingerprint) } ?? false
            // What has no incident and is over has nobody to be told of it, and what was over when it was told has its incident.
            guard isIn || alert.endedAt != nil || !group.members.contains(fingerprint) else {
                groups[key]?.early.keep(EarlyAnswer(fingerprint, deed, by: person, at: now))
                changes.touch(group: key)
                continue
            }
            guard let id, done.insert(id).inserted else { continue }
            switch deed {
            case .acknowledge: try? perform(.acknowledge(), on: id, by: person)
            case .note(let text): try? perform(.note(text), on: id, by: person)
            }
        }
    }

    /// An acknowledgement holds for what is no worse than what was acknowledged.
    mutating func rename(_ fingerprint: Fingerprint, to other: Fingerprint) {
        guard let before = book.alerts[fingerprint], let after = book.alerts[other] else { return }
        for route in rules.routes.taken(by: before.labels) {
            let key = route.group(of: before.labels)
            guard let moved = groups[key]?.early.filter({ $0.alert == fingerprint }), !moved.isEmpty else { continue }
            groups[key]?.early.removeAll { $0.alert == fingerprint }
            changes.touch(group: key)
            for answer in moved where answer.deed != .acknowledge || after.level <= before.level {
                give(answer, to: other)
            }
        }
    }

    /// Keeps an answer with the groups of its alert that have no incident of it.
    mutating func give(_ answer: EarlyAnswer, to fingerprint: Fingerprint) {
        guard let alert = book.alerts[fingerprint], alert.endedAt == nil else { return }
        for route in rules.routes.taken(by: alert.labels) {
            let key = route.group(of: alert.labels)
            guard let group = groups[key], group.members.contains(fingerprint) else { continue }
            let firing = group.incident.map(survivor).flatMap { incidents[$0]?.firing } ?? []
            guard !firing.contains(fingerprint) else { continue }
            var answer = answer
            answer.alert = fingerprint
            groups[key]?.early.keep(answer)
            changes.touch(group: key)
        }
    }

    /// Does what was said of alerts before they had the incident that a group brought them to.
    mutating func doEarly(_ group: inout AlertGroup, _ told: [Fingerprint]) {
        guard !group.early.isEmpty, let id = group.incident.map(survivor), let incident = incidents[id] else { return }
        let told = Set(told)
        let due = group.early.filter { told.contains($0.alert) }
        guard !due.isEmpty else { return }
        group.early.removeAll { told.contains($0.alert) }
        let acknowledged = Set(due.filter { $0.deed == .acknowledge }.map(\.alert))
        // Whoever answered knew of that alert alone: the others are still to be told.
        let stands = !acknowledged.isEmpty && incident.firing.isSubset(of: acknowledged)
        for answer in due {
            switch answer.deed {
            case .note(let text): note(id, .noted(text), by: .person(answer.by))
            case .acknowledge:
                decide(.acknowledgedBefore(answer.alert, by: answer.by, at: answer.at, stands: stands), about: id)
                if stands { try? perform(.acknowledge(), on: id, by: answer.by) }
            }
        }
    }
}
