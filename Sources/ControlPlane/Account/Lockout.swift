package import Response

/// Makes guessing slow: after some attempts that failed, the next must wait, longer each time.
///
/// An attempt is counted when it begins, so that many at once are many; it is taken back when it succeeds. Names are counted
/// whether or not there is such an account. Kept in memory only: nobody but us ends the process.
package struct Lockout: Sendable {
    package enum Key: Sendable, Hashable {
        case address(String)
        /// Attempts on a name from where it is not known.
        case name(String)
        /// Attempts on a name from where it signed in lately: strangers do not lock its owner out.
        case known(name: String, address: String)
        /// Codes of the second factor.
        case code(account: String)

        var freeAttempts: Int {
            switch self {
            case .address: 20
            case .name, .code: 5
            case .known: 10
            }
        }
    }

    struct Count: Sendable {
        var failures = 0
        var lastAt: Moment
    }

    static let firstDelay = Duration.seconds(1)
    static let longestDelay = Duration.seconds(900)
    /// After so long without an attempt, all is forgotten.
    static let memory = Duration.seconds(86_400)
    package static let room = 20_000

    private var counts: [Key: Count] = [:]

    /// What is kept of whom.
    package var count: Int { counts.count }

    package init() {}

    /// How long a further attempt must wait; `nil` when it may be made.
    package func wait(_ keys: [Key], _ now: Moment) -> Duration? {
        keys.compactMap { key -> Duration? in
            guard let count = counts[key], now - count.lastAt < Self.memory else { return nil }
            let excess = count.failures - key.freeAttempts
            guard excess >= 0 else { return nil }
            let delay = min(Self.longestDelay, Self.firstDelay * (1 << min(excess, 20)))
            let rest = count.lastAt + delay - now
            return rest > .zero ? min(rest, delay) : nil
        }.max()
    }

    /// - Returns: whether this attempt begins a wait for one of them, for the audit log.
    package mutating func begin(_ keys: [Key], _ now: Moment) -> Bool {
        if counts.count >= Self.room { forgetOldest(now) }
        var begins = false
        for key in keys {
            var count = counts[key] ?? Count(lastAt: now)
            if now - count.lastAt >= Self.memory { count.failures = 0 }
            count.failures += 1
            count.lastAt = now
            counts[key] = count
            if count.failures == key.freeAttempts { begins = true }
        }
        return begins
    }

    /// The attempt was right: of an address only this one is taken back, since it may be that of many.
    package mutating func succeed(_ keys: [Key]) {
        for key in keys {
            if case .address = key { takeBack([key]) } else { counts[key] = nil }
        }
    }

    /// The attempt was neither right nor wrong.
    package mutating func takeBack(_ keys: [Key]) {
        for key in keys {
            guard var count = counts[key] else { continue }
            count.failures -= 1
            counts[key] = count.failures > 0 ? count : nil
        }
    }

    package mutating func sweep(_ now: Moment) { counts = counts.filter { now - $0.value.lastAt < Self.memory } }

    private mutating func forgetOldest(_ now: Moment) {
        sweep(now)
        guard counts.count >= Self.room else { return }
        let middle = counts.values.map(\.lastAt).sorted()[counts.count / 2]
        counts = counts.filter { $0.value.lastAt > middle }
    }
}
