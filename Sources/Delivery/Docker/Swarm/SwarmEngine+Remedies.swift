package import Planning
package import Spec
package import World

/// What is done about an incident without a release.
extension SwarmEngine {
    /// The one rolling update that Swarm does for hauban: equal containers, one after another. It is watched by the tasks: each of them must
    /// be a new one that passes its check.
    package func restartReplicas(of name: ServiceName, within limit: Duration) async throws -> Int {
        let end = keeper.uptime() + limit
        guard let before = try await serving(name, within: limit) else { throw nothingRuns("restart \(name)", name) }
        let old = Set(before.tasks.map(\.id))
        try await api.roll(before.service.id, counting: SwarmReplicas.forced)
        while true {
            guard let now = try await replicas(of: name, before.release) else {
                throw nothingRuns("restart \(name)", name)
            }
            let isNew = now.running.allSatisfy { !old.contains($0.id) }
            if isNew, now.running.count == now.wanted, now.service.update == "completed" { return now.wanted }
            let isLate = keeper.uptime() >= end
            if now.meddling != nil || isLate {
                throw WorldError(
                    code: "not-ready", operation: "restart \(name)",
                    underlying: now.meddling
                        ?? "\(now.running.count { !old.contains($0.id) }) of \(now.wanted) replicas were ready anew within \(limit.inWords)",
                    hint: "`docker service ps \(now.service.name)` says why; those after it were left alone.")
            }
            try await keeper.sleep(.milliseconds(200))
        }
    }

    package func scaleReplicas(
        of name: ServiceName, by change: Int, within bounds: ClosedRange<Int>, of desired: DesiredState,
        deadline limit: Duration
    ) async throws -> (before: Int, after: Int) {
        guard let serving = try await serving(name, within: limit) else { throw nothingRuns("scale \(name)", name) }
        let service = try here.releases.part(name, of: serving.release).service
        let after = try Self.scaled(name, from: serving.wanted, by: change, within: bounds)
        func scale(to count: Int) async throws {
            try await api.scale(serving.service.id, to: count, labels: [SwarmReplicas.replicas: "\(count)"])
        }
        do {
            try await scale(to: after)
            // Swarm takes those that go out of the names two seconds before it stops them.
            _ = try await gate(name, release: serving.release, service: service, within: limit)
        } catch {
            try? await scale(to: serving.wanted)
            throw error
        }
        return (serving.wanted, after)
    }

    /// In a container of this machine, as a migration.
    package func run(
        _ command: CommandLine, asService name: ServiceName, of desired: DesiredState, within limit: Duration
    ) async throws -> CommandResult {
        guard let serving = try await serving(name, within: limit) else {
            throw nothingRuns("run `\(command.text)` of \(name)", name)
        }
        let part = try here.releases.part(name, of: serving.release)
        let context = ReleaseContext(
            release: serving.release, desired: desired, baseline: ObservedState(), changed: [], routing: Routing())
        let zones = desired.zones(of: part.service)
        _ = try await here.networks(zones)
        var spec = try await here.spec(part, context, zones: zones)
        spec.name = labels.command(name, serving.release)
        // What takes over ends it, as it ends a migration.
        spec.labels.merge(labels.all(.migration)) { $1 }
        let words = ContainerVariables.words(part.service, serving.release, platform, environment)
        spec.command = ContainerCommand(command, values: words).words
        spec.health = nil
        try await api.remove(spec.name)
        let id = try await api.create(spec)
        do {
            try await api.start(id)
            let code = try await api.wait(for: id, within: limit)
            let lines = try await api.logs(of: id, last: 200)
            try await api.remove(id)
            func text(_ stream: StandardStream) -> String {
                lines.filter { $0.stream == stream }.map { $0.text + "\n" }.joined()
            }
            return CommandResult(
                status: .exited(code: Int32(truncatingIfNeeded: code)), output: text(.output), errors: text(.error))
        } catch {
            try? await api.remove(id)
            throw error
        }
    }

    /// What answers for a service now.
    private func serving(_ name: ServiceName, within limit: Duration) async throws -> SwarmReplicas? {
        guard let release = try await observe(within: min(limit, .seconds(30))).service(name)?.release else {
            return nil
        }
        return try await replicas(of: name, release)
    }

    private func nothingRuns(_ operation: String, _ name: ServiceName) -> WorldError {
        WorldError(
            code: "nothing-runs", operation: operation, underlying: "no service of \(name) is on the Swarm",
            hint: "`hauban deploy \(environment)` starts it.")
    }
}
