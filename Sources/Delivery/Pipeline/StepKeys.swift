import Glibc
import Planning
import Spec
import World

/// Hashes of all that a step's result depends on.
///
/// An actor because several steps look at the same folders at once; what was hashed is remembered for the run, until a step ran
/// that may have changed files.
actor StepKeys {
    private let root: String
    private let environment: [String: String]
    private let runner: CommandRunner
    /// The date in UTC: what comes from outside is asked for again each day.
    private let day: String
    private var folders: [String: Task<ContentHash, any Error>] = [:]
    private var commit: String?

    init(root: String, environment: [String: String], runner: CommandRunner, day: String) {
        self.root = root
        self.environment = environment
        self.runner = runner
        self.day = day
    }

    /// - Returns: `nil` when the step is always done anew.
    func key(of step: PipelineGraph.Step, tools: ContentHash?) async throws -> ContentHash? {
        guard let inputs = step.inputs else { return nil }
        var texts = ["hauban ci 1", step.id.text, step.folder, "\(step.work)", tools?.hex ?? ""]
        for store in step.stores { texts.append("\(store)") }
        for folder in inputs.folders {
            texts.append(
                inputs.files.isEmpty ? try await tree(folder).hex : Self.files(inputs.files, in: path(folder)))
        }
        for program in inputs.programs { texts.append(identity(of: program)) }
        if inputs.history { texts.append(await head()) }
        if inputs.daily { texts.append(day) }
        texts += variables(of: step.work)
        return ContentHash(of: texts)
    }

    /// Files may have changed.
    func forget() { folders = [:] }

    private func path(_ folder: String) -> String { folder.isEmpty ? root : root + "/" + folder }

    private func tree(_ folder: String) async throws -> ContentHash {
        if let known = folders[folder] { return try await known.value }
        let path = path(folder)
        let runner = runner
        let programs = environment["PATH"] ?? "/usr/bin:/bin"
        let task = Task { try await SourceTree.read(path, path: programs, runner: runner).hash() }
        folders[folder] = task
        return try await task.value
    }

    private static func files(_ names: [String], in folder: String) -> String {
        ContentHash(
            of: names.flatMap { name in
                let bytes = try? SmallFile.read("\(folder)/\(name)")
                return [name, bytes.map { ContentHash(of: $0).hex } ?? "none"]
            }
        ).hex
    }

    /// A program by its file: asking it for its version takes some of them half a second.
    private func identity(of program: String) -> String {
        guard let path = try? ProgramPath.find(program, path: environment["PATH"], workingDirectory: root),
            let resolved = realpath(path, nil)
        else { return "\(program): none" }
        defer { free(resolved) }
        var information = stat()
        stat(resolved, &information)
        return
            "\(String(cString: resolved)) \(information.st_size) \(information.st_mtim.tv_sec).\(information.st_mtim.tv_nsec)"
    }

    private func head() async -> String {
        if let commit { return commit }
        let result = try? await runner(
            Command(
                arguments: ["git", "-c", "safe.directory=*", "rev-parse", "HEAD", "--all"],
                environment: ["PATH": environment["PATH"] ?? "/usr/bin:/bin", "HOME": "/nonexistent"],
                workingDirectory: root, deadline: .seconds(30)))
        let text = result.map { $0.isSuccess ? $0.output : "none" } ?? "none"
        commit = text
        return text
    }

    /// The variables that steer tools by convention, and those that a command names.
    private func variables(of work: PipelineGraph.Work) -> [String] {
        var named: Set<Substring> = []
        if case .commands(let lines) = work {
            for line in lines {
                for piece in line.text.split(separator: "$", omittingEmptySubsequences: false).dropFirst() {
                    let word = piece.first == "{" ? piece.dropFirst() : piece
                    named.insert(word.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
                }
            }
        }
        let families = [
            "PYTHON", "PYTEST_", "PIP_", "NODE_", "NPM_CONFIG_", "npm_config_", "GO", "SWIFT", "LC_", "RUFF_",
        ]
        let single: Set<String> = ["LANG", "TZ", "CI", "CC", "CXX", "CFLAGS", "LDFLAGS", "DATABASE_URL", "VIRTUAL_ENV"]
        return environment.filter { name, _ in
            !name.hasPrefix("HAUBAN_")
                && (single.contains(name) || named.contains(name[...]) || families.contains { name.hasPrefix($0) })
        }.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }
}
