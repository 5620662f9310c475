/// How a replica is asked whether it is well.
package struct Probe: Sendable, Hashable, Codable {
    /// What is asked.
    package enum Check: Sendable, Hashable, Codable {
        /// `GET path` on the replica's port; well when the status is 200 to 399.
        case http(path: String)
        /// A TCP connection to the replica's port; well when it is accepted.
        case tcp
        /// A command in the replica's environment; well when it exits 0.
        case exec(CommandLine)
    }

    package var check: Check
    /// Time from one answer to the next question.
    package var interval: Duration
    /// An answer that takes longer counts as a failure.
    package var timeout: Duration
    /// Consecutive passes that make a replica well.
    package var passes: Int
    /// Consecutive failures that make it unwell.
    package var failures: Int

    package init(
        check: Check, interval: Duration = .seconds(10), timeout: Duration = .seconds(5), passes: Int = 1,
        failures: Int = 3
    ) {
        self.check = check
        self.interval = interval
        self.timeout = timeout
        self.passes = passes
        self.failures = failures
    }
}
