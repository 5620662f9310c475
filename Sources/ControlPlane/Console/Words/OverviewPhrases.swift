import Response
import Spec

/// The words of the first page.
extension Phrase {
    static var openIncident: Phrase { Phrase("Open an incident", "Ouvrir un incident") }
    static var openIncidents: Phrase { Phrase("Open incidents", "Incidents ouverts") }
    static var allCalm: Phrase {
        Phrase("All is calm: no incident is open", "Tout est calme\u{a0}: aucun incident ouvert")
    }
    static var openLower: Phrase { Phrase("open", "en cours") }
    static var firingLower: Phrase { Phrase("firing", "actives") }
    static var lastRelease: Phrase { Phrase("Last release", "Dernière livraison") }
    static var lastReleases: Phrase { Phrase("Last releases", "Dernières livraisons") }
    static var signals: Phrase { Phrase("Signals", "Mesures") }
    static var burning: Phrase { Phrase("Burning its budget", "Brûle son budget") }
    static var calm: Phrase { Phrase("Calm", "Calme") }
    static var watched: Phrase { Phrase("No incident", "Sans incident") }
    static var onCallNow: Phrase { Phrase("On call now", "D’astreinte maintenant") }
    static var nobodyOnCall: Phrase { Phrase("Nobody is on call", "Personne d’astreinte") }
    static var noSchedule: Phrase { Phrase("No schedule is declared.", "Aucun planning n’est déclaré.") }
    static var gapFrom: Phrase { Phrase("Nobody from", "Personne à partir de") }
    static var pager: Phrase { Phrase("The pager itself", "L’alerteur lui-même") }
    static var lateness: Phrase { Phrase("Escalations", "Escalades") }
    static var onTime: Phrase { Phrase("on time", "à l’heure") }
    static var waitingPages: Phrase { Phrase("Pages under way", "Appels en cours") }
    static var deadPages: Phrase { Phrase("Pages that never arrived", "Appels jamais arrivés") }
    static var signOfLife: Phrase { Phrase("Sign of life", "Signe de vie") }
    static var goesOut: Phrase { Phrase("goes out", "émis") }
    static var withheld: Phrase { Phrase("withheld", "retenu") }

    static func thenFrom(_ person: String) -> Phrase { Phrase("then \(person), from", "puis \(person), à partir de") }

    static func unansweredCount(_ count: Int) -> Phrase {
        Phrase(
            count, ("incident waits for an answer", "incidents wait for an answer"),
            ("incident attend une réponse", "incidents attendent une réponse"))
    }

    static func openCount(_ count: Int) -> Phrase {
        Phrase(
            count, ("incident is open and taken care of", "incidents are open and taken care of"),
            ("incident ouvert, pris en charge", "incidents ouverts, pris en charge"))
    }

    /// `3 critical`, « 3 critiques ».
    static func alertCount(_ count: Int, _ level: Level) -> Phrase {
        let word = level.phrase
        let (english, french) = (word.english.lowercased(), word.french.lowercased())
        return Phrase(count, (english, english), (french, french + "s"))
    }

    static func silencesLower(_ count: Int) -> Phrase {
        Phrase(count == 1 ? "silence" : "silences", count < 2 ? "silence" : "silences")
    }

    static func andMoreIncidents(_ count: Int) -> Phrase {
        Phrase(
            count, ("more open incident", "more open incidents"), ("autre incident ouvert", "autres incidents ouverts"))
    }

    static func andMoreServices(_ count: Int) -> Phrase {
        Phrase(
            count, ("more service is calm", "more services are calm"), ("autre service calme", "autres services calmes")
        )
    }
}
