import Spec

extension Responder {
    /// The incident that goes on in the place of one that was merged.
    package func survivor(_ id: String) -> String {
        var id = id
        while case .merged(let other) = incidents[id]?.status { id = other }
        return id
    }

    /// The firing alerts of a group find their incident: its own, that of their service, or a new one.
    mutating func bring(_ notice: AlertGroup.Notice, _ group: inout AlertGroup, _ policy: String) {
        let alerts = notice.firing.compactMap { book.alerts[$0] }
        let service = alerts.lazy.compactMap(\.service).first
        let joins = rules.routes.first { $0.name == group.key.route }?.joinsService == true
        if let id = group.incident.map(survivor), let incident = incidents[id] {
            if incident.isOpen { return join(id, notice, alerts) }
            if let resolved = incident.resolved {
                if case .repeated(let after) = notice.reason {
                    return reopen(id, .stillFires(after: after), notice, alerts)
                }
                // Somebody resolved it while alerts went on: one more is the same trouble.
                if now - resolved <= rules.reopenWithin || !incident.firing.isEmpty {
                    return reopen(id, .alertBeganAgain, notice, alerts)
                }
            }
            if !(joins && service.flatMap { openOf[$0] } != nil) {
                let before = incident.resolved.map { now - $0 } ?? .zero
                group.incident = open(group, alerts, service, policy, after: (id, before))
                return
            }
        }
        if joins, let service, let id = openOf[service] {
            group.incident = id
            decide(.joinedService(group: group.key.description), about: id)
            return join(id, notice, alerts)
        }
        group.incident = open(group, alerts, service, policy, after: nil)
    }

    private mutating func open(
        _ group: AlertGroup, _ alerts: [Alert], _ service: String?, _ policy: String,
        after last: (id: String, resolvedFor: Duration)?
    ) -> String {
        let level = alerts.map(\.level).max() ?? .high
        let source = alerts.first.map { Incident.Actor.source($0.source) } ?? .hauban
        let runbook = alerts.lazy.compactMap { $0.annotations["runbook_url"] ?? $0.annotations["runbook"] }.first
        let id = open(
            Self.title(alerts, service, rules.language), level, service: service, runbook: runbook, policy: policy,
            by: source)
        incidents[id]?.alert = alerts.map(\.name).min()
        if let last { decide(.openedAnew(after: last.id, resolvedFor: last.resolvedFor), about: id) }
        began(alerts, of: id)
        return id
    }

    /// A new incident with what was shipped before it, and its escalation.
    private mutating func open(
        _ title: String, _ level: Level, service: String?, runbook: String?, policy: String, by actor: Incident.Actor
    ) -> String {
        register.incidents += 1
        changes.touch(.register, "register")
        let id = "i\(register.incidents)"
        incidents[id] = Incident(
            id: id, title: title, severity: level, opened: now, by: actor, service: service, runbook: runbook,
            policy: policy)
        if let service {
            openOf[service] = id
            for record in releases.suspects(of: [service], within: rules.suspectsWithin, before: now) {
                note(id, .released(record))
            }
            let suspect = releases.releases(of: service).first
            let good = releases.lastGood(of: service, before: suspect?.id) ?? releases.current(of: service)
            if let good, good.id != suspect?.id { note(id, .lastGood(service: service, release: good.id)) }
        }
        changes.touch(.incident, id)
        escalations[id] = Escalation(policy: directory.policy(policy), began: now)
        escalationChanged(id)
        return id
    }

    mutating func openByHand(
        _ title: String, _ severity: Level, _ service: String?, _ policy: String, _ person: String
    ) {
        _ = open(title, severity, service: service, runbook: nil, policy: policy, by: .person(person))
    }

    private mutating func join(_ id: String, _ notice: AlertGroup.Notice, _ alerts: [Alert]) {
        let before = incidents[id]?.severity ?? .low
        let known = incidents[id]?.firing ?? []
        began(alerts, of: id)
        guard let incident = incidents[id] else { return }
        if incident.severity > before {
            gotWorse(id, from: before, to: incident.severity)
        } else if case .repeated(let after) = notice.reason, escalations[id]?.state == .exhausted {
            startAgain(id, .repeated(after: after))
        }
        let more = incident.firing.count - known.count
        if more > 0 { followUp(.update(.init(moreAlerts: more)), id) }
    }

