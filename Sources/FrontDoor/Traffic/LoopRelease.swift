import NIOCore
import Synchronization

/// One event loop's part of a release: its figures and its connections to the replicas.
final class LoopRelease {
    let runtime: ReleaseRuntime
    let meter: ReleaseMeter
    var upstreams: [LoopUpstream] = []
    private var cursor = 0

    init(runtime: ReleaseRuntime, meter: ReleaseMeter) {
        self.runtime = runtime
        self.meter = meter
    }

    /// The replica with the fewest requests in flight, in turns among equals.
    ///
    /// A replica whose share grows is a candidate for that share of the requests, and its load counts for as much more:
    /// so it gets its share of few requests as of many. One that just refused a connection, or is ejected, is a candidate
    /// only when there is no other.
    ///
    /// - Parameter rules: of the configuration in force.
    func pick(excluding tried: [LoopUpstream], now: NIODeadline, rules: BalanceRules) -> LoopUpstream? {
        let count = upstreams.count
        // What was tried may have left meanwhile, and another replica be the only one.
        if count == 1 { return tried.contains { $0 === upstreams[0] } ? nil : upstreams[0] }
        if count == 0 { return nil }
        cursor = cursor &+ 1
        let offset = Int(UInt(bitPattern: cursor) % UInt(count))
        // The multiples of the golden ratio fill the interval evenly: any run of requests is spread by share.
        let point = Int(truncatingIfNeeded: (UInt64(bitPattern: Int64(cursor)) &* 0x9E37_79B9_7F4A_7C15) >> 54)
        var best: LoopUpstream?
        var bestLoad = Int.max
        for step in 0..<count {
            let index = offset + step
            let candidate = upstreams[index < count ? index : index - count]
            if !tried.isEmpty, tried.contains(where: { $0 === candidate }) { continue }
            let runtime = candidate.runtime
            var load = runtime.inFlight.load(ordering: .relaxed)
            let standing = runtime.standing.load(ordering: .relaxed)
            if standing == UpstreamRuntime.ejected {
                load += 1 << 41
            } else if standing != UpstreamRuntime.serving {
                let share = rules.share(after: now - NIODeadline.uptimeNanoseconds(standing))
                load = load * BalanceRules.fullShare / share + (point < share ? 0 : 1 << 39)
            }
            if runtime.avoidedUntil.load(ordering: .relaxed) > now.uptimeNanoseconds { load += 1 << 40 }
            if load < bestLoad {
                best = candidate
                bestLoad = load
            }
        }
        return best
    }
}

/// One event loop's connections to one replica.
final class LoopUpstream {
    let runtime: UpstreamRuntime
    /// Good answers that its balance was not told of yet.
    var answers = 0
    /// Out of the configuration: its connections are closed instead of kept.
    private(set) var isRetired = false
    private var idle: [UpstreamConnection] = []

    init(runtime: UpstreamRuntime) { self.runtime = runtime }

    /// The connection that rested the shortest.
    func takeIdle() -> UpstreamConnection? {
        while let connection = idle.popLast() {
            if connection.isUsable { return connection }
        }
        return nil
    }

    func keep(_ connection: UpstreamConnection, limit: Int) {
        if isRetired || idle.count >= limit {
            connection.close()
        } else {
            idle.append(connection)
        }
    }

    func forget(_ connection: UpstreamConnection) {
        if let index = idle.lastIndex(where: { $0 === connection }) { idle.remove(at: index) }
    }

    func closeExpired(now: NIODeadline) {
        guard !idle.isEmpty else { return }
        // The list is ordered by the time of return: the oldest come first.
        let expired = idle.prefix { $0.idleDeadline <= now }
        guard !expired.isEmpty else { return }
        idle.removeFirst(expired.count)
        for connection in expired { connection.close() }
    }

    func retire() {
        isRetired = true
        let connections = idle
        idle = []
        for connection in connections { connection.close() }
    }
}
