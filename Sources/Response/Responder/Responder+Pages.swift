import Spec

extension Responder {
    /// The pages of an incident, in the order in which they were decided.
    package func pages(of id: String) -> [Page] { (pagesOf[id] ?? []).compactMap { pages[$0] } }

    // MARK: Deciding

    /// Tells a party, whoever that is now.
    mutating func tell(_ party: String, _ id: String, _ reason: Escalation.Reason) {
        guard let level = incidents[id]?.severity else { return }
        let audience = directory.audience(of: party, level: level, now: now)
        for miss in audience.misses { decide(.reachedNobody(party: party, why: miss), about: id) }
        if audience.listeners.isEmpty {
            escalations[id]?.hurry(now: now)
            return
        }
        for listener in audience.listeners {
            tell(listener, id, level, .escalation(reason, party: party, path: listener.path), party: party)
        }
    }

    /// Tells one person by name.
    mutating func tell(person: String, _ id: String, _ reason: Page.Reason) {
        guard let level = incidents[id]?.severity else { return }
        let audience = directory.audience(of: person, level: level, now: now)
        for miss in audience.misses { decide(.reachedNobody(party: person, why: miss), about: id) }
        for listener in audience.listeners { tell(listener, id, level, reason, party: person) }
    }

    private mutating func tell(
        _ listener: Audience.Listener, _ id: String, _ level: Level, _ reason: Page.Reason, party: String
    ) {
        for step in listener.steps {
            if let known = alreadyTold(step.contact, id) {
                decide(.alreadyTold(party: party, contact: step.contact, page: known), about: id)
                continue
            }
            var due = now + step.after
            var why: Page.Deferral? = step.after > .zero ? .order(after: step.after) : nil
            if let quiet = listener.quietUntil, quiet > due {
                due = quiet
                why = .quietHours
            }
            decidePage(.page, step.contact, listener.person, id, level, reason, due: due, why: why)
        }
    }

    /// A page by the same way that is under way, or was decided in this moment: two in one breath say no more than one.
    private func alreadyTold(_ contact: Contact, _ id: String) -> String? {
        for page in (pagesOf[id] ?? []).reversed() {
            guard let page = pages[page], page.contact == contact, page.kind == .page else { continue }
            return page.isUnderWay || page.ledger.first?.at == now ? page.id : nil
        }
        return nil
    }

    private mutating func decidePage(
        _ kind: Page.Kind, _ contact: Contact, _ person: String?, _ incident: String?, _ level: Level,
        _ reason: Page.Reason, due: Moment, why: Page.Deferral?
    ) {
        let id = nextPage(incident)
        let page = Page(
            id: id, incident: incident, person: person, contact: contact, kind: kind, level: level, reason: reason,
            due: due, why: why, now: now)
        pages[id] = page
        changes.touch(.page, id)
        queue.set(.page(id), at: due)
        guard let incident else { return }
        pagesOf[incident, default: []].append(id)
        note(incident, .paged(page: id, who: person ?? contact.address, by: contact, reason: reason))
        if let why, why == .quietHours { decide(.deferred(page: id, until: due, why: why), about: incident) }
    }

    private mutating func nextPage(_ incident: String?) -> String {
        guard let incident else {
            register.pages += 1
            changes.touch(.register, "register")
            return "p\(register.pages)"
        }
        incidents[incident]?.pages += 1
        changes.touch(.incident, incident)
        return "\(incident).p\(incidents[incident]?.pages ?? 0)"
    }

    mutating func testPage(_ person: String, _ contact: Contact?, _ by: String) throws(Refusal) {
        guard let card = directory.people[person] else { throw .unknownPerson(person) }
        let contacts = contact.map { [$0] } ?? card.contacts
        guard !contacts.isEmpty else { throw .noContact(person: person) }
        for contact in contacts {
            decidePage(.test(by: by), contact, person, nil, .low, .asked(by: by), due: now, why: nil)
        }
    }

    /// Whoever was told, and listens further, hears what becomes of an incident.
    mutating func followUp(_ kind: Page.Kind, _ id: String) {
        guard let level = incidents[id]?.severity else { return }
        var told: [Contact: Page] = [:]
        var order: [Contact] = []
        for page in pages(of: id) where page.contact.followsUp && page.kind == .page {
            switch page.state {
            case .accepted, .acknowledged, .sending: break
            case .waiting where page.attempts > 0: break
            case .waiting, .withdrawn, .summarised, .dead: continue
            }
            if told.updateValue(page, forKey: page.contact) == nil { order.append(page.contact) }
        }
        for contact in order {
            // What was still to be said about it is said by this.
            let next = "\(id).p\((incidents[id]?.pages ?? 0) + 1)"
            for page in pages(of: id) where page.contact == contact && page.kind != .page {
                if case .waiting = page.state { withdraw(page: page.id, .outdated(by: next)) }
            }
            let first = told[contact]
            let isBehind = first?.isUnderWay == true
            decidePage(
                kind, contact, first?.person, id, level, .followUp,
                due: isBehind ? now + rules.backoff.patience : now,
                why: isBehind ? first.map { .behind(page: $0.id) } : nil)
        }
    }

