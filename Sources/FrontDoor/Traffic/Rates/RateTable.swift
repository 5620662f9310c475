import Synchronization

/// The most requests of one client on one route: so many in a row, refilled evenly.
///
/// The generic cell rate algorithm (ITU-T I.371, annex A): a client is remembered as one moment, at which it will have its
/// whole burst again. Any time of length `t` admits at most `burst + t / interval` requests.
package struct RateLimit: Sendable, Hashable {
    /// Nanoseconds that one request takes to be refilled.
    package let interval: UInt64
    /// Requests at once.
    package let burst: UInt64

    package init(_ rate: FrontDoorConfiguration.Rate) {
        interval = max(1, UInt64(rate.perSeconds) * 1_000_000_000 / UInt64(max(1, rate.requests)))
        burst = UInt64(max(1, rate.burst ?? rate.requests))
    }

    /// Takes a request into account.
    ///
    /// - Parameters:
    ///   - full: when the client has its whole burst again; moved on when the request is admitted.
    ///   - now: nanoseconds of uptime.
    /// - Returns: 0 when the request is admitted, else the nanoseconds until one would be.
    @inline(__always)
    package func take(_ full: inout UInt64, now: UInt64) -> UInt64 {
        let begin = max(full, now)
        let (tolerance, overflow) = interval.multipliedReportingOverflow(by: burst - 1)
        let late = begin - now
        if !overflow, late > tolerance { return late - tolerance }
        full = begin &+ interval
        return 0
    }
}

/// What is remembered of the clients of limited routes, of all event loops together, in a table that never grows.
///
/// Each key has eight places. When all are taken, the client that is nearest to its whole burst is forgotten: one that goes
/// to its limit stays remembered while thousands of others come by. A shard's lock is held for some ten nanoseconds.
package final class RateTable: Sendable {
    private struct Slot {
        var key: UInt64 = 0
        var full: UInt64 = 0
    }

    private struct Places {
        /// Empty until the first request of a limited route.
        var slots: [Slot] = []
        var forgotten: UInt64 = 0
    }

    private final class Shard: Sendable {
        let places = Mutex(Places())
    }

    private static let shardCount = 64
    private static let ways = 8
    private let shards: [Shard]
    private let bucketsPerShard: Int

    /// - Parameter clients: how many are remembered at most, rounded up to a multiple of 512; 16 bytes each.
    package init(clients: Int) {
        let perBucketRow = Self.shardCount * Self.ways
        bucketsPerShard = max(1, (clients + perBucketRow - 1) / perBucketRow)
        shards = (0..<Self.shardCount).map { _ in Shard() }
    }

    package var capacity: Int { shards.count * bucketsPerShard * Self.ways }

    /// Clients that were forgotten before they had their whole burst again.
    package var forgotten: UInt64 { shards.reduce(0) { $0 + $1.places.withLock { $0.forgotten } } }

    /// Counts a request of a client.
    ///
    /// - Parameters:
    ///   - key: a hash of the route and the client that no client can foresee.
    ///   - now: nanoseconds of uptime.
    /// - Returns: 0 when the request is admitted, else the nanoseconds until one would be.
    package func take(_ key: UInt64, _ limit: RateLimit, now: UInt64) -> UInt64 {
        let key = key == 0 ? 1 : key
        let shard = shards[Int(truncatingIfNeeded: key & UInt64(Self.shardCount - 1))]
        let bucket = Int(truncatingIfNeeded: (key >> 6) % UInt64(bucketsPerShard))
        return shard.places.withLock { places in
            if places.slots.isEmpty {
                places.slots = [Slot](repeating: Slot(), count: bucketsPerShard * Self.ways)
            }
            let first = bucket * Self.ways
            var place = first
            for index in first..<(first + Self.ways) {
                if places.slots[index].key == key {
                    return limit.take(&places.slots[index].full, now: now)
                }
                if places.slots[index].full < places.slots[place].full { place = index }
            }
            if places.slots[place].full > now { places.forgotten += 1 }
            places.slots[place] = Slot(key: key, full: 0)
            return limit.take(&places.slots[place].full, now: now)
        }
    }
}
