import Spec

/// What happened to an incident, as a clause after the actor's name, in each language.
package struct TimelineWords {
    /// A time as its reader wants to see it.
    let clock: (Moment) -> String

    package init(clock: @escaping (Moment) -> String) { self.clock = clock }

    private func text(_ duration: Duration) -> Phrase { .length(duration) }

    package func phrase(_ deed: Incident.Entry.Deed) -> Phrase {
        switch deed {
        case .opened(let level):
            Phrase("opened it as \(lower(level.phrase.english))", "l’a ouvert, gravité \(lower(level.phrase.french))")
        case .alertBegan(_, let labels):
            Phrase("alert began: \(labels)", "une alerte a commencé\u{a0}: \(labels)")
        case .moreAlertsBegan(let count):
            Phrase(
                count, ("more alert began", "more alerts began"),
                ("autre alerte a commencé", "autres alertes ont commencé"))
        case .alertEnded(let fingerprint):
            Phrase("alert ended: \(fingerprint)", "une alerte s’est terminée\u{a0}: \(fingerprint)")
        case .moreAlertsEnded(let count):
            Phrase(
                count, ("more alert ended", "more alerts ended"),
                ("autre alerte s’est terminée", "autres alertes se sont terminées"))
        case .acknowledged: Phrase("acknowledged it", "l’a pris en charge")
        case .unacknowledged: Phrase("gave it back", "l’a rendu")
        case .snoozed(let until):
            Phrase("asked for time until \(clock(until))", "a demandé un délai jusqu’à \(clock(until))")
        case .assigned(let person): Phrase("assigned it to \(person)", "l’a confié à \(person)")
        case .tookRole(let role, let person): Phrase("made \(person) \(role)", "a nommé \(person) \(role)")
        case .noted(let text): Phrase("noted: \(text)", "a noté\u{a0}: \(text)")
        case .linked(let url, let title): Phrase("linked \(title): \(url)", "a ajouté un lien, \(title)\u{a0}: \(url)")
        case .severityChanged(let from, let to):
            Phrase(
                "changed it from \(lower(from.phrase.english)) to \(lower(to.phrase.english))",
                "a changé la gravité de \(lower(from.phrase.french)) à \(lower(to.phrase.french))")
        case .paged(let id, let who, let contact, let reason):
            paged(id, who, contact, self.phrase(reason))
        case .delivered(let id, let attempt):
            attempt > 1
                ? Phrase("page \(id) arrived at attempt \(attempt)", "l’appel \(id) est arrivé à l’essai \(attempt)")
                : Phrase("page \(id) arrived", "l’appel \(id) est arrivé")
        case .deliveryFailed(let id, let detail, let retryAt): failed(id, detail, retryAt)
        case .withdrawn(let id, let why):
            Phrase(
                "took page \(id) back: \(self.phrase(why).english)",
                "a retiré l’appel \(id)\u{a0}: \(self.phrase(why).french)")
        case .remedy(let name, let state):
            Phrase("\(name): \(self.phrase(state).english)", "\(name)\u{a0}: \(self.phrase(state).french)")
        case .released(let record): released(record)
        case .lastGood(let service, let release):
            Phrase("\(service) was well with release \(release)", "\(service) allait bien avec la livraison \(release)")
        case .decided(let decision): self.phrase(decision)
        case .resolved: Phrase("resolved it", "l’a résolu")
        case .reopened(let why):
            Phrase(
                "opened it again: \(self.phrase(why).english)", "l’a rouvert\u{a0}: \(self.phrase(why).french)")
        case .merged(let other): Phrase("merged it into \(other)", "l’a fusionné dans \(other)")
        case .absorbed(let other): Phrase("merged \(other) into it", "y a fusionné \(other)")
        }
    }

    private func lower(_ text: String) -> String { text.lowercased() }

    private func paged(_ id: String, _ who: String, _ contact: Contact, _ reason: Phrase) -> Phrase {
        let kind = contact.kind.phrase
        return Phrase(
            "told \(who) by \(kind.english) (\(id)): \(reason.english)",
            "a prévenu \(who) par \(kind.french) (\(id))\u{a0}: \(reason.french)")
    }

    private func failed(_ id: String, _ detail: String, _ retryAt: Moment?) -> Phrase {
        guard let retryAt else {
            return Phrase(
                "page \(id) failed: \(detail), given up", "l’appel \(id) a échoué\u{a0}: \(detail), abandonné")
        }
        return Phrase(
            "page \(id) failed: \(detail), tried again at \(clock(retryAt))",
            "l’appel \(id) a échoué\u{a0}: \(detail), nouvel essai à \(clock(retryAt))")
    }

    private func released(_ record: ReleaseRecord) -> Phrase {
        let services = record.services.joined(separator: ", ")
        let version = record.version.map { " (\($0))" } ?? ""
        let verdict = record.verdict.phrase
        let why = record.verdict.reason.map { ", \($0)" } ?? ""
        return Phrase(
            "release \(record.id)\(version) of \(services) by \(record.by), \(clock(record.began)): "
                + verdict.english.lowercased() + why,
            "livraison \(record.id)\(version) de \(services) par \(record.by), \(clock(record.began))\u{a0}: "
                + verdict.french.lowercased() + why)
    }

    // MARK: Reasons

    package func phrase(_ why: Incident.Entry.Reopening) -> Phrase {
        switch why {
        case .alertBeganAgain: Phrase("an alert began again", "une alerte a recommencé")
        case .stillFires(let after):
            Phrase(
                "its alerts still fire after \(text(after).english)",
                "ses alertes durent encore après \(text(after).french)")
        case .asked(let reason): Phrase(verbatim: reason)
        }
    }

    package func phrase(_ why: Page.Withdrawal) -> Phrase {
        switch why {
        case .acknowledged(let person): Phrase("\(person) has acknowledged", "\(person) a pris l’incident en charge")
        case .resolved: Phrase("it is resolved", "il est résolu")
        case .merged(let other): Phrase("it goes on as \(other)", "il continue comme \(other)")
        case .outdated(let page): Phrase("\(page) says more", "\(page) en dit plus")
        }
    }

    package func phrase(_ why: Page.Deferral) -> Phrase {
        switch why {
        case .order(let after):
            Phrase(
                "other ways come first, for \(text(after).english)",
                "d’autres moyens passent d’abord, pendant \(text(after).french)")
        case .quietHours: Phrase("quiet hours", "heures calmes")
        case .rateLimit(let limit):
            Phrase(
                "\(limit.messages) messages within \(text(limit.within).english) are enough",
                "\(limit.messages) messages en \(text(limit.within).french) suffisent")
        case .backOff(let attempt): Phrase("attempt \(attempt) failed", "l’essai \(attempt) a échoué")
        case .behind(let page): Phrase("page \(page) has to arrive first", "l’appel \(page) doit arriver d’abord")
        }
    }

    package func phrase(_ state: RemedyRun.State) -> Phrase {
        switch state {
        case .awaitsApproval: Phrase("waits for somebody’s approval", "attend l’accord de quelqu’un")
        case .running(let person?): Phrase("started, approved by \(person)", "lancé, avec l’accord de \(person)")
        case .running(nil): Phrase("started", "lancé")
        case .succeeded(let output):
            Phrase("succeeded", "réussi") + Phrase(verbatim: output.isEmpty ? "" : ": \(output)")
        case .failed(let output): Phrase("failed", "échoué") + Phrase(verbatim: output.isEmpty ? "" : ": \(output)")
        case .silent(let after):
            Phrase(
                "nothing was heard of it for \(text(after).english); it is not tried again",
                "aucune nouvelle depuis \(text(after).french)\u{a0}; pas de nouvel essai")
        case .declined(let person): Phrase("declined by \(person)", "refusé par \(person)")
        }
    }

    package func phrase(_ why: RemedyRefusal) -> Phrase {
        switch why {
        case .unknown: Phrase("nothing of that name is declared", "rien de ce nom n’est déclaré")
        case .alreadyTried:
            Phrase("it was tried already, and each is tried once", "déjà essayé, et chacun ne l’est qu’une fois")
        case .noService: Phrase("the incident names no service", "l’incident ne nomme aucun service")
        case .noRecentRelease: Phrase("nothing was shipped lately", "rien n’a été livré récemment")
        case .noLastGoodRelease:
            Phrase("there is no earlier good release", "il n’y a pas de bonne livraison antérieure")
        case .releaseUnderWay(let id): Phrase("release \(id) is under way", "la livraison \(id) est en cours")
        case .releaseAlreadyReturned(let id):
            Phrase("release \(id) was already returned", "la livraison \(id) a déjà été annulée")
        case .incompatibleMigration(let id):
            Phrase(
                "the version before cannot run after the migration of \(id)",
                "la version précédente ne peut pas tourner après la migration de \(id)")
        case .migrationUnknown(let id):
            Phrase(
                "nobody said whether the version before can run after the migration of \(id)",
                "personne n’a dit si la version précédente peut tourner après la migration de \(id)")
        case .missingData:
            Phrase(
                "nothing was measured, which is no evidence against a release",
                "rien n’a été mesuré, ce qui ne prouve rien contre une livraison")
        case .serviceIsBeingRemedied(let incident):
            Phrase(
                "incident \(incident) is being remedied in the same service",
                "l’incident \(incident) est en cours de réparation dans le même service")
        case .incidentIsOver: Phrase("the incident is over", "l’incident est terminé")
        }
    }

    package func phrase(_ why: Audience.Miss) -> Phrase {
        switch why {
        case .unknownParty: Phrase("nobody has that name", "personne ne porte ce nom")
        case .nobodyOnCall: Phrase("nobody is on call", "personne n’est d’astreinte")
        case .noContact(let person): Phrase("no way leads to \(person)", "aucun moyen ne mène à \(person)")
        case .emptyTeam: Phrase("the team has no members", "l’équipe n’a pas de membre")
        }
    }

    package func phrase(_ mute: Mute) -> Phrase {
        switch mute {
        case .silenced(let id): Phrase("silenced by \(id)", "mise en silence par \(id)")
        case .maintenance(let window, let until):
            Phrase("maintenance \(window) until \(clock(until))", "maintenance \(window) jusqu’à \(clock(until))")
        case .inhibited(let source, let rule):
            Phrase("explained by alert \(source) (\(rule))", "expliquée par l’alerte \(source) (\(rule))")
        case .switching(let release, let service):
            Phrase(
                "release \(release) of \(service) is switching", "la livraison \(release) de \(service) bascule")
        }
    }

    package func phrase(_ why: Escalation.Hold) -> Phrase {
        switch why {
        case .remedy(let name): Phrase("\(name) has the time to cure it", "\(name) a le temps de guérir")
        case .muted(let mute): phrase(mute)
        }
    }

    package func phrase(_ decision: Decision) -> Phrase {
        switch decision {
        case .openedAnew(let last, let before):
            Phrase(
                "a new incident, since \(last) was resolved \(text(before).english) before",
                "un nouvel incident, car \(last) était résolu depuis \(text(before).french)")
        case .joinedService(let group):
            Phrase("\(group) joined, since it is the same service", "\(group) s’y joint, car c’est le même service")
        case .flapping(let fingerprint, let times):
            Phrase(
                "alert \(fingerprint) flaps: it began again \(times) times, so its ends are not believed yet",
                "l’alerte \(fingerprint) clignote\u{a0}: elle a recommencé \(times) fois, ses fins ne comptent pas encore"
            )
        case .escalatesAgain(let why):
            Phrase(
                "escalates again: \(phrase(why).english)", "reprend l’escalade\u{a0}: \(phrase(why).french)")
        case .held(let why):
            Phrase("escalation waits: \(phrase(why).english)", "l’escalade attend\u{a0}: \(phrase(why).french)")
        case .reachedNobody(let party, let why):
            Phrase(
                "\(party) reached nobody: \(phrase(why).english)",
                "\(party) n’a atteint personne\u{a0}: \(phrase(why).french)")
        case .alreadyTold(let party, let contact, let page):
            Phrase(
                "\(party): \(contact) was told by \(page) already",
                "\(party)\u{a0}: \(contact) est déjà prévenu par \(page)")
        case .acknowledgedBefore(let fingerprint, let person, let at, let stands):
            Phrase(
                "\(person) acknowledged alert \(fingerprint) at \(clock(at)), before the incident was open",
                "\(person) avait pris en charge l’alerte \(fingerprint) à \(clock(at)), avant l’incident")
                + (stands
                    ? Phrase("", "")
                    : Phrase(
                        "; it has others, which nobody acknowledged",
                        "\u{a0}; il en a d’autres, que personne n’a prises en charge"))
        case .exhausted:
            Phrase(
                "every step was taken, and nobody has answered",
                "toutes les étapes ont été faites, et personne n’a répondu")
        case .remedyRefused(let name, let why):
            Phrase(
                "\(name) is not tried: \(phrase(why).english)", "\(name) n’est pas essayé\u{a0}: \(phrase(why).french)")
        case .deferred(let page, let until, let why):
            Phrase(
                "page \(page) waits until \(clock(until)): \(phrase(why).english)",
                "l’appel \(page) attend jusqu’à \(clock(until))\u{a0}: \(phrase(why).french)")
        case .summarised(let pages, let other):
            Phrase(
                "\(pages.joined(separator: ", ")) went into the summary \(other)",
                "\(pages.joined(separator: ", ")) tiennent dans le résumé \(other)")
        }
    }

    package func phrase(_ why: Escalation.Restart) -> Phrase {
        switch why {
        case .givenBack(let person): Phrase("\(person) gave it back", "\(person) l’a rendu")
        case .reopened: Phrase("it is open again", "il est rouvert")
        case .gotWorse(let from, let to):
            Phrase(
                "it went from \(lower(from.phrase.english)) to \(lower(to.phrase.english))",
                "il est passé de \(lower(from.phrase.french)) à \(lower(to.phrase.french))")
        case .repeated(let after):
            Phrase(
                "nobody has answered for \(text(after).english)", "personne n’a répondu depuis \(text(after).french)")
        case .snoozeOver(let person):
            Phrase("the time that \(person) asked for is over", "le délai demandé par \(person) est écoulé")
        }
    }

    package func phrase(_ why: Escalation.Reason) -> Phrase {
        switch why {
        case .unacknowledged(let after, _, let round):
            if after == .zero, round == 0 { return Phrase("it has just begun", "il vient de commencer") }
            let again = round > 0 ? Phrase(" (round \(round + 1))", " (tour \(round + 1))") : Phrase("", "")
            return Phrase(
                "nobody has acknowledged for \(text(after).english)",
                "personne ne l’a pris en charge depuis \(text(after).french)") + again
        case .acknowledgementTimedOut(let person, let after, _):
            return Phrase(
                "\(person) acknowledged and it is not over after \(text(after).english)",
                "\(person) l’a pris en charge et il dure encore après \(text(after).french)")
        case .restarted(let why, _): return phrase(why)
        }
    }

    package func phrase(_ why: Page.Reason) -> Phrase {
        switch why {
        case .escalation(let why, _, let path):
            let role =
                switch path {
                case .person: Phrase("named in the escalation", "nommé dans l’escalade")
                case .onCall(let schedule, let why):
                    Phrase(
                        "on call (\(schedule), \(why.phrase.english))",
                        "d’astreinte (\(schedule), \(why.phrase.french))")
                case .member(let team): Phrase("in the team \(team)", "dans l’équipe \(team)")
                case .place(let party): Phrase("where \(party) is told", "là où l’on prévient \(party)")
                }
            return role + Phrase("; \(phrase(why).english)", "\u{a0}; \(phrase(why).french)")
        case .assigned(let person): return Phrase("\(person) assigned it", "\(person) l’a confié")
        case .followUp: return Phrase("was told of it before", "déjà prévenu auparavant")
        case .tooManyToRead:
            return Phrase("too many messages to send each", "trop de messages pour les envoyer un à un")
        case .asked(let person): return Phrase("\(person) asked for it", "demandé par \(person)")
        }
    }

    // MARK: Pages

    package func phrase(_ state: Page.State) -> Phrase {
        switch state {
        case .waiting(let until, let why):
            why.map { why in
                Phrase(
                    "waits until \(clock(until)): \(phrase(why).english)",
                    "attend jusqu’à \(clock(until))\u{a0}: \(phrase(why).french)")
            } ?? Phrase("waits", "en attente")
        case .sending(let attempt, _): Phrase("being sent, attempt \(attempt)", "envoi en cours, essai \(attempt)")
        case .accepted(let at): Phrase("accepted at \(clock(at))", "accepté à \(clock(at))")
        case .acknowledged(let person, let at):
            Phrase("acknowledged by \(person) at \(clock(at))", "pris en charge par \(person) à \(clock(at))")
        case .withdrawn(let why):
            Phrase("withdrawn: \(phrase(why).english)", "retiré\u{a0}: \(phrase(why).french)")
        case .summarised(let other): Phrase("in the summary \(other)", "dans le résumé \(other)")
        case .dead(let why): Phrase("never arrived: \(why)", "jamais arrivé\u{a0}: \(why)")
        }
    }

    package func phrase(_ kind: Page.Kind) -> Phrase {
        switch kind {
        case .page: Phrase("page", "appel")
        case .acknowledged: Phrase("notice of acknowledgement", "avis de prise en charge")
        case .resolved: Phrase("notice of the end", "avis de fin")
        case .update: Phrase("update", "mise à jour")
        case .summary: Phrase("summary", "résumé")
        case .test: Phrase("test", "essai")
        }
    }

    package func phrase(_ deed: Page.Line.Deed) -> Phrase {
        switch deed {
        case .decided: Phrase("decided", "décidé")
        case .deferred(let until, let why):
            Phrase(
                "deferred until \(clock(until)): \(phrase(why).english)",
                "différé jusqu’à \(clock(until))\u{a0}: \(phrase(why).french)")
        case .sent(let attempt): Phrase("sent, attempt \(attempt)", "envoyé, essai \(attempt)")
        case .sentAgain(let attempt):
            Phrase(
                "sent again after a restart, attempt \(attempt)", "renvoyé après un redémarrage, essai \(attempt)")
        case .accepted(let attempt, let reference):
            Phrase("accepted by the provider, attempt \(attempt)", "accepté par le prestataire, essai \(attempt)")
                + Phrase(verbatim: reference.map { " (\($0))" } ?? "")
        case .failed(let attempt, let detail):
            Phrase("attempt \(attempt) failed: \(detail)", "l’essai \(attempt) a échoué\u{a0}: \(detail)")
        case .noAnswer(let attempt):
            Phrase("no answer to attempt \(attempt)", "aucune réponse à l’essai \(attempt)")
        case .withdrawn(let why):
            Phrase("withdrawn: \(phrase(why).english)", "retiré\u{a0}: \(phrase(why).french)")
        case .summarised(let other): Phrase("put into the summary \(other)", "mis dans le résumé \(other)")
        case .acknowledged(let person): Phrase("acknowledged by \(person)", "pris en charge par \(person)")
        case .gaveUp(let why): Phrase("given up: \(why)", "abandonné\u{a0}: \(why)")
        }
    }
}
