import Response

/// The words of the pages about incidents.
extension Phrase {
    static var stateOpen: Phrase { Phrase("Open", "Ouvert") }
    static var lasted: Phrase { Phrase("Lasted", "Durée") }
    static var noOpenIncident: Phrase { Phrase("No incident is open.", "Aucun incident n’est ouvert.") }
    static var noIncidentMatches: Phrase { Phrase("No incident matches.", "Aucun incident ne correspond.") }
    static var whoIsTold: Phrase { Phrase("Who is told", "Qui est prévenu") }
    static var openIncidentLead: Phrase {
        Phrase(
            "For what no alert tells of. Who is on call is told at once.",
            "Pour ce qu’aucune alerte ne dit. Qui est d’astreinte est prévenu aussitôt.")
    }

    static var acknowledge: Phrase { Phrase("Acknowledge", "Prendre en charge") }
    static var resolve: Phrase { Phrase("Resolve", "Résoudre") }
    static var giveBack: Phrase { Phrase("Give back", "Rendre") }
    static var reopen: Phrase { Phrase("Reopen", "Rouvrir") }
    static var snooze: Phrase { Phrase("Snooze", "Demander un délai") }
    static var assign: Phrase { Phrase("Assign", "Confier") }
    static var giveRole: Phrase { Phrase("Give a role", "Donner un rôle") }
    static var role: Phrase { Phrase("Role", "Rôle") }
    static var addNote: Phrase { Phrase("Add a note", "Ajouter une note") }
    static var note: Phrase { Phrase("Note", "Note") }
    static var addLink: Phrase { Phrase("Add a link", "Ajouter un lien") }
    static var address: Phrase { Phrase("Address", "Adresse") }
    static var changeSeverity: Phrase { Phrase("Change the severity", "Changer la gravité") }
    static var change: Phrase { Phrase("Change", "Changer") }
    static var merge: Phrase { Phrase("Merge", "Fusionner") }
    static var mergeInto: Phrase { Phrase("Merge into", "Fusionner dans") }
    static var run: Phrase { Phrase("Run", "Lancer") }
    static var approve: Phrase { Phrase("Approve", "Approuver") }
    static var decline: Phrase { Phrase("Decline", "Refuser") }
    static var snoozeFor: Phrase { Phrase("For", "Pendant") }
    static var whyReopen: Phrase { Phrase("Why it is open again", "Pourquoi il est rouvert") }

    static var timeline: Phrase { Phrase("Timeline", "Chronologie") }
    static var chart: Phrase { Phrase("Firing alerts over time", "Alertes actives dans le temps") }
    static var suspects: Phrase { Phrase("Releases before it", "Livraisons juste avant") }
    static var noSuspect: Phrase {
        Phrase("Nothing was shipped in the hour before.", "Rien n’a été livré dans l’heure précédente.")
    }
    static var remedies: Phrase { Phrase("Remedies", "Remèdes") }
    static var pages: Phrase { Phrase("Pages", "Appels") }
    static var noPage: Phrase { Phrase("Nobody was paged.", "Personne n’a été appelé.") }
    static var ledger: Phrase { Phrase("Ledger", "Registre") }
    static var facts: Phrase { Phrase("Facts", "Faits") }
    static var links: Phrase { Phrase("Links", "Liens") }
    static var runbook: Phrase { Phrase("Runbook", "Procédure") }
    static var escalation: Phrase { Phrase("Escalation", "Escalade") }
    static var escalationRunning: Phrase { Phrase("running", "en cours") }
    static var escalationEnded: Phrase { Phrase("ended", "terminée") }
    static var escalationExhausted: Phrase {
        Phrase("every step was taken, nobody answered", "toutes les étapes faites, sans réponse")
    }
    static var nextStep: Phrase { Phrase("Next step", "Prochaine étape") }
    static var acknowledgedAfter: Phrase { Phrase("Acknowledged after", "Pris en charge après") }
    static var resolvedAfter: Phrase { Phrase("Resolved after", "Résolu après") }
    static var never: Phrase { Phrase("not yet", "pas encore") }
    static var lastGood: Phrase { Phrase("Last good release", "Dernière bonne livraison") }
    static var postmortem: Phrase { Phrase("Postmortem draft", "Brouillon de post-mortem") }
    static var download: Phrase { Phrase("Download as Markdown", "Télécharger en Markdown") }
    static var postmortemLead: Phrase {
        Phrase(
            "Written from the timeline: what is known is filled in, what people have to say is asked.",
            "Écrit d’après la chronologie\u{a0}: ce qui est connu est rempli, ce que les gens ont à dire est demandé.")
    }
    static var more: Phrase { Phrase("More actions", "Autres actions") }
    static var older: Phrase { Phrase("Older entries", "Entrées plus anciennes") }
    static var newest: Phrase { Phrase("Newest entries", "Entrées récentes") }
    static var way: Phrase { Phrase("Way", "Moyen") }
    static var mergedInto: Phrase { Phrase("It goes on as", "Il continue comme") }
    static var archived: Phrase { Phrase("Archived", "Archivé") }
    static var shipped: Phrase { Phrase("shipped", "livrée") }
    static var acknowledgedMark: Phrase { Phrase("acknowledged", "pris en charge") }
    static var resolvedMark: Phrase { Phrase("resolved", "résolu") }
    static var openedMark: Phrase { Phrase("opened", "ouvert") }
    static var escalateTo: Phrase { Phrase("Escalation policy", "Plan d’escalade") }

