import Glibc
import Planning
import Spec
package import World

/// Makes immutable builds of services, cached by content.
package struct Builder: Sendable {
    package let cache: BuildCache
    /// Complete: what the build tools see, `PATH` and `HOME` included.
    package let environment: [String: String]
    package let runner: CommandRunner
    /// For all steps of one build together.
    package let deadline: Duration

    package init(
        cache: BuildCache, environment: [String: String], runner: CommandRunner = .live,
        deadline: Duration = .seconds(15 * 60)
    ) {
        self.cache = cache
        self.environment = environment
        self.runner = runner
        self.deadline = deadline
    }

    /// The build of a service as its source is now; made when there is none yet.
    ///
    /// - Parameter onLine: each line that a step writes, as it comes.
    /// - Throws: `BuildFailure` when a step fails, `WorldError` when a tool or a file is missing.
    package func build(
        _ request: BuildRequest, onLine: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> BuildResult {
        let start = ContinuousClock.now
        let tree = try await SourceTree.read(request.source, path: path, runner: runner)
        let recipe = try await BuildRecipe(request, tree: tree, builder: self)
        let source = try tree.hash()
        let identity = recipe.identity(source: source)
        if let record = cache.record(identity) { return result(record, cached: true, since: start) }
        let record = try await make(request, tree, source, recipe, until: start + deadline, onLine)
        return result(record, cached: false, since: start)
    }

    var path: String { environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin" }

    private func result(
        _ record: BuildRecord, cached: Bool, since start: ContinuousClock.Instant
    ) -> BuildResult {
        cache.touch(record.identity)
        let folder = cache.build(record.identity) + "/source"
        var paths: [String] = []
        var variables: [String: String] = [:]
        if let name = record.virtualEnvironment {
            paths.append("\(cache.folder)/venvs/\(name)/bin")
            variables["VIRTUAL_ENV"] = "\(cache.folder)/venvs/\(name)"
            variables["PYTHONUNBUFFERED"] = "1"
        }
        if access(folder + "/node_modules/.bin", F_OK) == 0 { paths.append(folder + "/node_modules/.bin") }
        if record.stack == .go, access(folder + "/bin", F_OK) == 0 { paths.append(folder + "/bin") }
        if record.stack == .swift { paths.append(folder + "/.build/release") }
        let site = record.siteOutput.map { $0 == "." ? folder : "\(folder)/\($0)" }
        return BuildResult(
            folder: folder, identity: record.identity, stack: record.stack, pathFolders: paths, variables: variables,
            siteFolder: site, cached: cached, duration: start.duration(to: .now))
    }

    /// Copies first, and names the build after what the copy holds: an edit during the copy cannot make a build that is not its name.
    private func make(
        _ request: BuildRequest, _ tree: SourceTree, _ source: ContentHash, _ recipe: BuildRecipe,
        until: ContinuousClock.Instant, _ onLine: @escaping @Sendable (String) -> Void
    ) async throws -> BuildRecord {
        let expected = recipe.identity(source: source)
        let start = ContinuousClock.now
        let copyLock = try await cache.lock(expected.short, until: until)
        defer { withExtendedLifetime(copyLock) {} }
        if let record = cache.record(expected) { return record }
        let incoming = "\(cache.folder)/incoming/\(expected.short)"
        try Folder.remove(incoming)
        defer { try? Folder.remove(incoming) }
        try Folder.make(incoming + "/source", mode: 0o755)
        try tree.copy(to: incoming + "/source")
        // The recipe too is read again from the copy, which nobody edits.
        let copy = try SourceTree.whole(incoming + "/source")
        let copied = try copy.hash()
        let recipe = copied == source ? recipe : try await BuildRecipe(request, tree: copy, builder: self)
        let identity = recipe.identity(source: copied)
        var lock: FileLock?
        if identity != expected { lock = try await cache.lock(identity.short, until: until) }
        defer { withExtendedLifetime(lock) {} }
        if let record = cache.record(identity) { return record }

        let folder = cache.build(identity)
        try Folder.remove(folder)
        try Folder.make(cache.folder + "/builds", mode: 0o755)
        guard rename(incoming, folder) == 0 else { throw SystemError.last.during("rename \(incoming) to \(folder)") }
        let log = try BuildLog(path: folder + "/build.log", onLine: onLine)
        let run = BuildRun(builder: self, service: request.service, folder: folder + "/source", log: log, until: until)
        let environment = try await run.perform(recipe, identity: identity)
        if let output = recipe.siteOutput { try checkSite(folder + "/source", output, request.service) }
        let seconds = start.duration(to: .now) / .seconds(1)
        let record = BuildRecord(
            identity: identity, source: copied, stack: recipe.stack, siteOutput: recipe.siteOutput,
            virtualEnvironment: environment, seconds: seconds)
        try cache.complete(record)
        return record
    }

    private func checkSite(_ folder: String, _ output: String, _ service: ServiceName) throws {
        var information = stat()
        guard stat("\(folder)/\(output)", &information) == 0, information.st_mode & S_IFMT == S_IFDIR else {
            throw WorldError(
                code: "site-output-missing", operation: "build \(service)",
                underlying: "the build made no folder `\(output)`",
                hint: "Set `site.output` to the folder that the build command fills.")
        }
    }
}