    private mutating func reopen(
        _ id: String, _ why: Incident.Entry.Reopening, _ notice: AlertGroup.Notice, _ alerts: [Alert]
    ) {
        try? incidents[id]?.reopen(by: .hauban, reason: why, now: now)
        began(alerts, of: id)
        reopened(id)
    }

    private mutating func reopened(_ id: String) {
        if let service = incidents[id]?.service { openOf[service] = id }
        queue.set(.archive(id), at: nil)
        changes.touch(.incident, id)
        startAgain(id, .reopened)
    }

    private mutating func began(_ alerts: [Alert], of id: String) {
        let source = alerts.first.map { Incident.Actor.source($0.source) } ?? .hauban
        try? incidents[id]?.alertsBegan(
            alerts.map { ($0.labels.fingerprint, $0.labels, $0.level) }, by: source, now: now)
        changes.touch(.incident, id)
    }

    mutating func end(_ fingerprints: [Fingerprint], of id: String) {
        guard !fingerprints.isEmpty, incidents[id] != nil else { return }
        let source = fingerprints.first.flatMap { book.alerts[$0]?.source }
        let isResolved =
            incidents[id]?.alertsEnded(fingerprints, by: source.map { .source($0) } ?? .hauban, now: now) ?? false
        changes.touch(.incident, id)
        if isResolved { closed(id, .resolved) }
    }

    /// An incident is over: nothing more is due for it, and who was told hears of it.
    private mutating func closed(_ id: String, _ why: Page.Withdrawal) {
        escalations[id]?.end()
        escalationChanged(id)
        if let service = incidents[id]?.service, openOf[service] == id { openOf[service] = nil }
        withdraw(id, why)
        if why == .resolved { followUp(.resolved, id) }
        queue.set(.archive(id), at: now + rules.keepResolved)
        changes.touch(.incident, id)
    }

    mutating func archive(_ id: String) {
        guard let incident = incidents[id], !incident.isOpen else { return }
        incidents[id] = nil
        escalations[id] = nil
        queue.set(.escalation(id), at: nil)
        for page in pagesOf.removeValue(forKey: id) ?? [] {
            pages[page] = nil
            queue.set(.page(page), at: nil)
        }
        for (key, run) in remedies where run.incident == id {
            remedies[key] = nil
            queue.set(.remedy(key), at: nil)
        }
        changes.saved[id] = nil
        changes.stored[id] = nil
        changes.drops.append(.archive(incident: id))
    }

    // MARK: What people do

    mutating func perform(_ command: Event.Command, on given: String, by person: String) throws(Refusal) {
        let id = survivor(given)
        guard incidents[id] != nil else { throw .unknownIncident(given) }
        let actor = Incident.Actor.person(person)
        switch command {
        case .acknowledge(let page):
            try change(id) { incident, now throws(Incident.Refusal) in try incident.acknowledge(by: actor, now: now) }
            acknowledged(id, by: person, page: page)
        case .unacknowledge:
            try change(id) { incident, now throws(Incident.Refusal) in
                try incident.unacknowledge(by: actor, now: now)
            }
            startAgain(id, .givenBack(by: person))
        case .resolve:
            try change(id) { incident, now throws(Incident.Refusal) in try incident.resolve(by: actor, now: now) }
            closed(id, .resolved)
        case .reopen(let reason):
            try change(id) { incident, now throws(Incident.Refusal) in
                try incident.reopen(by: actor, reason: .asked(reason), now: now)
            }
            reopened(id)
        case .snooze(let until):
            guard until > now else { throw .timeInThePast }
            try change(id) { incident, now throws(Incident.Refusal) in
                try incident.snooze(until: until, by: actor, now: now)
            }
            acknowledged(id, by: person, page: nil)
            escalations[id]?.snooze(by: person, until: until)
            escalationChanged(id)
        case .assign(let other):
            guard directory.people[other] != nil else { throw .unknownPerson(other) }
            try change(id) { incident, now throws(Incident.Refusal) in
                try incident.assign(to: other, by: actor, now: now)
            }
            if other != person { tell(person: other, id, .assigned(by: person)) }
        case .giveRole(let role, let other):
            try change(id) { incident, now throws(Incident.Refusal) in
                try incident.give(role: role, to: other, by: actor, now: now)
            }
        case .note(let text): note(id, .noted(text), by: actor)
        case .link(let url, let title):
            incidents[id]?.link(url, title: title, by: actor, now: now)
            changes.touch(.incident, id)
        case .change(let severity):
            let before = incidents[id]?.severity ?? severity
            try change(id) { incident, now throws(Incident.Refusal) in
                try incident.change(severity: severity, by: actor, now: now)
            }
            if severity > before { gotWorse(id, from: before, to: severity) }
        case .merge(let into): try merge(id, into: survivor(into), actor)
        case .run(let action): try startRemedy(action, id, by: person)
        case .approve(let action): try approve(action, id, by: person)
        case .decline(let action): try decline(action, id, by: person)
        }
    }

