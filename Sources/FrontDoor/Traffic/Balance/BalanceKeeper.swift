import NIOCore
import Synchronization

/// The balance of one release as all event loops share it.
///
/// A good answer of a replica without suspicion, which nearly all are, does not come here: it is counted on its loop and
/// handed over with the next tick. What requests read is published in atomics of the replicas.
final class BalanceKeeper: Sendable {
    private struct State {
        var balance = ReleaseBalance(rules: BalanceRules())
        var rules = BalanceRules()
        var upstreams: [UpstreamRuntime] = []
    }

    private let state = Mutex(State())

    /// What one change means in words, with the replica that it is about.
    struct Notice: Sendable {
        var replica: String?
        var change: ReleaseBalance.Change
    }

    /// Takes up the replicas of a configuration; those that stay keep their place unless the rules changed.
    func adopt(_ upstreams: [UpstreamRuntime], _ rules: BalanceRules, now: NIODeadline) {
        state.withLock { state in
            if state.rules != rules {
                state.rules = rules
                let known = state.upstreams.map(\.upstream)
                state.balance = ReleaseBalance(rules: rules)
                _ = state.balance.event(.adopted(known), now: now)
            }
            state.upstreams = upstreams
            _ = state.balance.event(.adopted(upstreams.map(\.upstream)), now: now)
            Self.publish(state)
        }
    }

    func answered(_ upstream: UpstreamRuntime, now: NIODeadline) {
        _ = tell(upstream, now) { .answered($0) }
    }

    func failed(_ upstream: UpstreamRuntime, _ trouble: ReleaseBalance.Trouble, now: NIODeadline) -> [Notice] {
        tell(upstream, now) { .failed($0, trouble) }
    }

    /// Hands over what a loop counted, and lets time pass.
    ///
    /// - Parameter counts: the loop's part of the release's replicas; their counts are taken.
    func tick(_ counts: [LoopUpstream], now: NIODeadline) -> [Notice] {
        state.withLock { state in
            for upstream in counts where upstream.answers > 0 {
                if let index = state.upstreams.firstIndex(where: { $0 === upstream.runtime }) {
                    _ = state.balance.event(.counted(index, answers: upstream.answers), now: now)
                }
                upstream.answers = 0
            }
            let changes = state.balance.event(.tick, now: now)
            Self.publish(state)
            return Self.notices(changes, state)
        }
    }

    private func tell(
        _ upstream: UpstreamRuntime, _ now: NIODeadline, _ event: (Int) -> ReleaseBalance.Event
    ) -> [Notice] {
        state.withLock { state in
            guard let index = state.upstreams.firstIndex(where: { $0 === upstream }) else { return [] }
            let changes = state.balance.event(event(index), now: now)
            Self.publish(state)
            return Self.notices(changes, state)
        }
    }

    private static func publish(_ state: State) {
        for (replica, upstream) in zip(state.balance.replicas, state.upstreams) {
            let standing =
                switch replica.place {
                case .serving: UpstreamRuntime.serving
                case .rising(let since): max(1, since.uptimeNanoseconds)
                case .ejected: UpstreamRuntime.ejected
                }
            if upstream.standing.load(ordering: .relaxed) != standing {
                upstream.standing.store(standing, ordering: .relaxed)
            }
            if upstream.isSuspected.load(ordering: .relaxed) != replica.isSuspected {
                upstream.isSuspected.store(replica.isSuspected, ordering: .relaxed)
            }
        }
    }

    private static func notices(_ changes: [ReleaseBalance.Change], _ state: State) -> [Notice] {
        changes.map { change in
            switch change {
            case .ejected(let index, _, _), .returned(let index):
                Notice(replica: state.upstreams[index].upstream.replica, change: change)
            case .allBad: Notice(replica: nil, change: change)
            }
        }
    }

    /// How each replica stands.
    func report(now: NIODeadline) -> [ReplicaReport] {
        state.withLock { state in
            zip(state.balance.replicas.indices, state.upstreams).map { index, upstream in
                let replica = state.balance.replicas[index]
                var report = ReplicaReport(
                    replica: upstream.upstream.replica, port: upstream.upstream.port,
                    inFlight: upstream.inFlight.load(ordering: .relaxed), ejections: replica.ejections)
                report.share = state.balance.share(of: index, now: now).map {
                    Double($0) / Double(BalanceRules.fullShare)
                }
                if case .ejected(let reason, let until) = replica.place {
                    report.reason = "\(reason)"
                    report.remaining = until - now
                }
                return report
            }
        }
    }
}

/// How one replica stands in the balance.
struct ReplicaReport: Sendable {
    var replica: String
    var port: Int
    var inFlight: Int
    /// Since the start, by reason.
    var ejections: [String: Int]
    /// `nil` while it is ejected.
    var share: Double?
    var reason: String?
    var remaining: TimeAmount?
}

extension ReleaseBalance.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .inARow(.unreachable, let count): "took no connection \(count) times in a row"
        case .inARow(let trouble, let count): "failed \(count) times in a row, at last with \(trouble.words)"
        case .share(let failures, let requests): "failed \(failures) of its last \(requests) requests"
        case .onProbation(let trouble): "failed again after its return with \(trouble.words)"
        }
    }
}

extension ReleaseBalance.Trouble {
    fileprivate var words: String {
        switch self {
        case .unreachable: "no connection"
        case .broken: "a broken connection"
        case .timeout: "no answer in time"
        case .serverError: "a 5xx"
        }
    }
}

extension BalanceKeeper.Notice {
    /// A line for the front door's log.
    func line(service: String, release: String) -> String {
        switch change {
        case .ejected(_, let reason, let time):
            "\(service) \(release): replica \(replica ?? "?") is out of the balance for \(time.nanoseconds / 1_000_000) ms: it \(reason)"
        case .returned: "\(service) \(release): replica \(replica ?? "?") is back in the balance"
        case .allBad: "\(service) \(release): all replicas fail, so all take requests"
        }
    }
}
