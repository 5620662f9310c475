import Planning
import Spec
import World

extension DockerEngine {
    /// The server of a resource; `nil` for kinds that no container of ours is.
    func store(_ resource: DesiredResource) -> (any DockerStore)? {
        guard let container = resource.container else { return nil }
        let frame = StoreFrame(
            desired: resource, store: container, labels: labels, api: api, secrets: secrets)
        return switch Resource.Kind(rawValue: resource.kind) {
        case .postgres: DockerPostgres(frame: frame)
        case .redis: DockerRedis(frame: frame)
        case .bucket, .topic, .cluster, nil: nil
        }
    }

    /// The servers that a service uses.
    func stores(of service: DesiredService, _ desired: DesiredState) throws -> [any DockerStore] {
        service.uses.filter { $0.kind == .resource }.compactMap { ResourceName($0.target) }
            .compactMap { desired.resource($0) }.compactMap { store($0) }
    }

    /// The keys of all secrets that a service is handed, by the names of their files.
    func secretKeys(of service: DesiredService, _ desired: DesiredState) throws -> [String: String] {
        var keys: [String: String] = [:]
        for secret in service.secrets { keys[secret.text] = secret.text }
        for store in try stores(of: service, desired) {
            keys[StoreFrame.file(store.frame.name)] = store.frame.passwords.key(store.role(of: service.name))
        }
        return keys
    }

    /// Connects to what a service uses as the service will.
    ///
    /// - Throws: `WorldError` with what the resource said, and the mend.
    func checkResources(of service: DesiredService, _ desired: DesiredState) async throws {
        for store in try stores(of: service, desired) { try await store.check(for: service.name) }
    }

    // MARK: Provision

    func provision(_ step: Step, _ context: ReleaseContext, within deadline: Duration) async throws -> StepOutcome {
        guard let name = step.target.resource, let desired = context.desired.resource(name) else {
            preconditionFailure("a provision of nothing")
        }
        guard let store = store(desired) else {
            throw RefusedResource(rawValue: desired.kind)?.dockerError(name, environment: environment)
                ?? WorldError(
                    code: "resource-not-docker", operation: "create \(name)",
                    underlying: "a Docker Engine keeps no \(desired.kind)",
                    hint: "Remove it here: `environments.\(environment).resources.\(name): null`, with the edges to it."
                )
        }
        let end = keeper.uptime() + deadline
        let image = try await image(store.frame.store.image, for: "provision \(name)", within: deadline)
        _ = try await networks(store.frame.store.isOpen == true ? [Self.dataZone, Self.toolsZone] : [Self.dataZone])
        let spec = server(store, image: image.id)
        let didChange = try await run(spec, store, image: image.id, until: end)
        try await store.provision(context.desired.uses(of: name))
        let mark = ResourceMark(
            kind: desired.kind, version: desired.version, fingerprint: desired.fingerprint, image: image.pinned)
        try mark.write(marks, name)
        return StepOutcome(didChange: didChange, note: didChange ? "\(store.frame.store.image)" : nil)
    }

    static var dataZone: String { "data" }
    var marks: String { place.state + "/resources" }

    /// The server's container, with a hash of all that it is made with.
    func server(_ store: any DockerStore, image: String) -> ContainerSpec {
        let frame = store.frame
        var spec = base(store, image: image)
        spec.name = frame.container
        spec.networks = [.init(labels.network(Self.dataZone), aliases: [frame.name.text])]
        spec.health = .init(
            command: frame.store.check, interval: .seconds(5), timeout: .seconds(3), retries: 5, start: .seconds(60))
        spec.restart = .unlessStopped
        if frame.store.isOpen == true {
            spec.networks.append(.init(labels.network(Self.toolsZone)))
            spec.ports = [.init(address: "127.0.0.1", port: 0, containerPort: store.port)]
        }
        store.arrange(&spec)
        spec.labels = frame.store.labels.merging(labels.all(.resource)) { $1 }
        spec.labels[DockerLabels.resource] = frame.name.text
        let form = ContentHash(of: spec.body.text.utf8).short
        spec.labels[DockerLabels.form] = form
        return spec
    }

    private func base(_ store: any DockerStore, image: String) -> ContainerSpec {
        var spec = ContainerSpec(name: "", image: image)
        spec.mounts = [.init(.volume(store.frame.volume), at: store.mount, isReadOnly: false)]
        spec.memory = store.frame.store.memory
        spec.milliCPUs = store.frame.store.milliCPUs
        return spec
    }

