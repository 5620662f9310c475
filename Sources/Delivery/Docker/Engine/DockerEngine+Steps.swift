import FoundationEssentials
import FrontDoor
import Planning
import Spec
import World

extension DockerEngine {
    // MARK: Containers

    func start(_ name: ServiceName, _ context: ReleaseContext) async throws -> StepOutcome {
        let part = try releases.part(name, of: context.release)
        try await checkResources(of: part.service, context.desired)
        return try await start(part, context)
    }

    /// Starts the replicas that a part says and that do not run.
    func start(_ part: DockerReleases.Part, _ context: ReleaseContext) async throws -> StepOutcome {
        let specs = try await specs(part, context)
        let known = Dictionary(
            try await replicas(of: part.service.name, release: context.release).map {
                ($0.container.name, $0.container)
            },
            uniquingKeysWith: { first, _ in first })
        var didChange = false
        for spec in specs {
            if let container = known[spec.name] {
                if container.state == .running { continue }
                try await api.start(container.id)
            } else {
                try await api.start(try await api.create(spec))
            }
            didChange = true
        }
        return StepOutcome(didChange: didChange, note: specs.count == 1 ? "1 replica" : "\(specs.count) replicas")
    }

    private func specs(_ part: DockerReleases.Part, _ context: ReleaseContext) async throws -> [ContainerSpec] {
        let (service, release) = (part.service, context.release)
        let zones = context.desired.zones(of: service)
        // On any port that is free: the release before still has its own.
        let openPort = service.container?.isOpen == true && service.listens ? service.port?.number : nil
        let known = try await networks(openPort == nil ? zones : zones + [Self.toolsZone])
        let all = try await replicas()
        let own = all.filter { $0.service == service.name && $0.release == release }
        // By this one the front door reaches it.
        let shared = zones.contains("dmz") ? "dmz" : "apps"
        var addresses: [String] = []
        if service.listens, let network = known[shared] {
            addresses = try self.addresses(
                service.replicas, in: network, beside: all, seed: release.number * 16 + service.name.text.utf8.count)
        }
        let base = try await spec(part, context, zones: zones)
        return (0..<service.replicas).map { number in
            var spec = base
            spec.name = labels.container(service.name, release, number)
            spec.labels[DockerLabels.replica] = "\(number)"
            spec.labels.merge(labels.all(.service)) { $1 }
            if service.listens {
                let address = own.first { $0.number == number }?.address ?? addresses[number]
                spec.labels[DockerLabels.address] = address
                spec.labels[DockerLabels.port] = service.port.map { "\($0.number)" }
                spec.networks = zones.map {
                    .init(labels.network($0), address: $0 == shared ? address : nil)
                }
            }
            if let openPort {
                spec.networks.append(.init(labels.network(Self.toolsZone)))
                spec.ports = [.init(address: "127.0.0.1", port: 0, containerPort: openPort)]
            }
            spec.restart = .unlessStopped
            return spec
        }
    }

    /// What replicas and migrations have in common.
    ///
    /// - Parameter mountsSecrets: whether its secrets are files of this machine.
    func spec(
        _ part: DockerReleases.Part, _ context: ReleaseContext, zones: [String], mountsSecrets: Bool = true
    ) async throws -> ContainerSpec {
        let service = part.service
        let container = service.container
        let edges = try await edges(of: service, context.desired)
        let variables = try ContainerVariables(
            service, context.release, platform, environment, edges: edges.attributes)
        var spec = ContainerSpec(name: "", image: part.image)
        spec.entrypoint = variables.entrypoint
        spec.command = service.run.map { ContainerCommand($0, values: variables.words).words }
        spec.environment = variables.plain
        spec.user = container?.user
        spec.labels = container?.labels ?? [:]
        spec.labels[DockerLabels.service] = service.name.text
        spec.labels[DockerLabels.release] = "\(context.release)"
        spec.labels[DockerLabels.fingerprint] = service.fingerprint
        spec.networks = zones.map { .init(labels.network($0)) }
        spec.hosts = edges.hosts
        spec.mounts = [.init(.memory(bytes: 64 << 20, mode: 0o1777), at: "/tmp", isReadOnly: false)]
        let keys = try secretKeys(of: service, context.desired)
        if mountsSecrets, !keys.isEmpty {
            let folder = SecretFolder(place, service.name, context.release)
            try folder.write(keys, from: secrets, for: container?.user)
            spec.mounts.append(.init(.folder(folder.path), at: "/run/secrets"))
        }
        spec.memory = container?.memory
        spec.milliCPUs = container?.milliCPUs
        spec.stopGrace = service.stopGrace
        if let check = check(of: service, variables), let probe = service.readiness {
            spec.health = .init(
                command: check, interval: probe.interval, timeout: probe.timeout, retries: probe.failures,
                start: service.gateDeadline)
        }
        return spec
    }

