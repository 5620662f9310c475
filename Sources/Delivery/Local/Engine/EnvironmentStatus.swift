import FoundationEssentials
import FrontDoor
import World

/// Everything that runs in one environment.
package struct EnvironmentStatus: Sendable {
    /// A static site as the front door serves it.
    package struct ServedSite: Codable, Hashable, Sendable {
        package var service: String
        package var release: String
    }

    /// The golden signals of one release of one service over the last minute.
    package struct Figures: Codable, Hashable, Sendable {
        package struct Latency: Codable, Hashable, Sendable {
            /// Milliseconds.
            package var p50: Double
            package var p95: Double
            package var p99: Double
        }

        package var service: String
        package var release: String
        package var requests: Int
        package var serverErrors: Int
        package var inFlight: Int
        package var latency: Latency
    }

    /// A replica that does not take its full share of the requests.
    package struct Standing: Codable, Hashable, Sendable {
        package var service: String
        package var release: String
        package var replica: String
        /// `ejected` or `rising`.
        package var state: String
        /// Of the load that an equal replica takes, 0 to 1.
        package var share: Double
        /// Why it is ejected.
        package var reason: String?
        /// Until it returns.
        package var seconds: Int?
    }

    /// Services by name, then resources, then the front door.
    package var replicas: [WorkloadStatus]
    package var sites: [ServedSite]
    package var signals: [Figures]
    package var balance: [Standing] = []
    package var maintenance: [MaintenanceStatus] = []
    package var address: String?

    /// Whether everything that was started is ready.
    package var isWell: Bool {
        (!replicas.isEmpty || !sites.isEmpty) && replicas.allSatisfy { $0.state == .ready }
    }
}

extension LocalEngine {
    /// What runs now; a supervisor that was killed is started again and adopts it.
    package func environmentStatus() async throws -> EnvironmentStatus {
        guard let supervisor = try await knownSupervisor() else {
            return EnvironmentStatus(replicas: [], sites: [], signals: [], address: nil)
        }
        let order: [Workload.Kind: Int] = [.service: 0, .resource: 1, .frontDoor: 2]
        let replicas = try await supervisor.status().sorted {
            (order[$0.kind] ?? 3, $0.id) < (order[$1.kind] ?? 3, $1.id)
        }
        let configuration = try? await frontDoor.configuration(deadline: .seconds(2))
        let health = try? await frontDoor.health(deadline: .seconds(2))
        let signals = try? await frontDoor.signals(window: 60, deadline: .seconds(2))
        let sites = (configuration?.services ?? [:]).sorted { $0.key < $1.key }.flatMap { name, service in
            service.releases.filter { $0.site != nil }.map {
                EnvironmentStatus.ServedSite(service: name, release: $0.release)
            }
        }
        return EnvironmentStatus(
            replicas: replicas, sites: sites,
            signals: (signals?.releases ?? []).map { figures in
                EnvironmentStatus.Figures(
                    service: figures.service, release: figures.release, requests: figures.requests,
                    serverErrors: figures.serverErrors, inFlight: figures.inFlight,
                    latency: .init(p50: figures.latency.p50, p95: figures.latency.p95, p99: figures.latency.p99))
            },
            balance: (health?.replicas ?? []).filter { $0.state != .serving }.map { replica in
                EnvironmentStatus.Standing(
                    service: replica.service, release: replica.release, replica: replica.replica,
                    state: replica.state.rawValue, share: replica.share, reason: replica.reason,
                    seconds: replica.remainingMilliseconds.map { $0 / 1000 })
            },
            maintenance: configuration.map {
                MaintenanceStatus.all(in: $0, at: Int(Date().timeIntervalSince1970))
            } ?? [], address: await publicAddress())
    }

    /// Stops everything; data, builds and history stay.
    ///
    /// - Returns: how many processes were stopped.
    package func down() async throws -> Int {
        guard let supervisor = try await knownSupervisor() else { return 0 }
        let running = try await supervisor.status().filter { $0.pid != nil }.count
        let all = try await supervisor.workloads()
        let services = all.filter { $0.kind == .service }.map(\.id)
        if !services.isEmpty { try await supervisor.remove(services) }
        let resources = all.filter { $0.kind == .resource }.map(\.id)
        if !resources.isEmpty { try await supervisor.remove(resources) }
        // Without routes the next front door starts empty, and not with the ports of replicas that are gone.
        if (try? await frontDoor.configuration()) != nil {
            try await changeFrontDoor { configuration in
                configuration.routes = []
                for name in configuration.services.keys { configuration.services[name]?.releases = [] }
            }
        }
        try await supervisor.shutdown()
        return running
    }
}
