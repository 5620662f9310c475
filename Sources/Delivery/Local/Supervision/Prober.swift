import Spec
import World

/// Asks replicas whether they are well.
struct Prober: Sendable {
    let commands: CommandRunner

    /// Asks once.
    ///
    /// - Returns: `nil` when the replica is well.
    func ask(_ probe: Probe, of workload: Workload, environment: [String: String]) async -> ProbeFailure? {
        do {
            switch probe.check {
            case .http(let path):
                let answer = try await HTTPProbe.get(port: try port(workload), path: path, timeout: probe.timeout)
                return (200..<400).contains(answer.status) ? nil : .status(answer.status)
            case .tcp:
                _ = try await Socket.connect(port: try port(workload), timeout: probe.timeout)
                return nil
            case .exec(let line):
                let result = try await commands(
                    Command(
                        arguments: line.arguments, environment: environment,
                        workingDirectory: workload.workingDirectory, deadline: probe.timeout, outputLimit: 4096,
                        identity: workload.identity))
                if result.isLate { return .late(probe.timeout) }
                let lines = (result.errors.isEmpty ? result.output : result.errors).split(whereSeparator: \.isNewline)
                return result.isSuccess
                    ? nil : .exited(result.status, lastLine: lines.last.map { String($0.prefix(200)) } ?? "")
            }
        } catch let error as WorldError {
            return error.code == "timed-out"
                ? .late(probe.timeout) : .refused("\(error.operation): \(error.underlying)")
        } catch {
            return .refused("\(error)")
        }
    }

    /// Who answered on the port of a replica in its place, if somebody did.
    ///
    /// The port was free when the replica was started; until it listens itself, another program can take it.
    @concurrent
    func stranger(_ probe: Probe, of workload: Workload, _ record: ProcessRecord?, instance: String) async
        -> ProbeFailure?
    {
        guard let port = workload.port, let record else { return nil }
        if case .exec = probe.check { return nil }
        return PortHolder.stranger(on: port, inPlaceOf: record, mark: (Supervisor.instanceMark, instance)).map {
            .stranger(port: port, pid: $0.pid, command: $0.command)
        }
    }

    private func port(_ workload: Workload) throws -> Int {
        guard let port = workload.port else {
            throw WorldError(
                code: "no-port", operation: "probe \(workload.id)", underlying: "it has no port",
                hint: "Give the service a `port:`, or probe it with `exec:`.")
        }
        return port
    }
}
