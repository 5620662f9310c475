import ArgumentParser
import Delivery
import FoundationEssentials
import Glibc
import Planning
import Spec
import World

/// A command that looks at or changes what runs in an environment, and so belongs on the machine where that is.
protocol EngineCommand {
    var file: FileOption { get }
    /// The environment that it names, if it does.
    var named: String? { get }
    /// Whether it reads the sources of services, and not only their names.
    var readsSources: Bool { get }
    /// Whether it fetches or sends images.
    var usesRegistries: Bool { get }
}

extension EngineCommand {
    var readsSources: Bool { false }
    var usesRegistries: Bool { false }
}

extension PlanCommand: EngineCommand {
    var named: String? { argument.environment }
    var readsSources: Bool { true }
}

extension DeployCommand: EngineCommand {
    var named: String? { argument.environment }
    var readsSources: Bool { true }
    var usesRegistries: Bool { true }
}

extension RollbackCommand: EngineCommand {
    var named: String? { argument.environment }
    var usesRegistries: Bool { true }
}

extension VerifyCommand: EngineCommand {
    var named: String? { argument.environment }
    var readsSources: Bool { true }
}

extension StatusCommand: EngineCommand {
    var named: String? { argument.environment }
}

extension HistoryCommand: EngineCommand {
    var named: String? { argument.environment }
}

extension DownCommand: EngineCommand {
    var named: String? { argument.environment }
}

extension DriftCommand: EngineCommand {
    var named: String? { argument.environment }
}

extension LogsCommand: EngineCommand {
    var named: String? { words.first }
}

extension MaintenanceOnCommand: EngineCommand {
    var named: String? { environment }
    /// The page is a file.
    var readsSources: Bool { page != nil }
}

extension MaintenanceOffCommand: EngineCommand {
    var named: String? { environment }
}

extension SecretsSetCommand: EngineCommand {
    var named: String? { environment }
}

extension SecretsListCommand: EngineCommand {
    var named: String? { environment }
}

extension SecretsRemoveCommand: EngineCommand {
    var named: String? { environment }
}

/// Sends a command to the machine of the Docker Engine that the environment is on, when that is another one.
struct Delegation {
    private let command: any EngineCommand
    private let project: Project
    private let platform: Platform
    private let settings: Spec.Environment
    private let docker: DockerSettings
    private let endpoint: DockerEndpoint

    /// - Returns: the exit code of the command, run on another machine; `nil` when it is for this one.
    static func code(of command: any ParsableCommand) async throws -> Int32? {
        guard let asked = command as? any EngineCommand, let there = try Delegation(asked) else { return nil }
        return try await there.perform()
    }

    private init?(_ command: any EngineCommand) throws {
        guard let project = try? Project.read(command.file) else { return nil }
        // Words of `logs` may name a service first.
        let isEnvironment =
            command.named.flatMap { EnvironmentName($0) }.map { project.parsed.environments[$0] != nil } ?? false
        guard let (name, platform) = try? project.environment(isEnvironment ? command.named : nil),
            let settings = platform.environments[name], [.docker, .swarm].contains(settings.target)
        else { return nil }
        let endpoint = try Engines.endpoint(context: settings.context, server: settings.hosts.first)
        if endpoint.isHere { return nil }
        self.command = command
        self.project = project
        self.platform = platform
        self.settings = settings
        docker = DockerSettings(environment: ProcessEnvironment.all)
        self.endpoint = endpoint
    }

    private func perform() async throws -> Int32 {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        // Told here, before anything is sent.
        if command.readsSources { _ = try Project.checked(command.file, terminal) }
        let api = try DockerAPI(at: endpoint, environment: ProcessEnvironment.all)
        let run = RemoteRun(api, image: FrontDoorImage(program: try Engines.program()))
        let order = try await order(terminal)
        let code = try await Interruption.heard {
            try await run.perform(order) { line in
                let output = line.stream == .output ? STDOUT_FILENO : STDERR_FILENO
                StandardOutput.write(line.text + (line.isCut ? "" : "\n"), to: output)
            }
        }
        return Int32(truncatingIfNeeded: code)
    }

    private func order(_ terminal: Terminal) async throws -> RemoteRun.Order {
        let folder = "\(platform.name)"
        var words = Self.words(Array(Swift.CommandLine.arguments.dropFirst()), file: Self.last(project.path))
        let variables = ProcessEnvironment.all
        let revision = await PipelineSurroundings.revision(variables, root: project.root)
        if let deploy = command as? DeployCommand, deploy.label == nil {
            words += ["--label", await GitLabel.read(project.root)]
        }
        let secret = (command as? SecretsSetCommand)?.name
        let own = try LeaseHolder.current()
        return RemoteRun.Order(
            words: words, platform: folder, folder: "\(RemoteRun.sources)/\(folder)\(below)",
            files: try await files(below: folder), caller: "\(own.user) on \(own.host)",
            environment: ["TZ": Self.zone, "RELEASE": revision],
            input: try secret.map { try HiddenInput.value(of: $0, terminal) },
            registries: command.usesRegistries ? try await registries() : [], folders: certificateFolders)
    }

