extension DraftBuilder {
    /// `run` and `port` of a service that is built.
    mutating func start(
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
        var hidden: [String: [String]] = [:]
        let safe = candidates.compactMap { candidate -> (command: String, why: String, isGuess: Bool)? in
            if guess.allows(candidate.command) { return candidate }
            let (command, variables) = SecretGuess.withVariables(candidate.command, service: draft.name)
            hidden[command] = variables
            return guess.allows(command) ? (command, candidate.why, candidate.isGuess) : nil
        }
        if safe.count < candidates.count {
            draft.remarks.append("A command is left out because it holds what looks like a secret: use a variable.")
        }
        let chosen = safe.first
        for variable in chosen.flatMap({ hidden[$0.command] }) ?? [] {
            draft.secrets.append(
                .init(
                    secret: DraftNames.valid(variable) ?? "secret", variable: variable,
                    comment: "its value stood in the command and was not copied"))
        }
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
    func calledPort(_ name: String) -> Int? {
        let values = compose?.services.flatMap { $0.environment.compactMap(\.value) } ?? []
        return values.lazy.compactMap { URLParts($0) }.first { $0.host == name && $0.scheme.hasPrefix("http") }?.port
    }

    /// A command of its own, beside the one that listens: what the image exposes is the other one's.
    func isWorker(_ origin: ComposeService) -> Bool {
        guard let command = origin.command?.text else { return false }
        let words = ["celery", "worker", "rq ", "dramatiq", "beat", "scheduler", "consume", "sidekiq", "cron"]
        return words.contains { command.contains($0) }
            || compose?.services.contains { other in
                other.name != origin.name && other.context == origin.context
                    && (other.command == nil || !other.ports.isEmpty)
            } ?? false
    }

    func isServer(_ found: Finding?, _ docker: DockerfileText?) -> Bool {
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

    func defaultPort(_ found: Finding?) -> Int {
        switch found?.stack {
        case .python: 8000
        case .node: 3000
        case .swift, .go, .site, .plain, nil: 8080
        }
    }

    func makeSite(_ draft: inout DraftService, _ found: Finding) {
        let build = found.steps.contains(.run(["npm", "run", "build"])) ? "npm run build" : nil
        let onePage = ["vite", "react-scripts"].contains { name in
            files.text(Paths.join(found.folder, "package.json"))?.contains("\"\(name)\"") == true
        }
        draft.site = .init(
            value: .init(build: build, output: found.siteOutput ?? ".", isOnePage: build != nil && onePage),
            comment: found.reasons.joined(separator: ", "))
        draft.isPublished = true
    }

    func health(
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
        } else if draft.port != nil, let path = healthPathInCode(draft), test.joined().contains(path) {
            // Asked with a line of Python or JavaScript, since the image has no curl.
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

    static func isSystem(_ program: String) -> Bool {
        ["/bin/", "/usr/bin/", "/usr/local/bin/"].contains { program.hasPrefix($0) }
    }

    static func isDuration(_ text: String) -> Bool {
        let unit = text.drop { $0.isNumber }
        return unit.count < text.count && ["ms", "s", "m", "h"].contains(unit)
    }

    func healthPathInCode(_ draft: DraftService) -> String? {
        let paths = ["/health", "/healthz", "/health/ready", "/api/health", "/ready"]
        let texts = files.files.filter { Paths.isBelow($0.key, draft.source?.value ?? "") && $0.key.hasSuffix(".py") }
            .compactMap(\.value)
        return paths.first { path in texts.contains { $0.contains("\"\(path)\"") || $0.contains("'\(path)'") } }
    }
}