    private mutating func change(
        _ id: String, _ body: (inout Incident, Moment) throws(Incident.Refusal) -> Void
    ) throws(Refusal) {
        guard var incident = incidents[id] else { throw .unknownIncident(id) }
        do throws(Incident.Refusal) { try body(&incident, now) } catch { throw .incident(error) }
        incidents[id] = incident
        changes.touch(.incident, id)
    }

    private mutating func acknowledged(_ id: String, by person: String, page: String?) {
        _ = escalations[id]?.acknowledge(by: person, now: now)
        escalationChanged(id)
        withdraw(id, .acknowledged(by: person))
        pagesAnswered(id, by: person, page: page)
        followUp(.acknowledged(by: person), id)
    }

    private mutating func merge(_ id: String, into other: String, _ actor: Incident.Actor) throws(Refusal) {
        guard var one = incidents[other] else { throw .unknownIncident(other) }
        guard var merged = incidents[id] else { throw .unknownIncident(id) }
        let before = one.severity
        do throws(Incident.Refusal) { try one.absorb(&merged, by: actor, now: now) } catch { throw .incident(error) }
        incidents[other] = one
        incidents[id] = merged
        changes.touch(.incident, other)
        closed(id, .merged(into: other))
        if let service = merged.service, openOf[service] == nil { openOf[service] = other }
        if one.severity > before { gotWorse(other, from: before, to: one.severity) }
    }

    // MARK: Escalation

    /// Pages again what somebody has, or what nobody answered; a running escalation goes on as it is.
    private mutating func gotWorse(_ id: String, from: Level, to: Level) {
        switch escalations[id]?.state {
        case .acknowledged, .snoozed:
            try? incidents[id]?.unacknowledge(by: .hauban, now: now)
            startAgain(id, .gotWorse(from: from, to: to))
        case .exhausted: startAgain(id, .gotWorse(from: from, to: to))
        case .running, .ended, nil: break
        }
    }

    private mutating func startAgain(_ id: String, _ why: Escalation.Restart) {
        escalations[id]?.restart(why, now: now)
        decide(.escalatesAgain(why), about: id)
        escalationChanged(id)
    }

    mutating func escalationChanged(_ id: String) {
        queue.set(.escalation(id), at: escalations[id]?.nextDue)
        changes.touch(.escalation, id)
    }

    /// Takes the steps that are due.
    mutating func escalate(_ id: String) {
        while var escalation = escalations[id], let due = escalation.nextDue, due <= now {
            if escalation.state == .running, let mute = mute(ofIncident: id) {
                if escalation.hold != .muted(mute) { decide(.held(.muted(mute)), about: id) }
                escalation.hold(.muted(mute), until: now + .seconds(60), now: now)
                escalations[id] = escalation
                break
            }
            let before = escalation.state
            let order = escalation.next(now: now)
            let after = escalation.state
            escalations[id] = escalation
            switch before {
            case .acknowledged, .snoozed:
                try? incidents[id]?.unacknowledge(by: .hauban, now: now)
                changes.touch(.incident, id)
            case .running, .exhausted, .ended: break
            }
            guard let order else { break }
            switch order.deed {
            case .tell(let party): tell(party, id, order.reason)
            case .perform(let remedy): try? startRemedy(remedy, id, by: nil)
            }
            if after == .exhausted { decide(.exhausted, about: id) }
        }
        escalationChanged(id)
    }
}
