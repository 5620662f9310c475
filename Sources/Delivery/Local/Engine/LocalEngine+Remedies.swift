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

    /// Changes how many replicas the serving release of a service has, until its next release; for who holds the lease.
    ///
    /// New ones are ready before they get requests; those that go get none before they are asked to stop.
    ///
    /// - Parameters:
    ///   - bounds: what hauban.yaml allows.
    ///   - desired: what was kept last.
    /// - Throws: `WorldError`: `at-its-bound` when nothing may change, `not-ready` when a new one did not come up; then as many
    ///   run as before.
    package func scaleReplicas(
        of name: ServiceName, by change: Int, within bounds: ClosedRange<Int>, of desired: DesiredState,
        deadline limit: Duration
    ) async throws -> (before: Int, after: Int) {
        let end = keeper.uptime() + limit
        let supervisor = try await runningSupervisor("scale \(name)")
        guard let release = try await observe(within: min(limit, .seconds(30))).service(name)?.release,
            let part = try releases.load(release).part(name), !part.service.isSite
        else {
            throw WorldError(
                code: "nothing-runs", operation: "scale \(name)", underlying: "no process of it runs here",
                hint: "A site has none; `hauban deploy` starts a service that was stopped.")
        }
        func running() async throws -> [Workload] {
            try await supervisor.workloads().filter {
                $0.kind == .service && $0.name == name.text && $0.release == "\(release)"
            }.sorted { $0.replica < $1.replica }
        }
        let known = try await running()
        let after = try Self.scaled(name, from: known.count, by: change, within: bounds)
        if after < known.count {
            let leaving = known.suffix(known.count - after)
            try await lead(name, release, to: Array(known.prefix(after)))
            try await self.end(leaving.map(\.id), supervisor)
            return (known.count, after)
        }
        let next = (known.map(\.replica).max() ?? -1) + 1
        var joining: [Workload] = []
        for replica in next..<(next + after - known.count) {
            joining.append(
                try await workload(
                    "\(name).\(release).\(replica)", replica, part, release, desired,
                    port: part.service.listens ? try ports.next() : nil))
        }
        let ids = joining.map(\.id)
        do {
            try await supervisor.start(joining)
            let wait = min(part.service.gateDeadline, max(.zero, end - keeper.uptime()))
            let verdict = try await supervisor.waitUntilReady(ids, within: wait)
            guard verdict.isReady else {
                let why = verdict.missing.map { "\($0.id) is \($0.state.rawValue): \($0.reason)" }
                throw WorldError(
                    code: "not-ready", operation: "scale \(name)",
                    underlying: why.joined(separator: "; ") + "; \(known.count) run as before",
                    hint: "`hauban logs \(name)` shows what it wrote.")
            }
            try await lead(name, release, to: try await running())
        } catch {
            try? await lead(name, release, to: known)
            _ = try? await self.end(ids, supervisor)
            throw error
        }
        return (known.count, after)
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
