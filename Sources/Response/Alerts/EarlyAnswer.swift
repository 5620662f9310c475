/// What somebody said of an alert before it had an incident: kept with its group, and done when the incident opens.
package struct EarlyAnswer: Hashable, Codable, Sendable {
    package enum Deed: Hashable, Codable, Sendable {
        case acknowledge
        case note(String)
    }

    package var alert: Fingerprint
    package var deed: Deed
    package var by: String
    package var at: Moment

    package init(_ alert: Fingerprint, _ deed: Deed, by: String, at: Moment) {
        self.alert = alert
        self.deed = deed
        self.by = by
        self.at = at
    }

    /// How many a group keeps: whoever has more to say of what nobody was told of is no person.
    static let most = 1_000
}

extension [EarlyAnswer] {
    /// Adds one; the same acknowledgement twice is one.
    mutating func keep(_ answer: EarlyAnswer) {
        let isKnown = contains { known in
            known.alert == answer.alert && known.deed == answer.deed && known.by == answer.by
        }
        if !isKnown, count < EarlyAnswer.most { append(answer) }
    }
}
