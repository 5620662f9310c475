import Delivery
import Glibc
import Spec
import Testing
import World

/// Runs a resource's workload as the supervisor would: started, probed until ready, stopped by its own signal.
struct RunningWorkload: Sendable {
    let record: ProcessRecord
    let workload: Workload
    let log: String

    static func start(_ workload: Workload, secrets: SecretStore, log: String) async throws -> RunningWorkload {
        let environment = try workload.environment.mapValues { try secrets.resolve($0) }
        let child = ChildProcess(
            command: workload.command, environment: environment, workingDirectory: workload.workingDirectory,
            standardOutput: log, standardError: log, identity: workload.identity)
        let running = RunningWorkload(record: try child.launch(), workload: workload, log: log)
        guard case .exec(let line)? = workload.readiness?.check else {
            Issue.record("a resource is asked by a command")
            return running
        }
        let end = ContinuousClock.now + .seconds(60)
        while true {
            let probe = Command(
                arguments: line.arguments, environment: environment, workingDirectory: "/", deadline: .seconds(60))
            if try await CommandRunner.live(probe).isSuccess { return running }
            guard ContinuousClock.now < end, running.record.isAlive else {
                Issue.record("\(workload.id) did not become ready: \(SmallFile.text(log) ?? "")")
                return running
            }
            try await Task.sleep(for: .milliseconds(30))
        }
    }

    /// - Returns: how it ended; `nil` when it had to be killed.
    @discardableResult
    func stop() async -> World.ExitStatus? {
        record.send(workload.stop.signal, toGroup: workload.stop.wholeGroup)
        if let status = await ProcessExit.wait(for: record, timeout: .seconds(60)) { return status }
        record.send(SIGKILL, toGroup: true)
        _ = await ProcessExit.wait(for: record, timeout: .seconds(60))
        return nil
    }
}
