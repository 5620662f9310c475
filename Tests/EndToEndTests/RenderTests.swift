import Testing
import World

@Suite("hauban render")
struct RenderTests {
    private static func platform(environment: String, patch: String = "") -> String {
        """
        hauban: 1
        platform: shop
        services:
          api: {source: api, run: python3 server.py, port: 8080, health: /health}
        environments:
          dev: {target: docker, registry: ghcr.io/shop, domain: dev.shop.example}
          \(environment):
            target: docker
            registry: ghcr.io/shop
            domain: shop.example
        \(patch)
        """
    }

    private static func read(_ name: String, _ shop: PlatformFixture) throws -> String {
        String(decoding: try SmallFile.read("\(shop.root)/\(name)"), as: UTF8.self)
    }

    @Test("writes, finds what differs, keeps what somebody wrote, and takes away what is rendered no more")
    func files() async throws {
        try await PlatformFixture.with { shop in
            try shop.write("hauban.yaml", Self.platform(environment: "staging"))
            let first = try await shop.hauban("render")
            #expect(first.code == 0, "\(first.errors)")
            #expect(first.errors.contains("--notes prints them") && !first.errors.contains("note: "), "\(first.errors)")
            let noted = try await shop.hauban("render", "--check", "--notes")
            #expect(noted.errors.contains("note: ") && noted.errors.contains("hauban.yaml:4:"), "\(noted.errors)")
            #expect(first.output.contains("compose.staging.yaml"))
            #expect(try await shop.hauban("render", "--check").code == 0)

            let compose = try Self.read("compose.staging.yaml", shop)
            try shop.write("compose.staging.yaml", compose.replacing("ghcr.io/shop", with: "ghcr.io/other"))
            let differs = try await shop.hauban("render", "--check")
            #expect(differs.code == 1)
            #expect(differs.output.contains("-") && differs.output.contains("ghcr.io/other"), "\(differs.output)")
            #expect(try await shop.hauban("render").code == 0)
            #expect(try Self.read("compose.staging.yaml", shop) == compose)

            try shop.write("compose.staging.yaml", "services: {}\n")
            let foreign = try await shop.hauban("render")
            #expect(foreign.code != 0)
            #expect(foreign.errors.contains("compose.staging.yaml"), "\(foreign.errors)")
            #expect(try Self.read("compose.staging.yaml", shop) == "services: {}\n")
            #expect(try await shop.hauban("render", "--force").code == 0)

            try shop.write("hauban.yaml", Self.platform(environment: "prod"))
            try shop.write("compose.by-hand.yaml", "kept: true\n")
            let moved = try await shop.hauban("render", "--check")
            #expect(moved.output.contains("compose.staging.yaml: is rendered no more"), "\(moved.output)")
            let removed = try await shop.hauban("render")
            #expect(removed.output.contains("compose.staging.yaml: removed"), "\(removed.output)")
            #expect(try await shop.hauban("render", "--check").code == 0)
            #expect(try Self.read("compose.by-hand.yaml", shop) == "kept: true\n")
        }
    }

    @Test("explain lists what a patch changes")
    func patch() async throws {
        try await PlatformFixture.with { shop in
            let patch = "    patch: {docker: {services: {api: {restart: always}}}}"
            try shop.write("hauban.yaml", Self.platform(environment: "prod", patch: patch))
            let told = try await shop.hauban("explain", "environments.prod.patch")
            #expect(told.code == 0, "\(told.errors)")
            #expect(told.output.contains("services.api.restart") && told.output.contains("always"), "\(told.output)")
            #expect(try await shop.hauban("render").code == 0)
            let files = try Self.read("compose.yaml", shop) + Self.read("compose.prod.yaml", shop)
            #expect(files.contains("restart: always") && !files.contains("restart: unless-stopped"))
        }
    }
}
