import Glibc
import TestKit
import Testing
import World

/// A `hauban serve` of a test.
struct ServeProcess {
    let record: ProcessRecord
    let folder: TemporaryFolder

    static func environment(_ folder: TemporaryFolder) -> [String: String] {
        ["PATH": "/usr/bin:/bin", "HOME": folder.path, "LANG": "C.UTF-8"]
    }

    /// Starts it and waits until it is ready.
    ///
    /// - Parameter options: more of the command's own.
    static func start(
        _ folder: TemporaryFolder, _ port: Int, _ options: [String] = []
    ) async throws -> ServeProcess {
        let log = folder.path + "/serve.log"
        let record = try ChildProcess(
            command: [
                PlatformFixture.binary, "serve", "--listen", "127.0.0.1:\(port)", "--data", folder.path + "/data",
            ] + options,
            environment: environment(folder), workingDirectory: folder.path, standardOutput: log, standardError: log
        ).launch()
        let process = ServeProcess(record: record, folder: folder)
        try await eventually(within: .seconds(60)) {
            !record.isAlive || (try? PostingClient.get(port, "/-/ready").hasPrefix("HTTP/1.1 200")) == true
        }
        #expect(record.isAlive, "\(process.log)")
        return process
    }

    var log: String { folder.read("serve.log") }

    func end(_ signal: Int32) async -> World.ExitStatus? {
        kill(record.pid, signal)
        return await ProcessExit.wait(for: record, timeout: .seconds(60))
    }
}
