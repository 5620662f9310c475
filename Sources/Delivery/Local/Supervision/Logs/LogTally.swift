/// How many lines of which form a replica wrote: what `status` shows of SF-18.
package struct LogTally: Codable, Hashable, Sendable {
    package var json = 0
    /// Lines that are not JSON objects.
    package var plain = 0
    /// JSON lines that lack a mandatory field.
    package var incomplete = 0
    /// How often each mandatory field was missing.
    package var missing: [String: Int] = [:]
    /// Lines that were given up because no disk space was left to store them; nil for none.
    package var lost: Int?

    package init() {}

    package var lines: Int { json + plain }

    /// Counts one line.
    package mutating func count(_ entry: LogEntry) {
        guard entry.isJSON else {
            plain += 1
            return
        }
        json += 1
        if !entry.missingFields.isEmpty { incomplete += 1 }
        for name in entry.missingFields { missing[name, default: 0] += 1 }
    }

    /// Adds what another replica of the same service wrote.
    package mutating func add(_ other: LogTally) {
        json += other.json
        plain += other.plain
        incomplete += other.incomplete
        if let more = other.lost { lost = (lost ?? 0) + more }
        missing.merge(other.missing, uniquingKeysWith: +)
    }
}
