import Dispatch
import Glibc
import Synchronization

/// Waiting for a descriptor without holding a thread.
package enum DescriptorWait {
    package enum Direction: Sendable { case readable, writable }

    /// Waits until the descriptor is ready; works for sockets and pidfds.
    ///
    /// The descriptor must stay open until this returns.
    /// - Returns: false when the time is over or the task was cancelled.
    package static func wait(for descriptor: Int32, _ direction: Direction, timeout: Duration?) async -> Bool {
        let wait = Wait()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                wait.begin(descriptor, direction, timeout, continuation)
            }
        } onCancel: {
            wait.finish(false)
        }
    }

    /// One wait: whoever finishes first, readiness, time or cancellation, decides the answer.
    private final class Wait: Sendable {
        private struct State {
            var cancel: (@Sendable () -> Void)?
            var answer: Bool?
        }
        private let state = Mutex(State())
        private static let queue = DispatchQueue(label: "hauban.descriptors")

        func begin(
            _ descriptor: Int32, _ direction: Direction, _ timeout: Duration?,
            _ continuation: CheckedContinuation<Bool, Never>
        ) {
            // Dispatch's objects may be used from any thread; only its Linux overlay does not say so.
            nonisolated(unsafe) let source: any DispatchSourceProtocol =
                switch direction {
                case .readable: DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: Self.queue)
                case .writable: DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: Self.queue)
                }
            source.setEventHandler { self.finish(true) }
            // Resumed only here: the descriptor may be closed once the source has let go of it.
            source.setCancelHandler { continuation.resume(returning: self.state.withLock { $0.answer } ?? false) }
            nonisolated(unsafe) var timer: (any DispatchSourceTimer)?
            if let timeout {
                let (seconds, attoseconds) = timeout.components
                let nanoseconds = min(seconds, 1_000_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000
                let made = DispatchSource.makeTimerSource(queue: Self.queue)
                made.setEventHandler { self.finish(false) }
                made.schedule(deadline: .now() + .nanoseconds(Int(max(0, nanoseconds))))
                made.activate()
                timer = made
            }
            nonisolated(unsafe) let clock = timer
            let isOver = state.withLock { state in
                state.cancel = {
                    source.cancel()
                    clock?.cancel()
                }
                return state.answer != nil
            }
            source.activate()
            if isOver {
                source.cancel()
                clock?.cancel()
            }
        }

        func finish(_ answer: Bool) {
            let cancel = state.withLock { state -> (@Sendable () -> Void)? in
                guard state.answer == nil else { return nil }
                state.answer = answer
                return state.cancel
            }
            cancel?()
        }
    }
}
