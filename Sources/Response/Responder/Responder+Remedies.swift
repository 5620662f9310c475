import Spec

extension Responder {
    /// The remedies of an incident, in the order of their names.
    package func remedies(of id: String) -> [RemedyRun] {
        remedies.values.filter { $0.incident == id }.sorted { $0.name < $1.name }
    }

    /// Tries a remedy, or says why not.
    ///
    /// - Parameter person: who asked; `nil`: an escalation step did.
    mutating func startRemedy(_ name: String, _ id: String, by person: String?) throws(Refusal) {
        do throws(RemedyRefusal) {
            let run = try plan(name, id, by: person)
            remedies[run.key] = run
            changes.touch(.remedy, run.key)
            note(id, .remedy(name, run.state), by: person.map { .person($0) } ?? .hauban)
            if case .running = run.state { begin(run, isAutomatic: person == nil) }
        } catch {
            decide(.remedyRefused(name, why: error), about: id)
            throw .remedy(error)
        }
    }

    private func plan(_ name: String, _ id: String, by person: String?) throws(RemedyRefusal) -> RemedyRun {
        guard let incident = incidents[id], incident.isOpen else { throw .incidentIsOver }
        guard let action = directory.action(name) else { throw .unknown }
        guard remedies["\(id)/\(name)"] == nil else { throw .alreadyTried }
        let service = incident.service
        try isFree(service, id)
        var release: String?
        var target: String?
        switch action.deed {
        case .returnRelease:
            let (from, to) = try judgeReturn(incident, isAutomatic: person == nil)
            (release, target) = (from.id, to.id)
        case .restart, .scale: guard service != nil else { throw .noService }
        case .command, .http: break
        }
        // A person who starts it has approved it.
        let state: RemedyRun.State =
            action.needsApproval && person == nil ? .awaitsApproval : .running(approvedBy: person)
        return RemedyRun(
            incident: id, action: action, service: service, release: release, target: target, state: state, since: now)
    }

    private func judgeReturn(
        _ incident: Incident, isAutomatic: Bool
    ) throws(RemedyRefusal) -> (from: ReleaseRecord, to: ReleaseRecord) {
        var returned: Set<String> = []
        for run in remedies.values {
            guard let release = run.release else { continue }
            switch run.state {
            case .running, .succeeded, .failed, .silent: returned.insert(release)
            case .awaitsApproval, .declined: break
            }
        }
        return try ReturnGuard(releases: releases, lookback: rules.suspectsWithin).judge(
            service: incident.service, alerts: incident.firing.sorted().compactMap { book.alerts[$0] },
            returned: returned, isAutomatic: isAutomatic, now: now)
    }

    /// Two remedies at once in one service would each spoil what the other shows.
    private func isFree(_ service: String?, _ id: String) throws(RemedyRefusal) {
        guard let service else { return }
        for run in remedies.values.sorted(by: { $0.key < $1.key }) where run.service == service && run.incident != id {
            if case .running = run.state { throw .serviceIsBeingRemedied(incident: run.incident) }
        }
    }

    private mutating func begin(_ run: RemedyRun, isAutomatic: Bool) {
        queue.set(.remedy(run.key), at: now + run.action.timeout)
        changes.later.append(.perform(run))
        // People are woken only if it did not cure.
        if isAutomatic, let cure = run.action.cure {
            hold(run, until: now + run.action.timeout + cure)
        }
    }

    private mutating func hold(_ run: RemedyRun, until: Moment) {
        escalations[run.incident]?.hold(.remedy(run.name), until: until, now: now)
        escalationChanged(run.incident)
        if escalations[run.incident]?.hold == .remedy(run.name) {
            decide(.held(.remedy(run.name)), about: run.incident)
        }
    }

    private mutating func settle(_ run: RemedyRun, _ state: RemedyRun.State) {
        remedies[run.key]?.state = state
        remedies[run.key]?.since = now
        changes.touch(.remedy, run.key)
        queue.set(.remedy(run.key), at: nil)
        note(run.incident, .remedy(run.name, state))
    }

