/// Alerts that nobody is told of for a while, by somebody who says why.
package struct Silence: Hashable, Sendable {
    /// Why a silence is refused.
    package enum Refusal: Error, Hashable, Sendable {
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
    }

    package func state(at now: Moment) -> State { now < start ? .pending : now < end ? .active : .expired }

    package func mutes(_ labels: LabelSet, at now: Moment) -> Bool {
        state(at: now) == .active && matchers.match(labels)
    }
}

/// One alert that makes others not worth telling: the host is down, so its services are too.
package struct Inhibition: Hashable, Sendable {
    package var name: String
    package var sources: [Matcher]
    package var targets: [Matcher]
    /// Labels that source and target must share; two missing ones are equal.
    package var equal: [String]

    package init(name: String, sources: [Matcher], targets: [Matcher], equal: [String]) {
        self.name = name
        self.sources = sources
        self.targets = targets
        self.equal = equal
    }

    /// The firing alert that inhibits these labels.
    ///
    /// An alert that is both source and target is not inhibited by another that is both, itself included (Alertmanager,
    /// "Inhibition").
    package func source(inhibiting labels: LabelSet, among firing: [LabelSet]) -> LabelSet? {
        guard targets.match(labels) else { return nil }
        let isSource = sources.match(labels)
        return firing.first { other in
            guard sources.match(other) else { return false }
            if isSource && targets.match(other) { return false }
            return equal.allSatisfy { (other[$0] ?? "") == (labels[$0] ?? "") }
        }
    }
}
