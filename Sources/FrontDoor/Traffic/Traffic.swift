import NIOCore
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
    }

    init(_ snapshot: Snapshot) {
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
            let cutAt = now + .milliseconds(Int64(next.configuration.timeouts.drainMilliseconds))
            let serving = Set(next.releases.map { ObjectIdentifier($0.runtime) })
            for entry in next.releases { entry.runtime.cutAt.store(0, ordering: .sequentiallyConsistent) }
            state.leaving.removeAll { leaving in
                serving.contains(ObjectIdentifier(leaving.runtime))
                    || leaving.runtime.inFlight.load(ordering: .sequentiallyConsistent) == 0
                        && leaving.since + Self.remembered < now
            }
            state.snapshot = next
            version.store(next.version, ordering: .sequentiallyConsistent)
            for entry in previous.releases where !serving.contains(ObjectIdentifier(entry.runtime)) {
                entry.runtime.cut.withLock { $0 = CutCounts() }
                entry.runtime.cutAt.store(cutAt.uptimeNanoseconds, ordering: .sequentiallyConsistent)
                state.leaving.append(Leaving(runtime: entry.runtime, since: now))
            }
            return next
        }
    }

    /// Moves the moment at which a release that has left is cut, or does nothing when it serves again.
    ///
    /// - Parameter time: counted from the moment at which it left.
    func cut(service: String, release: String, after time: TimeAmount) {
        state.withLock { state in
            for leaving in state.leaving where leaving.runtime.service == service && leaving.runtime.release == release
            {
                let moment = leaving.since + time
                leaving.runtime.cutAt.store(max(1, moment.uptimeNanoseconds), ordering: .sequentiallyConsistent)
            }
        }
    }

    /// How long the figures of a release that has left stay readable: the length of the signals' history.
    private static let remembered = TimeAmount.seconds(300)
}
