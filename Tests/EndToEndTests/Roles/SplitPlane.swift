import Glibc
import TestKit
import Testing
import World

/// A control plane of four processes, one for each role.
final class SplitPlane {
    let folders: [String: TemporaryFolder]
    let ports: [String: Int]
    private var processes: [String: ServeProcess] = [:]

    static let roles = ["incidents", "ingest", "oncall", "console"]

    init(_ platform: String) throws {
        let free = FreePort()
        folders = Dictionary(uniqueKeysWithValues: Self.roles.map { ($0, TemporaryFolder()) })
        ports = try Dictionary(uniqueKeysWithValues: Self.roles.map { ($0, try free.next()) })
        for folder in folders.values {
            try folder.write("hauban.yaml", platform)
            try folder.write("plane.token", "0123456789abcdef0123456789abcdef\n")
        }
    }

    func port(_ role: String) -> Int { ports[role] ?? 0 }

    func start(_ role: String) async throws {
        guard let folder = folders[role] else { return }
        var options = ["--role", role, "--plane-token-file", folder.path + "/plane.token"]
        options += role == "incidents" ? ["--env", "dev"] : ["--plane", "http://127.0.0.1:\(port("incidents"))"]
        processes[role] = try await ServeProcess.start(folder, port(role), options)
    }

    @discardableResult
    func end(_ role: String, _ signal: Int32) async -> World.ExitStatus? {
        await processes.removeValue(forKey: role)?.end(signal)
    }

    func endAll() async {
        for role in Self.roles.reversed() { await end(role, SIGKILL) }
    }

    func log(_ role: String) -> String { folders[role]?.read("serve.log") ?? "" }

    /// The token of the deciding process that runs.
    func token() async throws -> String {
        var token = ""
        try await eventually(within: .seconds(60)) {
            token =
                JSONValue(parsing: Array((folders["incidents"]?.read("data/local.json") ?? "").utf8))?["token"]?
                .string ?? ""
            return try PostingClient.ask(port("incidents"), "GET", "/api/v1/incidents?limit=1", token: token).status
                == 200
        }
        return token
    }

    func metric(_ role: String, _ name: String) throws -> String? {
        try PostingClient.get(port(role), "/metrics").split(whereSeparator: \.isNewline)
            .first { $0.hasPrefix(name + " ") }.map { String($0.dropFirst(name.count + 1)) }
    }

    static func with(_ platform: String, _ body: (SplitPlane) async throws -> Void) async throws {
        let plane = try SplitPlane(platform)
        do {
            try await body(plane)
        } catch {
            await plane.endAll()
            throw error
        }
        await plane.endAll()
    }
}