    /// What puts a service's variables in place before a command; `nil` when nothing has to be.
    func entrypoint(_ part: DockerReleases.Part, _ context: ReleaseContext) async throws -> [String]? {
        let edges = try await edges(of: part.service, context.desired)
        return try ContainerVariables(
            part.service, context.release, platform, environment, edges: edges.attributes
        ).entrypoint
    }

    private func check(of service: DesiredService, _ variables: ContainerVariables) -> [String]? {
        if case .exec(let command)? = service.readiness?.check {
            let words = ContainerCommand(command, values: variables.words).words
            return variables.entrypoint.map { $0 + words } ?? words
        }
        return service.container?.check
    }

    /// What a service uses. The services that it calls are at the front door, whose address in the zone of the services it has under each
    /// of their names, so that a call goes to the release that serves.
    private func edges(
        of service: DesiredService, _ desired: DesiredState
    ) async throws -> (attributes: [String: [String: ContainerValue]], hosts: [String: String]) {
        var attributes: [String: [String: ContainerValue]] = [:]
        for store in try stores(of: service, desired) {
            attributes[store.frame.name.text] = store.attributes(for: service.name)
        }
        let calls = service.uses.filter { $0.kind == .service }.compactMap { ServiceName($0.target) }
        guard !calls.isEmpty else { return (attributes, [:]) }
        let door = try await ensureFrontDoor(for: desired)
        var hosts: [String: String] = [:]
        for name in calls {
            guard let listener = door.listeners.first(where: { $0.name == Self.listener(name) }) else { continue }
            hosts[name.text] = listener.host
            attributes[name.text] = [
                "url": ContainerValue("http://\(name):\(listener.port)"), "host": ContainerValue(name.text),
                "port": ContainerValue("\(listener.port)"),
            ]
        }
        return (attributes, hosts)
    }

    // MARK: Migration

    func migrate(_ name: ServiceName, _ context: ReleaseContext, within deadline: Duration) async throws -> StepOutcome
    {
        let part = try releases.part(name, of: context.release)
        guard let command = part.service.migrate else { return StepOutcome(didChange: false) }
        let container = labels.migration(name, context.release)
        if let earlier = try await api.inspect(container) {
            if earlier.state == .exited, earlier.exitCode == 0, !earlier.startedAt.hasPrefix("0001") {
                return StepOutcome(didChange: false)
            }
            try await api.remove(container)
        }
        // Asked first: a migration that waits for a database in vain would wait for its whole time.
        try await checkResources(of: part.service, context.desired)
        let words = ContainerVariables.words(part.service, context.release, platform, environment)
        var zones = Set(context.desired.zones(of: part.service)).intersection(["data", "egress"])
        if zones.isEmpty { zones = ["data"] }
        _ = try await networks(zones)
        var spec = try await spec(part, context, zones: zones.sorted())
        spec.name = container
        spec.labels.merge(labels.all(.migration)) { $1 }
        spec.command = ContainerCommand(command, values: words).words
        spec.health = nil
        let id = try await api.create(spec)
        try await api.start(id)
        let code: Int
        do {
            code = try await api.wait(for: id, within: deadline)
        } catch let error as WorldError where error.code == "timed-out" {
            let wrote = await lastWords(of: id)
            try await api.remove(id)
            throw WorldError(
                code: "migration-late", operation: "run `\(command.text)` of \(name)",
                underlying: "it did not end within \(deadline.inWords) and was killed",
                hint: "`release: {migrate: …}` sets how long a migration may take. " + wrote)
        }
        guard code == 0 else {
            throw WorldError(
                code: "migration-failed", operation: "run `\(command.text)` of \(name)",
                underlying: "it exited with code \(code)", hint: await lastWords(of: id))
        }
        return StepOutcome()
    }

    private func lastWords(of container: String) async -> String {
        let lines = ((try? await api.logs(of: container, last: 8)) ?? []).map { Printable.text($0.text) }
        return lines.isEmpty ? "It wrote nothing." : "It wrote:\n    " + lines.joined(separator: "\n    ")
    }

    // MARK: Stopping

    func stopFirst(_ name: ServiceName, _ context: ReleaseContext) async throws -> StepOutcome {
        guard let old = context.oldRelease(of: name) else { return StepOutcome(didChange: false) }
        let running = try await replicas(of: name, release: old).filter { $0.container.state != .exited }
        let grace = context.oldService(name)?.stopGrace ?? .seconds(10)
        return StepOutcome(didChange: !running.isEmpty, remarks: try await stop(running, grace: grace))
    }

