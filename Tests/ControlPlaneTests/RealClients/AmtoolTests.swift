import ControlPlane
import Response
import TestKit
import Testing
import World

/// Debian's `amtool` 0.25 as the client.
@Suite("The real amtool")
struct AmtoolTests {
    private struct Amtool {
        let folder = TemporaryFolder()
        let port: Int

        func run(_ arguments: String...) async throws -> String {
            let result = try await RealServer.run(
                ["amtool", "--alertmanager.url=http://127.0.0.1:\(port)"] + arguments, in: folder.path)
            #expect(result.isSuccess, "\(arguments) \(result.output) \(result.errors)")
            return result.output
        }

        func json(_ arguments: String...) async throws -> [JSONValue] {
            let result = try await RealServer.run(
                ["amtool", "--alertmanager.url=http://127.0.0.1:\(port)", "-o", "json"] + arguments, in: folder.path)
            #expect(result.isSuccess, "\(arguments) \(result.output) \(result.errors)")
            guard case .array(let list)? = JSONValue(parsing: Array(result.output.utf8)) else {
                Issue.record("no list: \(result.output)")
                return []
            }
            return list
        }
    }

    @Test("adds and queries alerts")
    func alerts() async throws {
        try await PlaneFixture.with(clock: .following) { plane in
            let amtool = Amtool(port: plane.plane.port)
            _ = try await amtool.run(
                "alert", "add", "alertname=Slow", "service=api", "severity=critical", "--annotation=summary=it is slow",
                "--generator-url=http://prometheus/graph")
            _ = try await amtool.run("alert", "add", "Down", "service=web")
            let all = try await amtool.json("alert", "query")
            #expect(Set(all.compactMap { $0["labels"]?["alertname"]?.string }) == ["Slow", "Down"])
            let slow = try await amtool.json("alert", "query", "service=~a.i")
            #expect(slow.count == 1)
            #expect(slow.first?["annotations"]?["summary"]?.string == "it is slow")
            #expect(slow.first?["generatorURL"]?.string == "http://prometheus/graph")
            #expect(try await amtool.run("alert").contains("Slow"))
            _ = try await amtool.run(
                "alert", "add", "Down", "service=web", "--end=2020-01-01T00:00:00Z", "--start=2019-01-01T00:00:00Z")
            #expect(try await amtool.json("alert", "query").count == 1)
        }
    }

    @Test("adds, queries, updates and expires silences")
    func silences() async throws {
        try await PlaneFixture.with(clock: .following) { plane in
            let amtool = Amtool(port: plane.plane.port)
            _ = try await amtool.run("alert", "add", "Slow", "service=api")
            let id = try await amtool.run(
                "silence", "add", "alertname=Slow", "service=~a.+", "--comment=repair", "--author=ana", "--duration=2h"
            ).filter { !$0.isWhitespace }
            #expect(try await amtool.json("silence", "query").compactMap { $0["id"]?.string } == [id])
            #expect(try await amtool.json("silence", "query", "alertname=Other").isEmpty)
            #expect(try await amtool.json("alert", "query").isEmpty, "it is silenced")
            #expect(try await amtool.json("alert", "query", "--silenced").count == 1)
            let updated = try await amtool.json("silence", "update", "--comment=longer", "--duration=3h", id)
            #expect(updated.first?["comment"]?.string == "longer")
            _ = try await amtool.run("silence", "expire", id)
            #expect(try await amtool.json("silence", "query").isEmpty)
            #expect(try await amtool.json("silence", "query", "--expired").count >= 1)
            #expect(try await amtool.json("alert", "query").count == 1)
        }
    }

    @Test("shows the configuration, its routes, and where an alert would go")
    func configuration() async throws {
        try await PlaneFixture.with { plane in
            let amtool = Amtool(port: plane.plane.port)
            let text = try await amtool.run("config", "show")
            #expect(text.contains("receiver: \"default\""))
            try amtool.folder.write("shown.yml", text)
            let check = try await RealServer.run(
                ["amtool", "check-config", amtool.folder.path + "/shown.yml"], in: amtool.folder.path)
            #expect(check.isSuccess, "\(check.output) \(check.errors)")
            #expect(try await amtool.run("config", "routes", "show").contains("third"))
            let routed = try await amtool.run("config", "routes", "test", "team=db", "alertname=x")
            #expect(routed.filter { !$0.isWhitespace } == "other,third")
        }
    }
}
