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
    var identities: IdentitySource
    /// Requests that ended without reaching a release.
    var refusals: [Reason: UInt64] = [:]
    var accessLog: AccessLog?
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
        case release(LoopRelease, ServiceEntry, site: SiteFolder?, stripped: Int, trustsForwarded: Bool)
        case refused(Reason)
        case limited(RateRefusal)
        case maintenance(FrontDoorConfiguration.Maintenance)
    }

    /// Finds the release for a request and counts the request as in flight there, in one step with respect to a swap.
    ///
    /// - Parameters:
    ///   - client: who asks; only wanted where a route is limited.
    ///   - passes: whether the request may pass a maintenance; only wanted where there is one.
    func enter(
        listener: Int, host: UnsafeRawBufferPointer, path: UnsafeRawBufferPointer,
        client: (_ trustsForwarded: Bool) -> ClientAddress?,
        passes: (FrontDoorConfiguration.Maintenance) -> Bool
    ) -> Entry {
        var isAdmitted = false
        while true {
            refreshIfStale()
            let version = snapshot.version
            guard let entry = snapshot.listeners[listener] else { return .refused(.noRoute) }
            let service: ServiceEntry
            var stripped = 0
            if let only = entry.service {
                service = only
            } else {
                let match = snapshot.routes.match(host: host, path: path)
                if let maintenance = snapshot.maintenance(of: match?.service), !passes(maintenance) {
                    return .maintenance(maintenance)
                }
                guard let match else { return .refused(.noRoute) }
                service = match.service
                stripped = match.stripped
                if let limit = match.limit, !isAdmitted {
                    let wait = traffic.rates.take(
                        limit.key(of: client(entry.trustsForwarded)), limit.limit,
                        now: NIODeadline.now().uptimeNanoseconds)
                    if wait > 0 { return .limited(RateRefusal(rate: limit.rate, nanoseconds: wait)) }
                    isAdmitted = true
                }
            }
            guard let target = service.choose() else { return .refused(.noRelease) }
            target.runtime.inFlight.add(1, ordering: .sequentiallyConsistent)
            if traffic.currentVersion == version {
                return .release(
                    releases[target.index], service, site: target.site, stripped: stripped,
                    trustsForwarded: entry.trustsForwarded)
            }
            target.runtime.inFlight.subtract(1, ordering: .sequentiallyConsistent)
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
