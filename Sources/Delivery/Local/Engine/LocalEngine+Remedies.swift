import FoundationEssentials
package import Planning
package import Spec
package import World

/// What is done about an incident without a release.
extension LocalEngine {
    /// Restarts the replicas of a service, one after another: each is ready before the next is stopped.
    ///
    /// - Returns: how many.
    /// - Throws: `WorldError`, with the code `not-ready` when one did not come back; those after it were left alone.
    package func restartReplicas(of name: ServiceName, within limit: Duration) async throws -> Int {
        let end = keeper.uptime() + limit
        let supervisor = try await runningSupervisor("restart \(name)")
        let ids = try await supervisor.workloads().filter { $0.kind == .service && $0.name == name.text }.map(\.id)
            .sorted()
        guard !ids.isEmpty else {
            throw WorldError(
                code: "nothing-runs", operation: "restart \(name)", underlying: "no process of it runs here",
                hint: "A site has none; `hauban deploy` starts a service that was stopped.")
        }
        for (done, id) in ids.enumerated() {
            try await supervisor.restart([id])
            let verdict = try await supervisor.waitUntilReady([id], within: max(.zero, end - keeper.uptime()))
            guard verdict.isReady else {
                let why = verdict.missing.map { "\($0.id) is \($0.state.rawValue): \($0.reason)" }
                throw WorldError(
                    code: "not-ready", operation: "restart \(name)",
                    underlying: why.joined(separator: "; ") + "; \(done) of \(ids.count) came back before it",
                    hint: "`hauban logs \(name)` shows what it wrote.")
            }
        }
        return ids.count
    }

    /// Runs a command in the folder and with the environment of a service, as the release has them that serves.
    ///
    /// - Parameter desired: what was kept last.
    /// - Throws: `WorldError` when it cannot be started; a failing command is a result.
    package func run(
        _ command: CommandLine, asService name: ServiceName, of desired: DesiredState, within limit: Duration
    ) async throws -> CommandResult {
        guard let release = try await observe(within: min(limit, .seconds(30))).service(name)?.release,
            let part = try releases.load(release).part(name)
        else {
            throw WorldError(
                code: "nothing-runs", operation: "run `\(command.text)` of \(name)",
                underlying: "no release of it serves here", hint: "`hauban deploy` ships one.")
        }
        let environment = try await serviceEnvironment(part, release, desired, port: nil)
        let variables = try environment.variables().mapValues { try secrets.resolve($0) }
        return try await runner(
            Command(
                arguments: try environment.arguments(command), environment: variables,
                workingDirectory: part.build.folder, deadline: limit, outputLimit: 8192))
    }

    private func runningSupervisor(_ operation: String) async throws -> SupervisorClient {
        guard let supervisor = try await knownSupervisor() else {
            throw WorldError(
                code: "nothing-runs", operation: operation, underlying: "nothing was ever started here",
                hint: "`hauban deploy` or `hauban up` starts the platform.")
        }
        return supervisor
    }
}
