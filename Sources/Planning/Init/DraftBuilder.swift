/// Gathers services, resources and edges from what a repository says.
struct DraftBuilder: Sendable {
    let platform: String
    let files: RepositoryFiles
    let compose: ComposeProject?
    let findings: [Finding]
    var guess = SecretGuess()
    var names = DraftNames()
    var services: [DraftService] = []
    var resources: [DraftResource] = []
    /// Sentences for the head of the file.
    var remarks: [String] = []
    /// What the Compose services said of themselves, by the name of the drafted service.
    var origins: [String: ComposeService] = [:]

    /// Folders whose projects are not the platform's.
    private static let sidelines: Set<String> = [
        "test", "tests", "docs", "doc", "example", "examples", "e2e", "scripts", "tools", "fixtures", "benchmarks",
    ]

    init(name: String, files: RepositoryFiles) {
        platform = DraftNames.valid(name) ?? "platform"
        self.files = files
        compose = ComposeProject.read(files)
        findings = StackDetection.detect(files: files.files).filter { finding in
            !finding.folder.split(separator: "/").contains { Self.sidelines.contains(String($0)) }
        }
    }

    var secretNames: Set<String> { Set(services.flatMap { $0.secrets.map(\.secret) }) }

    /// `local` unless a service or a resource needs what only containers give.
    var target: String {
        services.contains { $0.image != nil || $0.needsContainer } || resources.contains { $0.kind == "bucket" }
            ? "docker" : "local"
    }

    /// What was read, for the head of the file.
    var sources: [String] {
        var names = compose?.files ?? []
        for service in services {
            guard let source = service.source?.value else { continue }
            for base in [
                "Dockerfile", "Procfile", "package.json", "requirements.txt", "pyproject.toml", "go.mod",
                "Package.swift",
            ] {
                let name = Paths.join(source, base)
                if files.has(name), !names.contains(name) { names.append(name) }
            }
        }
        return names
    }

    mutating func build() {
        learnSecrets()
        remarks += compose?.remarks ?? []
        readCompose()
        if !services.contains(where: { $0.source != nil }) { readFindings() }
        guessResources()
        drawEdges()
        fillVariables()
        placeMigrations()
        expose()
    }

    private mutating func learnSecrets() {
        for service in compose?.services ?? [] {
            for variable in service.environment { guess.learn(variable.name, variable.value) }
        }
        for name in compose?.files ?? [] { guess.learnDefaults(in: files.text(name) ?? "") }
        for name in files.files.keys.sorted() where RepositoryFiles.isExample(Paths.last(name)) {
            for (variable, value) in files.example(in: Paths.folder(of: name))?.variables ?? [] {
                guess.learn(variable, value)
            }
        }
    }

    // MARK: Compose

