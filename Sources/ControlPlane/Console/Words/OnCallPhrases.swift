import Response

/// The words of the calendar.
extension Phrase {
    static var schedules: Phrase { Phrase("Schedules", "Plannings") }
    static var then: Phrase { Phrase("then", "puis") }
    static var month: Phrase { Phrase("Month", "Mois") }
    static var week: Phrase { Phrase("Week", "Semaine") }
    static var today: Phrase { Phrase("Today", "Aujourd’hui") }
    static var previous: Phrase { Phrase("Before", "Avant") }
    static var following: Phrase { Phrase("After", "Après") }
    static var period: Phrase { Phrase("Period", "Période") }
    static var span: Phrase { Phrase("Length", "Durée") }
    static var holiday: Phrase { Phrase("holiday", "férié") }
    static var override: Phrase { Phrase("override", "remplacement") }
    static var standIn: Phrase { Phrase("stands in", "supplée") }
    static var layer: Phrase { Phrase("Layer", "Niveau") }
    static var layers: Phrase { Phrase("Layers", "Niveaux") }
    static var inTheEnd: Phrase { Phrase("On call", "D’astreinte") }
    static var overrides: Phrase { Phrase("Overrides", "Remplacements") }
    static var noOverride: Phrase { Phrase("No override is arranged.", "Aucun remplacement n’est prévu.") }
    static var addOverride: Phrase { Phrase("Add an override", "Ajouter un remplacement") }
    static var absences: Phrase { Phrase("Absences", "Absences") }
    static var noAbsence: Phrase { Phrase("Nobody is away.", "Personne n’est absent.") }
    static var addAbsence: Phrase { Phrase("Add an absence", "Ajouter une absence") }
    static var swaps: Phrase { Phrase("Swaps", "Échanges") }
    static var proposeSwap: Phrase { Phrase("Propose a swap", "Proposer un échange") }
    static var yourTurn: Phrase { Phrase("Your turn", "Votre tour") }
    static var theirTurn: Phrase { Phrase("For the turn", "Contre le tour") }
    static var offered: Phrase { Phrase("Offered", "Proposé") }
    static var asked: Phrase { Phrase("Asked for", "Demandé") }
    static var accept: Phrase { Phrase("Accept", "Accepter") }
    static var replaces: Phrase { Phrase("In the place of", "À la place de") }
    static var whoeverItIs: Phrase { Phrase("whoever it is", "qui que ce soit") }
    static var gaps: Phrase { Phrase("Nobody is on call", "Personne d’astreinte") }
    static var arrange: Phrase { Phrase("Arrange", "Organiser") }
    static var calendar: Phrase { Phrase("Calendar feed", "Flux de calendrier") }
    static var calendarLead: Phrase {
        Phrase("Subscribe to it in your calendar (iCalendar).", "Abonnez-y votre agenda (iCalendar).")
    }

    static func weekOf(_ day: CivilDay) -> Phrase {
        let name = Phrase.day(day)
        return Phrase("Week of \(name.english)", "Semaine du \(name.french)")
    }

    static func every(_ seconds: Int) -> Phrase {
        switch seconds {
        case 604_800: Phrase("every week", "chaque semaine")
        case 86_400: Phrase("every day", "chaque jour")
        default:
            Phrase(
                "every \(length(.seconds(seconds)).english)", "tous les \(length(.seconds(seconds)).french)")
        }
    }
}
