import FrontDoor
import Planning
import Spec
import World

extension SwarmEngine {
    /// Makes the service of a release beside those of others; Swarm then places its tasks.
    func start(_ name: ServiceName, _ context: ReleaseContext) async throws -> StepOutcome {
        let part = try here.releases.part(name, of: context.release)
        let count = part.service.replicas
        let note = count == 1 ? "1 replica" : "\(count) replicas"
        if let found = try await replicas(of: name, context.release) {
            guard found.service.replicas != count else { return StepOutcome(didChange: false, note: note) }
            try await api.scale(found.service.id, to: count, labels: [SwarmReplicas.replicas: "\(count)"])
            return StepOutcome(note: note)
        }
        do {
            var credentials: RegistryCredentials?
            if let image = ImageName(part.name) { credentials = try await self.credentials(for: image) }
            try await api.create(try await spec(part, context), credentials: credentials)
        } catch let error as WorldError where error.code == "docker-conflict" {
            // Made by a step that was killed before it heard so; or it is somebody else's.
            guard try await replicas(of: name, context.release) != nil else { throw error }
        }
        return StepOutcome(note: note)
    }

    private func spec(_ part: DockerReleases.Part, _ context: ReleaseContext) async throws -> SwarmServiceSpec {
        let (service, release) = (part.service, context.release)
        let zones = context.desired.zones(of: service)
        _ = try await here.networks(zones)
        var container = try await here.spec(part, context, zones: zones, mountsSecrets: false)
        container.image = try await reference(of: part)
        var spec = SwarmServiceSpec(container, name: labels.swarmService(service.name, release))
        spec.replicas = service.replicas
        spec.labels = labels.all(.service)
        spec.labels[DockerLabels.service] = service.name.text
        spec.labels[DockerLabels.release] = "\(release)"
        spec.labels[DockerLabels.fingerprint] = service.fingerprint
        spec.labels[SwarmReplicas.replicas] = "\(service.replicas)"
        spec.labels[SwarmReplicas.image] = container.image
        if service.listens {
            spec.labels[DockerLabels.port] = service.port.map { "\($0.number)" }
            spec.labels[DockerLabels.zone] = zones.contains("dmz") ? "dmz" : "apps"
        }
        spec.secrets = try await secretFiles(of: service, release, user: container.user)
        return spec
    }

    // MARK: Secrets

    /// Hands the values to the Swarm, one for each file of each release: it never changes one, and none may go while a task uses it.
    private func secretFiles(
        of service: DesiredService, _ release: ReleaseID, user: String?
    ) async throws -> [SwarmServiceSpec.SecretFile] {
        guard !service.secrets.isEmpty else { return [] }
        var marks = labels.all(.secret)
        marks[DockerLabels.service] = service.name.text
        marks[DockerLabels.release] = "\(release)"
        let filter = marks.map { "\($0.key)=\($0.value)" }.sorted()
        var known = try await api.secrets(labelled: filter)
        for secret in service.secrets {
            let name = labels.swarmSecret(service.name, release, secret)
            guard !known.contains(where: { $0.name == name }) else { continue }
            try await api.createSecret(name, try secrets.value(for: secret.text), labels: marks)
        }
        known = try await api.secrets(labelled: filter)
        let words = (user ?? "0").split(separator: ":").map(String.init)
        let (owner, group) = (words.first ?? "0", words.dropFirst().first ?? words.first ?? "0")
        return try service.secrets.map { secret in
            let name = labels.swarmSecret(service.name, release, secret)
            guard let found = known.first(where: { $0.name == name }) else {
                throw WorldError(
                    code: "secret-missing", operation: "start \(service.name)",
                    underlying: "the Swarm has no secret \(name), which it was just given",
                    hint: "See who removes secrets: `docker secret ls`.")
            }
            return .init(secret: found, file: secret.text, user: owner, group: group)
        }
    }

    private func removeSecrets(_ service: ServiceName, _ release: ReleaseID) async throws {
        let filter =
            labels.filter(.secret) + ["\(DockerLabels.service)=\(service)", "\(DockerLabels.release)=\(release)"]
        for secret in try await api.secrets(labelled: filter) { try await api.removeSecret(secret.id) }
    }

    // MARK: Stopping

    func stopFirst(_ name: ServiceName, _ context: ReleaseContext) async throws -> StepOutcome {
        guard let old = context.oldRelease(of: name), let found = try await replicas(of: name, old) else {
            return StepOutcome(didChange: false)
        }
        let remarks = try await stop(found, grace: context.oldService(name)?.stopGrace ?? .seconds(10))
        return StepOutcome(didChange: found.service.replicas > 0, remarks: remarks)
    }

    func restartOld(
        _ name: ServiceName, _ context: ReleaseContext, within deadline: Duration
    ) async throws -> StepOutcome {
        guard let old = context.oldRelease(of: name), let found = try await replicas(of: name, old) else {
            return StepOutcome(didChange: false)
        }
        try await api.scale(found.service.id, to: found.wanted)
        return try await gate(name, release: old, service: context.oldService(name), within: deadline)
    }

