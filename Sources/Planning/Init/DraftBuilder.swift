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
    static let sidelines: Set<String> = [
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

    func finding(in folder: String) -> Finding? { findings.first { $0.folder == folder } }
}
