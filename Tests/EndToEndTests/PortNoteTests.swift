import Glibc
import Testing
import World

/// The port of the platform's address, when the usual one is taken.
@Suite("A default port that is taken", .serialized, .timeLimit(.minutes(10)))
struct PortNoteTests {
    @Test("is named with who has it and the port chosen instead, once, for people and for programs")
    func taken() async throws {
        let held = try await HeldPort.take(8080)
        for json in [false, true] {
            let shop = try PlatformFixture(files: ["hauban.yaml": Self.file, "site/index.html": "1"])
            try await shop.used { shop in
                let first = try await shop.hauban(["deploy", "dev"] + (json ? ["--json"] : []))
                #expect(first.code == 0, "\(first.output)\(first.errors)")
                let port = try await shop.port()
                #expect(port != held.port)
                let start = "port 8080 is taken by process \(getpid()) ("
                let end = "so the address has port \(port) from now on; on the first deploy `--port` names another"
                let notes: [String]
                if json {
                    guard case .array(let list)? = first.json?["notes"] else {
                        throw PlatformFixture.FixtureError(text: "no notes: \(first.output)")
                    }
                    notes = list.compactMap(\.string)
                } else {
                    notes = first.output.split(separator: "\n").map { String($0.drop { $0 == " " }) }
                        .filter { $0.hasPrefix("note: ") }.map { String($0.dropFirst(6)) }
                }
                #expect(notes.contains { $0.hasPrefix(start) && $0.hasSuffix(end) }, "\(notes)")
                // It stays, so there is nothing more to say.
                try shop.write("site/index.html", "2")
                let second = try await shop.hauban("deploy", "dev")
                #expect(second.code == 0 && !second.output.contains("is taken"), "\(second.output)")
                #expect(try await shop.port() == port)
            }
        }
    }

    @Test("holds for a state folder and an environment whose names are too long for a socket's path")
    func deep() async throws {
        let shop = try PlatformFixture(files: [
            "hauban.yaml": Self.file.replacing("  dev:", with: "  \(Self.long):"), "site/index.html": "1",
        ])
        try await shop.used { shop in
            let state = shop.state + "/" + Array(repeating: "a-deep-folder", count: 9).joined(separator: "/")
            func hauban(_ words: String...) async throws -> CommandResult {
                try await CommandRunner.live(
                    Command(
                        arguments: [PlatformFixture.binary] + words,
                        environment: shop.environment.merging(["HAUBAN_STATE": state]) { _, new in new },
                        workingDirectory: shop.root, deadline: .seconds(60)))
            }
            let deploy = try await hauban("deploy", Self.long, "--port", "0")
            #expect(deploy.isSuccess, "\(deploy.output)\(deploy.errors)")
            let status = try await hauban("status", Self.long)
            #expect(status.isSuccess && status.output.contains("http://127.0.0.1:"), "\(status.output)\(status.errors)")
            #expect(try await hauban("down", Self.long).isSuccess)
            #expect(shop.processes().isEmpty, "no orphan: \(shop.processes())")
        }
    }

    /// As long as names may be.
    private static let long = "e" + String(repeating: "x", count: 38)

    private static let file = """
        hauban: 1
        platform: notes
        services:
          site: {source: site, site: {output: .}, expose: {path: /}}
        release: {watch: 100ms, requests: 1}
        environments:
          dev: {target: local}

        """
}
