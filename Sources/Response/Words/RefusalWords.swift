/// Why something that was asked for is not done.
extension TimelineWords {
    package func phrase(_ refusal: Refusal) -> Phrase {
        switch refusal {
        case .incident(let why): phrase(why)
        case .unknownIncident(let id): Phrase("There is no incident \(id).", "Il n’y a pas d’incident \(id).")
        case .unknownSilence(let id):
            Phrase("Silence \(id) is not there, or is over.", "Le silence \(id) n’existe pas, ou est terminé.")
        case .unknownMaintenance(let id):
            Phrase("Maintenance \(id) is not there, or is over.", "La maintenance \(id) n’existe pas, ou est terminée.")
        case .unknownPerson(let name): unknown(Phrase("person", "personne"), name)
        case .unknownSchedule(let name): unknown(Phrase("schedule", "planning"), name)
        case .unknownArrangement(let id):
            unknown(Phrase("override, absence or swap", "remplacement, absence ou échange"), id)
        case .unknownPage(let id): Phrase("There is no page \(id).", "Il n’y a pas d’appel \(id).")
        case .unknownRemedy(let key): unknown(Phrase("remedy", "remède"), key)
        case .unknownHeartbeat(let name): unknown(Phrase("heartbeat", "battement"), name)
        case .remedy(let why): sentence(phrase(why))
        case .awaitsNoApproval(let name):
            Phrase("\(name) waits for no approval.", "\(name) n’attend aucun accord.")
        case .timeInThePast: Phrase("That time lies in the past.", "Ce moment est déjà passé.")
        case .noContact(let person): Phrase("No way leads to \(person).", "Aucun moyen ne mène à \(person).")
        case .wrongEntry(let why):
            Phrase("That cannot be taken: \(why).", "Cela ne peut pas être pris\u{a0}: \(why).")
        case .swap(let why): phrase(why)
        }
    }

    private func unknown(_ thing: Phrase, _ id: String) -> Phrase {
        Phrase("There is no \(thing.english) \(id).", "Il n’y a pas de \(thing.french) \(id).")
    }

    /// A clause as a sentence.
    private func sentence(_ clause: Phrase) -> Phrase {
        func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() + "." }
        return Phrase(sentence(clause.english), sentence(clause.french))
    }

    package func phrase(_ why: Incident.Refusal) -> Phrase {
        switch why {
        case .isResolved: Phrase("It is resolved already.", "Il est déjà résolu.")
        case .isMerged(let other): Phrase("It goes on as \(other).", "Il continue comme \(other).")
        case .isAcknowledged(let person?):
            Phrase("\(person) has acknowledged it already.", "\(person) l’a déjà pris en charge.")
        case .isAcknowledged(nil): Phrase("It is acknowledged already.", "Il est déjà pris en charge.")
        case .isNotAcknowledged: Phrase("Nobody has acknowledged it.", "Personne ne l’a pris en charge.")
        case .isNotResolved: Phrase("It is not resolved.", "Il n’est pas résolu.")
        case .intoItself: Phrase("It cannot be merged into itself.", "Il ne peut pas être fusionné dans lui-même.")
        }
    }

    package func phrase(_ why: Silence.Refusal) -> Phrase {
        switch why {
        case .noMatcher: Phrase("A silence needs a matcher.", "Un silence demande au moins un critère.")
        case .matchesEverything: everything
        case .noOwner: Phrase("A silence needs an owner.", "Un silence demande un responsable.")
        case .noReason: Phrase("Say why.", "Dites pourquoi.")
        case .endsBeforeItStarts: endsBeforeItStarts
        case .endsInThePast: Phrase("Its end lies in the past.", "Sa fin est déjà passée.")
        case .tooLong(let limit):
            Phrase(
                "It may last \(Phrase.length(limit).english) at most.",
                "Il peut durer \(Phrase.length(limit).french) au plus.")
        }
    }

    private var everything: Phrase {
        Phrase(
            "This would silence every alert: name something that an alert must have.",
            "Cela ferait taire toutes les alertes\u{a0}: nommez une valeur que l’alerte doit avoir.")
    }

    private var endsBeforeItStarts: Phrase { Phrase("It ends before it starts.", "La fin précède le début.") }

    package func phrase(_ why: MaintenanceWindow.Refusal) -> Phrase {
        switch why {
        case .noMatcher: Phrase("A window needs a matcher.", "Une fenêtre demande au moins un critère.")
        case .matchesEverything: everything
        case .noOwner: Phrase("A window needs an owner.", "Une fenêtre demande un responsable.")
        case .endsBeforeItStarts: endsBeforeItStarts
        case .endsInThePast: Phrase("Its end lies in the past.", "Sa fin est déjà passée.")
        case .unknownZone(let zone):
            Phrase("No time zone is named \(zone).", "Aucun fuseau horaire ne s’appelle \(zone).")
        case .alwaysOn: Phrase("It would never end.", "Elle ne finirait jamais.")
        }
    }

    package func phrase(_ why: ShiftSwap.Refusal) -> Phrase {
        switch why {
        case .withOneself: Phrase("A swap needs two people.", "Un échange demande deux personnes.")
        case .endsBeforeItStarts: endsBeforeItStarts
        case .inThePast: Phrase("One of the turns is over.", "L’un des tours est passé.")
        case .notTheirTurn(let person, let at):
            Phrase(
                "\(person) is not on call at \(clock(at)).", "\(person) n’est pas d’astreinte à \(clock(at))."
            )
        case .onlyTheOtherAnswers(let person): Phrase("Only \(person) can answer.", "Seul \(person) peut répondre.")
        case .isAnswered: Phrase("It is answered already.", "Il a déjà une réponse.")
        }
    }
}
