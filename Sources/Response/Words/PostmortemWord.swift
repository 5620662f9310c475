/// The fixed words of a postmortem's draft: a case without a translation does not compile.
package enum PostmortemWord: CaseIterable, Sendable {
    case incident, severity, service, none, opened, acknowledged, never, resolved, notYet, assignedTo, runbook
    case summary, summaryAsked, impact, impactAsked, timeline, time, who, what
    case cause, causeAsked, nothingShipped, lessons, alertsAndPages, pagesAsked
    case actions, action, owner, due

    package var phrase: Phrase {
        switch self {
        case .incident: Phrase("Incident", "Incident")
        case .severity: Phrase("Severity", "Gravité")
        case .service: Phrase("Service", "Service")
        case .none: Phrase("none", "aucun")
        case .opened: Phrase("Opened", "Ouvert")
        case .acknowledged: Phrase("Acknowledged", "Pris en charge")
        case .never: Phrase("never", "jamais")
        case .resolved: Phrase("Resolved", "Résolu")
        case .notYet: Phrase("not yet", "pas encore")
        case .assignedTo: Phrase("Assigned to", "Confié à")
        case .runbook: Phrase("Runbook", "Procédure")
        case .summary: Phrase("Summary", "Résumé")
        case .summaryAsked:
            Phrase(
                "What happened, in three sentences that a customer understands.",
                "Ce qui s’est passé, en trois phrases qu’un client comprend.")
        case .impact: Phrase("Impact", "Conséquences")
        case .impactAsked:
            Phrase(
                "Who noticed, what could they not do, and how many were they?",
                "Qui l’a remarqué, que ne pouvaient-ils pas faire, et combien étaient-ils\u{a0}?")
        case .timeline: Phrase("Timeline", "Chronologie")
        case .time: Phrase("Time", "Heure")
        case .who: Phrase("Who", "Qui")
        case .what: Phrase("What", "Quoi")
        case .cause: Phrase("Cause", "Cause")
        case .causeAsked: Phrase("Why was it possible?", "Pourquoi était-ce possible\u{a0}?")
        case .nothingShipped:
            Phrase("Nothing was shipped in the hour before.", "Rien n’a été livré dans l’heure précédente.")
        case .lessons:
            Phrase(
                "What went well, what went badly, where we were lucky",
                "Ce qui s’est bien passé, ce qui s’est mal passé, où nous avons eu de la chance")
        case .alertsAndPages: Phrase("Alerts and pages", "Alertes et appels")
        case .pagesAsked:
            Phrase(
                "Which page was not needed, and which one was missing?",
                "Quel appel était inutile, et lequel a manqué\u{a0}?")
        case .actions: Phrase("Actions", "Actions")
        case .action: Phrase("Action", "Action")
        case .owner: Phrase("Owner", "Responsable")
        case .due: Phrase("Due", "Échéance")
        }
    }
}
