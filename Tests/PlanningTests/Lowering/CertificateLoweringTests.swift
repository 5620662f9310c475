import Foundation
import Planning
import Spec
import Testing

@Suite("Lowering of certificates")
struct CertificateLoweringTests {
    private static func state(_ environment: String, platform file: String) throws -> DesiredState {
        let parsed = ParsedPlatform.parse(text: file, name: "hauban.yaml")
        #expect(parsed.diagnostics.filter { $0.severity == .error } == [])
        let name = try #require(EnvironmentName(environment))
        return Lowering(platform: try #require(parsed.environments[name]), environment: name, root: "/srv/shop")
            .desiredState()
    }

    private static func shop(_ environment: String) -> String {
        """
        hauban: 1
        platform: shop
        services:
          web: {source: web, port: 80, run: ./web, expose: [{host: www}, {path: /all}, {host: shop.other.example}]}
          api: {source: api, port: 81, run: ./api, expose: {host: www, path: /api}}
        environments:
          staging: {\(environment)}
        """
    }

    @Test("an authority is asked for the host names of the routes, each once")
    func names() throws {
        for target in ["docker", "swarm"] {
            let tls = "tls: {issuer: letsencrypt, email: a@b.example}"
            let state = try Self.state(
                "staging", platform: Self.shop("target: \(target), domain: shop.example, \(tls)"))
            #expect(
                state.tls?.source
                    == .order(
                        CertificateOrder(
                            names: ["shop.example", "shop.other.example", "www.shop.example"], email: "a@b.example")))
            #expect(state.tls?.authorities == nil)
        }
    }

    @Test("another authority is asked at its directory, and known by a file from the folder of hauban.yaml")
    func authority() throws {
        let state = try Self.state(
            "staging",
            platform: Self.shop(
                "target: docker, domain: shop.example, tls: {issuer: acme, directory: 'https://ca.example/dir', root: ca.pem}"
            ))
        #expect(state.tls?.order?.directory == "https://ca.example/dir")
        #expect(state.tls?.authorities == "/srv/shop/ca.pem")
    }

    @Test("nobody is asked for no names, nor where nobody can be asked")
    func nobody() throws {
        #expect(
            try Self.state("staging", platform: Self.shop("target: docker, tls: {issuer: letsencrypt}")).tls == nil)
    }

    /// The two were refused at their deploy before version 0.1.
    @Test("the examples' environments with certificates from Let's Encrypt ask for the names that they are reached by")
    func examples() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Examples")
        func names(_ example: String, _ environment: String) throws -> [String]? {
            let file = root.appending(path: example).appending(path: "hauban.yaml")
            return try Self.state(environment, platform: String(contentsOf: file, encoding: .utf8)).tls?.order?.names
        }
        #expect(try names("cognitive-sprint", "staging") == ["staging.sprint.example"])
        #expect(try names("personal-assistant", "staging") == ["staging.assistant.example"])
        #expect(try names("personal-assistant", "prod") == ["assistant.example"])
    }
}
