import Spec

/// Writes one Dockerfile: what changes seldom stands first, and what built it does not ship.
struct DockerfileWriter {
    let image: SourceImage
    let kind: SourceImage.Kind
    let platform: Platform
    let source: String
    private var lines: [String] = []

    init(image: SourceImage, kind: SourceImage.Kind, platform: Platform, source: String) {
        self.image = image
        self.kind = kind
        self.platform = platform
        self.source = source
    }

    static func text(_ image: SourceImage, kind: SourceImage.Kind, platform: Platform, source: String) -> String {
        var writer = DockerfileWriter(image: image, kind: kind, platform: platform, source: source)
        writer.write()
        return writer.lines.joined(separator: "\n")
    }

    private var service: Service { image.lead.service }
    private var names: String { image.services.map { $0.name.text }.joined(separator: ", ") }

    private mutating func write() {
        lines += Artifact.header(source).map { "# " + $0 }
        lines.append(
            "# The image of \(names). `docker build --build-arg REVISION=$(git rev-parse HEAD) \(image.folder.isEmpty ? "." : image.folder)`"
        )
        lines.append("")
        switch kind {
        case .python: python()
        case .node: node()
        case .go: go()
        case .swift: swift()
        case .site: site()
        case .plain: plain()
        }
        finish()
    }

    // MARK: Stacks

    private mutating func python() {
        lines += [
            "FROM \(ImageBases.python) AS build",
            "ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1",
            "RUN python -m venv /venv",
            "ENV PATH=/venv/bin:$PATH",
            "WORKDIR /src",
        ]
        arguments()
        let isProject = image.finding?.steps.contains(.virtualEnvironment(.project)) == true
        if let own = service.build?.run {
            lines += ["COPY . .", run(own)]
        } else if isProject {
            lines += ["COPY . .", "RUN pip install ."]
        } else {
            lines += [
                "# Dependencies before code: a change of code then installs nothing anew.",
                "COPY requirements.txt ./",
                "RUN pip install --requirement requirements.txt",
            ]
        }
        stage(ImageBases.python)
        lines.append("ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1")
        user()
        lines += ["COPY --from=build /venv /venv", "COPY . ."]
    }

    private mutating func node() {
        lines += ["FROM \(ImageBases.node) AS build", "WORKDIR /src"]
        arguments()
        installNode()
        lines.append("COPY . .")
        var prune = "npm prune --omit=dev"
        if let own = service.build?.run {
            prune = Self.line(own) + " && " + prune
        } else if image.finding?.steps.contains(.run(["npm", "run", "build"])) == true {
            prune = "npm run build && " + prune
        }
        lines += ["# What only building needs does not ship.", "RUN " + prune]
        stage(ImageBases.node)
        lines.append("ENV NODE_ENV=production")
        user()
        lines.append("COPY --from=build /src ./")
    }

    private mutating func installNode() {
        lines.append("# Dependencies before code: a change of code then installs nothing anew.")
        let isLocked =
            image.finding.map {
                $0.steps.contains(.run(["npm", "ci", "--no-audit", "--no-fund"]))
            } ?? true
        lines.append("COPY package*.json ./")
        lines.append(isLocked ? "RUN npm ci --no-audit --no-fund" : "RUN npm install --no-audit --no-fund")
    }

    private mutating func go() {
        lines += ["FROM \(ImageBases.goBuild) AS build", "WORKDIR /src"]
        arguments()
        lines += [
            "# Modules before code: a change of code then downloads nothing anew.",
            "COPY go.mod go.su[m] ./", "RUN go mod download", "COPY . .",
        ]
        lines.append(service.build?.run.map(run) ?? "RUN CGO_ENABLED=0 go build -trimpath -o bin/ ./...")
        stage(ImageBases.plain)
        user()
        lines.append("COPY --from=build /src/bin ./bin")
    }

    private mutating func swift() {
        lines += ["FROM \(ImageBases.swiftBuild) AS build", "WORKDIR /src"]
        arguments()
        lines += [
            "# Packages before code: a change of code then fetches nothing anew.",
            "COPY Package.swift Package.resolve[d] ./", "RUN swift package resolve", "COPY . .",
        ]
        lines.append(service.build?.run.map(run) ?? "RUN swift build -c release --static-swift-stdlib")
        stage(ImageBases.swiftRun)
        user()
        lines.append("COPY --from=build /src/.build/release ./.build/release")
    }

