import Spec

/// Adds to a desired state what an engine of containers asks: each service's image, networks, check, user and limits, as
/// `render compose` writes them, so that what is deployed is what is rendered.
package struct ContainerLowering: Sendable {
    private let stack: ComposeStack

    package init(_ subject: RenderSubject, place: RenderSubject.Place) {
        stack = ComposeStack(subject: subject, place: place)
    }

    /// The same state for containers. A static site becomes a service that listens: its image serves the files.
    package func filled(_ state: DesiredState) -> DesiredState {
        var state = state
        state.target = stack.place.settings.target
        for index in state.services.indices {
            let name = state.services[index].name
            guard let service = stack.platform.services[name] else { continue }
            if state.services[index].isSite {
                state.services[index].source?.siteOutput = nil
                state.services[index].source?.siteFallback = nil
                state.services[index].listens = true
                state.services[index].port = Port(ImageBases.sitePort)
                state.services[index].readiness = Probe(check: .http(path: "/"))
            }
            state.services[index].container = container(name, service)
        }
        return state
    }

    private func container(_ name: ServiceName, _ service: Service) -> DesiredContainer? {
        guard let image = stack.image(of: service) else { return nil }
        let registry = stack.place.settings.registry.map { $0 + "/" } ?? "\(stack.platform.name)/"
        var container = DesiredContainer(
            repository: registry + image.slug(stack.platform.name), dockerfile: image.ownDockerfile,
            arguments: service.build?.args ?? [:], zones: stack.networks(name, service),
            check: stack.check(service), milliCPUs: service.size.cpu.millis, memory: service.size.memory.bytes,
            labels: service.labels)
        if image.ownDockerfile == nil, let kind = image.kind {
            container.recipe = DockerfileWriter.text(
                image, kind: kind, platform: stack.subject.base, source: stack.subject.source)
            container.ignored = ImagesRenderer.ignored(kind, source: stack.subject.source)
            let uid = service.site == nil ? ImageBases.user : ImageBases.siteUser
            container.user = "\(uid):\(uid)"
        }
        return container
    }
}
