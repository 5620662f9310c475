package import Spec

/// What the model's closed sets are called.
extension Level {
    package var phrase: Phrase {
        switch self {
        case .critical: Phrase("Critical", "Critique")
        case .high: Phrase("High", "Élevée")
        case .medium: Phrase("Medium", "Moyenne")
        case .low: Phrase("Low", "Faible")
        }
    }
}

extension Incident.Status {
    package var phrase: Phrase {
        switch self {
        case .triggered: Phrase("Triggered", "Déclenché")
        case .acknowledged: Phrase("Acknowledged", "Pris en charge")
        case .resolved: Phrase("Resolved", "Résolu")
        case .merged: Phrase("Merged", "Fusionné")
        }
    }
}

extension Incident.Actor {
    package var phrase: Phrase {
        switch self {
        case .person(let name): Phrase(verbatim: name)
        case .hauban: Phrase(verbatim: "Hauban")
        case .source(let name): name.isEmpty ? Phrase("alerts", "alertes") : Phrase(verbatim: name)
        }
    }
}

extension Channel.Kind {
    package var phrase: Phrase {
        switch self {
        case .pagerduty: Phrase(verbatim: "PagerDuty")
        case .sms: Phrase(verbatim: "SMS")
        case .call: Phrase("phone call", "téléphone")
        case .email: Phrase("e-mail", "e-mail")
        case .slack: Phrase(verbatim: "Slack")
        case .webhook: Phrase(verbatim: "webhook")
        case .push: Phrase("push", "notification")
        }
    }
}

extension ReleaseRecord.Verdict {
    package var phrase: Phrase {
        switch self {
        case .switching: Phrase("Switching", "En bascule")
        case .kept: Phrase("Kept", "Conservée")
        case .returned: Phrase("Returned", "Annulée")
        case .failed: Phrase("Failed", "Échouée")
        case .elsewhere: Phrase("Shipped elsewhere", "Livrée ailleurs")
        }
    }
}

extension ReleaseRecord.Migration {
    package var phrase: Phrase {
        switch self {
        case .none: Phrase("no migration", "sans migration")
        case .compatible: Phrase("compatible migration", "migration compatible")
        case .incompatible: Phrase("incompatible migration", "migration incompatible")
        case .unknown: Phrase("migration of unknown kind", "migration de nature inconnue")
        }
    }
}

extension Silence.State {
    package var phrase: Phrase {
        switch self {
        case .pending: Phrase("Pending", "À venir")
        case .active: Phrase("Active", "En cours")
        case .expired: Phrase("Expired", "Expiré")
        }
    }
}

extension ShiftSwap.State {
    package var phrase: Phrase {
        switch self {
        case .proposed: Phrase("Proposed", "Proposé")
        case .accepted: Phrase("Accepted", "Accepté")
        case .declined: Phrase("Declined", "Refusé")
        }
    }
}

extension Shift.Reason {
    /// Why it is this person.
    package var phrase: Phrase {
        switch self {
        case .turn(let layer): Phrase("turn in \(layer)", "tour de garde dans \(layer)")
        case .standIn(let layer, let absent):
            Phrase("stands in for \(absent) in \(layer)", "remplace \(absent), absent, dans \(layer)")
        case .override(_, let other):
            if let other {
                Phrase("override, in the place of \(other)", "remplacement de \(other)")
            } else {
                Phrase("override", "remplacement")
            }
        case .nobody: Phrase("nobody is on call", "personne n’est d’astreinte")
        }
    }
}
