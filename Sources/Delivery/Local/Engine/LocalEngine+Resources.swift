import Glibc
import Planning
import Spec
import World

extension LocalEngine {
    private func resourceContext(mayMove: Bool) -> LocalResourceContext {
        LocalResourceContext(
            platform: platform, stateFolder: place.state, secrets: secrets, runner: runner, ports: ports,
            path: host["PATH"] ?? "/usr/bin:/bin", mayMove: mayMove)
    }

    /// Connects to what a service uses as the service will.
    ///
    /// - Throws: `WorldError` with what the resource said, and the mend.
    func checkResources(of service: DesiredService, _ desired: DesiredState) async throws {
        for edge in service.uses where edge.kind == .resource {
            guard let name = ResourceName(edge.target), let resource = desired.resource(name) else { continue }
            try await localResource(resource)?.check(for: service.name)
        }
    }

    /// The failure of a service, with what its resources say if one of them refuses it.
    func blamingResources(
        _ failure: WorldError, of service: DesiredService, _ desired: DesiredState
    ) async -> WorldError {
        do {
            try await checkResources(of: service, desired)
            return failure
        } catch let refusal as WorldError {
            return WorldError(
                code: refusal.code, operation: failure.operation,
                underlying: "\(failure.underlying), and cannot \(refusal.operation): \(refusal.underlying)",
                hint: refusal.hint + " " + failure.hint)
        } catch {
            return failure
        }
    }

    /// The implementation of a resource; `nil` for kinds without a process on this machine.
    ///
    /// - Parameter mayMove: whether it may be given another port.
    func localResource(_ resource: DesiredResource, mayMove: Bool = false) throws -> (any LocalResource)? {
        let context = resourceContext(mayMove: mayMove)
        return switch Resource.Kind(rawValue: resource.kind) {
        case .postgres:
            PostgresResource(
                name: resource.name, version: resource.version.flatMap { Int($0) } ?? 15,
                extensions: resource.extensions, context: context)
        case .redis:
            RedisResource(
                name: resource.name, version: resource.version.flatMap { Int($0) } ?? 7, context: context)
        case .bucket, .topic, .cluster, nil: nil
        }
    }

    func provision(_ step: Step, _ context: ReleaseContext) async throws -> StepOutcome {
        guard let name = step.target.resource, let desired = context.desired.resource(name) else {
            preconditionFailure("a provision of nothing")
        }
        let supervisor = try await supervisor()
        // Services that run have its port in their environment.
        let isInUse = try await supervisor.status().contains { $0.kind == .service && !$0.state.isFinal }
        guard let resource = try localResource(desired, mayMove: !isInUse) else {
            throw RefusedResource(rawValue: desired.kind)?.error(name, environment: environment)
                ?? WorldError(
                    code: "resource-not-local", operation: "create \(name)",
                    underlying: "no engine of this machine keeps a \(desired.kind)",
                    hint: "Remove it here: `environments.\(environment).resources.\(name): null`, with the edges to it."
                )
        }
        let workload = try await resource.prepare()
        try await supervisor.start([workload])
        let verdict = try await supervisor.waitUntilReady([workload.id], within: .seconds(60))
        guard verdict.isReady else {
            let status = verdict.missing.first
            throw WorldError(
                code: "resource-not-ready", operation: "start \(name)",
                underlying: status.map { "it is \($0.state.rawValue): \($0.reason)" } ?? "it is not ready",
                hint: "It wrote:\n    " + (status?.lastLines ?? []).suffix(8).joined(separator: "\n    "))
        }
        try await resource.provision(context.desired.uses(of: name))
        try ResourceMark(kind: desired.kind, version: desired.version, fingerprint: desired.fingerprint)
            .write(place.state + "/resources", name)
        return StepOutcome()
    }

    /// Removes builds that no release of any environment of this platform can go back to.
    func prune() throws {
        let platformFolder = "/" + place.state.split(separator: "/").dropLast().joined(separator: "/")
        var needed: Set<ContentHash> = []
        for name in Folder.names(in: platformFolder) {
            let built = BuiltReleases(folder: "\(platformFolder)/\(name)/releases")
            needed.formUnion(try built.builds(ofNewest: keepReleases + 2))
            // However many were returned since: a rollback leads to what was kept.
            let journal = "\(platformFolder)/\(name)/journal.sqlite"
            guard access(journal, F_OK) == 0 else { continue }
            for record in try Journal.reading(path: journal, keeper: keeper).0.lastKept(keepReleases + 1) {
                for service in record.desired.services {
                    let build = try built.build(of: service.name, fingerprint: service.fingerprint)
                    if let build { needed.insert(build.identity) }
                }
            }
        }
        try BuildCache(folder: place.cache).prune(keeping: needed, newest: 2)
    }

    func retire(_ step: Step) async throws -> StepOutcome {
        guard let name = step.target.resource else { preconditionFailure("a retirement of nothing") }
        let supervisor = try await supervisor()
        let ids = try await supervisor.workloads().filter { $0.kind == .resource && $0.name == name.text }.map(\.id)
        if !ids.isEmpty { try await supervisor.remove(ids) }
        return StepOutcome(didChange: !ids.isEmpty, note: "its data stays in \(place.state)/resources/\(name)")
    }
}
