import Planning
import Spec
import World

/// The steps of one build, run in its folder.
struct BuildRun: Sendable {
    let builder: Builder
    let service: ServiceName
    let folder: String
    let log: BuildLog
    let until: ContinuousClock.Instant

    /// - Returns: the name of the virtual environment's folder, if the steps ask for one.
    func perform(_ recipe: BuildRecipe, identity: ContentHash) async throws -> String? {
        var environmentName: String?
        for step in recipe.steps {
            switch step {
            case .virtualEnvironment(let requirements):
                let hash = ContentHash(of: ["venv 1", recipe.requirements?.hex ?? identity.hex])
                environmentName = hash.short
                try await makeVirtualEnvironment(hash, requirements)
            case .run(let words): try await run(words, in: folder, environment: variables(environmentName))
            case .command(let line): try await run(line.arguments, in: folder, environment: variables(environmentName))
            }
        }
        return environmentName
    }

    private func makeVirtualEnvironment(_ hash: ContentHash, _ requirements: Requirements) async throws {
        let place = builder.cache.virtualEnvironment(hash)
        let lock = try await builder.cache.lock("venv-" + hash.short, until: until)
        defer { withExtendedLifetime(lock) {} }
        if builder.cache.isComplete(place) {
            builder.cache.touch(virtualEnvironment: place)
            log.write("the virtual environment \(hash.short) is there")
            return
        }
        try Folder.remove(place)
        try Folder.make(builder.cache.folder + "/venvs", mode: 0o755)
        try await run(["python3", "-m", "venv", place], in: folder, environment: builder.environment)
        let pip = [place + "/bin/python", "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
        let what =
            switch requirements {
            case .file(let name): ["-r", name]
            case .project: ["."]
            }
        try await run(pip + what, in: folder, environment: variables(hash.short))
        try builder.cache.markComplete(place)
    }

    private func variables(_ virtualEnvironment: String?) -> [String: String] {
        var variables = builder.environment
        var path = variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        path = "\(folder)/node_modules/.bin:\(path)"
        if let name = virtualEnvironment {
            path = "\(builder.cache.folder)/venvs/\(name)/bin:\(path)"
            variables["VIRTUAL_ENV"] = "\(builder.cache.folder)/venvs/\(name)"
        }
        variables["PATH"] = path
        return variables
    }

    private func run(_ words: [String], in folder: String, environment: [String: String]) async throws {
        let shown = words.count == 3 && words[0] == "/bin/sh" ? words[2] : words.joined(separator: " ")
        log.write("$ \(shown)")
        let left = ContinuousClock.now.duration(to: until)
        let command = Command(
            arguments: words, environment: environment, workingDirectory: folder, deadline: max(left, .zero),
            work: self.folder)
        let log = self.log
        let result = try await builder.runner.run(command) { _, line in log.write(line) }
        guard !result.isSuccess else { return }
        let lines = Array(log.lastLines.drop { $0 == "$ \(shown)" })
        let limit = builder.deadline.inWords
        let ending = result.isLate ? "did not end within \(limit) and was killed" : "\(result.status)"
        let hint =
            result.isLate
            ? "Run it by hand to see what it waits for; `release: {build: …}` sets how long building one service may take."
            : BuildFailure.hint(step: shown, lines: lines)
        throw BuildFailure(
            service: service, step: shown, ending: ending, lastLines: lines, log: log.path, hint: hint,
            isLate: result.isLate)
    }
}
