package import FoundationEssentials
import FrontDoor
package import World

/// What the front door of an environment, and what keeps its replicas, measure of its services.
package struct EnvironmentReadings: Sendable {
    package struct Traffic: Sendable, Hashable {
        package var requests = 0
        /// Answered 5xx, or broken off.
        package var failures = 0
        /// Of the release that is slowest; `nil` without requests.
        package var p95: Duration?
    }

    package struct Replicas: Sendable, Hashable {
        package var ready = 0
        package var wanted = 0
        package var restarts = 0
        /// When the state of one of them last changed.
        package var since: Date?
    }

    /// Whether anything was ever started here.
    package var isDeployed: Bool
    /// By service; one that is not here takes no requests through the front door.
    package var traffic: Result<[String: Traffic], WorldError>
    package var replicas: Result<[String: Replicas], WorldError>
}

extension EnvironmentReadings {
    /// What a front door counted, by service.
    static func traffic(
        of door: FrontDoorClient, window: Duration, within limit: Duration
    ) async -> Result<[String: Traffic], WorldError> {
        do {
            let seconds = min(300, max(1, Int(window.components.seconds)))
            let signals = try await door.signals(window: seconds, deadline: limit)
            var found: [String: Traffic] = [:]
            for figures in signals.releases where figures.state != .drained || figures.requests > 0 {
                var traffic = found[figures.service] ?? .init()
                traffic.requests += figures.requests
                // An answer that broke off after its head has a good status; what a retry saved was no failure.
                traffic.failures += max(figures.serverErrors, figures.upstreamFailures - figures.retries)
                if figures.requests > 0 {
                    traffic.p95 = max(traffic.p95 ?? .zero, .milliseconds(figures.latency.p95))
                }
                found[figures.service] = traffic
            }
            return .success(found)
        } catch {
            return .failure(
                WorldError(
                    code: "front-door-absent", operation: "ask the front door", underlying: "\(error)",
                    hint: "Its log: `hauban logs front-door`."))
        }
    }

    /// The replicas of services, counted.
    static func replicas(_ statuses: [WorkloadStatus]) -> [String: Replicas] {
        var found: [String: Replicas] = [:]
        for status in statuses where status.kind == .service {
            var replicas = found[status.name] ?? .init()
            if status.state != .stopping, status.state != .stopped {
                replicas.wanted += 1
                if status.state == .ready { replicas.ready += 1 }
                replicas.restarts += status.restarts
                replicas.since = max(replicas.since ?? status.since, status.since)
            }
            found[status.name] = replicas
        }
        return found
    }
}
