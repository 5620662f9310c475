import Response

/// The words of the pages about alerts, silences and maintenance.
extension Phrase {
    static var alert: Phrase { Phrase("Alert", "Alerte") }
    static var incident: Phrase { Phrase("Incident", "Incident") }
    static var since: Phrase { Phrase("Since", "Depuis") }
    static var stateFiring: Phrase { Phrase("Firing", "Actives") }
    static var stateTold: Phrase { Phrase("Firing, not muted", "Actives, non muettes") }
    static var stateMuted: Phrase { Phrase("Firing, muted", "Actives, muettes") }
    static var stateEnded: Phrase { Phrase("Ended", "Terminées") }
    static var noAlert: Phrase { Phrase("No alert matches.", "Aucune alerte ne correspond.") }
    static var noAlertSoFar: Phrase {
        Phrase("None among these; look further.", "Aucune parmi celles-ci\u{a0}; cherchez plus loin.")
    }
    static var matcherHint: Phrase {
        Phrase(
            "As for amtool: service=api severity=~\"critical|high\", or the name of an alert.",
            "Comme pour amtool\u{a0}: service=api severity=~\"critical|high\", ou le nom d’une alerte.")
    }
    static var silenceThese: Phrase { Phrase("Silence these", "Faire taire celles-ci") }
    static var silenceThis: Phrase { Phrase("Silence this alert", "Faire taire cette alerte") }
    static var silenceName: Phrase { Phrase("Silence all of this name", "Faire taire toutes celles de ce nom") }
    static var whyMuted: Phrase { Phrase("Why nobody is told", "Pourquoi personne n’est prévenu") }
    static var annotations: Phrase { Phrase("Annotations", "Annotations") }
    static var groups: Phrase { Phrase("Groups", "Groupes") }
    static var nextLook: Phrase { Phrase("Looked at next", "Prochain examen") }
    static var lastTold: Phrase { Phrase("Last told", "Dernier rappel") }
    static var unlessTold: Phrase { Phrase("unless it is told again", "sauf rappel") }
    static var source: Phrase { Phrase("Source", "Source") }
    static var generator: Phrase { Phrase("Made by", "Produite par") }
    static var generatorLink: Phrase { Phrase("its expression", "son expression") }

    static func matchCount(_ count: Int) -> Phrase {
        Phrase(count, ("alert matches", "alerts match"), ("alerte correspond", "alertes correspondent"))
    }

    static var newSilence: Phrase { Phrase("New silence", "Nouveau silence") }
    static var makeSilence: Phrase { Phrase("Make the silence", "Créer le silence") }
    static var preview: Phrase { Phrase("Preview", "Aperçu") }
    static var expire: Phrase { Phrase("Expire", "Terminer") }
    static var noSilence: Phrase { Phrase("There is no silence.", "Il n’y a aucun silence.") }
    static var howLong: Phrase { Phrase("For how long", "Pour combien de temps") }
    static var durationHint: Phrase { Phrase("45m, 2h, 3d", "45m, 2h, 3d") }
    static var badDuration: Phrase {
        Phrase("That length of time cannot be read: 45m, 2h, 3d.", "Cette durée est illisible\u{a0}: 45m, 2h, 3d.")
    }
    static var badTime: Phrase { Phrase("That time cannot be read.", "Cette heure est illisible.") }
    static var whatItMutes: Phrase { Phrase("What it mutes now", "Ce qu’il ferait taire maintenant") }
    static var silencesLead: Phrase {
        Phrase(
            "Alerts that nobody is told of for a while. Each has an owner, a reason and an end.",
            "Des alertes dont personne n’est prévenu pendant un temps. Chacun a un responsable, une raison et une fin.")
    }

    static func mutesCount(_ count: Int, of all: Int) -> Phrase {
        let number = Phrase.alertCount(count)
        return Phrase(
            "\(number.english) of \(Phrase.number(all).english) that fire",
            "\(number.french) sur \(Phrase.number(all).french) actives")
    }

    static var newMaintenance: Phrase { Phrase("New maintenance", "Nouvelle maintenance") }
    static var plan: Phrase { Phrase("Plan it", "Prévoir") }
    static var endNow: Phrase { Phrase("End now", "Terminer") }
    static var noMaintenance: Phrase { Phrase("No maintenance is planned.", "Aucune maintenance n’est prévue.") }
    static var maintenanceLead: Phrase {
        Phrase(
            "Planned work, once or again and again: nobody is told of what matches meanwhile.",
            "Travaux prévus, une fois ou régulièrement\u{a0}: personne n’est prévenu de ce qui correspond.")
    }
    static var recurrence: Phrase { Phrase("Recurrence", "Récurrence") }
    static var once: Phrase { Phrase("Once", "Une fois") }
    static var weekly: Phrase { Phrase("Every week", "Chaque semaine") }
    static var monthly: Phrase { Phrase("Every month", "Chaque mois") }
    static var days: Phrase { Phrase("Days", "Jours") }
    static var weekOfMonth: Phrase { Phrase("Which of the month", "Lequel du mois") }
    static var weekday: Phrase { Phrase("Weekday", "Jour de la semaine") }
    static var startOfDay: Phrase { Phrase("Begins at", "Commence à") }
    static var endOfDay: Phrase { Phrase("Ends at", "Finit à") }
    static var zone: Phrase { Phrase("Time zone", "Fuseau horaire") }
    static var onNow: Phrase { Phrase("Now", "En cours") }
    static var planned: Phrase { Phrase("Planned", "Prévue") }
    static var over: Phrase { Phrase("Over", "Terminée") }

    static func ordinal(_ number: Int) -> Phrase {
        switch number {
        case 1: Phrase("first", "premier")
        case 2: Phrase("second", "deuxième")
        case 3: Phrase("third", "troisième")
        case 4: Phrase("fourth", "quatrième")
        default: Phrase("last", "dernier")
        }
    }
}
