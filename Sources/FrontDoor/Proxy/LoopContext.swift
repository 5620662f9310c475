import NIOCore
import NIOPosix
import Synchronization

/// Everything that one event loop needs to serve, so that a request touches no other thread: its view of the
/// configuration, its upstream connections, its figures and its open connections.
///
/// Only used on its event loop; other threads reach it through a `NIOLoopBound`.
final class LoopContext {
    let eventLoop: any EventLoop
    let traffic: Traffic
    let files: FileReader
    var snapshot: Snapshot
    /// By position in `snapshot.releases`.
    private(set) var releases: [LoopRelease] = []
    /// Releases of earlier configurations whose figures are still read.
    private(set) var former: [LoopRelease] = []
    private var upstreams: [ObjectIdentifier: LoopUpstream] = [:]
    private(set) var clients: [ClientConnection] = []
    /// Connections over TLS that are in their handshake or speak HTTP/2.
    private(set) var secured: [SecureConnection] = []
    var secure = SecureFigures()
    /// Requests that were sent to https.
    var redirects: UInt64 = 0
    var identities: IdentitySource
    /// Requests that ended without reaching a release.
    var refusals: [Reason: UInt64] = [:]
    var accessLog: AccessLog?
    /// Opens connections to replicas in place of the network; see `LoopDoor`.
    var dial: ((LoopUpstream, @escaping (Result<UpstreamConnection, any Error>) -> Void) -> Void)?
    private var date: (second: Int, line: ByteBuffer) = (-1, ByteBuffer())

    init(eventLoop: any EventLoop, traffic: Traffic, files: FileReader, seed: UInt64) {
        self.eventLoop = eventLoop
        self.traffic = traffic
        self.files = files
        snapshot = traffic.snapshot
        identities = IdentitySource(seed: seed)
        adopt(snapshot)
    }

    // MARK: Choosing

    /// What a request got when it asked where to go.
    enum Entry {
        case release(
            LoopRelease, ServiceEntry, site: SiteFolder?, stripped: Int, trustsForwarded: Bool, maxBodyBytes: Int,
            ticket: Ticket?)
        /// The listener sends everyone to https.
        case redirect(RedirectEntry)
        /// A certificate authority asks.
        case challenge(ChallengeFolder)
        case refused(Reason)
        case limited(RateRefusal)
        indirect case maintenance(FrontDoorConfiguration.Maintenance)
        /// The request came with the team's link.
        indirect case bypass(FrontDoorConfiguration.Maintenance)
    }

    /// Finds the release for a request and counts the request as in flight there, in one step with respect to a swap.
    ///
    /// - Parameters:
    ///   - client: who asks; only wanted where a route is limited.
    ///   - passes: whether the request may pass a maintenance; only wanted where there is one.
    func enter(
        listener: Int, host: UnsafeRawBufferPointer, path: UnsafeRawBufferPointer, _ request: RequestFields,
        client: (_ trustsForwarded: Bool) -> ClientAddress?,
        passes: (FrontDoorConfiguration.Maintenance) -> Bool
    ) -> Entry {
        var isAdmitted = false
        while true {
            refreshIfStale()
            let version = snapshot.version
            guard let entry = snapshot.listeners[listener] else { return .refused(.noRoute) }
            if let challenges = entry.challenges, ChallengeFolder.isChallenge(path) { return .challenge(challenges) }
            if let redirect = entry.redirect { return .redirect(redirect) }
            let service: ServiceEntry
            var stripped = 0
            let maxBodyBytes: Int
            if let only = entry.service {
                service = only
                maxBodyBytes = only.maxBodyBytes
            } else {
                let match = snapshot.routes.match(host: host, path: path)
                if let maintenance = snapshot.maintenance(linkedBy: path) { return .bypass(maintenance) }
                if let maintenance = snapshot.maintenance(of: match?.service), !passes(maintenance) {
                    return .maintenance(maintenance)
                }
                guard let match else { return .refused(.noRoute) }
                service = match.service
                stripped = match.stripped
                maxBodyBytes = match.maxBodyBytes
                if let limit = match.limit, !isAdmitted {
                    let wait = traffic.rates.take(
                        limit.key(of: client(entry.trustsForwarded)), limit.limit,
                        now: NIODeadline.now().uptimeNanoseconds)
                    if wait > 0 { return .limited(RateRefusal(rate: limit.rate, nanoseconds: wait)) }
                    isAdmitted = true
                }
            }
            var ticket: Ticket?
            let chosen: ReleaseEntry?
            if let canary = service.canary {
                // Who comes through a service's own listener is another service, which keeps no cookies of ours.
                let choice = canary.choose(
                    request, mayIssue: entry.service == nil, trustsForwarded: entry.trustsForwarded)
                chosen = choice?.0
                ticket = choice?.1
            } else {
                chosen = service.choose()
            }
            guard let target = chosen else { return .refused(.noRelease) }
            target.runtime.inFlight.add(1, ordering: .sequentiallyConsistent)
            if traffic.currentVersion == version {
                return .release(
                    releases[target.index], service, site: target.site, stripped: stripped,
                    trustsForwarded: entry.trustsForwarded, maxBodyBytes: maxBodyBytes, ticket: ticket)
            }
            target.runtime.inFlight.subtract(1, ordering: .sequentiallyConsistent)
        }
    }

