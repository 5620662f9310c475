import Histogram

/// One event loop's figures of one release: counters since the start, and one small histogram for each of the last
/// seconds.
///
/// Only its event loop touches it, so that recording needs no lock; readers hop onto the loop. A finished second is kept
/// as the pairs of value and count that occurred in it, a few hundred bytes where a whole histogram is 10 KiB.
final class ReleaseMeter {
    /// Seconds that a window can look back.
    static let history = 300

    struct Counts {
        var requests: UInt64 = 0
        /// By first digit of the status code; index 0 is unused.
        var classes: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0)
        var clientAborted: UInt64 = 0
        var upstreamFailures: UInt64 = 0
        var retries: UInt64 = 0
        var cut: UInt64 = 0

        static func += (left: inout Counts, right: Counts) {
            left.requests += right.requests
            left.classes.1 += right.classes.1
            left.classes.2 += right.classes.2
            left.classes.3 += right.classes.3
            left.classes.4 += right.classes.4
            left.classes.5 += right.classes.5
            left.clientAborted += right.clientAborted
            left.upstreamFailures += right.upstreamFailures
            left.retries += right.retries
            left.cut += right.cut
        }

        fileprivate mutating func count(_ status: Int) {
            requests += 1
            switch status / 100 {
            case 1: classes.1 += 1
            case 2: classes.2 += 1
            case 3: classes.3 += 1
            case 4: classes.4 += 1
            case 5: classes.5 += 1
            default: break
            }
        }
    }

    private struct Second {
        var number = -1
        var counts = Counts()
        var latencies: [(microseconds: UInt32, count: UInt32)] = []
    }

    private(set) var total = Counts()
    private(set) var codes: [UInt16: UInt64] = [:]
    /// Without the current second, which is added when it has passed: a request is recorded once, not twice.
    private var latency = ReleaseMeter.emptyHistogram()
    private(set) var latencySumMicroseconds: UInt64 = 0
    private var current = Second()
    private var currentLatency = Histogram<UInt32>(
        highestTrackableValue: ReleaseMeter.highest, numberOfSignificantValueDigits: .two)
    private var past: [Second] = []
    /// The last code and its count, since nearly all requests of a release end alike.
    private var lastCode: (code: UInt16, pending: UInt64) = (0, 0)

    /// An hour; longer requests count as that long.
    private static let highest: UInt64 = 3_600_000_000

    static func emptyHistogram() -> Histogram<UInt64> {
        Histogram<UInt64>(highestTrackableValue: highest, numberOfSignificantValueDigits: .two)
    }

    /// Counts a request that ended with an answer.
    ///
    /// - Parameter second: whole seconds of uptime.
    func record(status: Int, microseconds: UInt64, second: Int) {
        turn(to: second)
        let value = min(microseconds, Self.highest)
        total.count(status)
        current.counts.count(status)
        latencySumMicroseconds += value
        currentLatency.record(value)
        let code = UInt16(truncatingIfNeeded: status)
        if lastCode.code == code {
            lastCode.pending += 1
        } else {
            settleCodes()
            lastCode = (code, 1)
        }
    }

    func recordClientAborted(second: Int) {
        turn(to: second)
        total.clientAborted += 1
        current.counts.clientAborted += 1
    }

    func recordUpstreamFailure(second: Int) {
        turn(to: second)
        total.upstreamFailures += 1
        current.counts.upstreamFailures += 1
    }

    func recordRetry(second: Int) {
        turn(to: second)
        total.retries += 1
        current.counts.retries += 1
    }

    func recordCut(second: Int) {
        turn(to: second)
        total.cut += 1
        current.counts.cut += 1
    }

    /// Requests by status code since the start.
    func settledCodes() -> [UInt16: UInt64] {
        settleCodes()
        return codes
    }

    /// Latencies since the start, in microseconds.
    func settledLatency() -> Histogram<UInt64> {
        var whole = latency
        for value in currentLatency.recordedValues() { whole.record(value.value, count: UInt64(value.count)) }
        return whole
    }

    /// The figures of the last `seconds` whole or begun seconds, `now` included.
    func window(seconds: Int, now: Int) -> (Counts, Histogram<UInt64>) {
        turn(to: now)
        var counts = current.counts
        var histogram = Self.emptyHistogram()
        for value in currentLatency.recordedValues() { histogram.record(value.value, count: UInt64(value.count)) }
        for second in past where second.number > now - seconds {
            counts += second.counts
            for (microseconds, count) in second.latencies {
                histogram.record(UInt64(microseconds), count: UInt64(count))
            }
        }
        return (counts, histogram)
    }

    private func settleCodes() {
        if lastCode.pending > 0 { codes[lastCode.code, default: 0] += lastCode.pending }
        lastCode.pending = 0
    }

    private func turn(to second: Int) {
        if second == current.number { return }
        if current.number >= 0, current.counts.requests > 0 || current.counts.clientAborted > 0 || hasFailures {
            current.latencies = currentLatency.recordedValues().map {
                (UInt32(clamping: $0.value), UInt32($0.count))
            }
            for (microseconds, count) in current.latencies {
                latency.record(UInt64(microseconds), count: UInt64(count))
            }
            if past.count > Self.history + 60 { past.removeFirst(past.count - Self.history) }
            past.append(current)
            currentLatency.reset()
        }
        current = Second(number: second)
    }

    private var hasFailures: Bool {
        current.counts.upstreamFailures > 0 || current.counts.retries > 0 || current.counts.cut > 0
    }
}
