import FoundationEssentials
import Glibc
import Planning
import Synchronization
import World

/// A PostgreSQL or Redis that exists as long as a step does: empty, on a port of its own, gone with its folder.
final class ThrowawayStore: Sendable {
    let variables: [String: String]
    private let record: ProcessRecord
    private let folder: String

    private init(variables: [String: String], record: ProcessRecord, folder: String) {
        self.variables = variables
        self.record = record
        self.folder = folder
    }

    /// Starts one and waits until it answers.
    ///
    /// - Throws: `WorldError`
    static func start(_ store: PipelineStore, path: String, mark: String, runner: CommandRunner) async throws
        -> ThrowawayStore
    {
        // A short path of its own: the server's user must reach it, whoever may enter the state.
        let folder = try Folder.temporary(named: "hauban-ci-\(store.kind.rawValue)")
        do {
            switch store.kind {
            case .postgres: return try await postgres(store, folder, path, mark, runner)
            case .redis: return try await redis(store, folder, path, mark, runner)
            }
        } catch {
            try? Folder.remove(folder)
            throw error
        }
    }

    /// Ends it at once: nothing in it is wanted any more.
    func stop() async {
        // SIGQUIT to PostgreSQL is "immediate shutdown", which also ends its other processes (PostgreSQL 15, 19.5).
        record.send(SIGQUIT, toGroup: false)
        if await ProcessExit.wait(for: record, timeout: .seconds(10)) == nil {
            record.send(SIGKILL, toGroup: true)
            _ = await ProcessExit.wait(for: record, timeout: .seconds(5))
        }
        record.send(SIGKILL, toGroup: true)
        try? Folder.remove(folder)
    }

    // MARK: PostgreSQL

    private static func postgres(
        _ store: PipelineStore, _ folder: String, _ path: String, _ mark: String, _ runner: CommandRunner
    ) async throws -> ThrowawayStore {
        let binaries = try await PostgresBinaries.find(major: store.version, path: path, runner: runner)
        let identity = try SystemUser.identity(named: "postgres", package: "postgresql-\(store.version)")
        var generator = SystemRandomNumberGenerator()
        let password = Secret.generated(length: 24, using: &generator)
        try AtomicFile.write(Array((password.exposed + "\n").utf8), to: folder + "/password", durable: false)
        try SystemUser.give(folder + "/password", to: identity)
        try SystemUser.give(folder, to: identity)
        let data = folder + "/data"
        let plain = ["PATH": path, "LC_ALL": "C.UTF-8", "TZ": "UTC"]
        let made = try await runner(
            Command(
                arguments: [
                    binaries.program("initdb"), "-D", data, "--username", "postgres", "--pwfile", folder + "/password",
                    "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
                ],
                environment: plain, workingDirectory: "/", deadline: .seconds(120), identity: identity))
        guard made.isSuccess else { throw refused("make a database for \(store.name)", made) }
        let port = try FreePort().next()
        let record = try ChildProcess(
            command: [
                binaries.program("postgres"), "-D", data, "-p", "\(port)", "-c", "listen_addresses=127.0.0.1", "-c",
                "unix_socket_directories=", "-c", "fsync=off", "-c", "synchronous_commit=off", "-c",
                "full_page_writes=off", "-c", "jit=off",
            ],
            environment: plain.merging([Command.workMark: mark]) { _, new in new }, workingDirectory: "/",
            standardOutput: folder + "/log", standardError: folder + "/log", identity: identity
        ).launch()
        let facts = Facts(
            host: "127.0.0.1", port: port, user: "postgres", password: password.exposed, database: store.database,
            scheme: "postgresql")
        let started = ThrowawayStore(variables: facts.values(of: store), record: record, folder: folder)
        do {
            try await answers(record, store, folder) {
                let ready = try? await runner(
                    Command(
                        arguments: [binaries.program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", "\(port)"],
                        environment: plain, workingDirectory: "/", deadline: .seconds(10)))
                return ready?.isSuccess == true
            }
            let quoted = store.database.replacing("\"", with: "\"\"")
            let created = try await runner(
                Command(
                    arguments: [
                        binaries.program("psql"), "-X", "-q", "-h", "127.0.0.1", "-p", "\(port)", "-U", "postgres",
                        "-d",
                        "postgres", "-c", "CREATE DATABASE \"\(quoted)\"",
                    ],
                    environment: plain.merging(["PGPASSWORD": password.exposed]) { _, new in new },
                    workingDirectory: "/",
                    deadline: .seconds(60)))
            guard created.isSuccess || store.database == "postgres" else {
                throw refused("make the database \(store.database)", created)
            }
        } catch {
            await started.stop()
            throw error
        }
        return started
    }

    // MARK: Redis

    private static func redis(
        _ store: PipelineStore, _ folder: String, _ path: String, _ mark: String, _ runner: CommandRunner
    ) async throws -> ThrowawayStore {
        let server: String
        do {
            server = try ProgramPath.find("redis-server", path: path, workingDirectory: "/")
        } catch let error as WorldError where error.code == "program-missing" {
            throw WorldError(
                code: "program-missing", operation: "start Redis for \(store.name)", underlying: error.underlying,
                hint: "Run `apt-get install redis-server`.")
        }
        let port = try FreePort().next()
        let record = try ChildProcess(
            command: [
                server, "--bind", "127.0.0.1", "--port", "\(port)", "--save", "", "--appendonly", "no", "--dir", folder,
            ],
            environment: ["PATH": path, "LC_ALL": "C.UTF-8", Command.workMark: mark], workingDirectory: "/",
            standardOutput: folder + "/log", standardError: folder + "/log"
        ).launch()
        let facts = Facts(
            host: "127.0.0.1", port: port, user: "default", password: "", database: store.database, scheme: "redis")
        let started = ThrowawayStore(variables: facts.values(of: store), record: record, folder: folder)
        do {
            try await answers(record, store, folder) { !FreePort.isFree(port) }
        } catch {
            await started.stop()
            throw error
        }
        return started
    }

    // MARK: Both

    private static func answers(
        _ record: ProcessRecord, _ store: PipelineStore, _ folder: String, _ isReady: () async -> Bool
    ) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while !(await isReady()) {
            guard record.isAlive, ContinuousClock.now < end else {
                throw WorldError(
                    code: "resource-refuses", operation: "start \(store.kind.rawValue) for \(store.name)",
                    underlying: SmallFile.tail(folder + "/log", bytes: 400))
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private static func refused(_ operation: String, _ result: CommandResult) -> WorldError {
        WorldError(
            code: "resource-refuses", operation: operation,
            underlying: "it \(result.status): \(result.errors.suffix(300))")
    }

    private struct Facts {
        var host: String
        var port: Int
        var user: String
        var password: String
        var database: String
        var scheme: String

        func values(of store: PipelineStore) -> [String: String] {
            var values: [String: String] = [:]
            for variable in store.variables { values[variable.name] = variable.parts.map(text).joined() }
            return values
        }

        private func text(_ part: PipelineStore.Variable.Part) -> String {
            switch part {
            case .text(let text): text
            case .url:
                password.isEmpty
                    ? "\(scheme)://\(host):\(port)/\(database)"
                    : "\(scheme)://\(user):\(password)@\(host):\(port)/\(database)"
            case .host: host
            case .port: "\(port)"
            case .user: user
            case .password: password
            case .database: database
            }
        }
    }
}
