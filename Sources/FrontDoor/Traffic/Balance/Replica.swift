import NIOCore

extension ReleaseBalance {
    /// One replica as its release's balance sees it.
    package struct Replica: Sendable {
        let upstream: FrontDoorConfiguration.Upstream
        package internal(set) var place: Place
        var tally = BalanceTally()
        /// Failures of any kind since the last good answer.
        private(set) var failuresInARow = 0
        /// Those among them without an answer.
        private(set) var lossesInARow = 0
        /// Back from an ejection without a good answer so far.
        private(set) var isOnProbation = false
        /// Since the start, by the word of their reason.
        package private(set) var ejections: [String: Int] = [:]
        private var ejectionsInARow = 0
        private var returnedAt: NIODeadline?

        init(_ upstream: FrontDoorConfiguration.Upstream, _ place: Place) {
            self.upstream = upstream
            self.place = place
        }

        /// Whether it is passed over.
        package var isEjected: Bool {
            if case .ejected = place { true } else { false }
        }

        /// Whether the next good answer matters at once.
        package var isSuspected: Bool { failuresInARow > 0 || isOnProbation }

        /// Whether its last requests are reason enough for an ejection.
        func isBad(_ rules: BalanceRules) -> Bool {
            failuresInARow >= rules.failuresInARow || lossesInARow >= rules.lossesInARow
        }

        mutating func succeeded(_ now: NIODeadline, _ rules: BalanceRules) {
            tally.add(answers: 1, now, rules)
            // A late answer from before the ejection is no reason to come back.
            guard !isEjected else { return }
            failuresInARow = 0
            lossesInARow = 0
            isOnProbation = false
        }

        mutating func failed(_ trouble: Trouble) {
            failuresInARow += 1
            if trouble != .serverError { lossesInARow += 1 }
        }

        /// - Returns: for how long: the first time, doubled with each further one that comes soon after its return.
        mutating func eject(
            _ reason: Reason, _ trouble: Trouble, _ now: NIODeadline, _ rules: BalanceRules
        ) -> TimeAmount {
            let longest = rules.longest(after: trouble)
            if let returnedAt, now - returnedAt > longest { ejectionsInARow = 0 }
            let time = rules.ejectionTime(after: trouble, earlier: ejectionsInARow)
            ejectionsInARow += 1
            ejections[reason.word, default: 0] += 1
            place = .ejected(reason, until: now + time)
            forget()
            return time
        }

        mutating func comeBack(_ now: NIODeadline, _ rules: BalanceRules) {
            place = rules.slowStart > .zero ? .rising(since: now) : .serving
            isOnProbation = true
            returnedAt = now
        }

        /// Starts anew with a full share.
        mutating func pardon() {
            if isEjected { place = .serving }
            isOnProbation = false
            forget()
        }

        private mutating func forget() {
            failuresInARow = 0
            lossesInARow = 0
            tally = BalanceTally()
        }
    }
}
