extension DraftBuilder {
    /// Each Compose service as a service, a resource, a migration, or nothing.
    mutating func readCompose() {
        guard let compose else { return }
        let needed = Set(compose.services.filter(\.profiles.isEmpty).flatMap(\.dependsOn))
        var migrators: [ComposeService] = []
        for service in compose.services {
            if !service.profiles.isEmpty, !needed.contains(service.name) {
                let profiles = service.profiles.joined(separator: ", ")
                remarks.append(
                    "The Compose service \(service.name) is left out: it starts with the profile \(profiles) only.")
            } else if service.context != nil || service.contextLeavesRepository {
                if let line = service.command?.text, DraftCommands.isMigration(line), service.ports.isEmpty,
                    compose.services.contains(where: { $0.context == service.context && $0.name != service.name })
                {
                    migrators.append(service)
                } else {
                    addBuilt(service)
                }
            } else if let image = service.imageName {
                addImage(service, image)
            }
        }
        for migrator in migrators {
            let line = migrator.command?.text ?? ""
            let owners = services.indices.filter { services[$0].source?.value == migrator.context }
            guard guess.allows(line), let owner = owners.first(where: { services[$0].port != nil }) ?? owners.first
            else { continue }
            services[owner].migrate = .init(
                value: DraftCommands.withPort(line, port: nil),
                comment: "the Compose service \(migrator.name), which only migrates")
        }
    }

    mutating func addBuilt(_ origin: ComposeService) {
        guard let context = origin.context else {
            remarks.append("The Compose service \(origin.name) is left out: its source is outside this repository.")
            return
        }
        guard files.files.keys.contains(where: { Paths.isBelow($0, context) }) else {
            remarks.append("The Compose service \(origin.name) is left out: there is no folder `\(context)`.")
            return
        }
        var draft = DraftService(name: names.make(origin.name))
        draft.composeName = origin.name
        let file =
            origin.dockerfile.flatMap { Paths.resolve($0, from: context) }
            ?? Paths.join(context, "Dockerfile")
        let docker = files.text(file).map { DockerfileText($0) }
        var source = context
        if finding(in: context) == nil, finding(in: Paths.folder(of: file)) != nil { source = Paths.folder(of: file) }
        draft.source = .init(
            value: source,
            comment: source == context
                ? nil : "the Dockerfile's folder; Compose builds in \(context.isEmpty ? "." : context)")
        let found = finding(in: source)
        if origin.dockerfile != nil, files.has(file), Paths.isBelow(file, source), Paths.last(file) != "Dockerfile" {
            draft.dockerfile = source.isEmpty ? file : String(file.dropFirst(source.count + 1))
        }
        let composeName = compose?.files.first ?? "Compose"
        if let found, found.stack == .site, origin.command == nil {
            makeSite(&draft, found)
        } else {
            start(&draft, origin: origin, docker: docker, dockerName: file, found: found, composeName: composeName)
            health(&draft, origin.health, "healthcheck of \(composeName)", docker: docker)
        }
        if draft.needsContainer, docker == nil {
            remarks.append("The Compose service \(origin.name) is left out: nothing in its source tells how it starts.")
            return
        }
        finish(&draft, origin)
        origins[draft.name] = origin
        services.append(draft)
    }

    mutating func finish(_ draft: inout DraftService, _ origin: ComposeService) {
        let composeName = compose?.files.first ?? "Compose"
        if let replicas = origin.replicas, replicas > 1, draft.site == nil {
            draft.scale = .init(value: replicas, comment: "replicas in \(composeName)")
        }
        if let stop = origin.stopGrace, Self.isDuration(stop), draft.site == nil {
            draft.stop = .init(value: stop, comment: "stop_grace_period of \(composeName)")
        }
        if !origin.leftOut.isEmpty {
            draft.remarks.append("Left out of \(composeName): \(origin.leftOut.sorted().joined(separator: ", ")).")
        }
        if !origin.buildArguments.isEmpty {
            draft.remarks.append(
                "Build arguments are left out: \(origin.buildArguments.sorted().joined(separator: ", ")).")
        }
    }

    mutating func addImage(_ origin: ComposeService, _ image: (name: String, path: String, tag: String?)) {
        let composeName = compose?.files.first ?? "Compose"
        switch DraftImages.role(of: image) {
        case .proxy:
            remarks.append(
                "The Compose service \(origin.name) (\(image.name)) is left out: the front door routes by `expose`.")
        case .resource(let kind, let extensions):
            let version = DraftImages.major(of: image.tag)
            var draft = DraftResource(
                name: names.make(origin.name, else: kind), composeName: origin.name, kind: kind,
                version: kind == "bucket" ? nil : version, extensions: extensions,
                comment: "the image \(image.path)"
                    + (version == nil && kind != "bucket" ? "; its tag tells no version" : ""))
            draft.hostPort = origin.ports.first?.host
            let database = origin.environment.first { $0.name == "POSTGRES_DB" || $0.name == "POSTGRESQL_DATABASE" }
            if kind == "postgres", let name = database?.value, Self.isDatabaseName(name), guess.allows(name) {
                draft.database = name
            }
            resources.append(draft)
        case .service(let usual):
            var draft = DraftService(name: names.make(origin.name))
            draft.composeName = origin.name
            let whole = image.path + (image.tag.map { ":\($0)" } ?? "")
            draft.image = .init(value: whole, comment: "Hauban has no kind of resource for it; it needs docker")
            draft.port = (origin.ports.first?.container ?? usual).map { .init(value: $0, comment: nil) }
            if let line = origin.command?.text {
                if guess.allows(line), !line.hasPrefix("-") {
                    draft.run = .init(
                        value: DraftCommands.withPort(line, port: nil), comment: "`command` of \(composeName)")
                } else if line.hasPrefix("-") {
                    draft.remarks.append("`command` is left out: these are options for what the image starts.")
                } else {
                    draft.remarks.append("`command` is left out: it holds what looks like a secret.")
                }
            }
            health(&draft, origin.health, "healthcheck of \(composeName)", docker: nil)
            finish(&draft, origin)
            origins[draft.name] = origin
            services.append(draft)
        }
    }

    static func isDatabaseName(_ text: String) -> Bool {
        text.first.map { $0.isASCII && $0.isLowercase } ?? false
            && text.utf8.count <= 63
            && text.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f }
    }
}
