import Spec

extension Page.Reason {
    /// Why, in a sentence for its reader.
    package var sentence: Phrase {
        switch self {
        case .escalation(let why, _, let path):
            let role = path.role
            let because = TimelineWords { $0.description }.phrase(why)
            return Phrase("\(role.english); \(why.words).", "\(role.french)\u{a0}; \(because.french).")
        case .assigned(let person): return Phrase("\(person) assigned it to you.", "\(person) vous l’a confié.")
        case .followUp: return Phrase("You were told of it.", "Vous avez déjà reçu un message à ce sujet.")
        case .tooManyToRead:
            return Phrase(
                "There were too many messages to send each.",
                "Il y avait trop de messages pour les envoyer un à un.")
        case .asked(let person): return Phrase("\(person) asked for it.", "\(person) l’a demandé.")
        }
    }
}

extension Audience.Path {
    /// Who the reader is in this, as the beginning of a sentence.
    fileprivate var role: Phrase {
        switch self {
        case .person: Phrase("You are named in the escalation", "L’escalade vous nomme")
        case .onCall(let schedule, let why):
            switch why {
            case .turn, .nobody, .override(_, nil):
                Phrase("You are on call (\(schedule))", "Vous êtes d’astreinte (\(schedule))")
            case .standIn(_, let absent):
                Phrase("You stand in for \(absent) (\(schedule))", "Vous remplacez \(absent) (\(schedule))")
            case .override(_, let other?):
                Phrase(
                    "You are on call (\(schedule)) in the place of \(other)",
                    "Vous êtes d’astreinte (\(schedule)) et remplacez \(other)")
            }
        case .member(let team): Phrase("You are in the team \(team)", "Vous êtes dans l’équipe \(team)")
        case .place(let party):
            Phrase("This is where \(party) is told", "C’est ici que l’on prévient \(party)")
        }
    }
}

extension ReleaseRecord {
    /// `r12 (v2) by eva at 2026-09-21T13:33:20Z, kept`.
    package var sentence: Phrase {
        let outcome =
            switch verdict {
            case .switching: Phrase("switching", "en bascule")
            case .kept: Phrase("kept", "conservée")
            case .returned(let reason): Phrase("returned: \(reason)", "annulée\u{a0}: \(reason)")
            case .failed(let reason): Phrase("failed: \(reason)", "échouée\u{a0}: \(reason)")
            case .elsewhere: Phrase("told by its sender", "annoncée par son expéditeur")
            }
        let name = "\(id)\(version.map { " (\($0))" } ?? "")"
        return Phrase(
            "\(name) by \(by) at \(began), \(outcome.english)", "\(name) par \(by) le \(began), \(outcome.french)")
    }
}
