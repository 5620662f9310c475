import Foundation
import Glibc
import TestKit
import Testing
import World

/// `hauban account rescue` and `hauban audit check`: the built binary, with a control plane and without.
@Suite("Rescue and audit from the command line")
struct RescueTests {
    private func run(_ folder: TemporaryFolder, _ arguments: String...) async throws -> CommandResult {
        try await CommandRunner.live(
            Command(
                arguments: [PlatformFixture.binary] + arguments + ["--data", folder.path + "/data"],
                environment: ServeProcess.environment(folder), workingDirectory: folder.path, deadline: .seconds(60)))
    }

    private func post(_ port: Int, _ path: String, _ body: String) async throws -> HTTPRequest.Answer {
        try await HTTPRequest(
            method: "POST", url: "http://127.0.0.1:\(port)/api/v1/\(path)",
            headers: ["Content-Type": "application/json"], body: body
        ).send(within: .seconds(60))
    }

    /// What stands after `token=` in a text.
    private func token(_ text: String) throws -> String {
        let rest = try #require(text.split(separator: "token=").dropFirst().first, "\(text)")
        return String(rest.prefix { !$0.isWhitespace && $0 != "\"" })
    }

    @Test(
        "who is locked out comes in again by a link, made beside a control plane or without one; the log tells, and tells of tampering"
    )
    func life() async throws {
        let folder = TemporaryFolder()
        let nothing = try await run(folder, "audit", "check")
        #expect(nothing.status == .exited(code: 1) && nothing.errors.contains("[no-store]"), "\(nothing.errors)")
        let port = try FreePort().next()
        var process = try await ServeProcess.start(folder, port)
        let started = process
        try await eventually(within: .seconds(60)) { started.log.contains("token=") }
        let made = try await post(
            port, "set-up", #"{"token":"\#(try token(started.log))","name":"ana","password":"three small boats"}"#)
        #expect(made.status < 300, "\(made.body)")

        let online = try await run(folder, "account", "rescue", "ana")
        #expect(online.status == .exited(code: 0), "\(online.errors)")
        #expect(online.output.contains("  http://127.0.0.1:\(port)/invitation?token="), "\(online.output)")
        let entered = try await post(
            port, "invitations/accept", #"{"token":"\#(try token(online.output))","password":"another long one"}"#)
        #expect(entered.status == 200, "\(entered.body)")
        let stranger = try await run(folder, "account", "rescue", "eva", "--json")
        #expect(
            stranger.status == .exited(code: 1) && stranger.output.contains(#""code" : "not-found""#),
            "\(stranger.output)")
        let beside = try await run(folder, "audit", "check")
        #expect(beside.status == .exited(code: 0) && beside.output.contains("as they were written"), "\(beside.output)")

        // A kill leaves SQLite's log behind: what it holds is read too.
        _ = await process.end(SIGKILL)
        let killed = try await run(folder, "audit", "check", "--json")
        let report = try #require(JSONValue(parsing: Array(killed.output.utf8)), "\(killed.errors)")
        #expect(killed.status == .exited(code: 0) && report["ok"] == .bool(true), "\(killed.output)")
        let end = try #require(report["end"]?.string)

        let offline = try await run(folder, "account", "rescue", "ana", "--json")
        #expect(offline.status == .exited(code: 0), "\(offline.errors)")
        let link = try #require(JSONValue(parsing: Array(offline.output.utf8)))
        #expect(link["account"]?.string == "ana" && link["url"] == nil, "\(link.text)")
        process = try await ServeProcess.start(folder, port)
        let again = try await post(
            port, "invitations/accept",
            #"{"token":"\#(try token(link["path"]?.string ?? ""))","password":"yet another long one"}"#)
        #expect(again.status == 200, "\(again.body)")
        _ = await process.end(SIGTERM)

        let later = try await run(folder, "audit", "check", "--end", end)
        #expect(later.status == .exited(code: 0), "\(later.output)")
        let script = """
            import sqlite3, sys
            store = sqlite3.connect(sys.argv[1])
            store.execute("UPDATE audit SET body = replace(body, 'ana', 'eva') WHERE number = 3")
            store.commit()
            """
        let changed = try await CommandRunner.live(
            Command(
                arguments: ["/usr/bin/python3", "-c", script, folder.path + "/data/plane.sqlite"],
                environment: [:], workingDirectory: folder.path, deadline: .seconds(60)))
        #expect(changed.status == .exited(code: 0), "\(changed.errors)")
        let tampered = try await run(folder, "audit", "check")
        #expect(tampered.status == .exited(code: 1), "\(tampered.output)")
        #expect(tampered.output.contains("entries, and line 3 was changed\n"), "\(tampered.output)")
        let document = try await run(folder, "audit", "check", "--json")
        let found = try #require(JSONValue(parsing: Array(document.output.utf8)), "\(document.output)")
        #expect(
            document.status == .exited(code: 1) && found["ok"] == .bool(false) && found["finding"]?["line"]?.text == "3"
        )
    }
}
