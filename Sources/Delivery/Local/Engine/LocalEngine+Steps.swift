import FoundationEssentials
import FrontDoor
import Planning
import Spec
import World

extension LocalEngine {
    /// Uses the build that an earlier release made for the same fingerprint: a rollback must not build what the source holds
    /// today.
    func build(
        _ name: ServiceName, _ context: ReleaseContext, within deadline: Duration
    ) async throws -> StepOutcome {
        let service = try desired(name, context)
        if let earlier = try releases.build(of: name, fingerprint: service.fingerprint) {
            try releases.store(BuiltRelease.Part(service: service, build: earlier), of: context.release)
            return StepOutcome(didChange: false, note: "from the cache")
        }
        try await checkSource(of: service)
        guard let source = service.source else {
            throw WorldError(
                code: "no-source", operation: "build \(name)", underlying: "it has no `source`",
                hint: "On `local` services are built from source; ready images need a container engine.")
        }
        let request = BuildRequest(
            service: name, source: source.path, stack: source.stack.flatMap { Stack(rawValue: $0) },
            command: source.build, siteOutput: source.siteOutput, isProgram: service.run != nil)
        let result = try await builder(within: deadline).build(request) { line in onLine(name, line) }
        try releases.store(BuiltRelease.Part(service: service, build: result), of: context.release)
        return StepOutcome(
            didChange: !result.cached, note: result.cached ? "from the cache" : "\(result.identity.short)")
    }

    /// - Throws: `WorldError` with the code `build-gone` when the source is not any more what the release was made of.
    private func checkSource(of service: DesiredService) async throws {
        var state = DesiredState(platform: platform, environment: environment, services: [service])
        state = try await Fingerprints(
            secrets: secrets, path: host["PATH"] ?? "/usr/bin:/bin", runner: runner
        ).filled(state)
        guard state.services.first?.fingerprint == service.fingerprint else {
            throw WorldError(
                code: "build-gone", operation: "build \(service.name)",
                underlying: "its source, or a secret, is not what this release was made of, and its build was pruned",
                hint: "Check out the commit of that release and deploy it; `hauban history` shows the commits. "
                    + "`release.keep` says how many releases stay ready.")
        }
    }

    func migrate(_ name: ServiceName, _ context: ReleaseContext, within deadline: Duration) async throws -> StepOutcome
    {
        let part = try built(name, context.release)
        guard let command = part.service.migrate else { return StepOutcome(didChange: false) }
        let environment = try await serviceEnvironment(part, context.release, context.desired, port: nil)
        let variables = try environment.variables().mapValues { try secrets.resolve($0) }
        // Asked first: a migration that waits for a database in vain would wait for its whole time.
        try await checkResources(of: part.service, context.desired)
        let result = try await runner.run(
            Command(
                arguments: try environment.arguments(command), environment: variables,
                workingDirectory: part.build.folder, deadline: deadline, work: "\(place.state) migrate \(name)")
        ) { _, line in onLine(name, line) }
        guard result.isSuccess else {
            let lines = (result.output + result.errors).split(whereSeparator: \.isNewline).suffix(8)
                .map(LogEntry.readable)
            let wrote = lines.isEmpty ? "It wrote nothing." : "It wrote:\n    " + lines.joined(separator: "\n    ")
            var failure = WorldError(
                code: "migration-failed", operation: "run `\(command.text)` of \(name)",
                underlying: "it \(result.status)",
                hint: wrote)
            if result.isLate {
                failure.code = "migration-late"
                failure.underlying = "it did not end within \(deadline.inWords) and was killed"
                failure.hint = "`release: {migrate: …}` sets how long a migration may take. " + wrote
            }
            throw await blamingResources(failure, of: part.service, context.desired)
        }
        return StepOutcome()
    }

    func start(_ name: ServiceName, _ context: ReleaseContext) async throws -> StepOutcome {
        let part = try built(name, context.release)
        guard !part.service.isSite else { return StepOutcome(didChange: false, note: "static files") }
        try await checkResources(of: part.service, context.desired)
        let supervisor = try await supervisor()
        let known = try await supervisor.workloads()
        var workloads: [Workload] = []
        for replica in 0..<part.service.replicas {
            let id = "\(name).\(context.release).\(replica)"
            let port =
                part.service.listens ? try known.first { $0.id == id }?.port ?? ports.next() : nil
            workloads.append(try await workload(id, replica, part, context.release, context.desired, port: port))
        }
        try await supervisor.start(workloads)
        return StepOutcome(note: workloads.count == 1 ? "1 replica" : "\(workloads.count) replicas")
    }

