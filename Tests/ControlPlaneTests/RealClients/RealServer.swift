import FoundationEssentials
import Glibc
import TestKit
import Testing
import World

/// A server of Debian's packages, in a folder and on a port of its own.
struct RealServer: Sendable {
    let folder: TemporaryFolder
    let port: Int
    private let record: ProcessRecord
    private static let ports = FreePort()

    struct Failed: Error, CustomStringConvertible {
        var description: String
    }

    static let environment = [
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
    ]

    /// Starts it and waits until it answers.
    ///
    /// - Parameter ready: a path that answers 200 then.
    static func start(
        files: [String: String], ready: String, command: (_ folder: String, _ port: Int) -> [String]
    ) async throws -> RealServer {
        let folder = TemporaryFolder()
        for (name, text) in files { try folder.write(name, text) }
        let port = try ports.next()
        let record = try ChildProcess(
            command: command(folder.path, port), environment: environment, workingDirectory: folder.path,
            standardOutput: folder.path + "/server.log", standardError: folder.path + "/server.log"
        ).launch()
        let server = RealServer(folder: folder, port: port, record: record)
        let end = ContinuousClock.now + .seconds(90)
        while ContinuousClock.now < end {
            if record.isAlive, (try? await PlainClient(port: port).send("GET", ready).status) == 200 { return server }
            guard record.isAlive else { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        let log = folder.read("server.log")
        await server.end()
        throw Failed(description: "the server does not answer: \(log)")
    }

    /// Starts one for a test, and ends it whatever happens.
    static func with(
        files: [String: String], ready: String, command: (_ folder: String, _ port: Int) -> [String],
        _ body: (RealServer) async throws -> Void
    ) async throws {
        let server = try await start(files: files, ready: ready, command: command)
        do {
            try await body(server)
        } catch {
            await server.end()
            throw error
        }
        await server.end()
    }

    var client: PlainClient { PlainClient(port: port) }

    func signal(_ number: Int32) { kill(record.pid, number) }

    private func end() async {
        kill(record.pid, SIGKILL)
        _ = await ProcessExit.wait(for: record, timeout: .seconds(60))
    }

    /// Runs a program to its end.
    static func run(_ arguments: [String], in folder: String) async throws -> CommandResult {
        var environment = environment
        environment["HOME"] = folder
        return try await CommandRunner.live(
            Command(
                arguments: arguments, environment: environment, workingDirectory: folder, deadline: .seconds(120)))
    }
}

/// Debian's Alertmanager 0.25, with the routes of ``PlaneFixture/routing``.
enum RealAlertmanager {
    static let configuration = """
        global: {resolve_timeout: 5m}
        route:
          receiver: default
          group_by: [alertname]
          group_wait: 0s
          routes:
          - {receiver: other, matchers: ['team="db"'], continue: true}
          - {receiver: third, matchers: ['team="db"'], group_by: ['...']}
        receivers: [{name: default}, {name: other}, {name: third}]
        inhibit_rules:
        - source_matchers: ['severity="critical"']
          target_matchers: ['severity="warning"']
          equal: [alertname]
        """

    static func with(_ body: (RealServer) async throws -> Void) async throws {
        try await RealServer.with(
            files: ["alertmanager.yml": configuration], ready: "/-/ready",
            command: { folder, port in
                [
                    "prometheus-alertmanager", "--config.file=\(folder)/alertmanager.yml",
                    "--storage.path=\(folder)/data", "--cluster.listen-address=",
                    "--web.listen-address=127.0.0.1:\(port)", "--log.level=error",
                ]
            }, body)
    }
}
