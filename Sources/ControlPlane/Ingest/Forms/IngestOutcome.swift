/// What came of a message.
package struct IngestOutcome: Sendable {
    /// An item of a list that was not taken; the others were.
    package struct Reject: Hashable, Sendable {
        /// Its place, from 0.
        package var index: Int
        package var reason: String
    }

    /// How many bad items an answer names; their number is in it in any case.
    static let named = 100

    package var deeds: [IngestDeed]
    /// To be given once the deeds are on disk.
    package var answer: Answer
    package var rejects: [Reject]
    /// A certificate in PEM that must be known first (``IngestContext/certificates``): fetch it and ask again. Where it
    /// cannot be had, the answer tells the sender to come again.
    package var wants: String?
    /// Whose words a later refusal is to be in, and the id that it has.
    package var form: IngestForm?
    package var id = ""

    package init(_ deeds: [IngestDeed] = [], answer: Answer, rejects: [Reject] = [], wants: String? = nil) {
        self.deeds = deeds
        self.answer = answer
        self.rejects = rejects
        self.wants = wants
        if !rejects.isEmpty {
            let places = rejects.prefix(Self.named).map { "\($0.index)" }.joined(separator: ",")
            self.answer.fields.append(("X-Hauban-Rejected", places))
        }
    }

    /// That what was read cannot be taken now, in a way that makes its sender come again.
    func busy(_ reason: String, status: Int? = nil, seconds: Int = 1) -> Answer {
        guard let form else { return .tryLater(reason, status: status ?? 429, seconds: seconds) }
        return form.busy(reason, status: status, seconds: seconds, id: id)
    }

    /// That what was read is about nothing that is known.
    func unheard(_ problem: Problem) -> Answer {
        form?.refusal(problem.status, problem.detail, id: id) ?? problem.answer
    }
}