    private mutating func readCompose() {
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

    private mutating func addBuilt(_ origin: ComposeService) {
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

    /// `run` and `port` of a service that is built.
    private mutating func start(
        _ draft: inout DraftService, origin: ComposeService?, docker: DockerfileText?, dockerName: String,
        found: Finding?, composeName: String
    ) {
        let ports = origin?.ports ?? []
        var candidates: [(command: String, why: String, isGuess: Bool)] = []
        if let origin, origin.command != nil || origin.entrypoint != nil {
            let entry = origin.entrypoint?.text ?? docker?.entrypoint?.text
            let line = [entry, origin.command?.text].compactMap { $0 }.joined(separator: " ")
            candidates.append((line, "`command` of \(composeName)", false))
        }
        if let run = found?.run, !run.isGuess { candidates.append((run.command, run.reason, false)) }
        let isCompiled = found?.stack == .go || found?.stack == .swift
        // A compiled program lies elsewhere in its image than in a build of its own.
        if isCompiled, let run = found?.run { candidates.append((run.command, run.reason, true)) }
        if let line = docker?.start { candidates.append((line, "what \(dockerName) starts", false)) }
        if !isCompiled, let run = found?.run { candidates.append((run.command, run.reason, true)) }
        let safe = candidates.filter { guess.allows($0.command) }
        if safe.count < candidates.count {
            draft.remarks.append(
                "A command was left out because it holds what looks like a secret; hand it over in a variable.")
        }
        let chosen = safe.first
        let listensElsewhere = ports.isEmpty && (origin.map { isWorker($0) } ?? false)
        let inImage = listensElsewhere ? nil : docker?.port
        let named =
            ports.first?.container ?? chosen.flatMap { DraftCommands.port(in: $0.command) }
            ?? origin.flatMap { calledPort($0.name) } ?? inImage
        if ports.count > 1 {
            let others = ports.dropFirst().map { "\($0.container)" }.joined(separator: ", ")
            draft.remarks.append("A service has one port; left out: \(others).")
        }
        let isAsked = chosen.map { DraftCommands.withPort($0.command, port: nil).contains("${port}") } ?? false
        let fallback = isAsked || (chosen != nil && origin == nil && isServer(found, docker)) ? defaultPort(found) : nil
        if let port = named ?? fallback {
            let comment =
                ports.first != nil
                ? "`ports` of \(composeName)"
                : named != nil ? "named by its command, its Dockerfile or a caller" : "a guess"
            draft.port = .init(value: port, comment: comment)
        }
        draft.hostPort = ports.first { $0.isPublished }?.host
        draft.isPublished = ports.contains(where: \.isPublished)
        if let chosen {
            let relative = DraftCommands.withoutImagePaths(chosen.command, workingDirectory: docker?.workingDirectory)
            let run = DraftCommands.withPort(relative, port: draft.port?.value)
            draft.run = .init(
                value: run, comment: (chosen.isGuess ? "a guess from " : "") + chosen.why)
            if draft.port != nil, !run.contains("${port}") {
                let why = draft.port?.comment ?? ""
                draft.port?.comment = why + "; it must listen on the PORT it is given"
            }
        }
        let isBuildable = found != nil && found?.stack != .plain && found?.stack != .site
        if !isBuildable || draft.run == nil {
            draft.needsContainer = true
            // The image starts by itself, so that a command read from it would only repeat it.
            if origin?.command == nil && origin?.entrypoint == nil && docker?.start != nil { draft.run = nil }
            draft.remarks.append("Only its Dockerfile says how it is built, so `dev` runs on docker.")
        }
    }

    /// The port in other services' `http://NAME:PORT`.
    private func calledPort(_ name: String) -> Int? {
        let values = compose?.services.flatMap { $0.environment.compactMap(\.value) } ?? []
        return values.lazy.compactMap { URLParts($0) }.first { $0.host == name && $0.scheme.hasPrefix("http") }?.port
    }

    /// A command of its own, beside the one that listens: what the image exposes is the other one's.
    private func isWorker(_ origin: ComposeService) -> Bool {
        guard let command = origin.command?.text else { return false }
        let words = ["celery", "worker", "rq ", "dramatiq", "beat", "scheduler", "consume", "sidekiq", "cron"]
        return words.contains { command.contains($0) }
            || compose?.services.contains { other in
                other.name != origin.name && other.context == origin.context
                    && (other.command == nil || !other.ports.isEmpty)
            } ?? false
    }

    private func isServer(_ found: Finding?, _ docker: DockerfileText?) -> Bool {
        guard let found else { return docker?.port != nil }
        func text(_ base: String) -> String { files.text(Paths.join(found.folder, base))?.lowercased() ?? "" }
        func mentions(_ text: String, _ words: [String]) -> Bool { words.contains { text.contains($0) } }
        switch found.stack {
        case .python:
            return mentions(
                text("requirements.txt") + text("pyproject.toml"),
                [
                    "fastapi", "flask", "django", "starlette", "uvicorn", "gunicorn", "aiohttp", "tornado", "sanic",
                    "bottle",
                ])
        case .node:
            let package = text("package.json")
            return mentions(
                package, ["express", "fastify", "koa", "\"next\"", "hapi", "nest", "hono", "polka", "\"http", "remix"])
                || !package.contains("\"dependencies\"")
        case .swift: return mentions(text("Package.swift"), ["hummingbird", "vapor", "swift-nio"])
        case .go: return true
        case .site, .plain: return false
        }
    }

    private func defaultPort(_ found: Finding?) -> Int {
        switch found?.stack {
        case .python: 8000
        case .node: 3000
        case .swift, .go, .site, .plain, nil: 8080
        }
    }

    private func makeSite(_ draft: inout DraftService, _ found: Finding) {
        let build = found.steps.contains(.run(["npm", "run", "build"])) ? "npm run build" : nil
        let onePage = ["vite", "react-scripts"].contains { name in
            files.text(Paths.join(found.folder, "package.json"))?.contains("\"\(name)\"") == true
        }
        draft.site = .init(
            value: .init(build: build, output: found.siteOutput ?? ".", isOnePage: build != nil && onePage),
            comment: found.reasons.joined(separator: ", "))
        draft.isPublished = true
    }

    private func health(
        _ draft: inout DraftService, _ check: ComposeService.HealthCheck?, _ why: String, docker: DockerfileText?
    ) {
        // What an image asks is its own port's or its own program's.
        guard let test = check?.test ?? (draft.port == nil ? nil : docker?.health) else {
            if draft.port != nil, let path = healthPathInCode(draft) {
                draft.health = .init(value: .init(ready: path), comment: "a guess: the code has this path")
            }
            return
        }
        let comment = check == nil ? "HEALTHCHECK of the Dockerfile" : why
        guard guess.allows(test.joined(separator: " ")) else {
            draft.remarks.append("The \(comment) is left out: it holds what looks like a secret.")
            return
        }
        var health = DraftService.Health()
        if let path = DraftCommands.healthPath(test), draft.port != nil {
            health.ready = path
        } else if test[0] != "NONE" {
            health.exec =
                test[0] == "CMD-SHELL" ? ["/bin/sh", "-c", test[1]] : test[0] == "CMD" ? Array(test.dropFirst()) : test
        } else {
            return
        }
        if let program = health.exec?.first, draft.image == nil, program.hasPrefix("/"), !Self.isSystem(program) {
            draft.remarks.append("The \(comment) is left out: \(program) is a path of the image.")
            return
        }
        for (key, value) in [("interval", check?.interval), ("timeout", check?.timeout), ("start", check?.start)] {
            if let value, Self.isDuration(value) { health.times.append((key, value)) }
        }
        if let retries = check?.retries, (1...20).contains(retries) { health.times.append(("failures", "\(retries)")) }
        draft.health = .init(value: health, comment: comment)
    }

    private static func isSystem(_ program: String) -> Bool {
        ["/bin/", "/usr/bin/", "/usr/local/bin/"].contains { program.hasPrefix($0) }
    }

    private static func isDuration(_ text: String) -> Bool {
        let unit = text.drop { $0.isNumber }
        return unit.count < text.count && ["ms", "s", "m", "h"].contains(unit)
    }

    private func healthPathInCode(_ draft: DraftService) -> String? {
        let paths = ["/health", "/healthz", "/health/ready", "/api/health", "/ready"]
        let texts = files.files.filter { Paths.isBelow($0.key, draft.source?.value ?? "") && $0.key.hasSuffix(".py") }
            .compactMap(\.value)
        return paths.first { path in texts.contains { $0.contains("\"\(path)\"") || $0.contains("'\(path)'") } }
    }

    private mutating func finish(_ draft: inout DraftService, _ origin: ComposeService) {
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

    private mutating func addImage(_ origin: ComposeService, _ image: (name: String, path: String, tag: String?)) {
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

    private static func isDatabaseName(_ text: String) -> Bool {
        text.first.map { $0.isASCII && $0.isLowercase } ?? false
            && text.utf8.count <= 63
            && text.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f }
    }

    func finding(in folder: String) -> Finding? { findings.first { $0.folder == folder } }

    // MARK: Folders

    private mutating func readFindings() {
        for found in findings {
            let file = Paths.join(found.folder, "Dockerfile")
            let docker = files.text(file).map { DockerfileText($0) }
            if found.run == nil, found.siteOutput == nil, docker?.start == nil, procfile(found.folder).isEmpty {
                let place = found.folder.isEmpty ? "The repository itself" : "`\(found.folder)`"
                remarks.append("\(place) (\(found.stack.rawValue)) is left out: nothing tells how it would be started.")
                continue
            }
            addFound(found, docker: docker, file: file)
        }
        // A Dockerfile alone, of a stack that Hauban does not build.
        for name in files.files.keys.sorted() where Paths.last(name) == "Dockerfile" {
            let folder = Paths.folder(of: name)
            let isKnown = findings.contains { Paths.isBelow(folder, $0.folder) || Paths.isBelow($0.folder, folder) }
            let isSideline = folder.split(separator: "/").contains { Self.sidelines.contains(String($0)) }
            guard !isKnown, !isSideline, let text = files.text(name) else { continue }
            let found = Finding(folder: folder, stack: .plain, reasons: ["Dockerfile"])
            addFound(found, docker: DockerfileText(text), file: name)
        }
    }

    private mutating func addFound(_ found: Finding, docker: DockerfileText?, file: String) {
        let processes = procfile(found.folder)
        let isWeb = processes.contains { $0.type == "web" }
        let own = found.stack == .site || isWeb ? "web" : "app"
        if isWeb || processes.isEmpty || found.run?.isGuess == false {
            var draft = DraftService(
                name: names.make(found.folder.isEmpty ? own : Paths.last(found.folder), else: own))
            draft.source = .init(value: found.folder, comment: found.reasons.joined(separator: ", "))
            if found.stack == .site {
                makeSite(&draft, found)
                draft.source?.comment = nil
            } else {
                start(&draft, origin: nil, docker: docker, dockerName: file, found: found, composeName: "")
                health(&draft, nil, "", docker: docker)
                draft.isPublished = draft.port != nil
            }
            services.append(draft)
        }
        for process in processes where process.type != "web" && process.type != "release" {
            guard guess.allows(process.command) else {
                remarks.append(
                    "The `\(process.type):` line of Procfile is left out: it holds what looks like a secret.")
                continue
            }
            var draft = DraftService(name: names.make(process.type))
            draft.source = .init(value: found.folder, comment: nil)
            draft.run = .init(
                value: DraftCommands.withPort(process.command, port: nil),
                comment: "the `\(process.type):` line of Procfile")
            if draft.run?.value.contains("${port}") == true {
                draft.port = .init(value: defaultPort(found), comment: "a guess: the command asks for one")
            }
            services.append(draft)
        }
    }

    /// The lines `TYPE: COMMAND` of a folder's Procfile.
    func procfile(_ folder: String) -> [(type: String, command: String)] {
        (files.text(Paths.join(folder, "Procfile")) ?? "").split(whereSeparator: \.isNewline).compactMap { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].first != "#" else { return nil }
            let command = parts[1].drop { $0.isWhitespace }
            return command.isEmpty ? nil : (String(parts[0]), String(command))
        }
    }
}