    func restartOld(
        _ name: ServiceName, _ context: ReleaseContext, within deadline: Duration
    ) async throws -> StepOutcome {
        guard let old = context.oldRelease(of: name) else { return StepOutcome(didChange: false) }
        for replica in try await replicas(of: name, release: old) where replica.container.state != .running {
            try await api.start(replica.container.id)
        }
        return try await gate(name, release: old, service: context.oldService(name), within: deadline)
    }

    /// Stops and removes what is not of the release that the service keeps, with its secrets and the images that nobody needs any more.
    func stopOld(_ name: ServiceName, _ context: ReleaseContext) async throws -> StepOutcome {
        let kept = context.keptRelease(of: name)
        let old = try await replicas(of: name).filter { $0.release != kept }
        let grace = context.oldService(name)?.stopGrace ?? .seconds(10)
        let remarks = try await remove(old, grace: grace)
        for resource in context.desired.resources {
            try await store(resource)?.settle(context.desired.uses(of: resource.name))
        }
        try await prune(name, keeping: kept, running: Set(try await replicas().map(\.release)))
        return StepOutcome(didChange: !old.isEmpty, remarks: remarks)
    }

    /// Requests that the new replicas still answer after the way back may finish first.
    func stopNew(_ name: ServiceName, _ context: ReleaseContext) async throws -> StepOutcome {
        let service = context.desired.service(name)
        if let service, service.listens { _ = try? await drain(name, context.release, service.drain) }
        let new = try await replicas(of: name, release: context.release)
        await keepLogs(of: name, context.release, new)
        let remarks = try await remove(new, grace: service?.stopGrace ?? .seconds(10))
        try await api.remove(labels.migration(name, context.release))
        SecretFolder(place, name, context.release).remove()
        return StepOutcome(didChange: !new.isEmpty, remarks: remarks)
    }

    func remove(_ replicas: [DockerReplica], grace: Duration) async throws -> [String] {
        let remarks = try await stop(replicas.filter { $0.container.state != .exited }, grace: grace)
        for replica in replicas { try await api.remove(replica.container.id) }
        return remarks
    }

    /// All at once, each with its grace.
    ///
    /// - Returns: which of them did not heed the signal, a clause each.
    private func stop(_ replicas: [DockerReplica], grace: Duration) async throws -> [String] {
        try await withThrowingTaskGroup(of: String?.self) { group in
            for replica in replicas {
                group.addTask {
                    try await api.stop(replica.container.id, grace: grace)
                    let facts = try await api.inspect(replica.container.id)
                    guard facts?.exitCode == 137, facts?.isOutOfMemory == false else { return nil }
                    return
                        "\(replica.container.name) did not end within \(grace.inWords) of its stop signal and was killed "
                        + "(`stop` of services.\(replica.service) says how long it may take)"
                }
            }
            return try await group.reduce(into: []) { all, one in if let one { all.append(one) } }.sorted()
        }
    }

    /// Removes migrations, secrets and images that nobody needs any more.
    func prune(_ name: ServiceName, keeping kept: ReleaseID?, running: Set<ReleaseID>) async throws {
        for container in try await api.containers(labelled: labels.filter(.migration)) where container.state == .exited
        {
            guard let release = container.labels[DockerLabels.release], release != kept?.description else { continue }
            try await api.remove(container.id)
        }
        for folder in SecretFolder.all(place) where folder.hasPrefix("\(name)-r") {
            let release = ReleaseID(String(folder.dropFirst(name.text.count + 1)))
            if let release, release != kept { SecretFolder(place, name, release).remove() }
        }
        var needed: Set<String> = []
        for (index, release) in releases.stored.reversed().enumerated()
        where index < keepReleases || running.contains(release) {
            needed.formUnion(try releases.load(release).values.map(\.image))
        }
        let mark = "\(DockerLabels.platform)=\(platform)"
        for image in try await api.images(labelled: mark)
        where image.labels[DockerLabels.environment] == environment.text && !needed.contains(image.id) {
            // One that another environment's containers run stays: the engine refuses.
            for name in image.tags { try? await api.removeImage(name) }
        }
        try? await doorImage.prune(on: api)
    }

    func desired(_ name: ServiceName, _ context: ReleaseContext) throws -> DesiredService {
        guard let service = context.desired.service(name) else {
            preconditionFailure("a step of \(name), which the release does not declare")
        }
        return service
    }
}
