package import Spec

/// Why a watched release may not stay.
package enum WatchFailure: Codable, Hashable, Sendable {
    /// `old` is the share that the release before failed, when there was one.
    case tooManyErrors(service: ServiceName, errors: Int, requests: Int, allowed: Double, old: Double?)
    case tooSlow(service: ServiceName, percentile: Int, latency: Duration, target: Duration, old: Duration?)
    case restarted(service: ServiceName, count: Int)
    case replicasFailed(service: ServiceName, count: Int)
    /// The front door took replicas out of the balance, since they failed while the others did well.
    case replicasEjected(service: ServiceName, count: Int)
    /// Nothing is known, and nothing known is no success.
    case noData(since: Duration, why: String)

    /// The service at fault, when it is one.
    package var service: ServiceName? {
        switch self {
        case .tooManyErrors(let service, _, _, _, _), .tooSlow(let service, _, _, _, _), .restarted(let service, _),
            .replicasFailed(let service, _), .replicasEjected(let service, _):
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
        case .restarted(let service, let count):
            "\(service) ended by itself \(count == 1 ? "once" : "\(count) times") while it was watched"
        case .replicasFailed(let service, let count):
            "\(count == 1 ? "1 replica" : "\(count) replicas") of \(service) failed while it was watched"
        case .replicasEjected(let service, let count):
            "\(count == 1 ? "1 replica" : "\(count) replicas") of \(service) failed requests that the others answered"
        case .noData(let since, let why): "nothing is known about the new release since \(since.inWords): \(why)"
        }
    }
}

/// What a kept release should be known not to have shown.
package enum WatchNote: Codable, Hashable, Sendable {
    case notEnoughTraffic(service: ServiceName, requests: Int, needed: Int)

    /// The note as a clause.
    package var text: String {
        switch self {
        case .notEnoughTraffic(let service, let requests, let needed):
            "\(service) received \(requests) of the \(needed) requests that judging its errors and latency takes"
        }
    }
}
