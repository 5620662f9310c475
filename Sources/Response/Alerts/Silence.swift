/// Alerts that nobody is told of for a while, by somebody who says why.
package struct Silence: Hashable, Codable, Sendable {
    /// Why a silence is refused.
    package enum Refusal: Error, Hashable, Codable, Sendable {
        case noMatcher
        /// Every matcher also accepts a missing label: it would silence everything.
        case matchesEverything
        case noOwner
        case noReason
        case endsBeforeItStarts
        case endsInThePast
        /// Longer than the limit: an end that nobody lives to see is none.
        case tooLong(limit: Duration)
    }

    package enum State: String, Hashable, Sendable { case pending, active, expired }

    package var id: String
    package var matchers: [Matcher]
    package var start: Moment
    package var end: Moment
    package var owner: String
    package var reason: String
    /// When it was made or last changed.
    package var updatedAt: Moment

    /// - Throws: `Refusal`
    package init(
        id: String, matchers: [Matcher], start: Moment, end: Moment, owner: String, reason: String, now: Moment,
        limit: Duration = .seconds(365 * 86_400)
    ) throws(Refusal) {
        guard !matchers.isEmpty else { throw .noMatcher }
        guard !matchers.allSatisfy(\.acceptsMissing) else { throw .matchesEverything }
        // `alertname=~".+"` asks for a label that every alert has.
        let names = Set(matchers.map(\.name))
        let everything = matchers.allSatisfy { $0.way == .matches && $0.value == ".+" }
        guard !(everything && names.isSubset(of: ["alertname"])) else { throw .matchesEverything }
        guard owner.contains(where: { !$0.isWhitespace }) else { throw .noOwner }
        guard reason.contains(where: { !$0.isWhitespace }) else { throw .noReason }
        guard start < end else { throw .endsBeforeItStarts }
        guard end > now else { throw .endsInThePast }
        guard end - start <= limit else { throw .tooLong(limit: limit) }
        self.id = id
        self.matchers = matchers
        self.start = start
        self.end = end
        self.owner = owner
        self.reason = reason
        updatedAt = now
    }

    /// Ends it early.
    package mutating func expire(at now: Moment) {
        start = min(start, now)
        end = min(end, now)
        updatedAt = now
    }

    package func state(at now: Moment) -> State { now < start ? .pending : now < end ? .active : .expired }

    package func mutes(_ labels: LabelSet, at now: Moment) -> Bool {
        state(at: now) == .active && matchers.match(labels)
    }
}