    /// Takes back what was not tried yet; what is on its way is judged again when it comes back.
    mutating func withdraw(_ id: String, _ why: Page.Withdrawal) {
        for page in pages(of: id) where page.kind == .page {
            if case .waiting = page.state { withdraw(page: page.id, why) }
        }
    }

    private mutating func withdraw(page id: String, _ why: Page.Withdrawal) {
        guard let page = pages[id] else { return }
        pages[id]?.state = .withdrawn(why)
        pages[id]?.write(.withdrawn(why), now)
        pageChanged(id, next: nil)
        guard let incident = page.incident else { return }
        note(incident, .withdrawn(page: id, why: why))
        // It comes no more: what was to follow it waits for nothing.
        followersMayGo(incident, behind: id)
    }

    /// The pages of one who acknowledged were answered: the one that they answered, or all that reached them.
    mutating func pagesAnswered(_ incident: String, by person: String, page: String?) {
        for one in pages(of: incident) where one.kind == .page {
            guard page.map({ $0 == one.id }) ?? (one.person == person), case .accepted = one.state else { continue }
            pages[one.id]?.state = .acknowledged(by: person, at: now)
            pages[one.id]?.write(.acknowledged(by: person), now)
            changes.touch(.page, one.id)
        }
    }

    private mutating func pageChanged(_ id: String, next: Moment?) {
        changes.touch(.page, id)
        queue.set(.page(id), at: next)
        if let contact = pages[id]?.contact, case .waiting(_, .rateLimit) = pages[id]?.state {
            limited[contact, default: []].insert(id)
        } else if let contact = pages[id]?.contact {
            limited[contact]?.remove(id)
        }
    }

    // MARK: Sending

    /// Why a page is no longer wanted.
    private func isMoot(_ page: Page) -> Page.Withdrawal? {
        guard page.kind == .page, let incident = page.incident.flatMap({ incidents[$0] }) else { return nil }
        switch incident.status {
        case .triggered: return nil
        case .acknowledged:
            if case .assigned = page.reason { return nil }
            return .acknowledged(by: incident.assignee ?? "")
        case .resolved: return .resolved
        case .merged(let other): return .merged(into: other)
        }
    }

    mutating func pageIsDue(_ id: String) {
        guard let page = pages[id] else { return }
        switch page.state {
        case .sending(let attempt, _):
            pages[id]?.write(.noAnswer(attempt: attempt), now)
            tryAgain(id, after: attempt, "no answer", random: Self.chance(id, attempt), asked: nil)
        case .waiting:
            if let why = isMoot(page) { return withdraw(page: id, why) }
            if page.attempts == 0, page.contact.isRead {
                if case .test = page.kind { return send(id) }
                let next = rules.rateLimit.next(after: sent[page.contact] ?? [], now: now)
                if next > now {
                    deferPage(id, until: next, .rateLimit(rules.rateLimit))
                    return
                }
                if let summary = summarise(page) { return send(summary) }
            }
            send(id)
        case .accepted, .acknowledged, .withdrawn, .summarised, .dead: break
        }
    }

    private mutating func deferPage(_ id: String, until: Moment, _ why: Page.Deferral) {
        pages[id]?.state = .waiting(until: until, why: why)
        pages[id]?.write(.deferred(until: until, why: why), now)
        pageChanged(id, next: until)
        if let incident = pages[id]?.incident { decide(.deferred(page: id, until: until, why: why), about: incident) }
    }

    /// Puts a page and the others that waited for the same reader into one message; `nil` when it waits alone.
    private mutating func summarise(_ page: Page) -> String? {
        var waiting = limited[page.contact] ?? []
        waiting.insert(page.id)
        let moot = waiting.filter { pages[$0].flatMap(isMoot) != nil }.sorted()
        for id in moot { if let why = pages[id].flatMap(isMoot) { withdraw(page: id, why) } }
        waiting.subtract(moot)
        let ids = waiting.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
        guard ids.count > 1 else { return nil }
        let level = ids.compactMap { pages[$0]?.level }.max() ?? page.level
        let summary = "p\(register.pages + 1)"
        decidePage(
            .summary(ids), page.contact, page.person, nil, level, .tooManyToRead, due: now, why: nil)
        for id in ids {
            pages[id]?.state = .summarised(into: summary)
            pages[id]?.write(.summarised(into: summary), now)
            pageChanged(id, next: nil)
            if let incident = pages[id]?.incident { decide(.summarised(pages: [id], into: summary), about: incident) }
        }
        return summary
    }

    private mutating func send(_ id: String) {
        guard var page = pages[id] else { return }
        if page.attempts == 0 {
            sent[page.contact] = recent(page.contact) + [now]
            if page.kind == .page, let incident = page.incident, let person = page.person, incidents[incident] != nil {
                var paged = incidents[incident]?.paged ?? [:]
                paged[person, default: 0] += 1
                incidents[incident]?.paged = paged
                changes.touch(.incident, incident)
            }
        }
        page.attempts += 1
        page.state = .sending(attempt: page.attempts, since: now)
        page.write(.sent(attempt: page.attempts), now)
        pages[id] = page
        pageChanged(id, next: now + rules.backoff.patience)
        changes.later.append(.send(dispatch(page)))
    }

