import Glibc
import Testing
import World

/// What runs can be looked at and stopped while its file is being changed.
@Suite("Commands about what runs, with a file that is wrong", .serialized)
struct BrokenFileTests {
    private static let file = """
        hauban: 1
        platform: shop
        services:
          api:
            source: api
            stack: none
            run: python3 -u server.py
            port: 8080
            health: {ready: /, live: /, interval: 1s}
            expose: {path: /}
        release: {watch: 1s, requests: 1}
        environments:
          dev: {target: local}
        """

    private static let server = """
        import os
        from http.server import BaseHTTPRequestHandler, HTTPServer
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")
            def log_message(self, *words):
                pass
        print("the shop is open", flush=True)
        HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
        """

    @Test("status, history, logs, maintenance and down go by what was released, and say so")
    func works() async throws {
        let shop = try PlatformFixture(files: ["hauban.yaml": Self.file, "api/server.py": Self.server])
        try await shop.used { shop in
            try await shop.deploy(expecting: 0)
            for (wrong, count) in [
                (Self.file.replacing("    port: 8080", with: "    prot: 8080"), "an error"),
                (Self.file.replacing("platform: shop", with: "platform: {shop"), "an error"),
            ] {
                try shop.write("hauban.yaml", wrong)
                let status = try await shop.hauban("status", "dev")
                #expect(status.code == 0, "\(status.output)\n\(status.errors)")
                #expect(status.output.contains("shop dev") && status.output.contains("api."), "\(status.output)")
                #expect(status.errors.hasPrefix("note: hauban.yaml has \(count)"), "\(status.errors)")
                let json = try await shop.hauban("status", "--json")
                #expect(json.code == 0 && json.json?["well"] == .bool(true), "\(json.output)")
                let history = try await shop.hauban("history", "dev", "--json")
                #expect(history.code == 0 && history.output.contains("kept"), "\(history.output)")
                let logs = try await shop.hauban("logs", "dev", "api")
                #expect(logs.code == 0 && logs.output.contains("the shop is open"), "\(logs.output)\n\(logs.errors)")
                #expect(try await shop.hauban("logs", "dev", "apii").errors.contains("Did you mean 'api'?"))
                let on = try await shop.hauban("maintenance", "on", "--service", "api")
                #expect(on.code == 0 && on.output.contains("visitors are answered 503"), "\(on.output)\n\(on.errors)")
                #expect(try await shop.hauban("maintenance", "off", "--service", "api").code == 0)
                #expect(try await shop.hauban("deploy", "dev").code == 1, "what is wrong is not shipped")
                #expect(try await shop.hauban("plan", "dev").code == 1)
            }
            let nowhere = try await shop.hauban("status", "prod")
            #expect(nowhere.code == 64 && nowhere.errors.contains("dev"), "\(nowhere.errors)")
            let down = try await shop.hauban("down", "dev")
            #expect(down.code == 0 && !down.output.contains("nothing was running"), "\(down.output)\n\(down.errors)")
            #expect(shop.processes().isEmpty)
        }
    }

    @Test("rollback goes by what was released, whether the file is wrong or gone, from a folder below too")
    func rollback() async throws {
        let shop = try PlatformFixture(files: ["hauban.yaml": Self.file, "api/server.py": Self.server])
        try await shop.used { shop in
            func answer(_ port: Int) async throws -> String {
                try await HTTPRequest(url: "http://127.0.0.1:\(port)/").send(within: .seconds(60)).body
            }
            for word in ["ok", "hm", "so"] {
                try shop.write("api/server.py", Self.server.replacing("b\"ok\"", with: "b\"\(word)\""))
                try await shop.deploy(expecting: 0)
            }
            let port = try await shop.port()
            #expect(try await answer(port) == "so")
            try shop.write("hauban.yaml", Self.file.replacing("    port: 8080", with: "    prot: 8080"))
            let wrong = try await shop.hauban("rollback", "dev")
            #expect(wrong.code == 0 && wrong.errors.hasPrefix("note: hauban.yaml has an error"), "\(wrong.errors)")
            #expect(try await answer(port) == "hm")
            unlink(shop.root + "/hauban.yaml")
            #expect(
                try await shop.hauban("deploy", "dev").errors.contains("[no-platform]"), "nothing says what to ship")
            #expect(try await shop.hauban("plan", "dev").code == 1)
            let gone = try await shop.hauban("rollback", "dev", "--json")
            #expect(gone.code == 0 && gone.errors.hasPrefix("note: there is no hauban.yaml"), "\(gone.errors)")
            #expect(gone.json?["verdict"]?.string == "kept", "\(gone.output)")
            #expect(try await answer(port) == "ok")
            let below = try await CommandRunner.live(
                Command(
                    arguments: [PlatformFixture.binary, "rollback", "--to", "r3"], environment: shop.environment,
                    workingDirectory: shop.root + "/api", deadline: .seconds(120)))
            #expect(below.isSuccess, "\(below.output)\(below.errors)")
            #expect(try await answer(port) == "so")
            #expect(try await shop.hauban("status", "--file", "hauban.yaml").code == 0)
            #expect(try await shop.hauban("rollback", "prod").code == 64)
            #expect(try await shop.hauban("down").code == 0)
            #expect(shop.processes().isEmpty)
        }
    }

    @Test("where nothing was released, what is wrong with the file is the answer")
    func nothingReleased() async throws {
        let shop = try PlatformFixture(files: ["hauban.yaml": "hauban: 1\nplatfrom: shop\n"])
        try await shop.used { shop in
            for command in ["status", "down", "history", "logs"] {
                let answer = try await shop.hauban(command)
                #expect(answer.code == 1 && answer.errors.contains("[unknown-key]"), "\(command): \(answer.errors)")
            }
        }
    }
}
