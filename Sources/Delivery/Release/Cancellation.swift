import Synchronization

/// A wish to stop that a release can hear without being torn down by it: a cancelled task could not return anything.
final class Cancellation: Sendable {
    private struct State {
        var isRequested = false
        var next = 0
        var waiters: [Int: AsyncStream<Never>.Continuation] = [:]
    }

    private let state = Mutex(State())

    /// Whether it was asked for.
    var isRequested: Bool { state.withLock(\.isRequested) }

    /// Asks for it; asking again changes nothing.
    func request() {
        let waiters = state.withLock { state in
            state.isRequested = true
            defer { state.waiters = [:] }
            return state.waiters.values.map(\.self)
        }
        for waiter in waiters { waiter.finish() }
    }

    /// Returns once it is asked for, or when the waiting task is cancelled.
    func wait() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        let key = state.withLock { state -> Int? in
            guard !state.isRequested else { return nil }
            state.next += 1
            state.waiters[state.next] = continuation
            return state.next
        }
        guard let key else { return }
        for await _ in stream {}
        state.withLock { $0.waiters[key] = nil }
    }
}
