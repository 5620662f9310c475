import NIOCore
import Synchronization

/// What outlives a configuration about one release of one service: its identity and how many requests it holds.
final class ReleaseRuntime: Sendable {
    let service: String
    let release: String
    /// Requests and tunnels that chose this release and have not ended. Raised in the same step as the choice.
    let inFlight = Atomic<Int>(0)
    /// Uptime in nanoseconds after which what it still holds is cut; 0 while the release serves.
    let cutAt = Atomic<UInt64>(0)
    /// What was cut since the release left.
    let cut = Mutex(CutCounts())
    let retirement = Mutex(Retirement())
    let balance = BalanceKeeper()

    init(service: String, release: String) {
        self.service = service
        self.release = release
    }
}

/// What outlives a configuration about one replica: how busy it is and whether it just failed.
final class UpstreamRuntime: Sendable {
    let upstream: FrontDoorConfiguration.Upstream
    /// Present when the host is an IP address, so that no resolver stands between request and connection.
    let address: SocketAddress?
    let inFlight = Atomic<Int>(0)
    /// Uptime in nanoseconds until which other replicas are preferred.
    let avoidedUntil = Atomic<UInt64>(0)
    /// `serving`, `ejected`, or since when its share grows, as uptime in nanoseconds.
    let standing = Atomic<UInt64>(UpstreamRuntime.serving)
    /// Whether its next good answer is to be told at once.
    let isSuspected = Atomic<Bool>(false)

    static let serving: UInt64 = 0
    static let ejected = UInt64.max

    init(_ upstream: FrontDoorConfiguration.Upstream) {
        self.upstream = upstream
        address = try? SocketAddress(ipAddress: upstream.host, port: upstream.port)
    }
}

/// A release as one configuration describes it.
final class ReleaseEntry: Sendable {
    let runtime: ReleaseRuntime
    let upstreams: [UpstreamRuntime]
    let site: SiteFolder?
    /// Position among all entries of its snapshot.
    let index: Int

    init(runtime: ReleaseRuntime, upstreams: [UpstreamRuntime], site: SiteFolder?, index: Int) {
        self.runtime = runtime
        self.upstreams = upstreams
        self.site = site
        self.index = index
    }
}

/// A service as one configuration describes it, ready to choose a release.
final class ServiceEntry: Sendable {
    let name: String
    let maxBodyBytes: Int
    let responseHeader: TimeAmount
    let retriesDeadConnection: Bool
    let maintenance: FrontDoorConfiguration.Maintenance?
    let releases: [ReleaseEntry]
    /// Present while a new release takes a share of the requests.
    let canary: CanaryChooser?
    /// Takes what no replica of the chosen release takes.
    let standIn: ReleaseEntry?
    /// Releases that take requests, each with the sum of the weights up to and including its own.
    private let shares: [(upTo: UInt64, entry: ReleaseEntry)]
    private let ticket = Atomic<UInt64>(0)

    init(
        name: String, service: FrontDoorConfiguration.Service, in configuration: FrontDoorConfiguration,
        releases: [ReleaseEntry]
    ) {
        self.name = name
        self.releases = releases
        maxBodyBytes = service.maxBodyBytes ?? configuration.limits.bodyBytes
        responseHeader = .milliseconds(
            Int64(service.responseHeaderMilliseconds ?? configuration.timeouts.responseHeaderMilliseconds))
        retriesDeadConnection = service.retriesDeadConnection
        maintenance = service.maintenance
        var sum: UInt64 = 0
        var weights: [(weight: Int, entry: ReleaseEntry)] = []
        var shares: [(upTo: UInt64, entry: ReleaseEntry)] = []
        for (target, entry) in zip(service.releases, releases) {
            guard target.weight > 0, !target.standsIn, entry.site != nil || !entry.upstreams.isEmpty else { continue }
            weights.append((target.weight, entry))
            sum += UInt64(target.weight)
            shares.append((sum, entry))
        }
        self.shares = shares
        canary = service.canary.map { CanaryChooser($0, weights) }
        standIn = zip(service.releases, releases).first { $0.standsIn && !$1.upstreams.isEmpty }?.1
    }

    /// The release for the next request. Any run of requests is spread by weight, not only a long one: the multiples of
    /// the golden ratio fill the unit interval evenly.
    func choose() -> ReleaseEntry? {
        guard shares.count > 1, let total = shares.last?.upTo else { return shares.first?.entry }
        let turn = ticket.wrappingAdd(1, ordering: .relaxed).oldValue
        let point = (turn &* 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: total).high
        return shares.first { point < $0.upTo }?.entry
    }
}
