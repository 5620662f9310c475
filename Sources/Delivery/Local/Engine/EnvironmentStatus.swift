import FoundationEssentials
package import FrontDoor
package import Spec
package import World

/// Everything that runs in one environment.
package struct EnvironmentStatus: Sendable {
    /// A static site as the front door serves it.
    package struct ServedSite: Codable, Hashable, Sendable {
        package var service: String
        package var release: String
    }

    /// What a release of a service has of its requests while a canary is on.
    package struct Share: Codable, Hashable, Sendable {
        package var service: String
        package var release: String
        package var share: Percent
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
        /// Requests and upgraded connections that were ended because the drain time was over.
        package var cut: Int
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
    /// Two for each service that moves in shares, the old release first; empty in an ordinary state.
    package var shares: [Share]
    package var balance: [Standing] = []
    package var maintenance: [MaintenanceStatus] = []
    package var address: String?
    /// How long the certificates that the front door uses are good for.
    package var certificates: [CertificateStatus] = []

    /// What does not work although it runs, with the mends: a disk that is full, an address that is taken.
    package var troubles: [WorldError] = []

    /// Whether everything that was started is ready.
    package var isWell: Bool {
        (!replicas.isEmpty || !sites.isEmpty) && troubles.isEmpty && replicas.allSatisfy { $0.state == .ready }
            && certificates.allSatisfy { $0.state != .missing && $0.daysLeft ?? 0 >= 0 }
    }
}

extension LocalEngine {
    /// What runs now; a supervisor that was killed is started again and adopts it.
    package func environmentStatus() async throws -> EnvironmentStatus {
        var troubles: [WorldError] = []
        var replicas: [WorkloadStatus]
        do {
            guard let supervisor = try await knownSupervisor() else {
                return EnvironmentStatus(replicas: [], sites: [], signals: [], shares: [], address: nil)
            }
            replicas = try await supervisor.status()
            troubles += try await supervisor.ping().troubles
        } catch let error as WorldError {
            // Nobody supervises, and nobody can be started to: what runs can be seen all the same.
            replicas = try SupervisorState.lastKnown(place.supervisorState)
            troubles.append(error)
        }
        let order: [Workload.Kind: Int] = [.service: 0, .resource: 1, .frontDoor: 2]
        replicas.sort { (order[$0.kind] ?? 3, $0.id) < (order[$1.kind] ?? 3, $1.id) }
        let health = try? await frontDoor.health(deadline: .seconds(2))
        troubles += (health?.listeners ?? []).filter { $0.trouble != nil }.map(Self.refusal)
        let configuration = try? await frontDoor.configuration(deadline: .seconds(2))
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
                    serverErrors: figures.serverErrors, inFlight: figures.inFlight, cut: figures.cut,
                    latency: .init(p50: figures.latency.p50, p95: figures.latency.p95, p99: figures.latency.p99))
            }, shares: Self.shares(configuration),
            balance: (health?.replicas ?? []).filter { $0.state != .serving }.map { replica in
                EnvironmentStatus.Standing(
                    service: replica.service, release: replica.release, replica: replica.replica,
                    state: replica.state.rawValue, share: replica.share, reason: replica.reason,
                    seconds: replica.remainingMilliseconds.map { $0 / 1000 })
            },
            maintenance: configuration.map {
                MaintenanceStatus.all(in: $0, at: Int(Date().timeIntervalSince1970))
            } ?? [], address: await publicAddress(),
            certificates: health?.certificates ?? [], troubles: troubles)
    }

    private static func shares(_ configuration: FrontDoorConfiguration?) -> [EnvironmentStatus.Share] {
        (configuration?.services ?? [:]).sorted { $0.key < $1.key }.flatMap { name, service in
            let whole = service.releases.reduce(0) { $0 + $1.weight }
            guard service.canary != nil, whole > 0 else { return [EnvironmentStatus.Share]() }
            return service.releases.map {
                .init(service: name, release: $0.release, share: Percent(millionths: $0.weight * 1_000_000 / whole))
            }
        }
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
            _ = try await changeFrontDoor { configuration in
                configuration.routes = []
                for name in configuration.services.keys {
                    configuration.services[name]?.releases = []
                    configuration.services[name]?.canary = nil
                }
            }
        }
        let process = ProcessRecord(running: try await supervisor.ping().pid)
        try await supervisor.shutdown()
        // It answers before it ends.
        if let process { _ = await ProcessExit.wait(for: process, timeout: .seconds(5)) }
        return running
    }
}
