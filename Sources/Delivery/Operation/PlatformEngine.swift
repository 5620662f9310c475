package import FrontDoor
package import Planning
package import Spec
package import World

/// What commands, remedies and the control plane ask of whatever an environment runs on, besides its releases.
package protocol PlatformEngine: Engine {
    var environment: EnvironmentName { get }
    var secrets: SecretStore { get }

    /// What a person has to be told once a command is done, a sentence each.
    var notes: [String] { get }

    /// Where the front door writes each request, absolute.
    var accessLog: String { get }

    /// Everything that runs, and how it is doing.
    func environmentStatus() async throws -> EnvironmentStatus

    /// Measures what runs, and starts nothing for it.
    func readings(window: Duration, within limit: Duration) async -> EnvironmentReadings

    /// Where the world reaches the platform; `nil` while nothing is deployed.
    func publicAddress() async -> String?

    /// Starts what a restart of the machine has left stopped, and nothing that somebody stopped.
    ///
    /// Costs little where there is nothing to do.
    /// - Returns: what was started.
    func wake() async throws -> [String]

    /// Stops everything; data, builds and history stay.
    ///
    /// - Returns: how many processes were stopped.
    func down() async throws -> Int

    /// Whether a front door was started here.
    func hasFrontDoor() async throws -> Bool

    /// Changes the configuration of the front door, and begins anew when somebody else changed it in between.
    @discardableResult
    func changeFrontDoor(
        _ change: (inout FrontDoorConfiguration) throws -> Void
    ) async throws -> (configuration: FrontDoorConfiguration, didChange: Bool)

    /// Restarts the replicas of a service, one after another: each is ready before the next is stopped.
    ///
    /// - Returns: how many.
    /// - Throws: `WorldError`, with the code `not-ready` when one did not come back; those after it were left alone.
    func restartReplicas(of name: ServiceName, within limit: Duration) async throws -> Int

    /// Changes how many replicas the serving release of a service has, until its next release; for who holds the lease.
    ///
    /// New ones are ready before they get requests; those that go get none before they are asked to stop.
    ///
    /// - Parameters:
    ///   - bounds: what hauban.yaml allows.
    ///   - desired: what was kept last.
    /// - Throws: `WorldError`: `at-its-bound` when nothing may change, `not-ready` when a new one did not come up; then as many
    ///   run as before.
    func scaleReplicas(
        of name: ServiceName, by change: Int, within bounds: ClosedRange<Int>, of desired: DesiredState,
        deadline limit: Duration
    ) async throws -> (before: Int, after: Int)

    /// Runs a command as a service would, with the files and variables of the release that serves.
    ///
    /// - Parameter desired: what was kept last.
    /// - Throws: `WorldError` when it cannot be started; a failing command is a result.
    func run(
        _ command: CommandLine, asService name: ServiceName, of desired: DesiredState, within limit: Duration
    ) async throws -> CommandResult

    /// What services wrote, oldest first.
    func logs(_ query: LogQuery) async throws -> [LogEntry]

    /// The same, then new entries as they come, until the reader stops listening.
    func followLogs(_ query: LogQuery) -> AsyncStream<LogEntry>

    /// Says how long logs stay; a change of that alone is no release.
    ///
    /// - Throws: `WorldError`
    func keepLogs(for age: Duration) throws
}

extension PlatformEngine {
    /// Of how many replicas a remedy may leave how many.
    ///
    /// - Throws: `WorldError` with the code `at-its-bound` when nothing may change.
    static func scaled(
        _ name: ServiceName, from count: Int, by change: Int, within bounds: ClosedRange<Int>
    ) throws -> Int {
        let after = min(max(count + change, bounds.lowerBound), bounds.upperBound)
        guard after != count, (after > count) == (change > 0) else {
            let allowed = bounds.count == 1 ? "\(bounds.lowerBound)" : "\(bounds.lowerBound) to \(bounds.upperBound)"
            throw WorldError(
                code: "at-its-bound", operation: "scale \(name)",
                underlying: "\(count) of it run, and `scale` of services.\(name) allows \(allowed)",
                hint: "`scale: {min: …, max: …}` says how many there may be.")
        }
        return after
    }
}
