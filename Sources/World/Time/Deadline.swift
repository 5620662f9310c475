/// Giving a piece of work a deadline.
package enum Deadline {
    private enum Outcome<Value: Sendable>: Sendable {
        case done(Value)
        case late
    }

    /// Runs the work and cancels it when the time is over; the work must honour its cancellation.
    ///
    /// - Throws: what the work throws, or a `WorldError` with the code `timed-out`.
    package static func run<Value: Sendable>(
        _ limit: Duration, for operation: String, _ keeper: Timekeeper = .live,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Outcome<Value>.self) { group in
            group.addTask { .done(try await work()) }
            group.addTask {
                try await keeper.sleep(limit)
                return .late
            }
            defer { group.cancelAll() }
            guard case .done(let value)? = try await group.next() else {
                throw WorldError(code: "timed-out", operation: operation, underlying: "not done within \(limit)")
            }
            return value
        }
    }
}
