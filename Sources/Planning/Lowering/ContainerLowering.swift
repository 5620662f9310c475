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
        for index in state.resources.indices {
            let name = state.resources[index].name
            guard let resource = stack.platform.resources[name], let store = store(resource) else { continue }
            state.resources[index].container = store
            state.resources[index].options["database"] =
                resource.kind == .postgres ? PostgresRoles.database(resource, stack.platform) : nil
            state.resources[index].fingerprint = fingerprint(state.resources[index], store)
        }
        return state
    }

    /// Ports of services and resources for a developer's own tools.
    private var isOpen: Bool? { stack.place.settings.openPorts ? true : nil }

    /// `nil` for kinds that no container of ours is.
    private func store(_ resource: Resource) -> DesiredStore? {
        guard resource.kind == .postgres || resource.kind == .redis else { return nil }
        let size = stack.storeSize(resource)
        var check = stack.storeCheck(resource)
        check.replaceSubrange(0...0, with: check[0] == "CMD-SHELL" ? ["/bin/sh", "-c"] : [])
        return DesiredStore(
            image: stack.storeImage(resource), arguments: stack.storeArguments(resource), check: check,
            milliCPUs: size.cpu.millis, memory: size.memory.bytes, labels: resource.labels, isOpen: isOpen)
    }

    /// With its users: who begins or ceases to use it is given rights, or loses them.
    private func fingerprint(_ resource: DesiredResource, _ store: DesiredStore) -> String {
        var marks = [resource.fingerprint, store.image] + store.arguments
        marks += ["cpu=\(store.milliCPUs)", "memory=\(store.memory)"]
        if store.isOpen == true { marks.append("open") }
        marks += store.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        marks += stack.users(of: resource.name).map { "\($0.name):\($0.access.rawValue)" }
        return marks.joined(separator: "/")
    }

    private func container(_ name: ServiceName, _ service: Service) -> DesiredContainer? {
        if let ready = service.image {
            return DesiredContainer(
                repository: ready, isReady: true, dockerfile: nil, zones: stack.networks(name, service),
                check: stack.check(service), milliCPUs: service.size.cpu.millis, memory: service.size.memory.bytes,
                labels: service.labels, isOpen: isOpen)
        }
        guard let image = stack.image(of: service) else { return nil }
        let registry = stack.place.settings.registry.map { $0 + "/" } ?? "\(stack.platform.name)/"
        var container = DesiredContainer(
            repository: registry + image.slug(stack.platform.name), isPushed: stack.place.settings.registry != nil,
            dockerfile: image.ownDockerfile,
            arguments: service.build?.args ?? [:], zones: stack.networks(name, service),
            check: stack.check(service), milliCPUs: service.size.cpu.millis, memory: service.size.memory.bytes,
            labels: service.labels, isOpen: isOpen)
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
