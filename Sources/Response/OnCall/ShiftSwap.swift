/// Two people who take each other's turns: proposed by one, true once the other agrees.
package struct ShiftSwap: Hashable, Codable, Sendable {
    package struct Turn: Hashable, Codable, Sendable {
        package var person: String
        package var start: Moment
        package var end: Moment

        package init(person: String, start: Moment, end: Moment) {
            self.person = person
            self.start = start
            self.end = end
        }
    }

    package enum State: Hashable, Codable, Sendable {
        case proposed
        case accepted
        case declined
    }

    /// Why a swap cannot be.
    package enum Refusal: Error, Hashable, Codable, Sendable {
        case withOneself
        case endsBeforeItStarts
        case inThePast
        /// Somebody else is on call for at least a part of the turn that was offered or asked for.
        case notTheirTurn(person: String, at: Moment)
        case onlyTheOtherAnswers(String)
        case isAnswered
    }

    package let id: String
    package let schedule: String
    package let offered: Turn
    package let asked: Turn
    package private(set) var state = State.proposed

    package init(id: String, schedule: String, offered: Turn, asked: Turn) {
        self.id = id
        self.schedule = schedule
        self.offered = offered
        self.asked = asked
    }

    /// Whether each has the turn that changes hands.
    ///
    /// - Throws: `Refusal`
    package func check(_ schedule: OnCallSchedule, now: Moment) throws(Refusal) {
        guard offered.person != asked.person else { throw .withOneself }
        for turn in [offered, asked] {
            guard turn.start < turn.end else { throw .endsBeforeItStarts }
            guard turn.end > now else { throw .inThePast }
            let others = schedule.shifts(from: turn.start, to: turn.end).first { $0.person != turn.person }
            if let others { throw .notTheirTurn(person: turn.person, at: others.start) }
        }
    }

    /// The answer of the one who was asked.
    ///
    /// - Returns: what is true from then on: nothing when it was declined.
    /// - Throws: `Refusal`; the turns may have changed hands since it was proposed.
    package mutating func answer(accepts: Bool, by person: String, _ schedule: OnCallSchedule, now: Moment)
        throws(Refusal) -> [OnCallSchedule.Override]
    {
        guard state == .proposed else { throw .isAnswered }
        guard person == asked.person || (!accepts && person == offered.person) else {
            throw .onlyTheOtherAnswers(asked.person)
        }
        guard accepts else {
            state = .declined
            return []
        }
        try check(schedule, now: now)
        state = .accepted
        return [
            .init(id: "\(id).1", start: offered.start, end: offered.end, person: asked.person),
            .init(id: "\(id).2", start: asked.start, end: asked.end, person: offered.person),
        ]
    }
}
