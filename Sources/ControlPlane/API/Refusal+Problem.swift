import Response

extension Problem {
    /// Why the response does not do what was asked.
    init(_ refusal: Refusal) {
        switch refusal {
        case .unknownIncident(let id): self = .notFound("no incident \(id) is open or was resolved lately")
        case .unknownSilence(let id): self = .notFound("no silence \(id) holds or is to come")
        case .unknownMaintenance(let id): self = .notFound("no maintenance \(id) is on or to come")
        case .unknownPerson(let name): self = .notFound("nobody has the name \(name)")
        case .unknownSchedule(let name): self = .notFound("no schedule has the name \(name)")
        case .unknownArrangement(let id): self = .notFound("nothing is arranged as \(id)")
        case .unknownPage(let id): self = .notFound("no page \(id) is known")
        case .unknownRemedy(let key): self = .notFound("no remedy \(key) is known")
        case .unknownHeartbeat(let name): self = .notFound("no heartbeat has the name \(name)")
        case .awaitsNoApproval(let name): self = .conflict("\(name) waits for nobody's approval")
        case .timeInThePast: self = .invalid("endsAt", "it would end in the past, or before it begins")
        case .noContact(let name): self = .conflict("no way leads to \(name)")
        case .wrongEntry(let why): self = .invalid("entry", why)
        case .remedy(let why): self = .conflict("it is not done: \(why.words)")
        case .incident(let why): self = .conflict(why.words)
        case .swap(let why): self = .conflict(why.words)
        }
    }
}

extension Incident.Refusal {
    var words: String {
        switch self {
        case .isResolved: "the incident is resolved"
        case .isMerged(let other): "the incident goes on as \(other)"
        case .isAcknowledged(let person): "\(person ?? "somebody") has acknowledged it already"
        case .isNotAcknowledged: "nobody has acknowledged it"
        case .isNotResolved: "the incident is not resolved"
        case .intoItself: "an incident cannot be merged into itself"
        }
    }
}

extension ShiftSwap.Refusal {
    var words: String {
        switch self {
        case .withOneself: "two people swap"
        case .endsBeforeItStarts: "a turn ends before it begins"
        case .inThePast: "a turn is in the past"
        case .notTheirTurn(let person, let at): "at \(at) it is not the turn of \(person)"
        case .onlyTheOtherAnswers(let person): "only \(person) can answer"
        case .isAnswered: "it was answered already"
        }
    }
}
