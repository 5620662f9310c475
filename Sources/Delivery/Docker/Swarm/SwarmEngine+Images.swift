import Planning
import Spec
import World

extension SwarmEngine {
    /// Builds here, and sends the image to where every server can fetch it.
    func build(_ name: ServiceName, _ context: ReleaseContext, within deadline: Duration) async throws -> StepOutcome {
        if let container = try here.desired(name, context).container, !container.isReady, !container.isPushed,
            try await isShared()
        {
            throw WorldError(
                code: "registry-missing", operation: "build \(name)",
                underlying:
                    "the Swarm has several servers, and \(container.repository) names no registry that they could fetch it from",
                hint: "Set `registry:` of the environment, and `docker login` there on this server.")
        }
        return try await here.build(name, context, within: deadline)
    }

    /// Whether images must come to other servers.
    private func isShared() async throws -> Bool {
        switch images {
        case .everyServer: false
        case .registry: try await api.nodes().count > 1
        }
    }

    /// With what the servers fetch the image, when that asks for anything.
    func credentials(for part: DockerReleases.Part) async throws -> RegistryCredentials? {
        guard try await isShared(), let image = ImageReference(part.name) else { return nil }
        return try await here.settings.credentials(for: image.registry, runner: here.runner, path: here.path)
    }

    /// What the servers are told to run: by its digest what they fetch, by its id what they have. A mere tag could be another image
    /// tomorrow, and for one without a registry an engine would ask Docker Hub.
    func reference(of part: DockerReleases.Part) async throws -> String {
        guard try await isShared() else { return part.image }
        guard let pinned = part.pinned else {
            throw WorldError(
                code: "not-pushed", operation: "start \(part.service.name)",
                underlying:
                    "\(part.name) has no digest: it is in no registry that the other servers could fetch it from",
                hint: "Set `registry:` of the environment and deploy again: the image is sent anew.")
        }
        return pinned
    }
}
