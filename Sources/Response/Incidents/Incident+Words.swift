import Spec

extension Incident.Actor {
    /// Their name.
    package var words: String {
        switch self {
        case .person(let name): name
        case .hauban: "Hauban"
        case .source(let name): name.isEmpty ? "alerts" : name
        }
    }
}

extension Incident.Entry {
    /// What happened, as a clause after the actor's name.
    package var words: String {
        switch deed {
        case .opened(let level): "opened it as \(level.rawValue)"
        case .alertBegan(_, let labels): "alert began: \(labels)"
        case .moreAlertsBegan(let count): "\(count) more alerts began"
        case .alertEnded(let fingerprint): "alert ended: \(fingerprint)"
        case .moreAlertsEnded(let count): "\(count) more alerts ended"
        case .acknowledged: "acknowledged it"
        case .unacknowledged: "gave it back"
        case .snoozed(let until): "asked for time until \(until)"
        case .assigned(let person): "assigned it to \(person)"
        case .tookRole(let role, let person): "made \(person) \(role)"
        case .noted(let text): "noted: \(text)"
        case .linked(let url, let title): "linked \(title): \(url)"
        case .severityChanged(let from, let to): "changed it from \(from.rawValue) to \(to.rawValue)"
        case .paged(let page, let who, let contact, let reason):
            "told \(who) by \(contact.kind.rawValue) (\(page)): \(reason.sentence.english)"
        case .delivered(let page, let attempt): "page \(page) arrived" + (attempt > 1 ? " at attempt \(attempt)" : "")
        case .deliveryFailed(let page, let detail, let retryAt):
            "page \(page) failed: \(detail)" + (retryAt.map { ", tried again at \($0)" } ?? ", given up")
        case .withdrawn(let page, let why): "took page \(page) back: \(why.words)"
        case .remedy(let name, let state): "\(name): \(state.words)"
        case .released(let record): "release \(record.sentence.english)"
        case .lastGood(let service, let release): "\(service) was well with release \(release)"
        case .decided(let decision): decision.words
        case .resolved: "resolved it"
        case .reopened(let why): "opened it again: \(why.words)"
        case .merged(let other): "merged it into \(other)"
        case .absorbed(let other): "merged \(other) into it"
        }
    }
}

extension Incident.Entry.Reopening {
    package var words: String {
        switch self {
        case .alertBeganAgain: "an alert began again"
        case .stillFires(let after): "its alerts still fire after \(after.short)"
        case .asked(let reason): reason
        }
    }
}

extension Page.Withdrawal {
    package var words: String {
        switch self {
        case .acknowledged(let person): "\(person) has acknowledged"
        case .resolved: "it is resolved"
        case .merged(let other): "it goes on as \(other)"
        case .outdated(let page): "\(page) says more"
        }
    }
}

extension Page.Deferral {
    package var words: String {
        switch self {
        case .order(let after): "other ways come first, for \(after.short)"
        case .quietHours: "quiet hours"
        case .rateLimit(let limit): "\(limit.messages) messages within \(limit.within.short) are enough"
        case .backOff(let attempt): "attempt \(attempt) failed"
        case .behind(let page): "page \(page) has to arrive first"
        }
    }
}

extension RemedyRun.State {
    package var words: String {
        switch self {
        case .awaitsApproval: "waits for somebody's approval"
        case .running(let person): person.map { "started, approved by \($0)" } ?? "started"
        case .succeeded(let output): "succeeded" + (output.isEmpty ? "" : ": \(output)")
        case .failed(let output): "failed" + (output.isEmpty ? "" : ": \(output)")
        case .silent(let after): "nothing was heard of it for \(after.short); it is not tried again"
        case .declined(let person): "declined by \(person)"
        }
    }
}

extension RemedyRefusal {
    package var words: String {
        switch self {
        case .unknown: "nothing of that name is declared"
        case .alreadyTried: "it was tried already, and each is tried once"
        case .noService: "the incident names no service"
        case .noRecentRelease: "nothing was shipped lately"
        case .noLastGoodRelease: "there is no earlier good release"
        case .releaseUnderWay(let id): "release \(id) is under way"
        case .releaseAlreadyReturned(let id): "release \(id) was already returned"
        case .incompatibleMigration(let id): "the version before cannot run after the migration of \(id)"
        case .migrationUnknown(let id): "nobody said whether the version before can run after the migration of \(id)"
        case .missingData: "nothing was measured, which is no evidence against a release"
        case .serviceIsBeingRemedied(let incident): "incident \(incident) is being remedied in the same service"
        case .incidentIsOver: "the incident is over"
        }
    }
}

extension Audience.Miss {
    package var words: String {
        switch self {
        case .unknownParty: "nobody has that name"
        case .nobodyOnCall: "nobody is on call"
        case .noContact(let person): "no way leads to \(person)"
        case .emptyTeam: "the team has no members"
        }
    }
}

extension Mute {
    package var words: String {
        switch self {
        case .silenced(let id): "silenced by \(id)"
        case .maintenance(let window, let until): "maintenance \(window) until \(until)"
        case .inhibited(let source, let rule): "explained by alert \(source) (\(rule))"
        case .switching(let release, let service): "release \(release) of \(service) is switching"
        }
    }
}

extension Escalation.Hold {
    package var words: String {
        switch self {
        case .remedy(let name): "\(name) has the time to cure it"
        case .muted(let mute): mute.words
        }
    }
}

extension Decision {
    /// The decision, as a clause.
    package var words: String {
        switch self {
        case .openedAnew(let last, let before): "a new incident, since \(last) was resolved \(before.short) before"
        case .joinedService(let group): "\(group) joined, since it is the same service"
        case .flapping(let fingerprint, let times):
            "alert \(fingerprint) flaps: it began again \(times) times, so its ends are not believed yet"
        case .escalatesAgain(let why): "escalates again: \(Escalation.Reason.restarted(why, step: 0).words)"
        case .held(let why): "escalation waits: \(why.words)"
        case .reachedNobody(let party, let why): "\(party) reached nobody: \(why.words)"
        case .alreadyTold(let party, let contact, let page): "\(party): \(contact) was told by \(page) already"
        case .acknowledgedBefore(let fingerprint, let person, let at, let stands):
            "\(person) acknowledged alert \(fingerprint) at \(at), before the incident was open"
                + (stands ? "" : "; it has others, which nobody acknowledged")
        case .exhausted: "every step was taken, and nobody has answered"
        case .remedyRefused(let name, let why): "\(name) is not tried: \(why.words)"
        case .deferred(let page, let until, let why): "page \(page) waits until \(until): \(why.words)"
        case .summarised(let pages, let other): "\(pages.joined(separator: ", ")) went into the summary \(other)"
        }
    }
}
