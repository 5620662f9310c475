import Planning
import Spec
import Testing

/// What the rules say of a platform whose first two lines are given.
private func ids(_ body: String, files: [String]? = nil) throws -> [String] {
    let today = try #require(BadPlatform.today)
    let parsed = ParsedPlatform.parse(text: "hauban: 1\nplatform: shop\n" + body, name: "hauban.yaml")
    #expect(parsed.diagnostics.isEmpty)
    return Policies.check(parsed, today: today, files: files.map { FileFacts(existing: $0) }).map(\.id.rawValue)
}

@Suite struct PolicyTests {
    @Test("names of different maps may be the same when nothing refers to both")
    func names() throws {
        #expect(
            try ids(
                """
                services: {api: {source: api, port: 80, expose: {path: /}, secrets: [api]}}
                secrets: {api: {}}
                teams: {api: {channels: [sms]}}
                """) == [])
    }

    @Test("an edge to what exists, with an access of its kind, is right")
    func edges() throws {
        #expect(
            try ids(
                """
                services:
                  api: {source: a, port: 80, expose: {path: /}, uses: {db: read, o: publish, k: call, m: call}}
                  m: {source: m, port: 80, uses: {o: subscribe}}
                resources: {db: {kind: postgres}, o: {kind: topic}, k: {kind: cluster}}
                """) == [])
    }

    @Test("a site may name its edges in its build")
    func siteEdges() throws {
        #expect(
            try ids(
                """
                services:
                  web: {source: w, site: {build: "make URL=${api.url}"}, uses: {api: call}, expose: {path: /}}
                  api: {source: a, port: 80}
                """) == [])
    }

    @Test("own values, edges' attributes and the shell's own variables are placeholders that hold")
    func placeholders() throws {
        #expect(
            try ids(
                """
                services:
                  api:
                    source: a
                    port: 80
                    expose: {path: /}
                    run: serve ${port} ${release} ${environment} ${platform} ${HOME} ${file} ${db.host} $${db.none}
                    uses: {db: read, m: call}
                    env: {A: "${db.password} $${none.url}", B: "${m.port}"}
                  m: {source: m, port: 80}
                resources: {db: {kind: postgres}}
                """) == [])
    }

    @Test("two services may migrate one database when one calls the other")
    func migrations() throws {
        #expect(
            try ids(
                """
                services:
                  api: {source: a, port: 80, expose: {path: /}, migrate: up, uses: {db: write, m: call}}
                  m: {source: m, port: 80, migrate: up, uses: {db: write}}
                  other: {source: m, migrate: up, uses: {own: write}}
                resources: {db: {kind: postgres}, own: {kind: postgres}}
                """) == [])
    }

    @Test("a secret that is declared, used and handed over once is right")
    func secrets() throws {
        #expect(
            try ids(
                """
                services: {w: {source: w, secrets: {a: KEY, b: OTHER}, env: {PORT: "1"}}}
                secrets: {a: {}, b: {rotate: 90d}}
                """) == [])
    }

    @Test("what only resembles a secret is none")
    func notSecrets() throws {
        #expect(
            try ids(
                """
                services:
                  w:
                    source: w
                    # an AKIA key, ghp_short, sk-learn, task-runner-with-a-very-long-name-0123456789abcdef
                    env:
                      TOKEN_URL: https://login.example/token
                      DB: "postgresql://${db.user}:${db.password}@host/x"
                      TIME: "http://host:8080/a@b"
                      API_TOKEN: "${db.password}"
                    uses: {db: read}
                resources: {db: {kind: postgres}}
                """) == [])
    }

    @Test("a diamond of services is no cycle")
    func diamond() throws {
        #expect(
            try ids(
                """
                services:
                  a: {source: a, port: 80, expose: {path: /}, uses: {b: call, c: call}}
                  b: {source: b, port: 80, uses: {d: call}}
                  c: {source: c, port: 80, uses: {d: call}}
                  d: {source: d, port: 80}
                """) == [])
    }

    @Test("long chains into and out of a ring are no part of it")
    func chainsAroundARing() throws {
        let chain = (0..<50).map { "  in\($0): {source: s, port: 80, uses: {\($0 == 0 ? "a" : "in\($0 - 1)"): call}}" }
        let tail = (0..<50).map { "  out\($0): {source: s, port: 80\($0 == 0 ? "" : ", uses: {out\($0 - 1): call}")}" }
        let ring = [
            "  a: {source: s, port: 80, expose: {path: /}, uses: {b: call}}",
            "  b: {source: s, port: 80, uses: {a: call, out49: call}}",
        ]
        let body = (["services:"] + chain + ring + tail).joined(separator: "\n")
        let today = try #require(BadPlatform.today)
        let parsed = ParsedPlatform.parse(text: "hauban: 1\nplatform: shop\n" + body + "\n", name: "hauban.yaml")
        let found = Policies.check(parsed, today: today, files: nil).filter { $0.id == .dependencyCycle }
        #expect(found.map(\.message) == ["services wait for each other: a -> b -> a"])
    }

    @Test("one host with several paths, and one path on several hosts, are exposed once each")
    func exposures() throws {
        #expect(
            try ids(
                """
                services:
                  a: {source: a, port: 80, expose: [{host: www, path: /}, {host: api, path: /}]}
                  b: {source: b, port: 80, expose: {host: www, path: /b}}
                environments: {prod: {target: docker, domain: shop.example}}
                """) == [])
    }

    @Test("a port may be reached by the world, a caller, a probe or a scrape")
    func ports() throws {
        #expect(
            try ids(
                """
                services:
                  a: {source: a, port: 80, expose: {path: /}, uses: {b: call}}
                  b: {source: b, port: 80}
                  c: {source: c, port: 80, health: /health}
                  d: {source: d, port: 80, metrics: /metrics}
                """) == [])
    }

    @Test("without looking at the files nothing is said about them")
    func files() throws {
        let body = """
            services: {a: {source: a}}
            alerts: {x: {when: up(a) < 1, level: low, runbook: r.md}}
            """
        #expect(try ids(body) == [])
        #expect(try ids(body, files: ["a/Dockerfile", "r.md"]) == [])
        #expect(try ids(body, files: []) == ["source-missing", "runbook-missing"])
    }

    @Test("an alert reaches the owner's schedule, a team, a person or somebody in a rotation")
    func alerts() throws {
        #expect(
            try ids(
                """
                owner: {oncall: primary}
                services: {a: {source: a, port: 80, expose: {path: /}}}
                resources: {db: {kind: postgres}, o: {kind: topic}}
                alerts:
                  one: {when: errors(a) > 1%, level: critical}
                  two: {when: connections(db) > 90, to: devs}
                  three: {when: lag(o) > 5, to: ana}
                  four: {promql: "x > 1", to: primary}
                  five: {when: spend() > 80%}
                teams: {devs: {people: [ana, ben]}}
                oncall: {primary: {rotation: {people: [ana]}, escalate: [{after: 5m, to: devs}, {after: 9m, to: ben}]}}
                environments: {prod: {target: docker, budget: {month: 900 USD}}}
                """) == [])
    }

    @Test("environments and phases that exist may be named")
    func environments() throws {
        #expect(
            try ids(
                """
                drills: {d: {kind: restore, environment: prod}}
                launch: {a: {environment: staging}, b: {environment: prod, after: a}}
                environments:
                  staging: {target: kubernetes, like: prod}
                  prod: {target: kubernetes, failover: staging, requires: {soak: {staging: 30m}}}
                """) == [])
    }

    @Test("a field that one target cannot honour is right where it can, and where it is taken away")
    func honour() throws {
        #expect(
            try ids(
                """
                services: {a: {source: a, size: {cpu: 1}, egress: [a.example]}}
                environments:
                  dev: {target: local, services: {a: {size: null, egress: null}}}
                  prod: {target: kubernetes}
                """) == [])
    }

    @Test("defaults never ask a target for anything")
    func defaults() throws {
        let targets = Environment.Target.allCases.map { "  on-\($0.rawValue): {target: \($0.rawValue)}\n" }
        #expect(
            try ids(
                "services: {a: {source: a, port: 80, expose: {path: /}}}\nresources: {db: {kind: postgres}}\n"
                    + "environments:\n" + targets.joined()) == [])
    }

    @Test("an empty platform breaks no rule")
    func empty() throws {
        #expect(try ids("") == [])
    }
}