    private func recent(_ contact: Contact) -> [Moment] {
        (sent[contact] ?? []).filter { $0 + rules.rateLimit.within > now }
    }

    /// After a stop: the attempt may have been made or not.
    mutating func sendAgain(_ id: String) {
        guard let page = pages[id], case .sending(let attempt, _) = page.state else { return }
        pages[id]?.state = .sending(attempt: attempt, since: now)
        pages[id]?.write(.sentAgain(attempt: attempt), now)
        pageChanged(id, next: now + rules.backoff.patience)
        if let page = pages[id] { changes.later.append(.send(dispatch(page))) }
    }

    // MARK: Answers of providers

    mutating func delivered(_ id: String, _ attempt: Int, _ answer: DeliveryAnswer, _ random: Double) throws(Refusal) {
        guard let page = pages[id] else { throw .unknownPage(id) }
        switch answer {
        case .accepted(let reference):
            pages[id]?.write(.accepted(attempt: attempt, reference: reference), now)
            changes.touch(.page, id)
            guard page.isUnderWay else { return }
            pages[id]?.state = .accepted(at: now)
            if page.reference == nil { pages[id]?.reference = reference }
            pageChanged(id, next: nil)
            if let incident = page.incident {
                note(incident, .delivered(page: id, attempt: attempt))
                followersMayGo(incident, behind: id)
            }
            reached(page.contact)
        case .failed(let detail, let asked):
            guard case .sending(attempt, _) = page.state else { return }
            pages[id]?.write(.failed(attempt: attempt, detail: detail), now)
            tryAgain(id, after: attempt, detail, random: random, asked: asked)
        case .refused(let detail):
            guard page.isUnderWay else { return }
            pages[id]?.write(.failed(attempt: attempt, detail: detail), now)
            giveUp(id, detail)
        }
    }

    private mutating func tryAgain(
        _ id: String, after attempt: Int, _ detail: String, random: Double, asked: Duration?
    ) {
        guard let page = pages[id] else { return }
        if let why = isMoot(page) { return withdraw(page: id, why) }
        guard let wait = rules.backoff.wait(after: attempt, random: random, asked: asked) else {
            return giveUp(id, detail)
        }
        let next = now + wait
        pages[id]?.state = .waiting(until: next, why: .backOff(attempt: attempt))
        pages[id]?.write(.deferred(until: next, why: .backOff(attempt: attempt)), now)
        pageChanged(id, next: next)
        if let incident = page.incident { note(incident, .deliveryFailed(page: id, detail: detail, retryAt: next)) }
    }

    /// A dead letter: the person's other ways are tried at once, and somebody is told that this one does not work.
    private mutating func giveUp(_ id: String, _ detail: String) {
        guard let page = pages[id] else { return }
        pages[id]?.state = .dead(detail)
        pages[id]?.write(.gaveUp(detail), now)
        pageChanged(id, next: nil)
        if let incident = page.incident {
            note(incident, .deliveryFailed(page: id, detail: detail, retryAt: nil))
            followersMayGo(incident, behind: id)
            for other in pages(of: incident) where other.person == page.person && other.kind == .page {
                if case .waiting(_, .order) = other.state { queue.set(.page(other.id), at: now) }
            }
        }
        take(undeliverable(page.contact, page.person, detail, endsAt: now + .seconds(86_400)))
    }

    /// What is told about a way that does not work: one alert for each way, however many pages it loses.
    private func undeliverable(
        _ contact: Contact, _ person: String?, _ detail: String, endsAt: Moment
    ) -> AlertBook.Report {
        var labels = ["alertname": "PageUndeliverable", "severity": "high", "contact": contact.description]
        labels["person"] = person
        let summary = Phrase.undeliverable(contact.kind, to: person ?? contact.address, detail)
        return .init(
            labels: LabelSet(labels),
            annotations: ["summary": summary.text(rules.language)],
            endsAt: endsAt, source: "hauban")
    }

    /// A message arrived: the way works.
    private mutating func reached(_ contact: Contact) {
        for person in directory.people.values.filter({ $0.contacts.contains(contact) }).map(\.name).sorted() + [nil] {
            let report = undeliverable(contact, person, "", endsAt: now)
            guard let known = book.alerts[report.labels.fingerprint], known.endedAt == nil else { continue }
            take(report)
        }
    }

    private mutating func followersMayGo(_ incident: String, behind id: String) {
        for page in pages(of: incident) {
            if case .waiting(_, .behind(id)) = page.state { queue.set(.page(page.id), at: now) }
        }
    }

    /// A number from 0 to 1 that differs from page to page and attempt to attempt.
    private static func chance(_ id: String, _ attempt: Int) -> Double {
        let hash = LabelSet(["page": id, "attempt": "\(attempt)"]).fingerprint.value
        return Double(hash >> 11) / Double(1 << 53)
    }
}
