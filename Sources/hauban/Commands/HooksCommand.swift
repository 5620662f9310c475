import ArgumentParser
import Glibc
import Planning
import Spec
import World

struct HooksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hooks", abstract: "Has git run stages of the pipeline before each commit.",
        discussion: """
            EXAMPLES
              hauban hooks install
              hauban hooks remove
            """,
        subcommands: [HooksInstall.self, HooksRemove.self])
}

struct HooksInstall: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "Writes the pre-commit hook of this repository.",
        discussion: """
            It runs `pipeline.before-commit`, else the search for secrets; with `secrets` also over exactly what is staged.
            A hook that somebody wrote is not replaced without --force.

            EXAMPLE
              hauban hooks install
            """)

    @Flag(help: "Replace a hook that somebody wrote.") var force = false
    @OptionGroup var file: FileOption

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let project = try Project.checked(file, terminal)
        guard let platform = project.parsed.base else { throw ExitCode(1) }
        let place = try await HookPlace.find(project.root)
        guard let hook = CommitHook(platform.pipeline, folder: place.folder) else {
            throw ValidationError(
                "`pipeline.before-commit` names no stage, and `secrets` is not one of `pipeline.stages`.")
        }
        if let old = SmallFile.text(place.path), !old.contains(CommitHook.mark), !force {
            throw WorldError(
                code: "not-rendered", operation: "write \(place.path)", underlying: "somebody wrote that hook",
                hint: "Call `hauban ci \(hook.stages.map(\.text).joined(separator: " "))` in it, or give --force.")
        }
        try Folder.make(place.path.lastIndex(of: "/").map { String(place.path[..<$0]) } ?? ".", mode: 0o755)
        try AtomicFile.write(Array(hook.text(program: try Engines.program()).utf8), to: place.path, mode: 0o755)
        terminal.line("\(place.path): runs \(hook.stages.map(\.text).joined(separator: ", ")) before each commit")
    }
}

struct HooksRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Takes our pre-commit hook away.",
        discussion: """
            EXAMPLE
              hauban hooks remove
            """)

    @OptionGroup var file: FileOption

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let place = try await HookPlace.find(try Project.read(file).root)
        guard let text = SmallFile.text(place.path), text.contains(CommitHook.mark) else {
            terminal.line("\(place.path): there is no hook of ours")
            return
        }
        guard unlink(place.path) == 0 else { throw SystemError.last.during("remove \(place.path)") }
        terminal.line("\(place.path): removed")
    }
}

/// Where git looks for the hook of a repository.
private struct HookPlace {
    /// Absolute.
    var path: String
    /// Of hauban.yaml, below the top of the work tree.
    var folder: String

    static func find(_ root: String) async throws -> HookPlace {
        let path = try await git(["rev-parse", "--git-path", "hooks/pre-commit"], root)
        let prefix = try await git(["rev-parse", "--show-prefix"], root)
        return HookPlace(
            path: path.hasPrefix("/") ? path : root + "/" + path,
            folder: prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix)
    }

    private static func git(_ words: [String], _ root: String) async throws -> String {
        // Its own configuration counts: `core.hooksPath` may lead elsewhere.
        let variables = ProcessEnvironment.all.filter {
            !["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"].contains($0.key)
        }
        let result = try await CommandRunner.live(
            Command(arguments: ["git"] + words, environment: variables, workingDirectory: root, deadline: .seconds(30)))
        guard result.isSuccess else {
            throw WorldError(
                code: "no-repository", operation: "find the hooks of \(root)",
                underlying: String(result.errors.prefix { $0 != "\n" }), hint: "`git init` makes a repository.")
        }
        return String(result.output.prefix { $0 != "\n" })
    }
}