    static func tell(_ party: String) -> Phrase { Phrase("tell \(party)", "prévenir \(party)") }

    static func chartText(_ most: Int, _ now: Int, _ releases: Int) -> Phrase {
        let shipped = Phrase(
            releases, ("release is marked", "releases are marked"), ("livraison marquée", "livraisons marquées"))
        return Phrase(
            "At most \(most) alerts fired at once, \(now) at the end. \(shipped.english).",
            "Au plus \(most) alertes actives à la fois, \(now) à la fin. \(shipped.french).")
    }

    /// What a form did, for the page that follows.
    static func done(_ key: String) -> Phrase? {
        switch key {
        case "acknowledged": Phrase("You have acknowledged it.", "Vous l’avez pris en charge.")
        case "unacknowledged":
            Phrase("It is given back; the escalation begins anew.", "Il est rendu\u{a0}; l’escalade reprend.")
        case "resolved": Phrase("It is resolved.", "Il est résolu.")
        case "reopened": Phrase("It is open again.", "Il est rouvert.")
        case "snoozed": Phrase("Nobody is paged until then.", "Personne n’est appelé d’ici là.")
        case "assigned": Phrase("It is assigned, and they are told.", "Il est confié, et la personne prévenue.")
        case "noted": Phrase("The note is in the timeline.", "La note est dans la chronologie.")
        case "linked": Phrase("The link is added.", "Le lien est ajouté.")
        case "changed": Phrase("The severity is changed.", "La gravité est changée.")
        case "merged": Phrase("It is merged.", "Il est fusionné.")
        case "started":
            Phrase(
                "It is started; the timeline says what comes of it.", "C’est lancé\u{a0}; la chronologie dira la suite."
            )
        case "declined": Phrase("It is declined.", "C’est refusé.")
        case "opened": Phrase("The incident is open, and people are told.", "L’incident est ouvert, et prévenu.")
        case "silenced": Phrase("The silence is made.", "Le silence est créé.")
        case "expired": Phrase("The silence is over.", "Le silence est terminé.")
        case "planned": Phrase("The maintenance is planned.", "La maintenance est prévue.")
        case "ended": Phrase("The maintenance is over.", "La maintenance est terminée.")
        case "arranged": Phrase("The schedule is changed.", "Le planning est changé.")
        case "tested": Phrase("A test is on its way.", "Un essai est en route.")
        case "key-made":
            Phrase(
                "The integration is made: copy its key now.", "L’intégration est créée\u{a0}: copiez sa clé maintenant."
            )
        case "key-removed": Phrase("The integration is removed.", "L’intégration est supprimée.")
        case "saved": Phrase("Saved.", "Enregistré.")
        case "signed-out": Phrase("You have signed out.", "Vous êtes déconnecté.")
        default: nil
        }
    }
}
