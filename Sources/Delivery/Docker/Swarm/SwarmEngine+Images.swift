import Planning
import Spec
import World

extension SwarmEngine {
    /// Builds here, and sends the image to where every server can fetch it.
    func build(_ name: ServiceName, _ context: ReleaseContext, within deadline: Duration) async throws -> StepOutcome {
        let service = try here.desired(name, context)
        let isShared = try await isShared()
        if isShared, let container = service.container { try checkRegistry(container.repository, name) }
        var outcome = try await here.build(name, context, within: deadline)
        guard isShared else { return outcome }
        let part = try here.releases.part(name, of: context.release)
        if try await digest(of: part) == nil {
            guard let image = ImageName(part.name) else { preconditionFailure("\(part.name) was built") }
            try await api.push(image, credentials: try await credentials(for: image), within: deadline) { line in
                here.onLine(name, line)
            }
            outcome.didChange = true
            outcome.note = [outcome.note, "pushed"].compactMap { $0 }.joined(separator: ", ")
        }
        return outcome
    }

    /// Whether images must come to other servers.
    private func isShared() async throws -> Bool {
        switch images {
        case .everyServer: false
        case .registry: try await api.nodes().count > 1
        }
    }

    private func checkRegistry(_ repository: String, _ name: ServiceName) throws {
        guard ImageName(repository: repository, tag: "latest")?.hasRegistry != true else { return }
        throw WorldError(
            code: "registry-missing", operation: "build \(name)",
            underlying:
                "the Swarm has several servers, and \(repository) names no registry that they could fetch it from",
            hint: "Set `registry:` of the environment, and `docker login` there on this server.")
    }

    func credentials(for image: ImageName) async throws -> RegistryCredentials? {
        try await here.settings.credentials(for: image.registry, runner: here.runner, path: here.path)
    }

    /// What the servers are told to run: by its digest what they fetch, by its id what they have. A mere tag could be another image
    /// tomorrow, and for one without a registry an engine would ask Docker Hub.
    func reference(of part: DockerReleases.Part) async throws -> String {
        guard try await isShared() else { return part.image }
        guard let digest = try await digest(of: part) else {
            throw WorldError(
                code: "not-pushed", operation: "start \(part.service.name)",
                underlying: "\(part.name) has no digest: it was sent to no registry",
                hint: "Deploy again: the image is sent anew.")
        }
        return digest
    }

    /// `registry/name@sha256:…`, once it was sent there.
    private func digest(of part: DockerReleases.Part) async throws -> String? {
        guard let image = ImageName(part.name) else { return nil }
        return try await api.image(part.image)?.digests.first { $0.hasPrefix(image.repository + "@sha256:") }
    }
}

extension ImageName {
    /// Whether its registry is said, and not Docker's own by default.
    var hasRegistry: Bool { registry != "docker.io" || repository.hasPrefix("docker.io/") }
}
