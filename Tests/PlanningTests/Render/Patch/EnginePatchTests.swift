import Spec
import TestKit
import Testing

@testable import Planning

@Suite struct EnginePatchTests {
    private static func subject(_ patch: String, target: String = "docker") throws -> RenderSubject {
        let text = """
            hauban: 1
            platform: shop
            services:
              api: {run: ./api, image: "shop/api:1", port: 8080, health: /health}
            environments:
              dev: {target: \(target), registry: ghcr.io/shop}
              staging:
                target: \(target)
                registry: ghcr.io/shop
                patch:
                  \(target):
            \(patch.split(separator: "\n").map { "        " + $0 }.joined(separator: "\n"))
            """
        let parsed = ParsedPlatform.parse(bytes: Array(text.utf8), name: "hauban.yaml")
        #expect(parsed.diagnostics.isEmpty, "\(parsed.diagnostics)")
        return try #require(RenderSubject(parsed, files: RepositoryFiles([:])))
    }

    /// The whole of a service as Compose puts base and overlay together.
    private static func service(_ rendering: Rendering, _ name: String) throws -> String {
        try PythonJudge().run(
            """
            import json, yaml
            def merge(one, other):
                if isinstance(one, dict) and isinstance(other, dict):
                    return {k: merge(one[k], other[k]) if k in one and k in other else one.get(k, other.get(k)) for k in {**one, **other}}
                return other
            whole = merge(yaml.safe_load(open("compose.yaml")), yaml.safe_load(open("compose.staging.yaml")) or {})
            print(json.dumps(whole["services"].get("\(name)"), sort_keys=True), end="")
            """,
            files: Dictionary(
                uniqueKeysWithValues: rendering.artifacts.filter { $0.path.hasPrefix("compose.") }.map {
                    ($0.path, $0.text)
                }))
    }

    @Test("a patch sets, replaces and takes away, and each change is listed")
    func changes() throws {
        let subject = try Self.subject(
            """
            services:
              api:
                sysctls: {net.core.somaxconn: 1024}
                restart: always
                healthcheck: null
                cap_add: [NET_BIND_SERVICE]
            """)
        let plain = try Self.service(ComposeRenderer().render(try Self.subject("{}")), "api")
        let rendering = ComposeRenderer().render(subject)
        #expect(!rendering.diagnostics.hasErrors, "\(rendering.diagnostics)")
        let patched = try Self.service(rendering, "api")
        #expect(plain.contains(#""healthcheck""#) && !patched.contains(#""healthcheck""#))
        #expect(patched.contains(#""net.core.somaxconn": 1024"#))
        #expect(patched.contains(#""restart": "always""#))
        #expect(patched.contains(#""cap_add": ["NET_BIND_SERVICE"]"#))
        let told = rendering.changes.map {
            "\($0.path): \($0.before == nil ? "nothing" : "something") > \($0.after ?? "nothing")"
        }
        #expect(
            told == [
                "services.api.sysctls: nothing > {net.core.somaxconn: 1024}",
                #"services.api.restart: something > "always""#,
                "services.api.healthcheck: something > nothing",
                #"services.api.cap_add: nothing > ["NET_BIND_SERVICE"]"#,
            ])
        #expect(rendering.changes.allSatisfy { $0.file == "compose.staging.yaml" && $0.environment.text == "staging" })
    }

    @Test(
        "a patch that would do nothing or break the file is a finding at its key, with what was meant",
        arguments: [
            ("services: {apy: {restart: always}}", "services.apy", "api"),
            ("services: {api: {restat: always}}", "services.api.restat", "restart"),
            ("services: {api: {healthcheck: none}}", "healthcheck", "a map"),
            ("servics: {api: {restart: always}}", "servics", "services"),
        ])
    func findings(_ patch: String, _ named: String, _ hint: String) throws {
        let rendering = ComposeRenderer().render(try Self.subject(patch))
        let finding = try #require(rendering.diagnostics.first { $0.severity == .error })
        #expect(rendering.diagnostics.filter { $0.severity == .error }.count == 1)
        #expect((finding.message + (finding.help ?? "")).contains(named))
        #expect((finding.message + (finding.help ?? "")).contains(hint))
        #expect(finding.span != nil && finding.environment == "staging")
        #expect(rendering.changes.isEmpty)
    }

    @Test("a whole service may be added, and what was said twice is no change")
    func additions() throws {
        let subject = try Self.subject(
            """
            services:
              mailcatcher: {image: "axllent/mailpit:v1.21", networks: {apps: {}}}
            x-notes: {why: mail of tests}
            """)
        let rendering = ComposeRenderer().render(subject)
        #expect(!rendering.diagnostics.hasErrors)
        #expect(try Self.service(rendering, "mailcatcher").contains("mailpit"))
        #expect(rendering.changes.count == 2)
    }
}
