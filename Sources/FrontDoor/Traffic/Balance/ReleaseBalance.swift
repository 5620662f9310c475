package import NIOCore

/// Which replicas of one release take requests, and with what share of the load.
///
/// A value without a clock: it is told what happened and when, and answers what changed. A replica that fails while the
/// others do well is ejected for a while that grows; it comes back on probation and with a growing share. At most half of
/// the replicas are ejected, and when all are bad the ejected ones return: then it is the release that is bad, and its
/// errors count against the release as before.
package struct ReleaseBalance: Sendable {
    /// How a request failed at a replica.
    package enum Trouble: String, Codable, Sendable, Hashable {
        /// It took no connection.
        case unreachable
        /// The connection ended, or spoke something else than HTTP, before the answer was complete.
        case broken
        case timeout
        case serverError = "5xx"
    }

    package enum Event: Sendable, Hashable {
        /// The replicas of the release from now on.
        case adopted([FrontDoorConfiguration.Upstream])
        /// A good answer of a replica that `isSuspected`.
        case answered(Int)
        case failed(Int, Trouble)
        /// Good answers since the last count; they say nothing about the order among failures.
        case counted(Int, answers: Int)
        /// Time has passed.
        case tick
    }

    /// What an event changed, for the log.
    package enum Change: Sendable, Hashable {
        case ejected(Int, Reason, for: TimeAmount)
        case returned(Int)
        /// All replicas are bad: all that were ejected return at once.
        case allBad
    }

    /// Why a replica was ejected.
    package enum Reason: Sendable, Hashable {
        case inARow(Trouble, Int)
        /// Failures among the requests of the last seconds.
        case share(failures: Int, requests: Int)
        /// It failed again right after its return.
        case onProbation(Trouble)

        /// A stable word for metrics.
        package var word: String {
            switch self {
            case .inARow(let trouble, _), .onProbation(let trouble): trouble.rawValue
            case .share: "share"
            }
        }
    }

    /// Where a replica stands.
    package enum Place: Sendable, Hashable {
        case serving
        /// New or back: its share grows since then.
        case rising(since: NIODeadline)
        case ejected(Reason, until: NIODeadline)
    }

    /// In the order of the release's upstreams.
    package private(set) var replicas: [Replica] = []
    private let rules: BalanceRules
    /// Until then nothing is ejected, since all were bad a moment ago.
    private var quietUntil = NIODeadline.uptimeNanoseconds(0)
    private var judgedAt = NIODeadline.uptimeNanoseconds(0)

    package init(rules: BalanceRules) { self.rules = rules }

    /// Takes an event into account and tells what it changed.
    package mutating func event(_ event: Event, now: NIODeadline) -> [Change] {
        switch event {
        case .adopted(let upstreams):
            adopt(upstreams, now)
            return []
        case .answered(let index):
            replicas[index].succeeded(now, rules)
            return []
        case .counted(let index, let answers):
            replicas[index].tally.add(answers: answers, now, rules)
            return []
        case .failed(let index, let trouble):
            return failed(index, trouble, now)
        case .tick:
            return tick(now)
        }
    }

    /// The share of its load that a replica may take, 1 to 1,024 of 1,024; `nil` while it is ejected.
    package func share(of index: Int, now: NIODeadline) -> Int? {
        switch replicas[index].place {
        case .serving: BalanceRules.fullShare
        case .rising(let since): rules.share(after: now - since)
        case .ejected: nil
        }
    }

    // MARK: Events

    /// Replicas that stay keep their place. A new one beside others that serve rises; a whole new release does not, since
    /// there is nobody to leave the load to.
    private mutating func adopt(_ upstreams: [FrontDoorConfiguration.Upstream], _ now: NIODeadline) {
        let known = Dictionary(replicas.map { ($0.upstream, $0) }) { first, _ in first }
        let hasSeniors = upstreams.contains { known[$0] != nil }
        replicas = upstreams.map { upstream in
            known[upstream]
                ?? Replica(upstream, hasSeniors && rules.slowStart > .zero ? .rising(since: now) : .serving)
        }
    }

    private mutating func failed(_ index: Int, _ trouble: Trouble, _ now: NIODeadline) -> [Change] {
        replicas[index].tally.add(failures: 1, now, rules)
        // What began before the ejection says nothing new.
        if case .ejected = replicas[index].place { return [] }
        replicas[index].failed(trouble)
        let replica = replicas[index]
        let reason: Reason? =
            if replica.isOnProbation {
                .onProbation(trouble)
            } else if replica.lossesInARow >= rules.lossesInARow {
                .inARow(trouble, replica.lossesInARow)
            } else if replica.failuresInARow >= rules.failuresInARow {
                .inARow(trouble, replica.failuresInARow)
            } else {
                nil
            }
        guard let reason else { return [] }
        if replicas.contains(where: \.isEjected), replicas.allSatisfy({ $0.isEjected || $0.isBad(rules) }) {
            quietUntil = now + rules.quiet
            for index in replicas.indices { replicas[index].pardon() }
            return [.allBad]
        }
        guard trouble == .unreachable || othersDoBetter(than: index, now) else { return [] }
        return eject(index, reason, trouble, now)
    }

    private mutating func tick(_ now: NIODeadline) -> [Change] {
        var changes: [Change] = []
        for index in replicas.indices {
            switch replicas[index].place {
            case .ejected(_, let until) where until <= now:
                replicas[index].comeBack(now, rules)
                changes.append(.returned(index))
            case .rising(let since) where now - since >= rules.slowStart:
                replicas[index].place = .serving
            case .serving, .rising, .ejected: break
            }
        }
        guard now - judgedAt >= .seconds(1) else { return changes }
        judgedAt = now
        for index in replicas.indices {
            if case .ejected = replicas[index].place { continue }
            let own = replicas[index].tally.sum(now, rules)
            guard own.requests >= rules.shareRequests, own.failures >= rules.failuresInARow,
                Double(own.failures) >= rules.share * Double(own.requests),
                others(than: index, now).requests >= rules.shareRequests, othersDoBetter(than: index, now)
            else { continue }
            let reason = Reason.share(failures: own.failures, requests: own.requests)
            changes += eject(index, reason, .serverError, now)
        }
        return changes
    }

    // MARK: Judging

    private func others(than index: Int, _ now: NIODeadline) -> BalanceTally.Sum {
        var sum = BalanceTally.Sum()
        for other in replicas.indices where other != index {
            if case .ejected = replicas[other].place { continue }
            sum += replicas[other].tally.sum(now, rules)
        }
        return sum
    }

    /// Whether the others together fail less than half as often over the last seconds. Without an answer of others there is
    /// nothing to compare with.
    private func othersDoBetter(than index: Int, _ now: NIODeadline) -> Bool {
        let own = replicas[index].tally.sum(now, rules)
        let others = others(than: index, now)
        guard others.requests > others.failures else { return false }
        return 2 * others.failures * own.requests < own.failures * others.requests
    }

    private mutating func eject(
        _ index: Int, _ reason: Reason, _ trouble: Trouble, _ now: NIODeadline
    ) -> [Change] {
        // At most half are out, so at least one stays.
        guard rules.ejection > .zero, now >= quietUntil, replicas.count(where: \.isEjected) < replicas.count / 2
        else { return [] }
        return [.ejected(index, reason, for: replicas[index].eject(reason, trouble, now, rules))]
    }
}
