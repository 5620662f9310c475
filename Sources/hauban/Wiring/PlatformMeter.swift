import ControlPlane
import Delivery
import FoundationEssentials
import Response
import Spec
import World

/// Measures the environment on this machine whose platform the control plane serves.
struct PlatformMeter: ServiceMeter {
    let session: Session

    private static let window = Duration.seconds(60)

    func readings(within limit: Duration) async throws -> [String: ServiceReading] {
        let found = await session.engine.readings(window: Self.window, within: limit)
        guard found.isDeployed else { return readings { _, _ in .absent(.notDeployed) } }
        return readings { name, isSite in
            ServiceReading(
                traffic: found.traffic.mapError { .unreachable($0.brief) }.flatMap { Self.traffic($0[name]) },
                replicas: isSite
                    ? .failure(.isSite)
                    : found.replicas.mapError { .unreachable($0.brief) }.flatMap { Self.replicas($0[name]) })
        }
    }

    private func readings(_ make: (String, _ isSite: Bool) -> ServiceReading) -> [String: ServiceReading] {
        Dictionary(
            uniqueKeysWithValues: session.platform.services.map { ($0.text, make($0.text, $1.site != nil)) })
    }

    private static func traffic(
        _ found: EnvironmentReadings.Traffic?
    ) -> Result<ServiceReading.Traffic, ServiceReading.Absence> {
        guard let found else { return .failure(.notRouted) }
        guard found.requests > 0, let p95 = found.p95 else { return .failure(.noRequests) }
        return .success(
            .init(
                requestsPerSecond: Double(found.requests) / (window / .seconds(1)),
                errorShare: Double(min(found.failures, found.requests)) / Double(found.requests), p95: p95))
    }

    private static func replicas(
        _ found: EnvironmentReadings.Replicas?
    ) -> Result<ServiceReading.Replicas, ServiceReading.Absence> {
        guard let found, found.wanted > 0 else { return .failure(.notDeployed) }
        let since = found.since.map { Moment(milliseconds: Int($0.timeIntervalSince1970 * 1000)) }
        return .success(
            .init(ready: found.ready, wanted: found.wanted, restarts: found.restarts, since: since))
    }
}

extension WorldError {
    /// Without the hint: for a cell of a table.
    fileprivate var brief: String { "\(operation): \(underlying)" }
}