    func workload(
        _ id: String, _ replica: Int, _ part: BuiltRelease.Part, _ release: ReleaseID, _ desired: DesiredState,
        port: Int?
    ) async throws -> Workload {
        let service = part.service
        let environment = try await serviceEnvironment(part, release, desired, port: port)
        guard let run = service.run else {
            throw WorldError(
                code: "nothing-to-run", operation: "start \(service.name)",
                underlying: "it has no `run`",
                hint: "Add `run:` to services.\(service.name).")
        }
        return Workload(
            id: id, kind: .service, name: service.name.text, release: "\(release)", replica: replica,
            command: try environment.arguments(run), environment: try environment.variables(),
            workingDirectory: part.build.folder, port: port, readiness: service.readiness, liveness: service.liveness,
            stop: StopPolicy(grace: service.stopGrace), logFormat: service.logs == .json ? .json : .plain)
    }

    func gate(_ name: ServiceName, _ context: ReleaseContext, within deadline: Duration) async throws -> StepOutcome {
        let service = context.desired.service(name)
        // The step's own limit leaves room for the calls; a service has the time that its author gave it.
        let limit = min(deadline, service?.gateDeadline ?? deadline)
        do {
            return try await gate(name, release: context.release, within: limit)
        } catch let error as WorldError where error.code == "not-ready" {
            guard let service else { throw error }
            throw await blamingResources(error, of: service, context.desired)
        }
    }

    /// What ends by itself this often before it was ready once, over some 3 s, is not waited for any longer.
    private static let attemptsAtStart = 5

    private func gate(_ name: ServiceName, release: ReleaseID, within limit: Duration) async throws -> StepOutcome {
        let supervisor = try await supervisor()
        let ids = try await replicas(of: name, release: release, supervisor)
        guard !ids.isEmpty else { return StepOutcome(didChange: false) }
        let verdict = try await supervisor.waitUntilReady(ids, within: limit, givingUpAfter: Self.attemptsAtStart)
        guard verdict.isReady else {
            let missing = verdict.missing.map { status in
                guard let fault = status.lastFault, status.restarts >= Self.attemptsAtStart else {
                    return "\(status.id) is \(status.state.rawValue): \(status.reason)"
                }
                return "\(status.id) was started \(status.restarts) times, and each time \(fault)"
            }
            if let first = verdict.missing.first(where: { $0.reason.stranger != nil }),
                case .stranger(_, let pid, _)? = first.reason.stranger
            {
                throw WorldError(
                    code: "port-taken", operation: "wait for \(name)",
                    underlying: missing.joined(separator: "; "),
                    hint: "It took the port after \(first.id) was started and before that listened: the next deploy "
                        + "chooses another one. If it keeps happening, end process \(pid).")
            }
            let isDead = verdict.missing.contains { $0.restarts >= Self.attemptsAtStart }
            let wroteNothing = verdict.missing.allSatisfy { $0.lastLines.isEmpty }
            // What it wrote follows as the end of its log.
            let hints = [
                isDead
                    ? "It ends by itself, so waiting longer would not help; `hauban logs \(name)` shows what it wrote."
                    : "`health.start` (\(limit.inWords)) of services.\(name) says how long it may take.",
                wroteNothing ? "It wrote nothing." : nil,
            ]
            throw WorldError(
                code: "not-ready", operation: "wait for \(name)", underlying: missing.joined(separator: "; "),
                hint: hints.compactMap { $0 }.joined(separator: " "))
        }
        return StepOutcome(didChange: false)
    }

    func stopFirst(_ name: ServiceName, _ context: ReleaseContext) async throws -> StepOutcome {
        guard let old = context.oldRelease(of: name) else { return StepOutcome(didChange: false) }
        let supervisor = try await supervisor()
        let ids = try await replicas(of: name, release: old, supervisor)
        guard !ids.isEmpty else { return StepOutcome(didChange: false) }
        try await supervisor.stop(ids)
        return StepOutcome(remarks: try await killed(ids, supervisor))
    }

    func restartOld(
        _ name: ServiceName, _ context: ReleaseContext, within deadline: Duration
    ) async throws -> StepOutcome {
        guard let old = context.oldRelease(of: name) else { return StepOutcome(didChange: false) }
        let supervisor = try await supervisor()
        let workloads = try await supervisor.workloads().filter { $0.name == name.text && $0.release == "\(old)" }
        try await supervisor.start(workloads)
        return try await gate(name, release: old, within: deadline)
    }

