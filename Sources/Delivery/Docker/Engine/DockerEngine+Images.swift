import Planning
import Spec
import World

extension DockerEngine {
    /// An image that the engine has.
    struct KnownImage: Sendable {
        /// `sha256:…`, over its configuration.
        var id: String
        /// `REPOSITORY@sha256:…`, as a registry knows it.
        var pinned: String?
    }

    // MARK: Images of services

    /// Uses the image that an earlier release made for the same fingerprint: a rollback must not build what the source holds today.
    func build(_ name: ServiceName, _ context: ReleaseContext, within deadline: Duration) async throws -> StepOutcome {
        let service = try desired(name, context)
        _ = try await makeDoorImage(within: deadline)
        for part in try releases.parts(of: name, fingerprint: service.fingerprint) {
            guard let known = try await known(part) else { continue }
            let part = DockerReleases.Part(service: service, image: known, name: part.name, pinned: part.pinned)
            try releases.store(part, of: context.release)
            return StepOutcome(didChange: false, note: "from the cache")
        }
        if let container = service.container, container.isReady {
            let found = try await image(container.repository, for: "start \(name)", within: deadline)
            try releases.store(
                .init(service: service, image: found.id, name: container.repository, pinned: found.pinned),
                of: context.release)
            return StepOutcome(note: container.repository)
        }
        guard let source = service.source, let container = service.container else {
            throw WorldError(
                code: "no-source", operation: "build \(name)", underlying: "it has no `source`",
                hint: "Give services.\(name) a source with a Dockerfile.")
        }
        let files = try await BuildContext.read(
            source.path, dockerfile: container.dockerfile ?? "Dockerfile",
            text: container.dockerfile == nil ? container.recipe : nil, ignored: container.ignored, path: path,
            runner: runner)
        let image = try imageName(container, files.hash)
        var built = try await own(image, isPushed: container.isPushed, within: deadline)
        var note: String?
        if built == nil {
            built = KnownImage(
                id: try await make(image, files, container, of: name, within: deadline), pinned: nil)
            note = image.tag
        }
        guard var built else { preconditionFailure("neither found nor made") }
        if container.isPushed, built.pinned == nil {
            built.pinned = try await push(image, id: built.id, of: name, within: deadline)
        }
        try releases.store(
            .init(service: service, image: built.id, name: "\(image)", pinned: built.pinned), of: context.release)
        return StepOutcome(didChange: note != nil, note: note ?? "from the cache")
    }

    /// The image of an earlier release, fetched again by its content when the engine has lost it.
    private func known(_ part: DockerReleases.Part) async throws -> String? {
        if try await api.image(part.image) != nil { return part.image }
        guard let pinned = part.pinned, let reference = ImageReference(pinned) else { return nil }
        guard (try? await fetch(reference, within: .seconds(300))) != nil else { return nil }
        return try await api.image(pinned)?.id
    }

    private func make(
        _ image: ImageName, _ files: BuildContext, _ container: DesiredContainer, of name: ServiceName,
        within deadline: Duration
    ) async throws -> String {
        var marks = labels.all(.image)
        marks[DockerLabels.source] = files.hash.hex
        if let revision { marks["org.opencontainers.image.revision"] = revision }
        var arguments = container.arguments
        if let revision, container.recipe != nil { arguments["REVISION"] = revision }
        return try await api.build(
            files.files,
            ImageBuild(name: image, dockerfile: files.dockerfile, arguments: arguments, labels: marks),
            within: deadline
        ) { line in onLine(name, line) }
    }

    /// A content tag: the commit, for people, and the hash of what it is built from, since a work tree may differ from its commit.
    private func imageName(_ container: DesiredContainer, _ hash: ContentHash) throws -> ImageName {
        let tag = (revision.map { "\($0.prefix(12))-" } ?? "") + hash.short
        guard let name = ImageName(repository: container.repository, tag: tag) else {
            throw WorldError(
                code: "image-name", operation: "name the image \(container.repository):\(tag)",
                underlying: "it is no name of an image", hint: "Correct `registry:` of the environment.")
        }
        return name
    }

    // MARK: Registries

    /// An image of ours that was made before, here or, where there is a registry, by somebody who pushed it.
    private func own(_ name: ImageName, isPushed: Bool, within deadline: Duration) async throws -> KnownImage? {
        if let found = try await api.image(name.description) {
            return KnownImage(id: found.id, pinned: isPushed ? Self.pinned(found, in: name.repository) : nil)
        }
        guard isPushed else { return nil }
        do {
            try await fetch(ImageReference(name), within: deadline)
        } catch let error as WorldError where Self.saysNothing.contains(error.code) {
            return nil
        }
        guard let found = try await api.image(name.description) else { return nil }
        return KnownImage(id: found.id, pinned: Self.pinned(found, in: name.repository))
    }

    /// Registries answer as variously to who asks for what was never pushed; whoever may not write hears it at the push.
    private static let saysNothing: Set = [
        "docker-image-missing", "docker-not-found", "docker-failed", "registry-refuses",
    ]

    /// - Returns: `REPOSITORY@sha256:…`
    private func push(
        _ name: ImageName, id: String, of service: ServiceName, within deadline: Duration
    ) async throws -> String {
        let credentials = try await settings.credentials(for: name.registry, runner: runner, path: path)
        try await api.push(name, credentials: credentials, within: deadline) { line in onLine(service, line) }
        guard let pushed = try await api.image(name.description), let pinned = Self.pinned(pushed, in: name.repository)
        else {
            throw WorldError(
                code: "docker-answer-invalid", operation: "push the image \(name)",
                underlying: "the engine does not say what the registry calls it",
                hint: "Deploy again; the engine's log says more: `journalctl -u docker`.")
        }
        return pinned
    }

    /// An image that somebody else made, fetched when the engine has none of that name.
    func image(_ text: String, for operation: String, within deadline: Duration) async throws -> KnownImage {
        guard let reference = ImageReference(text) else {
            throw WorldError(
                code: "image-name", operation: operation,
                underlying: "`\(Printable.text(text))` is no name of an image",
                hint: "Write it as REPOSITORY:TAG or REPOSITORY@sha256:DIGEST.")
        }
        if try await api.image(reference.description) == nil { try await fetch(reference, within: deadline) }
        guard let found = try await api.image(reference.description) else {
            throw WorldError(
                code: "docker-image-missing", operation: operation,
                underlying: "the engine has fetched \(reference), and does not have it",
                hint: "Was it removed meanwhile? Deploy again.")
        }
        return KnownImage(id: found.id, pinned: Self.pinned(found, in: reference.repository))
    }

    private func fetch(_ reference: ImageReference, within deadline: Duration) async throws {
        let credentials = try await settings.credentials(for: reference.registry, runner: runner, path: path)
        try await api.pull(reference, credentials: credentials, within: deadline)
    }

    /// Docker's own registry is left out of the names that the engine keeps.
    private static func pinned(_ image: DockerImage, in repository: String) -> String? {
        var names = [repository + "@"]
        for prefix in ["docker.io/library/", "docker.io/"] where repository.hasPrefix(prefix) {
            names.append(repository.dropFirst(prefix.count) + "@")
        }
        return image.digests.first { digest in names.contains { digest.hasPrefix($0) } }
    }
}