    private mutating func site() {
        let site = service.site
        let command = site?.build ?? service.build?.run
        let output = site?.output ?? image.finding?.siteOutput ?? "."
        if command != nil || image.finding?.steps.isEmpty == false {
            lines += ["FROM \(ImageBases.node) AS build", "WORKDIR /src"]
            arguments()
            let hasPackage =
                image.finding.map { $0.reasons.contains("package.json") } ?? (command?.text.contains("npm") == true)
            let installs = command?.text.contains("npm ci") == true || command?.text.contains("npm install") == true
            if hasPackage && !installs { installNode() }
            lines.append("COPY . .")
            lines.append(command.map(run) ?? "RUN npm run build")
            stage(ImageBases.site)
            lines.append("COPY --from=build /src/\(output == "." ? "" : output) /usr/share/nginx/html")
        } else {
            stage(ImageBases.site)
            lines.append("COPY \(output) /usr/share/nginx/html")
        }
        if site?.spa == true {
            lines += [
                "# Paths that are no file are the browser's own routes; `$uri` is nginx's and not the shell's.",
                "# hadolint ignore=SC2016",
                "RUN printf '%s\\n' 'server { listen \(ImageBases.sitePort); root /usr/share/nginx/html; "
                    + "location / { try_files $uri $uri/ /index.html; } }' > /etc/nginx/conf.d/default.conf",
            ]
        }
    }

    private mutating func plain() {
        lines.append("FROM \(ImageBases.plain)\(service.build?.run == nil ? "" : " AS build")")
        if let own = service.build?.run {
            lines.append("WORKDIR /src")
            arguments()
            lines += ["COPY . .", run(own)]
            stage(ImageBases.plain)
            user()
            lines.append("COPY --from=build /src ./")
        } else {
            user()
            lines.append("COPY . .")
        }
    }

    // MARK: Parts

    private mutating func stage(_ base: String) { lines += ["", "FROM \(base)"] }

    private mutating func user() {
        lines += [
            "# A user without a shell, a home or a right to change what runs: the files stay root's.",
            "RUN groupadd --gid \(ImageBases.user) app \\",
            "    && useradd --uid \(ImageBases.user) --gid app --no-create-home --home-dir /tmp --shell /usr/sbin/nologin app",
            "WORKDIR /app",
        ]
    }

    private mutating func arguments() {
        let args = image.services.reduce(into: [String: String]()) { all, service in
            all.merge(service.service.build?.args ?? [:]) { first, _ in first }
        }
        for (name, value) in args.sorted(by: { $0.key < $1.key }) {
            lines.append("ARG \(name)=\(EngineText.quoted(value).replacing("$", with: "\\$"))")
        }
    }

    /// For a line of the shell.
    private static func line(_ command: CommandLine) -> String {
        switch command {
        case .shell(let text): text.split(separator: "\n").joined(separator: " && ")
        case .words(let words): words.map { "'" + $0.replacing("'", with: "'\\''") + "'" }.joined(separator: " ")
        }
    }

    private func run(_ line: CommandLine) -> String {
        switch line {
        case .shell(let text): "RUN " + text.split(separator: "\n").joined(separator: " \\\n    ")
        case .words(let words): "RUN " + EngineText.words(words)
        }
    }

    private mutating func finish() {
        let port = kind == .site ? ImageBases.sitePort : service.port?.number
        lines += [
            "",
            "ARG REVISION=unknown",
            "LABEL org.opencontainers.image.title=\(EngineText.quoted(image.slug(platform.name))) \\",
            "      org.opencontainers.image.vendor=\(EngineText.quoted(platform.name.text)) \\",
        ]
        if let page = platform.repository?.page {
            lines.append("      org.opencontainers.image.source=\(EngineText.quoted(page)) \\")
        }
        lines.append("      org.opencontainers.image.revision=$REVISION")
        let uid = kind == .site ? ImageBases.siteUser : ImageBases.user
        lines.append("USER \(uid):\(uid)")
        if let port {
            if kind != .site { lines.append("ENV PORT=\(port)") }
            lines.append("EXPOSE \(port)")
        }
        if service.run != nil || kind == .site {
            lines += [
                "# Asked to end like this; `stop` of the service says how long it may take.",
                "STOPSIGNAL \(kind == .site ? "SIGQUIT" : "SIGTERM")",
            ]
        }
        health(port)
        if kind != .site, let run = service.run {
            let values =
                port.map { ["port": "\($0)", "platform": platform.name.text] } ?? ["platform": platform.name.text]
            if image.services.count > 1 {
                lines.append("# \(image.lead.name); the other services of this image name their own command.")
            }
            lines.append("CMD " + EngineText.words(ContainerCommand(run, values: values).words))
        }
    }

    private mutating func health(_ port: Int?) {
        guard let health = service.health ?? (port == nil ? nil : .tcp) else { return }
        let question: Health.Question = kind == .site ? .http("/") : health.ready
        let tools: HealthCommand.Tools = kind == .site ? .busybox : .bash
        guard
            let words = HealthCommand.words(question, port: port, timeout: health.timeout, tools: tools)
        else { return }
        lines += [
            "HEALTHCHECK --interval=\(EngineText.duration(health.interval)) --timeout=\(EngineText.duration(health.timeout)) "
                + "--start-period=\(EngineText.duration(health.start)) --retries=\(health.failures) \\",
            "    CMD " + EngineText.words(words),
        ]
    }
}