    /// Stops what is not of the release that the service keeps, and takes rights from services that no longer need them.
    func stopOld(_ name: ServiceName, _ context: ReleaseContext) async throws -> StepOutcome {
        let supervisor = try await supervisor()
        let kept = context.keptRelease(of: name).map { "\($0)" }
        let ids = try await supervisor.workloads().filter {
            $0.kind == .service && $0.name == name.text && $0.release != kept
        }.map(\.id)
        let remarks = try await end(ids, supervisor)
        for resource in context.desired.resources {
            try await localResource(resource)?.settle(context.desired.uses(of: resource.name))
        }
        try prune()
        return StepOutcome(didChange: !ids.isEmpty, remarks: remarks)
    }

    func remove(_ name: ServiceName, release: ReleaseID) async throws -> StepOutcome {
        let supervisor = try await supervisor()
        let ids = try await replicas(of: name, release: release, supervisor)
        let remarks = try await end(ids, supervisor)
        return StepOutcome(didChange: !ids.isEmpty, remarks: remarks)
    }

    /// Stops replicas, then forgets them.
    ///
    /// - Returns: which of them did not heed the signal, a clause each.
    @discardableResult
    func end(_ ids: [String], _ supervisor: SupervisorClient) async throws -> [String] {
        guard !ids.isEmpty else { return [] }
        try await supervisor.stop(ids)
        let remarks = try await killed(ids, supervisor)
        try await supervisor.remove(ids)
        return remarks
    }

    private func killed(_ ids: [String], _ supervisor: SupervisorClient) async throws -> [String] {
        try await supervisor.status().compactMap { status in
            guard ids.contains(status.id), case .killed(_, let grace) = status.reason else { return nil }
            return "\(status.id) did not end within \(grace.inWords) of SIGTERM and was killed "
                + "(`stop` of services.\(status.name) says how long it may take)"
        }
    }

    /// Requests that the new replicas still answer after the way back may finish first.
    func stopNew(_ name: ServiceName, _ context: ReleaseContext) async throws -> StepOutcome {
        if let service = context.desired.service(name), service.listens {
            _ = try? await drain(name, context.release, service.drain)
        }
        return try await remove(name, release: context.release)
    }

    private func replicas(
        of name: ServiceName, release: ReleaseID, _ supervisor: SupervisorClient
    ) async throws -> [String] {
        try await supervisor.workloads().filter {
            $0.kind == .service && $0.name == name.text && $0.release == "\(release)"
        }.map(\.id)
    }

    private func desired(_ name: ServiceName, _ context: ReleaseContext) throws -> DesiredService {
        guard let service = context.desired.service(name) else {
            preconditionFailure("a step of \(name), which the release does not declare")
        }
        return service
    }

    private func built(_ name: ServiceName, _ release: ReleaseID) throws -> BuiltRelease.Part {
        guard let part = try releases.load(release).part(name) else {
            throw WorldError(
                code: "not-built", operation: "start \(name) of \(release)",
                underlying: "the release has no build of it",
                hint: "Deploy again: the build is made anew.")
        }
        return part
    }

    func serviceEnvironment(
        _ part: BuiltRelease.Part, _ release: ReleaseID, _ desired: DesiredState, port: Int?
    ) async throws -> ServiceEnvironment {
        var edges: [String: [String: EnvironmentValue]] = [:]
        let door = try await ensureFrontDoor(for: desired.services.filter(\.listens).map(\.name))
        for edge in part.service.uses {
            switch edge.kind {
            case .service:
                guard let name = ServiceName(edge.target), let address = address(of: name, in: door) else { continue }
                edges[edge.target] = [
                    "url": EnvironmentValue(text: "http://\(address.host):\(address.port)"),
                    "host": EnvironmentValue(text: address.host), "port": EnvironmentValue(text: "\(address.port)"),
                ]
            case .resource:
                guard let name = ResourceName(edge.target), let resource = desired.resource(name) else { continue }
                edges[edge.target] = try localResource(resource)?.attributes(for: part.service.name)
            }
        }
        return ServiceEnvironment(
            service: part.service, release: release, environment: environment, platform: platform, build: part.build,
            host: host, edges: edges, port: port)
    }
}