    mutating func remedied(_ key: String, _ succeeded: Bool, _ output: String) throws(Refusal) {
        guard let run = remedies[key] else { throw .unknownRemedy(key) }
        switch run.state {
        // One that was given up may speak after all; its escalation has long gone on.
        case .running, .silent: break
        case .awaitsApproval, .succeeded, .failed, .declined: return
        }
        let text = Self.cut(output)
        settle(run, succeeded ? .succeeded(output: text) : .failed(output: text))
        guard escalations[run.incident]?.hold == .remedy(run.name) else { return }
        if succeeded, let cure = run.action.cure {
            escalations[run.incident]?.hold(.remedy(run.name), until: now + cure, now: now)
        } else {
            escalations[run.incident]?.release(now: now)
        }
        escalationChanged(run.incident)
    }

    mutating func remedyIsSilent(_ key: String) {
        guard let run = remedies[key], case .running = run.state else { return }
        settle(run, .silent(after: run.action.timeout))
        guard escalations[run.incident]?.hold == .remedy(run.name) else { return }
        escalations[run.incident]?.release(now: now)
        escalationChanged(run.incident)
    }

    mutating func approve(_ name: String, _ id: String, by person: String) throws(Refusal) {
        guard let run = remedies["\(id)/\(name)"], run.state == .awaitsApproval else { throw .awaitsNoApproval(name) }
        guard let incident = incidents[id], incident.isOpen else { throw .remedy(.incidentIsOver) }
        do throws(RemedyRefusal) {
            try isFree(run.service, id)
            // What was true when it was proposed need not be true any more.
            if run.action.deed == .returnRelease { _ = try judgeReturn(incident, isAutomatic: false) }
        } catch {
            decide(.remedyRefused(name, why: error), about: id)
            throw .remedy(error)
        }
        remedies[run.key]?.state = .running(approvedBy: person)
        remedies[run.key]?.since = now
        changes.touch(.remedy, run.key)
        note(id, .remedy(name, .running(approvedBy: person)), by: .person(person))
        if let run = remedies[run.key] { begin(run, isAutomatic: false) }
    }

    mutating func decline(_ name: String, _ id: String, by person: String) throws(Refusal) {
        guard let run = remedies["\(id)/\(name)"], run.state == .awaitsApproval else { throw .awaitsNoApproval(name) }
        remedies[run.key]?.state = .declined(by: person)
        remedies[run.key]?.since = now
        changes.touch(.remedy, run.key)
        note(id, .remedy(name, .declined(by: person)), by: .person(person))
    }

    private static func cut(_ output: String) -> String {
        guard output.utf8.count > RemedyRun.outputLimit else { return output }
        // The end says what came of it.
        var tail = output[output.utf8.index(output.endIndex, offsetBy: -RemedyRun.outputLimit)...]
        while let first = tail.unicodeScalars.first, first.value == 0xfffd { tail = tail.dropFirst() }
        return "[…]\n" + tail
    }

    // MARK: Releases

    mutating func take(_ record: ReleaseRecord) {
        for id in releases.put(record) { drop(.release, id) }
        changes.touch(.release, record.id)
        for service in record.services.sorted() {
            watchSwitch(service)
            if let id = openOf[service], let record = releases.records[record.id] { note(id, .released(record)) }
        }
    }

    /// Looks at what waits for a switch once it is over.
    mutating func watchSwitch(_ service: String) {
        let switching = releases.switching(
            service, settle: rules.switchSettles, longest: rules.switchLasts, now: now)
        queue.set(.window(service), at: switching?.until)
    }

    mutating func burn(_ service: String, _ isBurning: Bool) {
        let isNew = isBurning ? register.burning.insert(service).inserted : register.burning.remove(service) != nil
        guard isNew else { return }
        changes.touch(.register, "register")
        if isBurning { wakeHeldBack(service) }
    }
}
