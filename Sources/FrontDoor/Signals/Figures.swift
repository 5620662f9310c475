import Histogram
import Synchronization

/// What all event loops together know, merged on reading.
struct Figures: Sendable {
    struct Key: Hashable, Comparable {
        let service: String
        let release: String

        static func < (left: Key, right: Key) -> Bool {
            (left.service, left.release) < (right.service, right.release)
        }
    }

    struct Release: Sendable {
        var state = ReleaseSignals.State.drained
        var inFlight = 0
        var counts = ReleaseMeter.Counts()
        var latency = ReleaseMeter.emptyHistogram()
        var codes: [UInt16: UInt64] = [:]
        var latencySumMicroseconds: UInt64 = 0
    }

    var releases: [Key: Release] = [:]
    var refusals: [Reason: UInt64] = [:]
    var connections = 0
    var secure = SecureFigures()
    var redirects: UInt64 = 0

    /// - Parameter window: seconds to look back, or `nil` for everything since the start.
    static func of(_ loop: LoopContext, window: Int?, second: Int) -> Figures {
        var figures = Figures()
        figures.refusals = loop.refusals
        figures.secure = loop.secure
        figures.redirects = loop.redirects
        for release in loop.releases + loop.former {
            var part = Release()
            if let window {
                (part.counts, part.latency) = release.meter.window(seconds: window, now: second)
            } else {
                part.counts = release.meter.total
                part.latency = release.meter.settledLatency()
                part.codes = release.meter.settledCodes()
                part.latencySumMicroseconds = release.meter.latencySumMicroseconds
            }
            figures.releases[Key(service: release.runtime.service, release: release.runtime.release)] = part
        }
        return figures
    }

    mutating func merge(_ other: Figures) {
        secure += other.secure
        redirects += other.redirects
        refusals.merge(other.refusals, uniquingKeysWith: +)
        for (key, part) in other.releases {
            guard var mine = releases[key] else {
                releases[key] = part
                continue
            }
            mine.counts += part.counts
            mine.latencySumMicroseconds += part.latencySumMicroseconds
            mine.codes.merge(part.codes, uniquingKeysWith: +)
            if part.latency.totalCount > 0 { mine.latency.add(part.latency) }
            releases[key] = mine
        }
    }

    /// Adds what the loops share: who serves, who leaves, and how much is in flight.
    mutating func complete(with traffic: Traffic) {
        func set(_ runtime: ReleaseRuntime, _ state: (Int) -> ReleaseSignals.State) {
            let key = Key(service: runtime.service, release: runtime.release)
            var release = releases[key] ?? Release()
            release.inFlight = runtime.inFlight.load(ordering: .sequentiallyConsistent)
            release.state = state(release.inFlight)
            releases[key] = release
        }
        connections = traffic.connections.load(ordering: .relaxed)
        for leaving in traffic.leaving { set(leaving.runtime) { $0 == 0 ? .drained : .draining } }
        for entry in traffic.snapshot.releases { set(entry.runtime) { _ in .serving } }
    }

    func signals(generation: Int, takenAt: String, window: Int?) -> Signals {
        Signals(
            generation: generation, takenAt: takenAt, windowSeconds: window,
            releases: releases.sorted { $0.key < $1.key }.map { Self.signals($0.key, $0.value) },
            refused: Dictionary(uniqueKeysWithValues: refusals.map { ($0.key.rawValue, Int($0.value)) }))
    }

    private static func signals(_ key: Key, _ release: Release) -> ReleaseSignals {
        let counts = release.counts
        let latency = release.latency
        func milliseconds(_ percentile: Double) -> Double {
            latency.totalCount == 0 ? 0 : Double(latency.valueAtPercentile(percentile)) / 1_000
        }
        return ReleaseSignals(
            service: key.service, release: key.release, state: release.state, inFlight: release.inFlight,
            requests: Int(counts.requests),
            responses: [
                "1xx": Int(counts.classes.1), "2xx": Int(counts.classes.2), "3xx": Int(counts.classes.3),
                "4xx": Int(counts.classes.4), "5xx": Int(counts.classes.5),
            ],
            serverErrors: Int(counts.classes.5), clientAborted: Int(counts.clientAborted),
            upstreamFailures: Int(counts.upstreamFailures), retries: Int(counts.retries), cut: Int(counts.cut),
            latency: ReleaseSignals.Latency(
                p50: milliseconds(50), p95: milliseconds(95), p99: milliseconds(99),
                max: latency.totalCount == 0 ? 0 : Double(latency.max) / 1_000,
                mean: latency.totalCount == 0 ? 0 : latency.mean / 1_000))
    }
}
