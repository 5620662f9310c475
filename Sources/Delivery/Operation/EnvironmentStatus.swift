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

    /// Services by name, then resources, then the front door, then what renews certificates.
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
    /// What the last look at what is left of ordered certificates came to.
    package var renewal: CertificateRenewal?

    /// What does not work although it runs, with the mends: a disk that is full, an address that is taken.
    package var troubles: [WorldError] = []

    /// Whether everything that was started is ready.
    package var isWell: Bool {
        (!replicas.isEmpty || !sites.isEmpty) && troubles.isEmpty && replicas.allSatisfy { $0.state == .ready }
            && certificates.allSatisfy { $0.state != .missing && $0.daysLeft ?? 0 >= 0 }
    }
}

extension EnvironmentStatus {
    /// What runs, with what a front door says of its requests.
    ///
    /// - Parameters:
    ///   - door: the front door; one that does not answer leaves its part empty.
    ///   - address: where the world reaches the platform.
    ///   - trouble: what to say of a listener that has not its port.
    init(
        replicas: [WorkloadStatus], asking door: FrontDoorClient, address: String?,
        trouble: (FrontDoorHealth.Listener) -> WorldError
    ) async {
        let order: [Workload.Kind: Int] = [.service: 0, .resource: 1, .frontDoor: 2, .renewal: 3]
        let health = try? await door.health(deadline: .seconds(2))
        let configuration = try? await door.configuration(deadline: .seconds(2))
        let signals = try? await door.signals(window: 60, deadline: .seconds(2))
        self.replicas = replicas.sorted { (order[$0.kind] ?? 4, $0.id) < (order[$1.kind] ?? 4, $1.id) }
        sites = (configuration?.services ?? [:]).sorted { $0.key < $1.key }.flatMap { name, service in
            service.releases.filter { $0.site != nil }.map { ServedSite(service: name, release: $0.release) }
        }
        self.signals = (signals?.releases ?? []).map { figures in
            Figures(
                service: figures.service, release: figures.release, requests: figures.requests,
                serverErrors: figures.serverErrors, inFlight: figures.inFlight, cut: figures.cut,
                latency: .init(p50: figures.latency.p50, p95: figures.latency.p95, p99: figures.latency.p99))
        }
        shares = Self.shares(configuration)
        balance = (health?.replicas ?? []).filter { $0.state != .serving }.map { replica in
            Standing(
                service: replica.service, release: replica.release, replica: replica.replica,
                state: replica.state.rawValue, share: replica.share, reason: replica.reason,
                seconds: replica.remainingMilliseconds.map { $0 / 1000 })
        }
        maintenance = configuration.map { MaintenanceStatus.all(in: $0, at: Int(Date().timeIntervalSince1970)) } ?? []
        self.address = address
        certificates = health?.certificates ?? []
        troubles = (health?.listeners ?? []).filter { $0.trouble != nil }.map(trouble)
    }

    /// Nothing was ever started.
    static let empty = EnvironmentStatus(replicas: [], sites: [], signals: [], shares: [], address: nil)

    private static func shares(_ configuration: FrontDoorConfiguration?) -> [Share] {
        (configuration?.services ?? [:]).sorted { $0.key < $1.key }.flatMap { name, service in
            let whole = service.releases.reduce(0) { $0 + $1.weight }
            guard service.canary != nil, whole > 0 else { return [Share]() }
            return service.releases.map {
                .init(service: name, release: $0.release, share: Percent(millionths: $0.weight * 1_000_000 / whole))
            }
        }
    }
}
