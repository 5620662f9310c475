import Spec

/// One source folder, whose services share one image.
struct SourceImage: Sendable {
    enum Kind: Sendable, Hashable {
        case python, node, go, swift, site, plain
    }

    /// As written in `source:`, without `./` and trailing slashes; empty for the folder of hauban.yaml.
    var folder: String
    /// Sorted by name; the first one with a port leads: the image starts it where nobody says another command.
    var services: [(name: ServiceName, service: Service)]
    /// `nil` when neither files nor `stack` nor `run` tell.
    var kind: Kind?
    /// What the files said, where they are there.
    var finding: Finding?
    /// A Dockerfile that somebody wrote.
    var ownDockerfile: String?

    var lead: (name: ServiceName, service: Service) { services.first { $0.service.isServer } ?? services[0] }

    /// Part of an image's name.
    func slug(_ platform: PlatformName) -> String {
        folder.isEmpty ? platform.text : folder.lowercased().replacing("/", with: "-").replacing("_", with: "-")
    }

    func path(_ name: String) -> String { Paths.join(folder, name) }

    /// The images of a platform by folder, sorted.
    static func all(_ services: [ServiceName: Service], files: RepositoryFiles) -> [SourceImage] {
        var folders: [String: [(name: ServiceName, service: Service)]] = [:]
        for (name, service) in services.sorted(by: { $0.key < $1.key }) {
            guard let source = service.source, let folder = Paths.resolve(source, from: "") else { continue }
            folders[folder, default: []].append((name, service))
        }
        return folders.sorted { $0.key < $1.key }.map { folder, services in
            var image = SourceImage(folder: folder, services: services)
            image.look(files)
            return image
        }
    }

    private mutating func look(_ files: RepositoryFiles) {
        let length = folder.isEmpty ? 0 : folder.utf8.count + 1
        var own: [String: String?] = [:]
        for name in files.names(below: folder) {
            own.updateValue(files.text(name), forKey: String(decoding: name.utf8.dropFirst(length), as: UTF8.self))
        }
        let dockerfile = services.compactMap { $0.service.build?.dockerfile }.first ?? "Dockerfile"
        if let text = own[dockerfile], !Artifact.isRendered(text ?? "") { ownDockerfile = dockerfile }
        let isKnown = own.keys.contains { !["Dockerfile", ".dockerignore", ".env.example"].contains($0) }
        if isKnown { finding = StackDetection.root(files: own) }
        kind = services.lazy.compactMap { Self.kind($0.service) }.first ?? finding.map(Self.kind) ?? guess
    }

    private static func kind(_ service: Service) -> Kind? {
        if service.site != nil { return .site }
        return switch service.stack {
        case .python: .python
        case .node: .node
        case .swift: .swift
        case .go: .go
        case .site: .site
        case .some(.none): .plain
        case .docker, nil: nil
        }
    }

    private static func kind(_ finding: Finding) -> Kind {
        switch finding.stack {
        case .python: .python
        case .node: .node
        case .swift: .swift
        case .go: .go
        case .site: .site
        case .plain: .plain
        }
    }

    /// From the first word of a command, while the source is still to be written.
    private var guess: Kind? {
        for (_, service) in services {
            guard let first = service.run?.text.split(separator: " ").first.map(String.init) else { continue }
            switch first {
            case "python", "python3", "uvicorn", "gunicorn", "celery", "flask", "hypercorn", "alembic": return .python
            case "node", "npm", "npx": return .node
            default: continue
            }
        }
        return nil
    }
}
