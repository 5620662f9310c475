package import FoundationEssentials
import Glibc

/// The clocks and the only way to wait; one live form, one for tests.
package struct Timekeeper: Sendable {
    /// Time since the machine started, sleep included: comparable between processes of one boot.
    package var uptime: @Sendable () -> Duration
    /// The calendar's time.
    package var date: @Sendable () -> Date
    /// Waits; throws `CancellationError` when the task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void

    package init(
        uptime: @escaping @Sendable () -> Duration, date: @escaping @Sendable () -> Date,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.uptime = uptime
        self.date = date
        self.sleep = sleep
    }

    /// The machine's own clocks.
    package static var live: Timekeeper {
        Timekeeper(
            uptime: {
                var time = timespec()
                clock_gettime(CLOCK_BOOTTIME, &time)
                return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
            },
            date: { Date() },
            sleep: { try await Task.sleep(for: $0) })
    }
}
