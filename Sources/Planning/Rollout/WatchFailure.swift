package import Spec

/// Why a watched release may not stay.
package enum WatchFailure: Codable, Hashable, Sendable {
    /// `old` is the share that the release before failed, when there was one.
    case tooManyErrors(service: ServiceName, errors: Int, requests: Int, allowed: Double, old: Double?)
    case tooSlow(service: ServiceName, percentile: Int, latency: Duration, target: Duration, old: Duration?)
    /// `detail` names a replica and why it ended.
    case restarted(service: ServiceName, count: Int, detail: String? = nil)
    case replicasFailed(service: ServiceName, count: Int, detail: String? = nil)
    /// Its readiness probe failed again and again, if never often enough in a row to count as lost.
    case flapping(service: ServiceName, failures: Int, detail: String? = nil)
    /// The front door took replicas out of the balance, since they failed while the others did well.
    case replicasEjected(service: ServiceName, count: Int)
    /// Nothing is known, and nothing known is no success.
    case noData(since: Duration, why: String)

    /// The service at fault, when it is one.
    package var service: ServiceName? {
        switch self {
        case .tooManyErrors(let service, _, _, _, _), .tooSlow(let service, _, _, _, _), .restarted(let service, _, _),
            .replicasFailed(let service, _, _), .flapping(let service, _, _), .replicasEjected(let service, _):
            service
        case .noData: nil
        }
    }

    /// The failure as a clause, with its numbers.
    package var text: String {
        switch self {
        case .tooManyErrors(let service, let errors, let requests, let allowed, let old):
            "\(service) failed \(errors) of \(requests) requests (\(percent(Double(errors) / Double(max(requests, 1))))), "
                + "allowed \(percent(allowed))" + (old.map { ", before \(percent($0))" } ?? "")
        case .tooSlow(let service, let percentile, let latency, let target, let old):
            "\(service) answers too slowly: p\(percentile) \(latency.inWords), target \(target.inWords)"
                + (old.map { ", before \($0.inWords)" } ?? "")
        case .restarted(let service, let count, let detail):
            "\(service) ended by itself \(count == 1 ? "once" : "\(count) times") while it was watched"
                + (detail.map { ": \($0)" } ?? "")
        case .replicasFailed(let service, let count, let detail):
            "\(count == 1 ? "1 replica" : "\(count) replicas") of \(service) failed while it was watched"
                + (detail.map { ": \($0)" } ?? "")
        case .flapping(let service, let failures, let detail):
            "\(service) is not steadily ready: \(failures) readiness probes failed while it was watched"
                + (detail.map { ": \($0)" } ?? "")
        case .replicasEjected(let service, let count):
            "\(count == 1 ? "1 replica" : "\(count) replicas") of \(service) failed requests that the others answered"
        case .noData(let since, let why): "nothing is known about the new release since \(since.inWords): \(why)"
        }
    }
}

extension WatchFailure {
    /// The stable word for programs.
    package var code: String {
        switch self {
        case .tooManyErrors: "too-many-errors"
        case .tooSlow: "too-slow"
        case .restarted, .replicasFailed: "replica-failed"
        case .flapping: "readiness-flaps"
        case .replicasEjected: "replica-ejected"
        case .noData: "no-signals"
        }
    }

    /// What mends it, as whole sentences.
    package var hint: String {
        switch self {
        case .tooManyErrors(let service, _, _, _, _), .tooSlow(let service, _, _, _, _):
            "`hauban logs \(service)` shows what it wrote; `slo:` of services.\(service) says what is allowed."
        case .restarted(let service, _, _), .replicasFailed(let service, _, _):
            "`hauban logs \(service)` shows what it wrote before it ended."
        case .flapping(let service, _, _):
            "Find out in `hauban logs \(service)` why its readiness comes and goes; `health.failures` of services.\(service) says "
                + "how many failures are too many."
        case .replicasEjected(let service, _):
            "`hauban logs front-door` says what it failed; `hauban logs \(service)` shows what it wrote."
        case .noData: "`hauban status` shows whether the front door and the supervisor answer."
        }
    }
}

/// What a kept release should be known not to have shown.
package enum WatchNote: Codable, Hashable, Sendable {
    case notEnoughTraffic(service: ServiceName, requests: Int, needed: Int)
    /// What a canary was judged by at one share.
    case judged(service: ServiceName, share: Percent, requests: Int, errors: Int, needed: Int)

    /// The note as a clause.
    package var text: String {
        switch self {
        case .judged(let service, let share, let requests, let errors, let needed):
            "at \(share) \(service) was judged by \(requests == 1 ? "1 request" : "\(requests) requests"), \(errors) failed"
                + (requests < needed ? "; judging errors and latency takes \(needed)" : "")
        case .notEnoughTraffic(let service, let requests, let needed):
            "\(service) received \(requests) of the \(needed) requests that judging its errors and latency takes"
        }
    }
}
