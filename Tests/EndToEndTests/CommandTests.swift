import Testing
import World

/// The commands that need no running platform.
@Suite("The command line")
struct CommandTests {
    @Test("checks a right file, and says place and mend of what is wrong")
    func check() async throws {
        try await PlatformFixture.with { shop in
            let right = try await shop.hauban("check")
            #expect(right.code == 0)
            #expect(right.output == "hauban.yaml: 3 services, 1 resource, environment dev: nothing wrong\n")

            try shop.write("hauban.yaml", "hauban: 1\nplatform: shop\nservices:\n  api: {source: api, prot: 80}\n")
            let wrong = try await shop.hauban("check")
            #expect(wrong.code == 1)
            #expect(
                wrong.errors.contains("hauban.yaml:4:22: error: unknown key 'prot' in service [unknown-key]"),
                "\(wrong.errors)")
            #expect(wrong.errors.contains("= fix: replace with `port`"), "\(wrong.errors)")
            let json = try await shop.hauban("check", "--json")
            #expect(json.code == 1)
            #expect(json.json != nil, "\(json.output)")
            let sarif = try await shop.hauban("check", "--format", "sarif")
            #expect(sarif.json?["version"]?.string == "2.1.0")
            #expect(try await shop.hauban("deploy", "dev").code == 1, "a wrong file is not deployed")
        }
    }

    @Test("explains values, origins and diagnostics")
    func explain() async throws {
        try await PlatformFixture.with { shop in
            let scale = try await shop.hauban("explain", "services.api.scale", "--env", "dev")
            #expect(scale.output.contains("hauban.yaml:14:12"), "\(scale.output)")
            let size = try await shop.hauban("explain", "services.api.size")
            #expect(size.output.contains("default"), "\(size.output)")
            #expect(try await shop.hauban("explain", "unknown-key").output.contains("Wrong"))
            let unknown = try await shop.hauban("explain", "services.api.scael")
            #expect(unknown.code == 64)
            #expect(unknown.errors.contains("services.api.scale"), "\(unknown.errors)")
        }
    }

    @Test("every command has help with an example, and wrong usage exits 64")
    func help() async throws {
        try await PlatformFixture.with { shop in
            for command in [
                "check", "explain", "schema", "init", "doctor", "up", "plan", "deploy", "rollback", "down", "status",
                "logs", "history", "serve",
            ] {
                let help = try await shop.hauban(command, "--help")
                #expect(help.code == 0)
                #expect(help.output.contains("hauban \(command)") && help.output.contains("EXAMPLE"), "\(help.output)")
            }
            #expect(try await shop.hauban("deploy", "nowhere").code == 64)
            #expect(try await shop.hauban("deploy", "--nothing").code == 64)
            #expect(try await shop.hauban("--version").output == "0.1.0\n")
        }
    }

    @Test("init writes a platform that passes check, and never over one that is there")
    func initialise() async throws {
        try await PlatformFixture.with { shop in
            let refused = try await shop.hauban("init")
            #expect(refused.code == 1)
            #expect(refused.errors.contains("--force"), "\(refused.errors)")
            try shop.write("api/requirements.txt", "fastapi==0.110.0\n")
            try shop.write(
                "compose.yaml",
                "services:\n  api:\n    build: ./api\n    command: python server.py\n    ports: ['80:8080']\n"
                    + "    environment: {DB_PASSWORD: hunter2-planted}\n")
            let made = try await shop.hauban("init", "--force")
            #expect(made.code == 0, "\(made.output)\(made.errors)")
            let text = SmallFile.text(shop.root + "/hauban.yaml") ?? ""
            #expect(text.contains("source: api"), "\(text)")
            #expect(!text.contains("hunter2-planted"))
            let check = try await shop.hauban("check")
            #expect(check.code == 0, "\(check.errors)")
            let doctor = try await shop.hauban("doctor", "--json")
            #expect(doctor.json != nil, "\(doctor.output)\(doctor.errors)")
        }
    }

    @Test("a folder without a platform is told what to do")
    func nothing() async throws {
        try await PlatformFixture.with { shop in
            let result = try await CommandRunner.live(
                Command(
                    arguments: [PlatformFixture.binary, "check"], environment: shop.environment, workingDirectory: "/",
                    deadline: .seconds(60)))
            #expect(result.status == .exited(code: 1))
            #expect(result.errors.contains("hauban init"), "\(result.errors)")
        }
    }
}