    /// Finds who takes a request that no replica of its release takes: the release that stands in, or what serves now when its own
    /// has left the configuration. Counts the request as in flight there, in one step with respect to a swap.
    func enterStandIn(of name: String, insteadOf release: LoopRelease) -> LoopRelease? {
        while true {
            refreshIfStale()
            let version = snapshot.version
            guard let service = snapshot.services[name] else { return nil }
            let isIn = service.releases.contains { $0.runtime === release.runtime }
            guard let entry = isIn ? service.standIn : service.choose(), entry.runtime !== release.runtime,
                !entry.upstreams.isEmpty
            else { return nil }
            entry.runtime.inFlight.add(1, ordering: .sequentiallyConsistent)
            // Before the look at the version: a swap that comes after it then knows of this request.
            if isIn { entry.runtime.retirement.withLock { $0.takes(now: .now()) } }
            if traffic.currentVersion == version { return releases[entry.index] }
            entry.runtime.inFlight.subtract(1, ordering: .sequentiallyConsistent)
        }
    }

    func leave(_ release: LoopRelease) {
        release.runtime.inFlight.subtract(1, ordering: .sequentiallyConsistent)
    }

    /// Takes up a newer configuration if there is one.
    @inline(__always)
    func refreshIfStale() {
        if traffic.currentVersion != snapshot.version { adopt(traffic.snapshot) }
    }

    private func adopt(_ next: Snapshot) {
        var kept: [ObjectIdentifier: LoopUpstream] = [:]
        var known: [ObjectIdentifier: LoopRelease] = [:]
        for release in releases + former { known[ObjectIdentifier(release.runtime)] = release }
        releases = next.releases.map { entry in
            let key = ObjectIdentifier(entry.runtime)
            let release =
                known.removeValue(forKey: key) ?? LoopRelease(runtime: entry.runtime, meter: ReleaseMeter())
            release.upstreams = entry.upstreams.map { runtime in
                let key = ObjectIdentifier(runtime)
                let upstream = upstreams[key] ?? LoopUpstream(runtime: runtime)
                kept[key] = upstream
                return upstream
            }
            return release
        }
        let leaving = Set(traffic.leaving.map { ObjectIdentifier($0.runtime) })
        former = known.values.filter { leaving.contains(ObjectIdentifier($0.runtime)) }
        for (key, upstream) in upstreams where kept[key] == nil { upstream.retire() }
        upstreams = kept
        snapshot = next
        if accessLog?.file !== next.accessLog {
            accessLog?.flush()
            accessLog = next.accessLog.map { AccessLog(file: $0) }
        }
    }

    // MARK: Connections

    /// Takes a new connection of a listener, as the listener is now.
    func accept(_ channel: any Channel, listener: Int) throws {
        refreshIfStale()
        if let secure = snapshot.listeners[listener]?.secure {
            try SecureConnection.install(on: channel, loop: self, listener: listener, secure: secure)
        } else {
            try channel.pipeline.syncOperations.addHandler(ClientConnection(loop: self, listener: listener))
        }
    }

    func add(_ client: ClientConnection) {
        client.slot = clients.count
        clients.append(client)
    }

    func remove(_ client: ClientConnection) {
        let slot = client.slot
        guard slot >= 0, slot < clients.count, clients[slot] === client else { return }
        let last = clients.count - 1
        if slot != last {
            clients[slot] = clients[last]
            clients[slot].slot = slot
        }
        clients.removeLast()
        client.slot = -1
    }

    func add(_ connection: SecureConnection) {
        connection.slot = secured.count
        secured.append(connection)
    }

    func remove(_ connection: SecureConnection) {
        let slot = connection.slot
        guard slot >= 0, slot < secured.count, secured[slot] === connection else { return }
        secured.swapAt(slot, secured.count - 1)
        secured[slot].slot = slot
        secured.removeLast()
        connection.slot = -1
    }

    /// Called every 50 ms: ends what has waited too long. One pass over the connections is cheaper than a timer for each
    /// request.
    func tick(now: NIODeadline) {
        refreshIfStale()
        for upstream in upstreams.values { upstream.closeExpired(now: now) }
        for release in releases where release.upstreams.count > 1 {
            announce(release.runtime.balance.tick(release.upstreams, now: now), release)
        }
        let stopping = traffic.isStopping.load(ordering: .relaxed)
        // Closing removes from the list, so a copy is walked.
        for client in clients { client.tick(now: now, stopping: stopping) }
        for connection in secured { connection.tick(now: now, stopping: stopping) }
        accessLog?.flush()
    }

    // MARK: Replicas

    /// Tells the front door's log what changed in a release's balance, away from the event loop.
    func announce(_ notices: [BalanceKeeper.Notice], _ release: LoopRelease) {
        guard !notices.isEmpty else { return }
        let lines = notices.map { $0.line(service: release.runtime.service, release: release.runtime.release) }
        let report = traffic.report
        traffic.logThread.submit { _ in
            for line in lines { report(line) }
        }
    }

    // MARK: Lines of answers

    /// `Date: …` with its line end, made once a second.
    func dateLine() -> ByteBuffer {
        let second = UnixTime.now()
        if date.second != second { date = (second, ByteBuffer(string: "Date: \(UnixTime.httpDate(second))\r\n")) }
        return date.line
    }
}
