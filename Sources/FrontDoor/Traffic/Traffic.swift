import NIOCore
import NIOPosix
import Synchronization

/// The one place that all event loops share: the configuration in force and the releases that are leaving.
///
/// Choosing a release and being counted there is one step with respect to a swap: a request raises the release's count
/// and then looks whether the version is still the one it chose by; if not it takes the count back and chooses again.
/// So a swap that has happened is seen by every later request, and whoever reads a count after the swap sees every
/// request that the old release will ever get.
final class Traffic: Sendable {
    private let version: Atomic<UInt64>
    private let state: Mutex<State>
    /// Set once, when the front door begins to stop: every answer then closes its connection.
    let isStopping = Atomic<Bool>(false)
    let connections = Atomic<Int>(0)

    private struct State {
        var snapshot: Snapshot
        var leaving: [Leaving] = []
    }

    struct Leaving: Sendable {
        let runtime: ReleaseRuntime
        let since: NIODeadline
        /// See ``Retirement``; not after `since`.
        let drainsSince: NIODeadline
    }

    let rates: RateTable
    let lostLogLines = AccessLogFile.LostLines()
    /// Writes what may wait for a disk, one thing after another.
    let logThread: NIOThreadPool
    /// Told in a line what happens to replicas; may wait for a disk.
    let report: @Sendable (String) -> Void

    init(
        _ snapshot: Snapshot, rateClients: Int, logThread: NIOThreadPool,
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.report = report
        self.logThread = logThread
        rates = RateTable(clients: rateClients)
        version = Atomic(snapshot.version)
        state = Mutex(State(snapshot: snapshot))
    }

    var currentVersion: UInt64 {
        @inline(__always) get { version.load(ordering: .sequentiallyConsistent) }
    }

    var snapshot: Snapshot { state.withLock { $0.snapshot } }

    /// Releases out of the configuration: those that still hold requests, and for a while those that ended, so that their
    /// last figures can be read.
    var leaving: [Leaving] { state.withLock { $0.leaving } }

    /// Puts a configuration in force. Releases that it no longer names begin to drain.
    func swap(now: NIODeadline, _ make: (_ previous: Snapshot, _ leaving: [ReleaseRuntime]) -> Snapshot) -> Snapshot {
        state.withLock { state in
            let previous = state.snapshot
            let next = make(previous, state.leaving.map(\.runtime))
            let drainTime = TimeAmount.milliseconds(Int64(next.configuration.timeouts.drainMilliseconds))
            let serving = Set(next.releases.map { ObjectIdentifier($0.runtime) })
            for entry in next.releases {
                entry.runtime.cutAt.store(0, ordering: .sequentiallyConsistent)
                let standsIn = next.services[entry.runtime.service]?.standIn === entry
                entry.runtime.retirement.withLock { if standsIn { $0.standsIn(now: now) } else { $0.serves() } }
            }
            state.leaving.removeAll { leaving in
                serving.contains(ObjectIdentifier(leaving.runtime))
                    || leaving.runtime.inFlight.load(ordering: .sequentiallyConsistent) == 0
                        && leaving.since + Self.remembered < now
            }
            state.snapshot = next
            version.store(next.version, ordering: .sequentiallyConsistent)
            for entry in previous.releases where !serving.contains(ObjectIdentifier(entry.runtime)) {
                entry.runtime.cut.withLock { $0 = CutCounts() }
                let since = entry.runtime.retirement.withLock { $0.leaves(now: now) }
                let cutAt = since + drainTime
                entry.runtime.cutAt.store(max(1, cutAt.uptimeNanoseconds), ordering: .sequentiallyConsistent)
                state.leaving.append(Leaving(runtime: entry.runtime, since: now, drainsSince: since))
            }
            return next
        }
    }

    /// Moves the moment at which a release that has left is cut, or does nothing when it serves again.
    ///
    /// - Parameter time: counted from the moment at which it left, or before that began to stand in (``Retirement``).
    func cut(service: String, release: String, after time: TimeAmount) {
        state.withLock { state in
            for leaving in state.leaving where leaving.runtime.service == service && leaving.runtime.release == release
            {
                let moment = leaving.drainsSince + time
                leaving.runtime.cutAt.store(max(1, moment.uptimeNanoseconds), ordering: .sequentiallyConsistent)
            }
        }
    }

    /// A new access log.
    func accessLog(_ path: String, _ limits: FrontDoorConfiguration.Limits) -> AccessLogFile {
        AccessLogFile(
            path: path, bytes: limits.accessLogBytes, files: limits.accessLogFiles, thread: logThread,
            lost: lostLogLines, report: report)
    }

    /// How long the figures of a release that has left stay readable: the length of the signals' history.
    private static let remembered = TimeAmount.seconds(300)
}
