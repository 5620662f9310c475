import Glibc
import World

/// Turns Ctrl-C and SIGTERM into the cancellation of a task.
enum Interruption {
    /// Runs the work; the first signal cancels it, and it ends as it sees fit.
    static func heard<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let signals = SignalWatch.stream([SIGINT, SIGTERM])
        let task = Task { try await work() }
        let listening = Task { for await _ in signals { task.cancel() } }
        defer { listening.cancel() }
        return try await task.value
    }
}