    /// Stops and removes what is not of the release that the service keeps, with its secrets and the images that nobody needs any more.
    func stopOld(_ name: ServiceName, _ context: ReleaseContext) async throws -> StepOutcome {
        let kept = context.keptRelease(of: name)
        let old = try await known(name).filter { $0.release != kept }
        var remarks: [String] = []
        for replicas in old { remarks += try await remove(replicas) }
        try await here.prune(name, keeping: kept, running: Set(try await known().map(\.release)))
        return StepOutcome(didChange: !old.isEmpty, remarks: remarks)
    }

    /// Requests that the new replicas still answer after the way back may finish first.
    func stopNew(_ name: ServiceName, _ context: ReleaseContext) async throws -> StepOutcome {
        let service = context.desired.service(name)
        if let service, service.listens { _ = try? await here.drain(name, context.release, service.drain) }
        let new = try await replicas(of: name, context.release)
        var remarks: [String] = []
        if let new {
            // The old one starts again in its place: both must not work at a time.
            if service?.rollout == .replace { remarks = try await stop(new, grace: service?.stopGrace ?? .seconds(10)) }
            for remark in try await remove(new) where !remarks.contains(remark) { remarks.append(remark) }
        }
        try await removeSecrets(name, context.release)
        try await api.remove(labels.migration(name, context.release))
        SecretFolder(here.place, name, context.release).remove()
        return StepOutcome(didChange: new != nil, remarks: remarks)
    }

    /// Takes a service away. Swarm gives each of its tasks the stop signal and its grace; nobody waits for that, since no request reaches
    /// them any more, and Swarm takes two seconds before the signal, for each service.
    ///
    /// - Returns: what cannot be told to end, a clause each.
    func remove(_ replicas: SwarmReplicas) async throws -> [String] {
        let left = replicas.tasks.filter { !$0.state.isEnd && $0.node != nil }
        let remark = left.isEmpty ? nil : try await unreachable(left, of: replicas.service.name)?.remark
        try await api.removeService(replicas.service.id)
        try await removeSecrets(replicas.name, replicas.release)
        return remark.map { [$0] } ?? []
    }

    /// Tasks that are on lost servers.
    private func unreachable(_ tasks: [SwarmTask], of name: String) async throws -> (count: Int, remark: String)? {
        let lost = Dictionary(
            try await api.nodes().filter { $0.state != .ready }.map { ($0.id, $0.name) },
            uniquingKeysWith: { first, _ in first })
        let found = tasks.compactMap { $0.node.flatMap { lost[$0] } }
        guard !found.isEmpty else { return nil }
        let names = Set(found).sorted().joined(separator: ", ")
        return (found.count, "\(found.count) of \(name) could not be stopped: \(names) cannot be reached")
    }

    /// Lets the tasks end, each with its grace.
    ///
    /// What is on a lost server cannot be asked, and is not waited for: Swarm ends it when the server is back.
    /// - Returns: what did not heed the signal, or could not be asked, a clause each.
    func stop(_ replicas: SwarmReplicas, grace: Duration) async throws -> [String] {
        let name = replicas.service.name
        guard replicas.service.replicas > 0 || replicas.tasks.contains(where: { !$0.state.isEnd }) else { return [] }
        try await api.scale(replicas.service.id, to: 0)
        // Swarm takes a task out of the names two seconds before it sends the signal; the rest is for slow servers.
        let end = keeper.uptime() + grace + .seconds(30)
        let begin = keeper.uptime()
        while true {
            let left = try await api.tasks(of: [replicas.service.id]).filter { !$0.state.isEnd && $0.node != nil }
            guard !left.isEmpty else { break }
            if let lost = try await unreachable(left, of: name), lost.count == left.count { return [lost.remark] }
            guard keeper.uptime() < end else {
                throw WorldError(
                    code: "not-stopped", operation: "stop \(name)",
                    underlying:
                        "\(left.count) of its tasks still run \((grace + .seconds(30)).inWords) after they were told to end",
                    hint: "`docker service ps \(name)` says on which servers.")
            }
            try await keeper.sleep(.milliseconds(100))
        }
        guard keeper.uptime() - begin > grace + .seconds(5) else { return [] }
        return [
            "\(name) did not end within \(grace.inWords) of its stop signal and was killed "
                + "(`stop` of services.\(replicas.name) says how long it may take)"
        ]
    }

    // MARK: Traffic

    /// Makes the front door lead where the table says, in one motion. It is told where the replicas are now, and a name by which it finds
    /// them once Swarm has moved them.
    func route(_ context: ReleaseContext, isForward: Bool) async throws -> StepOutcome {
        try await here.ensureFrontDoor(for: context.desired)
        let all = try await known()
        return try await here.route(context, isForward: isForward) { service, release in
            var target = FrontDoorConfiguration.ReleaseTarget(release: "\(release)")
            guard let found = all.first(where: { $0.name == service && $0.release == release }), let port = found.port
            else { return target }
            target.lookup = .init(name: "tasks.\(found.service.name)", port: port)
            target.upstreams = found.running.compactMap { task in
                found.network.flatMap { task.addresses[$0] }.map {
                    .init(host: $0, port: port, replica: "\(task.slot - 1)")
                }
            }
            return target
        }
    }
}