    /// Makes it so that the container runs as it is said and is ready. Its volume is never removed.
    ///
    /// - Returns: whether anything had to be done.
    private func run(
        _ spec: ContainerSpec, _ store: any DockerStore, image: String, until end: Duration
    ) async throws -> Bool {
        let frame = store.frame
        var didChange = false
        let found = try await api.containers(labelled: labels.filter(.resource)).first { $0.name == spec.name }
        if let found, found.labels[DockerLabels.form] == spec.labels[DockerLabels.form] {
            if found.state != .running {
                try await api.start(found.id)
                didChange = true
            }
        } else {
            var marks = labels.all(.volume)
            marks[DockerLabels.resource] = frame.name.text
            try await api.createVolume(frame.volume, labels: marks)
            // Looked at before anything is stopped: data of another version are refused while the old server serves them.
            try await prepare(store, image: image, until: end)
            // From here on nobody may believe that it is as it was.
            try ResourceMark.remove(self.marks, frame.name)
            if let found {
                try await api.stop(found.id, grace: spec.stopGrace)
                try await api.remove(found.id)
            }
            try await api.start(try await api.create(spec))
            didChange = true
        }
        guard
            let container = try await api.containers(labelled: labels.filter(.resource)).first(where: {
                $0.name == spec.name
            })
        else { return didChange }
        let probe = Probe(check: .exec(.words(frame.store.check)), interval: .seconds(1), timeout: .seconds(5))
        if let missing = try await wait(for: container, passes: 1, probe, until: end) {
            let lines = ((try? await api.logs(of: container.id, last: 8)) ?? []).map { Printable.text($0.text) }
            throw WorldError(
                code: "resource-not-ready", operation: "start \(frame.name)", underlying: missing.text,
                hint: lines.isEmpty ? "It wrote nothing." : "It wrote:\n    " + lines.joined(separator: "\n    "))
        }
        return didChange
    }

    /// Runs what makes a new volume ready, and looks at what an old one holds.
    ///
    /// - Throws: `WorldError` with the code `data-version` for data of another major version.
    private func prepare(_ store: any DockerStore, image: String, until end: Duration) async throws {
        let frame = store.frame
        var spec = base(store, image: image)
        spec.name = labels.preparation(frame.name)
        store.arrange(&spec)
        spec.entrypoint = ["/bin/sh", "-euc", try store.preparation]
        spec.command = nil
        spec.labels = labels.all(.preparation)
        spec.labels[DockerLabels.resource] = frame.name.text
        try await api.remove(spec.name)
        let id = try await api.create(spec)
        let code: Int
        let lines: [String]
        do {
            try await api.start(id)
            code = try await api.wait(for: id, within: max(end - keeper.uptime(), .seconds(1)))
            lines = try await api.logs(of: id, last: 8).map { Printable.text($0.text) }
        } catch {
            try? await api.remove(id)
            throw error
        }
        try await api.remove(id)
        guard code == 0, let last = lines.last, last.hasPrefix("major "), let found = Int(last.dropFirst(6)) else {
            throw WorldError(
                code: "resource-not-ready", operation: "prepare the volume \(frame.volume)",
                underlying: "what prepares it exited with code \(code)",
                hint: lines.isEmpty ? "It wrote nothing." : "It wrote:\n    " + lines.joined(separator: "\n    "))
        }
        guard let major = frame.major, major != found else { return }
        throw WorldError(
            code: "data-version", operation: "start \(frame.name)",
            underlying:
                "the data in the volume \(frame.volume) were written by version \(found), and \(major) is declared",
            hint:
                "Declare `version: \(found)` under resources.\(frame.name); or dump with it, run `hauban down`, `docker volume rm "
                + "\(frame.volume)`, deploy with \(major) and restore.")
    }

    // MARK: Looking and retiring

    /// What runs of resources; the marks of those that were provisioned to the end say what they were then.
    func resources() async throws -> [ObservedResource] {
        try await api.containers(labelled: labels.filter(.resource)).compactMap { container in
            guard let name = container.labels[DockerLabels.resource].flatMap({ ResourceName($0) }) else { return nil }
            let mark = ResourceMark.read(marks, name)
            return ObservedResource(
                name: name, kind: mark?.kind ?? "", version: mark?.version, fingerprint: mark?.fingerprint ?? "",
                isRunning: container.state == .running)
        }
    }

    /// Its data stay: a name that comes back finds them again.
    func retire(_ step: Step, _ context: ReleaseContext) async throws -> StepOutcome {
        if case .certificate(let names) = step.target { return try await retireCertificate(names, context) }
        guard let name = step.target.resource else { preconditionFailure("a retirement of nothing") }
        let found = try await api.containers(labelled: labels.filter(.resource)).filter {
            $0.labels[DockerLabels.resource] == name.text
        }
        for container in found {
            // PostgreSQL's own time to end, which is the longest.
            try await api.stop(container.id, grace: .seconds(60))
            try await api.remove(container.id)
        }
        try ResourceMark.remove(marks, name)
        let volume = labels.volume(name)
        return StepOutcome(
            didChange: !found.isEmpty, note: "its data stay in the volume \(volume)",
            remarks: found.isEmpty ? [] : ["`docker volume rm \(volume)` removes the data of \(name) for good"])
    }
}
