package import World

/// "Run this on that machine": this one, or another one over ssh, as root.
///
/// A live form is made by ``local(_:)`` and ``ssh(_:)``; a test hands in its own.
package struct HostSession: Sendable {
    /// What whoever looks is told before anything is asked with root's rights.
    package struct Login: Sendable, Hashable {
        package var user: String
        /// The port that the session was opened to; nil where it is none of ssh.
        package var port: Int?
        /// Whether it came in with a key.
        package var hasKey: Bool
    }

    /// For messages: `ana@shop.example`, `this machine`.
    package let name: String
    package let login: Login
    /// Runs a program as root with this input, until it ends or the time is over.
    ///
    /// Throws `WorldError` when the machine cannot be reached; a program that fails is a result.
    package let run: @Sendable (_ words: [String], _ input: [UInt8], _ deadline: Duration) async throws -> CommandResult
    /// The same in a session of its own: tells whether a new one can still be opened.
    package let runAnew: @Sendable (_ words: [String], _ deadline: Duration) async throws -> CommandResult
    /// Ends what is held open.
    package let close: @Sendable () async -> Void

    package init(
        name: String, login: Login,
        run: @escaping @Sendable ([String], [UInt8], Duration) async throws -> CommandResult,
        runAnew: @escaping @Sendable ([String], Duration) async throws -> CommandResult,
        close: @escaping @Sendable () async -> Void = {}
    ) {
        self.name = name
        self.login = login
        self.run = run
        self.runAnew = runAnew
        self.close = close
    }

    /// Who is there, and how: asked without root's rights, since `sudo` forgets the session.
    static let who = [
        "/bin/sh", "-c",
        #"id -u; id -un; echo "${SSH_CONNECTION:--}"; [ ! -s "$HOME/.ssh/authorized_keys" ] && echo none || echo keys"#,
    ]

    static func login(_ output: String) -> (isRoot: Bool, login: Login)? {
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count >= 4, let number = Int(lines[0]) else { return nil }
        // `CLIENT PORT SERVER PORT` (ssh(1), ENVIRONMENT).
        let port = lines[2].split(separator: " ").dropFirst(3).first.flatMap { Int($0) }
        return (number == 0, Login(user: lines[1], port: port, hasKey: lines[3] == "keys"))
    }

    static func withRoot(_ words: [String], isRoot: Bool) -> [String] { isRoot ? words : ["sudo", "-n", "--"] + words }

    /// This machine.
    ///
    /// - Parameter environment: what programs are started with; `PATH` among it.
    /// - Throws: `WorldError`
    package static func local(
        _ environment: [String: String], runner: CommandRunner = .live
    ) async throws -> HostSession {
        @Sendable func run(_ words: [String], _ input: [UInt8], _ deadline: Duration) async throws -> CommandResult {
            var command = Command(
                arguments: words, environment: environment, workingDirectory: "/", deadline: deadline)
            command.input = input
            return try await runner(command)
        }
        let answer = try await run(who, [], .seconds(20))
        guard let found = login(answer.output) else {
            throw WorldError(code: "host-unreachable", operation: "look at this machine", underlying: answer.errors)
        }
        let isRoot = found.isRoot
        let session = HostSession(
            name: "this machine", login: found.login,
            run: { try await run(withRoot($0, isRoot: isRoot), $1, $2) },
            runAnew: { try await run(withRoot($0, isRoot: isRoot), [], $1) })
        if !isRoot { try await session.insistOnRoot() }
        return session
    }

    /// - Throws: `WorldError` with the code `host-not-root`.
    func insistOnRoot() async throws {
        let answer = try await run(["true"], [], .seconds(30))
        guard !answer.isSuccess else { return }
        throw WorldError(
            code: "host-not-root", operation: "look at \(name) as root",
            underlying: "\(login.user) is not root, and sudo asks for a password or refuses"
                + (answer.errors.isEmpty ? "" : ": " + Printable.text(answer.errors, limit: 200)),
            hint: "Come as root, or let \(login.user) use sudo without a password while this runs.")
    }
}
