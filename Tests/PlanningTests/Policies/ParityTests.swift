import Planning
import Spec
import Testing

/// CE-2.5: each difference of two environments, and which of them may be.
@Suite struct ParityTests {
    private let base = """
        hauban: 1
        platform: shop
        services:
          api: {source: api, run: ./api, port: 80, health: /health, env: {MODE: fast, API_TOKEN: "${TOKEN:-a}"}}
          worker: {source: worker, run: ./work}
        resources: {db: {kind: postgres, version: 17}}

        """

    private func report(_ staging: String, _ prod: String) throws -> ParityReport {
        let text = base.replacing(", API_TOKEN: \"${TOKEN:-a}\"", with: "")
        let parsed = ParsedPlatform.parse(
            text: text + "environments:\n  staging: {target: docker, branch: main\(staging)}\n"
                + "  prod: {target: docker, tag: v*\(prod)}\n", name: "hauban.yaml")
        #expect(parsed.diagnostics.isEmpty, "\(parsed.diagnostics.map(\.message))")
        let (here, there) = (try #require(EnvironmentName("staging")), try #require(EnvironmentName("prod")))
        return try #require(ParityReport(parsed, of: here, like: there))
    }

    private func lines(_ staging: String, _ prod: String) throws -> [String] {
        try report(staging, prod).differences.map { "\($0.path): \($0.here ?? "-") \($0.there ?? "-")" }
    }

    @Test("size, place and who is told may differ; the rest is told")
    func kinds() throws {
        #expect(try lines("", "") == [])
        #expect(try lines("", ", services: {api: {scale: 3, size: {cpu: 2}}}, resources: {db: {storage: 9Gi}}") == [])
        #expect(try lines("", ", domain: shop.example, requires: {approval: 1}, budget: {month: 9 USD}") == [])
        #expect(try lines("", ", kpis: {orders: {promql: sum(orders)}}") == [])
        #expect(try lines("", ", services: {api: {env: {MODE: safe}}}") == ["services.api.env.MODE: fast safe"])
        #expect(try lines(", encrypt: mesh", "") == ["encrypt: mesh edge"])
        #expect(try lines("", ", release: {watch: 5m}") == ["release.watch: 1m 5m"])
        #expect(try lines("", ", services: {api: {env: {MODE: null}}}") == ["services.api.env: … -"])
    }

    @Test("what only one of them has is told once, at its top")
    func missing() throws {
        #expect(try lines(", services: {worker: null}", "") == ["services.worker: - …"])
        #expect(
            try lines("", ", resources: {cache: {kind: redis, version: 7}}") == ["resources.cache: - …"])
        #expect(
            try lines("", ", services: {api: {expose: {host: www, rate: 20/s}}}") == ["services.api.expose: - …"])
    }

    @Test("two ways to write one thing are no difference, and lists are told as a whole")
    func forms() throws {
        #expect(try lines("", ", services: {api: {health: {ready: /health, interval: 10s}}}") == [])
        #expect(
            try lines(
                ", services: {worker: {egress: [a.example, b.example]}}", ", services: {worker: {egress: [b.example]}}")
                == ["services.worker.egress: [a.example, b.example] [b.example]"])
    }

    @Test("a difference stands where it was written, in the one or in the other")
    func places() throws {
        let written = try report("", ", services: {api: {env: {MODE: safe}}}")
        #expect(written.differences.map(\.span) == [Span(line: 4, column: 67, length: 4)])
        let other = try report("", ", encrypt: mesh")
        #expect(other.differences.map(\.span) == [Span(line: 9, column: 35, length: 7)])
    }

    @Test("values of variables that are called secrets are not told")
    func secrets() throws {
        let report = try report(
            "", ", services: {api: {env: {DB_PASSWORD: \"${TOKEN:-b}\"}}}".replacing("${TOKEN:-b}", with: "1234"))
        let source = SourceText(name: "hauban.yaml", text: base)
        #expect(report.text(source: source).contains("DB_PASSWORD: [redacted] only in prod"))
        #expect(!ParityReport.json([report]).contains("1234"))
    }

    @Test("who must be like whom is taken from `like`, else from what environments are for")
    func pairs() throws {
        func pairs(_ environments: String) -> [String] {
            let parsed = ParsedPlatform.parse(
                text: "hauban: 1\nplatform: shop\nenvironments:\n\(environments)\n", name: "hauban.yaml")
            return ParityReport.all(of: parsed).map { "\($0.environment) \($0.other)" }
        }
        let prod = "  prod: {target: docker, tag: v*}"
        #expect(
            pairs("  a: {target: docker, like: prod}\n  b: {target: docker, like: a}\n" + prod) == ["a prod", "b a"])
        #expect(pairs("  a: {target: docker, branch: main}\n  b: {target: local}\n" + prod) == ["a prod"])
        #expect(pairs(prod) == [])
        #expect(pairs("  a: {target: docker, like: prod, tls: {minimum: 9}}\n" + prod) == [])
    }

    @Test("the JSON form is as docs/cli-json.md shows")
    func json() throws {
        let text = ParityReport.json([try report(", encrypt: mesh", ", services: {api: {scale: 3}}")])
        #expect(
            text == """
                {
                  "format": 1,
                  "reports": [
                    {
                      "environment": "staging",
                      "like": "prod",
                      "same": false,
                      "differences": [
                        {
                          "kind": "place",
                          "path": "branch",
                          "here": "main",
                          "there": null,
                          "place": {
                            "line": 8,
                            "column": 29
                          }
                        },
                        {
                          "kind": "meaning",
                          "path": "encrypt",
                          "here": "mesh",
                          "there": "edge",
                          "place": {
                            "line": 8,
                            "column": 43
                          }
                        },
                        {
                          "kind": "size",
                          "path": "services.api.scale",
                          "here": "1",
                          "there": "3",
                          "place": {
                            "line": 9,
                            "column": 52
                          }
                        },
                        {
                          "kind": "place",
                          "path": "tag",
                          "here": null,
                          "there": "\\"v*\\"",
                          "place": {
                            "line": 9,
                            "column": 26
                          }
                        }
                      ]
                    }
                  ]
                }

                """)
    }
}
