import Planning
package import World

/// Where `ssh` leads.
package struct SSHDestination: Sendable, Hashable {
    package var user: String?
    package var host: String
    package var port: Int?
    /// A file with a private key.
    package var identity: String?
    /// Further words for ssh, such as `-F FILE`.
    package var options: [String]

    /// - Returns: nil for what is no `HOST`, `USER@HOST`, or `USER@HOST:PORT`.
    package init?(_ text: String, identity: String? = nil, options: [String] = []) {
        var rest = text[...]
        user = nil
        port = nil
        if let at = rest.lastIndex(of: "@") {
            user = String(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        // `[2001:db8::1]:22`; an address of version 6 without brackets has no port.
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            let after = rest[rest.index(after: end)...]
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            if !after.isEmpty {
                guard after.hasPrefix(":"), let number = Int(after.dropFirst()) else { return nil }
                port = number
            }
        } else if rest.count(where: { $0 == ":" }) == 1, let colon = rest.firstIndex(of: ":") {
            guard let number = Int(rest[rest.index(after: colon)...]) else { return nil }
            port = number
            host = String(rest[..<colon])
        } else {
            host = String(rest)
        }
        func isPlain(_ text: String) -> Bool {
            !text.isEmpty && !text.hasPrefix("-")
                && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"'\"\\$`;&|<>()*?!{}#".utf8.contains($0) }
        }
        guard isPlain(host), user.map(isPlain) ?? true, port.map({ (1...65_535).contains($0) }) ?? true else {
            return nil
        }
        self.identity = identity
        self.options = options
    }

    package var text: String { (user.map { $0 + "@" } ?? "") + host + (port.map { ":\($0)" } ?? "") }
}

extension HostSession {
    /// Another machine, over one connection that all commands share.
    ///
    /// ssh's own configuration counts: keys, jumps, known hosts. It asks nobody anything (BatchMode), so an unknown host is refused.
    /// - Parameter environment: what `ssh` is started with: `PATH`, `HOME`, its agent.
    /// - Throws: `WorldError`: `host-unreachable`, `host-not-root`.
    package static func ssh(
        _ destination: SSHDestination, environment: [String: String], runner: CommandRunner = .live
    ) async throws -> HostSession {
        let folder = try Folder.temporary(named: "hauban-host")
        let link = SSHLink(destination, folder: folder, environment: environment, runner: runner)
        do {
            try await link.open()
            let answer = try await link.run(who, [], .seconds(60), isOwn: false)
            guard let found = login(answer.output) else {
                throw link.unreachable("it answers what no shell of ours would: " + answer.errors + answer.output)
            }
            let isRoot = found.isRoot
            let session = HostSession(
                name: destination.text, login: found.login,
                run: { try await link.run(withRoot($0, isRoot: isRoot), $1, $2, isOwn: false) },
                runAnew: { try await link.run(withRoot($0, isRoot: isRoot), [], $1, isOwn: true) },
                close: { await link.close() })
            if !isRoot { try await session.insistOnRoot() }
            return session
        } catch {
            await link.close()
            throw error
        }
    }
}

/// One connection of ssh, and the commands over it.
private struct SSHLink: Sendable {
    private let destination: SSHDestination
    private let folder: String
    private let environment: [String: String]
    private let runner: CommandRunner

    init(_ destination: SSHDestination, folder: String, environment: [String: String], runner: CommandRunner) {
        self.destination = destination
        self.folder = folder
        self.environment = environment
        self.runner = runner
    }

    private var socket: String { folder + "/m" }

    private func words(_ more: [String]) -> [String] {
        var words = ["ssh", "-T", "-x", "-a"] + destination.options
        words += [
            "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "-o", "ServerAliveInterval=10", "-o",
            "ServerAliveCountMax=3",
        ]
        if let port = destination.port { words += ["-p", "\(port)"] }
        if let user = destination.user { words += ["-l", user] }
        if let identity = destination.identity { words += ["-i", identity] }
        return words + more
    }

    private func command(_ words: [String], within deadline: Duration) -> Command {
        Command(
            arguments: words, environment: environment, workingDirectory: "/", deadline: deadline, outputLimit: 4 << 20)
    }

    /// Starts the connection that the others share; it goes to the background by itself once it stands.
    func open() async throws {
        let master = words([
            "-o", "ControlMaster=yes", "-o", "ControlPath=\(socket)", "-o", "ControlPersist=60", "--", destination.host,
            "true",
        ])
        let result = try await runner(command(master, within: .seconds(60)))
        guard result.isSuccess else { throw unreachable(result.isLate ? "no answer within 60 s" : result.errors) }
    }

    /// - Parameter isOwn: not over the connection that stands.
    func run(_ remote: [String], _ input: [UInt8], _ deadline: Duration, isOwn: Bool) async throws -> CommandResult {
        // The far side hands one text to the user's shell.
        let line = ShellWords.text(remote)
        let control = ["-o", "ControlMaster=no", "-o", "ControlPath=\(isOwn ? "none" : socket)"]
        var command = command(words(control + ["--", destination.host, line]), within: deadline)
        command.input = input
        let result = try await runner(command)
        // ssh's own failures end with 255 (ssh(1), EXIT STATUS).
        if result.status == .exited(code: 255) { throw unreachable(result.errors) }
        return result
    }

    func close() async {
        let control = ["-o", "ControlPath=\(socket)", "-O", "exit", "--", destination.host]
        _ = try? await runner(command(words(control), within: .seconds(10)))
        try? Folder.remove(folder)
    }

    func unreachable(_ reason: String) -> WorldError {
        let lines = reason.split(whereSeparator: \.isNewline).suffix(3).joined(separator: " ")
        let text = Printable.text(lines, limit: 300)
        let hint: String
        if text.contains("Host key verification failed") || text.contains("host key is known") {
            hint = "Log in once with `ssh \(destination.text)`, and compare the key that it shows with the server's."
        } else if text.contains("Permission denied") {
            hint =
                "Log in with `ssh \(destination.text)`: it must work with a key and ask nothing (ssh-copy-id, ssh-agent)."
        } else {
            hint = "`ssh -v \(destination.text)` says more."
        }
        return WorldError(
            code: "host-unreachable", operation: "reach \(destination.text) by ssh", underlying: text, hint: hint)
    }
}
