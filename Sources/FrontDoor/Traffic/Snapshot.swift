import NIOCore

/// One configuration in the form that requests are served from; immutable, and replaced as a whole.
final class Snapshot: Sendable {
    let version: UInt64
    let configuration: FrontDoorConfiguration
    let routes: RouteTable
    let services: [String: ServiceEntry]
    let releases: [ReleaseEntry]
    /// By the number that an open listener was given when it was bound.
    let listeners: [Int: ListenerEntry]
    let timeouts: Waits
    let rules: BalanceRules
    /// Whether any route may be in maintenance.
    private let hasMaintenance: Bool
    /// Carried over while its path and bounds stay the same.
    let accessLog: AccessLogFile?

    struct ListenerEntry: Sendable {
        /// `nil` when the listener serves the routes.
        let service: ServiceEntry?
        let trustsForwarded: Bool
        /// `nil` when the listener speaks plain HTTP.
        let secure: SecureListener?
        let redirect: RedirectEntry?
        let challenges: ChallengeFolder?
    }

    /// The configuration's timeouts in the event loop's units.
    struct Waits: Sendable {
        let connect, idle, headerRead, keepAlive, upstreamKeepAlive: TimeAmount

        init(_ timeouts: FrontDoorConfiguration.Timeouts) {
            connect = .milliseconds(Int64(timeouts.connectMilliseconds))
            idle = .milliseconds(Int64(timeouts.idleMilliseconds))
            headerRead = .milliseconds(Int64(timeouts.headerReadMilliseconds))
            keepAlive = .milliseconds(Int64(timeouts.keepAliveMilliseconds))
            upstreamKeepAlive = .milliseconds(Int64(timeouts.upstreamKeepAliveMilliseconds))
        }
    }

    /// - Parameters:
    ///   - previous: what this one follows; releases and replicas that stay keep their counters.
    ///   - draining: releases that left earlier and still hold requests; one that returns is taken up again.
    ///   - listenerNumbers: the number of each listener of the configuration, by name.
    ///   - secure: what listeners over TLS need, by name.
    init(
        _ configuration: FrontDoorConfiguration, version: UInt64, after previous: Snapshot?,
        draining: [ReleaseRuntime], listenerNumbers: [String: Int],
        secure: [String: SecureListener] = [:],
        accessLog: (_ path: String, FrontDoorConfiguration.Limits) -> AccessLogFile? = { _, _ in nil }
    ) {
        self.version = version
        self.configuration = configuration
        timeouts = Waits(configuration.timeouts)
        var known: [String: ReleaseEntry] = [:]
        for entry in previous?.releases ?? [] { known[Self.key(entry.runtime.service, entry.runtime.release)] = entry }
        var left: [String: ReleaseRuntime] = [:]
        for runtime in draining { left[Self.key(runtime.service, runtime.release)] = runtime }
        rules = BalanceRules(configuration.balance)
        hasMaintenance =
            configuration.maintenance != nil || configuration.services.values.contains { $0.maintenance != nil }
        self.accessLog = configuration.accessLog.flatMap { path in
            if let log = previous?.accessLog, log.isSame(path, configuration.limits) { return log }
            return accessLog(path, configuration.limits)
        }
        var releases: [ReleaseEntry] = []
        var services: [String: ServiceEntry] = [:]
        for (name, service) in configuration.services.sorted(by: { $0.key < $1.key }) {
            var entries: [ReleaseEntry] = []
            for target in service.releases {
                let key = Self.key(name, target.release)
                let earlier = known[key]
                let runtime = earlier?.runtime ?? left[key] ?? ReleaseRuntime(service: name, release: target.release)
                let upstreams = target.upstreams.map { upstream in
                    earlier?.upstreams.first { $0.upstream == upstream } ?? UpstreamRuntime(upstream)
                }
                let site = target.site.map { site in
                    if let folder = earlier?.site, folder.site == site { folder } else { SiteFolder(site) }
                }
                runtime.balance.adopt(upstreams, rules, now: .now())
                let entry = ReleaseEntry(runtime: runtime, upstreams: upstreams, site: site, index: releases.count)
                releases.append(entry)
                entries.append(entry)
            }
            services[name] = ServiceEntry(name: name, service: service, in: configuration, releases: entries)
        }
        self.releases = releases
        self.services = services
        routes = RouteTable(configuration.routes, services: services)
        var listeners: [Int: ListenerEntry] = [:]
        for listener in configuration.listeners {
            guard let number = listenerNumbers[listener.name] else { continue }
            var only: ServiceEntry?
            if case .service(let name) = listener.scope {
                guard let service = services[name] else { continue }
                only = service
            }
            listeners[number] = ListenerEntry(
                service: only, trustsForwarded: listener.trustsForwarded, secure: secure[listener.name],
                redirect: listener.redirect.map { RedirectEntry($0) },
                challenges: listener.challenges.map { ChallengeFolder(root: $0) })
        }
        self.listeners = listeners
    }

    /// The maintenance that a request by a route meets; `service` is `nil` where no route leads.
    @inline(__always)
    func maintenance(of service: ServiceEntry?) -> FrontDoorConfiguration.Maintenance? {
        guard hasMaintenance else { return nil }
        let now = UnixTime.now()
        if let own = service?.maintenance, own.isOn(at: now) { return own }
        if let all = configuration.maintenance, all.isOn(at: now) { return all }
        return nil
    }

    /// The maintenance in force that the team's link on this path is for, wherever the path would lead.
    @inline(__always)
    func maintenance(linkedBy path: UnsafeRawBufferPointer) -> FrontDoorConfiguration.Maintenance? {
        guard hasMaintenance else { return nil }
        let prefix = FrontDoorConfiguration.Maintenance.bypassPath.utf8
        guard path.starts(with: prefix) else { return nil }
        let now = UnixTime.now()
        let all = [configuration.maintenance] + services.values.map(\.maintenance)
        return all.compactMap { $0 }.first { $0.isOn(at: now) && $0.hasToken(path.dropFirst(prefix.count)) }
    }

    private static func key(_ service: String, _ release: String) -> String { "\(service)\u{0}\(release)" }
}
