import FoundationEssentials
import Glibc
import TestKit
import Testing
import World
import hauban

/// How commands of this machine reach its control plane: by its certificate alone, and never with a token of the one before.
@Suite("The control plane of this machine")
struct LocalPlaneTests {
    @Test(
        "on TLS it is reached by the certificate that it wrote down, whatever names that holds; another one is refused")
    func pinned() async throws {
        let folder = TemporaryFolder()
        try await certificate(folder, "pager")
        try await certificate(folder, "other")
        let process = try await Self.serve(folder, "--tls-certificate", "pager.pem", "--tls-key", "pager.key")
        let local = folder.path + "/data/local.json"
        let written = try #require(SmallFile.text(local))
        let pin = try CertificatePin(ofFile: folder.path + "/pager.pem").hex
        #expect(written.contains(pin) && written.contains("https:"), "\(written)")
        let added = try await run(folder, "alert", "add", "Slow", "service=api")
        #expect(added.isSuccess, "\(added.errors)")
        let listed = try await run(folder, "alert", "list")
        #expect(listed.isSuccess && listed.output.contains("Slow"), "\(listed.output)\(listed.errors)")

        // What listens shows another certificate than the one that was written down.
        let other = try CertificatePin(ofFile: folder.path + "/other.pem").hex
        try folder.write("data/local.json", written.replacing(pin, with: other))
        let refused = try await run(folder, "alert", "list")
        #expect(
            refused.status == .exited(code: 1) && refused.errors.contains("[certificate-mismatch]"), "\(refused.errors)"
        )
        #expect(refused.errors.contains("another certificate than the control plane wrote down"))
        // A pin that is none is no leave to trust anybody.
        try folder.write("data/local.json", written.replacing(pin, with: "none"))
        #expect(try await run(folder, "alert", "list").errors.contains("[bad-local-file]"))
        // Named by its address it is the same one, and only for who can read the file.
        try folder.write("data/local.json", written)
        let url = try #require(JSONValue(parsing: Array(written.utf8))?["url"]?.string)
        #expect(try await run(folder, "alert", "list", "--url", url).isSuccess)
        _ = await end(process)
    }

    @Test(
        "what an earlier one left is gone before the next one listens, and a second one leaves the first one's file alone"
    )
    func neverStale() async throws {
        let folder = TemporaryFolder()
        let port = try FreePort().next()
        for _ in 1...5 {
            try Folder.make(folder.path + "/data")
            try folder.write("data/local.json", #"{"url":"http://127.0.0.1:\#(port)","token":"stale"}"#)
            let process = try Self.start(folder, ["--listen", "127.0.0.1:\(port)"])
            // As quick as can be: the first answer to anybody.
            while try !isReached(port) { #expect(process.isAlive) }
            let text = SmallFile.text(folder.path + "/data/local.json") ?? ""
            #expect(!text.contains("stale"), "\(text)")
            // Whether it has begun to answer or not, a command waits for it and has the right token.
            let listed = try await run(folder, "alert", "list")
            #expect(listed.isSuccess, "\(listed.errors)")
            let before = SmallFile.text(folder.path + "/data/local.json")
            let second = try await run(folder, "serve", "--no-platform", "--listen", "127.0.0.1:0")
            #expect(second.errors.contains("[store-locked]"), "\(second.errors)")
            #expect(SmallFile.text(folder.path + "/data/local.json") == before)
            _ = await end(process, by: SIGKILL)
        }
    }

    @Test("a command waits for one that is starting, and not for one that ended while it started")
    func starting() async throws {
        let folder = TemporaryFolder()
        let process = try await Self.serve(folder)
        let local = folder.path + "/data/local.json"
        let written = try #require(SmallFile.text(local))
        func marker(_ record: ProcessRecord) throws -> String {
            #"{"starting":\#(String(decoding: try JSONEncoder().encode(record), as: UTF8.self))}"#
        }
        try folder.write("data/local.json", try marker(process))
        let waiting = try ChildProcess(
            command: [PlatformFixture.binary, "alert", "list", "--data", folder.path + "/data"],
            environment: Self.environment(folder), workingDirectory: folder.path,
            standardOutput: folder.path + "/waiting.log", standardError: folder.path + "/waiting.log"
        ).launch()
        // Long enough for one that does not wait to have failed.
        for _ in 1...20 where waiting.isAlive { try await Task.sleep(for: .milliseconds(50)) }
        try folder.write("data/local.json", written)
        let status = await ProcessExit.wait(for: waiting, timeout: .seconds(60))
        #expect(status == .exited(code: 0), "\(SmallFile.text(folder.path + "/waiting.log") ?? "")")
        _ = await end(process)

        try folder.write("data/local.json", try marker(process))
        let gone = try await run(folder, "alert", "list")
        #expect(gone.errors.contains("[no-control-plane]"), "\(gone.errors)")
    }

    // MARK: Parts

    private static func environment(_ folder: TemporaryFolder) -> [String: String] { ServeProcess.environment(folder) }

    private static func start(_ folder: TemporaryFolder, _ arguments: [String]) throws -> ProcessRecord {
        try ChildProcess(
            command: [PlatformFixture.binary, "serve", "--no-platform", "--data", folder.path + "/data"] + arguments,
            environment: environment(folder), workingDirectory: folder.path,
            standardOutput: folder.path + "/serve.log", standardError: folder.path + "/serve.log"
        ).launch()
    }

    private static func serve(_ folder: TemporaryFolder, _ arguments: String...) async throws -> ProcessRecord {
        let process = try start(folder, ["--listen", "127.0.0.1:0"] + arguments)
        try await eventually(within: .seconds(60)) {
            (SmallFile.text(folder.path + "/serve.log") ?? "").contains("listening on")
        }
        return process
    }

    private func end(_ process: ProcessRecord, by signal: Int32 = SIGTERM) async -> World.ExitStatus? {
        kill(process.pid, signal)
        return await ProcessExit.wait(for: process, timeout: .seconds(60))
    }

    private func run(_ folder: TemporaryFolder, _ arguments: String...) async throws -> CommandResult {
        try await CommandRunner.live(
            Command(
                arguments: [PlatformFixture.binary] + arguments + ["--data", folder.path + "/data"],
                environment: Self.environment(folder), workingDirectory: folder.path, deadline: .seconds(60)))
    }

    private func isReached(_ port: Int) throws -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    /// A certificate of a name that is not this machine's.
    private func certificate(_ folder: TemporaryFolder, _ name: String) async throws {
        let made = try await CommandRunner.live(
            Command(
                arguments: [
                    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=\(name).example", "-addext", "subjectAltName=DNS:\(name).example",
                    "-keyout", "\(name).key", "-out", "\(name).pem",
                ], environment: Self.environment(folder), workingDirectory: folder.path, deadline: .seconds(60)))
        try #require(made.isSuccess, "\(made.errors)")
    }
}
