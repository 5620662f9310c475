import FrontDoor
package import Planning
package import Spec
package import World

/// What is done about an incident without a release.
extension DockerEngine {
    package func restartReplicas(of name: ServiceName, within limit: Duration) async throws -> Int {
        let end = keeper.uptime() + limit
        guard let serving = try await serving(name, within: limit) else { throw nothingRuns("restart \(name)", name) }
        for replica in serving.replicas {
            try await api.stop(replica.container.id, grace: serving.part.service.stopGrace)
            try await api.start(replica.container.id)
            _ = try await gate(
                name, release: serving.release, service: serving.part.service, within: max(.zero, end - keeper.uptime())
            )
        }
        return serving.replicas.count
    }

    package func scaleReplicas(
        of name: ServiceName, by change: Int, within bounds: ClosedRange<Int>, of desired: DesiredState,
        deadline limit: Duration
    ) async throws -> (before: Int, after: Int) {
        let end = keeper.uptime() + limit
        guard let serving = try await serving(name, within: limit) else { throw nothingRuns("scale \(name)", name) }
        let known = serving.replicas
        let after = try Self.scaled(name, from: known.count, by: change, within: bounds)
        let grace = serving.part.service.stopGrace
        if after < known.count {
            try await lead(name, serving.release, to: Array(known.prefix(after)))
            _ = try await remove(Array(known.suffix(known.count - after)), grace: grace)
            return (known.count, after)
        }
        var more = serving.part
        more.service.replicas = after
        var context = ReleaseContext(
            release: serving.release, desired: desired, baseline: ObservedState(), changed: [], routing: Routing())
        if let index = context.desired.services.firstIndex(where: { $0.name == name }) {
            context.desired.services[index].replicas = after
        }
        do {
            _ = try await start(more, context)
            _ = try await gate(
                name, release: serving.release, service: more.service, within: max(.zero, end - keeper.uptime()))
            try await lead(name, serving.release, to: try await replicas(of: name, release: serving.release))
        } catch {
            let old = Set(known.map(\.container.id))
            try? await lead(name, serving.release, to: known)
            let joined = try? await replicas(of: name, release: serving.release).filter {
                !old.contains($0.container.id)
            }
            _ = try? await remove(joined ?? [], grace: grace)
            throw error
        }
        return (known.count, after)
    }

    /// In the container of a replica that serves.
    package func run(
        _ command: CommandLine, asService name: ServiceName, of desired: DesiredState, within limit: Duration
    ) async throws -> CommandResult {
        guard let serving = try await serving(name, within: limit), let replica = serving.replicas.first else {
            throw nothingRuns("run `\(command.text)` of \(name)", name)
        }
        let words = ContainerVariables.words(serving.part.service, serving.release, platform, environment)
        let context = ReleaseContext(
            release: serving.release, desired: desired, baseline: ObservedState(), changed: [], routing: Routing())
        let entrypoint = try await entrypoint(serving.part, context) ?? []
        return try await api.execute(
            entrypoint + ContainerCommand(command, values: words).words, in: replica.container.id, outputLimit: 8_192,
            within: limit)
    }

    private struct Serving {
        var release: ReleaseID
        var part: DockerReleases.Part
        var replicas: [DockerReplica]
    }

    /// What answers for a service now.
    private func serving(_ name: ServiceName, within limit: Duration) async throws -> Serving? {
        guard let release = try await observe(within: min(limit, .seconds(30))).service(name)?.release else {
            return nil
        }
        let all = try await replicas(of: name, release: release)
        guard !all.isEmpty else { return nil }
        return Serving(release: release, part: try releases.part(name, of: release), replicas: all)
    }

    private func nothingRuns(_ operation: String, _ name: ServiceName) -> WorldError {
        WorldError(
            code: "nothing-runs", operation: operation, underlying: "no container of \(name) serves here",
            hint: "`hauban deploy \(environment)` starts it.")
    }

    /// Makes the front door lead to these replicas of a service's release.
    private func lead(_ service: ServiceName, _ release: ReleaseID, to replicas: [DockerReplica]) async throws {
        try await changeFrontDoor { wanted in
            guard let index = wanted.services[service.text]?.releases.firstIndex(where: { $0.release == "\(release)" })
            else { return }
            wanted.services[service.text]?.releases[index].upstreams = Self.upstreams(replicas)
        }
    }
}