    /// Where the caller stands in the platform's folder, `""` or `/services/api`.
    private var below: String {
        let here = FileManager.default.currentDirectoryPath
        return here.hasPrefix(project.root + "/") ? String(here.dropFirst(project.root.utf8.count)) : ""
    }

    /// What git would commit, and the files of a certificate in the folder; without their contents where only names count.
    private func files(below folder: String) async throws -> [TarStream.Entry] {
        let tree = try await SourceTree.read(
            project.root, path: ProcessEnvironment.all["PATH"] ?? "/usr/local/bin:/usr/bin:/bin", runner: .live)
        let own = Self.last(project.path)
        var entries = tree.entries.map { entry in
            let path = "\(folder)/\(entry.path)"
            switch entry.kind {
            case .link(let target): return TarStream.Entry(path, .link(to: target), mode: 0o777)
            case .file(let isExecutable):
                let wants = command.readsSources || RepositoryFiles.wantsContent(of: entry.path) || entry.path == own
                return TarStream.Entry(
                    path, wants ? .file(path: "\(project.root)/\(entry.path)", size: entry.size) : .bytes([]),
                    mode: isExecutable ? 0o755 : 0o644)
            }
        }
        // These are what git should not have.
        for path in [own, settings.tls?.certificate, settings.tls?.key, settings.tls?.root].compactMap({ $0 }) {
            if path.hasPrefix("/") { continue }
            if tree.entries.contains(where: { $0.path == path }) { continue }
            guard let bytes = try? SmallFile.read("\(project.root)/\(path)") else { continue }
            entries.append(.init("\(folder)/\(path)", .bytes(bytes), mode: 0o600))
        }
        return entries + [.init("\(folder)\(below)", .folder, mode: 0o755)]
    }

    /// Folders of the server that hold its certificates: that of certbot as a whole, whose names are links within.
    private var certificateFolders: [String] {
        [settings.tls?.certificate, settings.tls?.key, settings.tls?.root].compactMap { path in
            guard let path, path.hasPrefix("/") else { return nil }
            if path.hasPrefix("/etc/letsencrypt/") { return "/etc/letsencrypt" }
            return path.lastIndex(of: "/").map { String(path[..<$0]) }.flatMap { $0.isEmpty ? nil : $0 }
        }
    }

    private func registries() async throws -> [RegistryCredentials] {
        var names = Set(platform.services.values.compactMap { $0.image.flatMap { ImageName($0)?.registry } })
        if let own = settings.registry, let name = ImageName(repository: own + "/any", tag: "any") {
            names.insert(name.registry)
        }
        var found: [RegistryCredentials] = []
        for name in names.sorted() {
            let path = ProcessEnvironment.all["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
            if let credentials = try await docker.credentials(for: name, runner: .live, path: path) {
                found.append(credentials)
            }
        }
        return found
    }

    /// The words with the platform's file by its name alone, where its folder is the one that the command is called in.
    static func words(_ words: [String], file: String) -> [String] {
        var kept: [String] = []
        var rest = words[...]
        var wasNamed = false
        while let word = rest.popFirst() {
            if word == "--" {
                kept.append(word)
                kept += rest
                break
            }
            if word == "--file" || word == "-f" {
                rest = rest.dropFirst()
                wasNamed = true
            } else if word.hasPrefix("--file=") {
                wasNamed = true
            } else {
                kept.append(word)
            }
        }
        guard wasNamed || file != "hauban.yaml" else { return kept }
        let end = kept.firstIndex(of: "--") ?? kept.endIndex
        kept.insert(contentsOf: ["--file", file], at: end)
        return kept
    }

    private static func last(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    /// This machine's offset from UTC as POSIX writes it, which needs no table of zones: `<+0100>-01:00`.
    private static var zone: String {
        var now = time(nil)
        var parts = tm()
        localtime_r(&now, &parts)
        let minutes = parts.tm_gmtoff / 60
        func text(_ value: Int, _ separator: String) -> String {
            let (hours, rest) = (abs(value) / 60, abs(value) % 60)
            return (value < 0 ? "-" : "+") + (hours < 10 ? "0" : "") + "\(hours)\(separator)"
                + (rest < 10 ? "0" : "") + "\(rest)"
        }
        return "<\(text(minutes, ""))>\(text(-minutes, ":"))"
    }
}
