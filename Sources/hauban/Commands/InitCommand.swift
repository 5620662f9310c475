import ArgumentParser
import FoundationEssentials
import Glibc
import Planning
import Spec
import World

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Reads a repository and writes a hauban.yaml for it, with a comment on each guess.",
        discussion: """
            Looks at Compose files, Dockerfiles, package files, Procfile, alembic.ini and .env.example. Values of secrets are \
            never copied, and .env itself is never read. A hauban.yaml that exists is left alone unless --force is given.

            Exits 0 when a file was written that passes `hauban check`, 1 when nothing looks like a service, when there is a \
            hauban.yaml already, or when the file still needs a hand.

            EXAMPLES
              hauban init
              hauban init ~/src/shop --print
              hauban init --force --json
            """)

    @Argument(help: "The repository's folder.") var folder: String = "."
    @Flag(help: "Overwrite a hauban.yaml that exists.") var force = false
    @Flag(name: .customLong("print"), help: "Write to standard output instead.") var prints = false
    @Flag(help: "Print what was found as JSON.") var json = false

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let root = try Self.absolute(folder)
        let path = (root == "/" ? "" : root) + "/hauban.yaml"
        if !prints, !force, access(path, F_OK) == 0 {
            throw WorldError(
                code: "platform-exists", operation: "write \(path)", underlying: "there is one already",
                hint: "`hauban init --force` overwrites it; `hauban init --print` shows what would be written.")
        }
        let name = root.split(separator: "/").last.map(String.init) ?? "platform"
        guard let draft = PlatformDraft.make(name: name, files: RepositoryWalk.read(root)) else {
            throw WorldError(
                code: "no-service", operation: "describe \(root)",
                underlying:
                    "nothing in it looks like a service: no Compose file, Dockerfile, Procfile, or package file "
                    + "with a program to start",
                hint: "Nothing was written. Write hauban.yaml yourself: `hauban schema --reference` prints every key.")
        }
        let project = Project(
            parsed: ParsedPlatform.parse(text: draft.text, name: "hauban.yaml"), root: root, path: path)
        let diagnostics = project.diagnostics()
        if !prints { try AtomicFile.write(Array(draft.text.utf8), to: path, mode: 0o644, durable: false) }
        if json {
            terminal.line(
                try MachineOutput.text(Report(draft, path: prints ? nil : path, well: !diagnostics.hasErrors)))
        } else if prints {
            terminal.line(String(draft.text.dropLast()))
        } else {
            tell(draft, terminal)
        }
        if !diagnostics.isEmpty {
            terminal.complain(TextReport(source: project.parsed.source, colour: terminal.colour).text(diagnostics))
        }
        if diagnostics.hasErrors { throw ExitCode(1) }
    }

    private func tell(_ draft: PlatformDraft, _ terminal: Terminal) {
        func list(_ names: [String], _ one: String, _ many: String) -> String {
            "\(names.count) \(names.count == 1 ? one : many)"
                + (names.isEmpty ? "" : " (\(names.joined(separator: ", ")))")
        }
        terminal.line(
            "wrote hauban.yaml: \(list(draft.services, "service", "services")), "
                + "\(list(draft.resources, "resource", "resources"))")
        terminal.line("Next:")
        terminal.line("  read it: each guess has a comment")
        let elsewhere = folder == "." ? "" : " -f \(folder)/hauban.yaml"
        terminal.line("  hauban check\(elsewhere)")
        for secret in draft.secrets { terminal.line("  hauban secrets set \(secret) --env dev\(elsewhere)") }
        terminal.line(
            draft.target == "local"
                ? "  hauban up\(elsewhere)" : "  hauban doctor dev\(elsewhere)   # `dev` needs \(draft.target)")
    }

    private struct Report: Encodable {
        let file: String?
        let passesCheck: Bool
        let services: [String]
        let resources: [String]
        let secrets: [String]
        let target: String
        let text: String?

        init(_ draft: PlatformDraft, path: String?, well: Bool) {
            file = path
            passesCheck = well
            services = draft.services
            resources = draft.resources
            secrets = draft.secrets
            target = draft.target
            text = path == nil ? draft.text : nil
        }
    }

    private static func absolute(_ folder: String) throws -> String {
        guard let resolved = realpath(folder, nil) else {
            throw SystemError.last.during("read the folder \(folder)", hint: "Name the repository's folder.")
        }
        defer { free(resolved) }
        var information = stat()
        let path = String(cString: resolved)
        guard stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFDIR else {
            throw WorldError(
                code: "not-a-folder", operation: "read \(folder)", underlying: "it is no folder",
                hint: "Name the repository's folder.")
        }
        return path
    }
}
