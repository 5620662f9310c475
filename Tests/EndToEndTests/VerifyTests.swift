import FoundationEssentials
import Glibc
import Testing
import World

/// `hauban verify` on this machine: a service with a real PostgreSQL and Redis, a control plane, and what can be wrong.
@Suite("What was deployed is verified", .serialized, .timeLimit(.minutes(10)))
struct VerifyTests {
    @Test(
        "a release that is as it must be passes; each fault is told alone; one that fails is returned, and somebody is paged"
    )
    func story() async throws {
        try await PagedPlatform.with { paged in
            let shop = paged.shop
            let sink = (SmallFile.text(shop.root + "/sink.log") ?? "").filter(\.isNumber)
            try shop.write("hauban.yaml", try Self.platform(shop, sink: sink))
            try shop.write("api/server.py", Self.server)
            try shop.write("faults", "0")
            try await shop.deploy(expecting: 0)
            let port = try await shop.port()
            try await paged.served { _ in
                let pipeline = try await shop.hauban("ci", "--env", "dev", "verify")
                #expect(pipeline.code == 0, "\(pipeline.output)\(pipeline.errors)")
                let met = try await shop.hauban("verify", "dev", "--json")
                #expect(met.code == 0, "\(met.output)\(met.errors)")
                let kinds = Set(paged.list(met.json?["findings"]).compactMap { $0["kind"]?.string })
                let asked: Set = [
                    "route", "port", "resource", "api", "metrics", "smoke", "flow", "incident", "limit",
                ]
                #expect(kinds == asked, "\(met.output)")

                // What is wrong is told, nothing else is, and with --no-return nothing is done about it.
                try shop.write("faults", "1 metrics smoke flow")
                let wrong = try await shop.hauban("verify", "dev", "--no-return", "--json")
                #expect(wrong.code == 1)
                #expect(
                    notMet(wrong, paged) == [
                        "metrics api.r1.0 /metrics", "smoke api GET /api/smoke", "flow item, POST /api/items",
                    ],
                    "\(wrong.output)")
                #expect(wrong.output.contains("line 2 "))
                try shop.write("faults", "1 slow memory")
                let limits = try await shop.hauban("verify", "dev", "--no-return", "--json")
                #expect(notMet(limits, paged) == ["limit latency", "limit memory"], "\(limits.output)")
                try shop.write("faults", "0")
                #expect(try await shop.hauban("history", "dev", "--json").json.map(paged.list)?.count == 1)

                // A later release fails: it is returned whole, the journal says why, and whoever is on call is told.
                try paged.write(version: 2)
                try await shop.deploy(expecting: 0)
                try shop.write("faults", "2 smoke")
                let bad = try await shop.hauban("verify", "dev", "--json")
                #expect(bad.code == 3, "\(bad.output)\(bad.errors)")
                #expect(bad.json?["returned"]?["verdict"]?.string == "kept", "\(bad.output)")
                let version = try await HTTPRequest(url: "http://127.0.0.1:\(port)/api/version").send(
                    within: .seconds(60))
                #expect(version.body == "1")
                let history = paged.list(try await shop.hauban("history", "dev", "--json").json)
                #expect(
                    history.first?["reason"]?.string?.hasPrefix(
                        "r2 did not pass its verification: smoke api GET /api/smoke: was answered 503, expected 200;")
                        == true,
                    "\(history)")
                func told() -> JSONValue? {
                    paged.taken("incident.page").flatMap { paged.list($0["incident"]?["alerts"]) }
                        .first { $0["name"]?.string == "ReleaseUnverified" }
                }
                try await shop.eventually("somebody is paged") { told() != nil }
                #expect(
                    told()?["summary"]?.string?.contains("r2 of paged to dev did not pass its verification") == true)
                #expect(try await paged.verdict("r2") == "returned")

                // With nothing before it a release cannot be returned, and goes on serving.
                try shop.write("faults", "1 smoke")
                let last = try await shop.hauban("verify", "dev", "--json")
                #expect(last.code == 4, "\(last.output)")
                #expect(last.json?["returned"]?["verdict"]?.string == "refused")
                try shop.write("faults", "0")
            }
        }
    }

    @Test("TLS below the minimum is refused, the certificate is looked at, and what was stopped is not verified")
    func tls() async throws {
        let files = ["site/index.html": "<!doctype html><title>Shop</title>", "hauban.yaml": Self.site]
        try await PlatformFixture(files: files).used { shop in
            #expect(try await shop.hauban("verify", "dev").code == 1, "nothing was deployed")
            let made = try await CommandRunner.live(
                Command(
                    arguments: [
                        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", "dev.key", "-out", "dev.pem",
                    ], environment: shop.environment, workingDirectory: shop.root, deadline: .seconds(60)))
            #expect(made.isSuccess, "\(made.errors)")
            let deployed = try await shop.hauban("deploy", "dev", "--port", "0", "--https-port", "0")
            #expect(deployed.code == 0, "\(deployed.output)\(deployed.errors)")
            let verified = try await shop.hauban("verify", "dev", "--json")
            #expect(verified.code == 0, "\(verified.output)\(verified.errors)")
            var seen: [String] = []
            if case .array(let findings)? = verified.json?["findings"] {
                seen = findings.map { "\($0["subject"]?.string ?? ""): \($0["measured"]?.string ?? "")" }
            }
            #expect(
                seen == [
                    "/: 200", "TLS 1.0: refused", "TLS 1.1: refused", "TLS 1.2: refused", "TLS 1.3: accepted",
                    "localhost: 29 days left", "site GET /: answered 200",
                ], "\(verified.output)")
            let stopped = try await shop.hauban("down", "dev")
            #expect(stopped.code == 0, "\(stopped.errors)")
            let down = try await shop.hauban("verify", "dev")
            #expect(down.code == 1 && down.errors.contains("[nothing-runs]"), "\(down.output)\(down.errors)")
        }
    }

    private func notMet(_ outcome: PlatformFixture.Outcome, _ paged: PagedPlatform) -> [String] {
        paged.list(outcome.json?["findings"]).filter { $0["outcome"]?.string == "not-met" }
            .map { "\($0["kind"]?.string ?? "") \($0["subject"]?.string ?? "")" }
    }

    /// A service of about 30 MB, whose limit of memory lies 120 MB above nothing, whatever the machine has.
    private static func platform(_ shop: PlatformFixture, sink: String) throws -> String {
        let pages = max(1, Int(sysconf(Int32(_SC_PHYS_PAGES)))) * max(1, Int(sysconf(Int32(_SC_PAGESIZE))))
        let millionths = Double(120 << 20) / Double(pages) * 100
        let share = "\(Int(millionths)).\(String(10_000 + Int(millionths * 10_000) % 10_000).dropFirst())%"
        return """
            hauban: 1
            platform: paged
            owner: {team: web, oncall: primary}
            services:
              api:
                source: api
                run: exec python3 -S -E server.py
                port: 8080
                health: {ready: /ready, start: 60s}
                metrics: /metrics
                uses: {db: write, cache: read}
                env: {DATABASE_URL: "${db.url}", REDIS_URL: "${cache.url}", FAULTS: "\(shop.root)/faults"}
                expose: {path: /api}
                smoke: [{get: /api/smoke}]
                rollout: {passes: 1}
                stop: 3s
            resources: {db: {kind: postgres, version: 15}, cache: {kind: redis, version: 7}}
            release:
              watch: 300ms
              requests: 5
              verify:
                for: 500ms
                incident: true
                flows:
                  item:
                    - {post: /api/items, json: {name: "item ${run}"}, expect: {status: 201}}
                    - {get: /api/items, expect: {contains: "item ${run}", again-for: 60s}}
            pipeline: {stages: [verify]}
            oncall:
              primary:
                rotation: {every: week, at: "mon 09:00", people: [ana]}
                escalate: [{after: 0m, to: primary}]
                channels: {critical: [webhook], high: [webhook], medium: [webhook], low: [webhook]}
            people: {ana: {email: ana@paged.example}}
            teams: {web: {people: [ana]}}
            notify: {email: {server: localhost, port: 9, from: a@paged.example, tls: none}, webhooks: {default: {url: "http://127.0.0.1:\(sink)/pages"}}}
            environments:
              dev:
                target: local
                accept:
                  availability: availability(api) > 99.5%
                  cpu: cpu(api) < 99%
                  database: up(db) >= 1
                  errors: errors(api) < 1%
                  latency: p95(api) < 3s
                  memory: memory(api) < \(share)

            """
    }

    /// What is wrong stands in a file: the version that it concerns, and words.
    private static let server = """
        import http.server, json, os, threading, time

        VERSION = open("version.txt").read().strip()
        ITEMS = []
        HELD = []

        def faults():
            words = open(os.environ["FAULTS"]).read().split()
            return set(words[1:]) if words and words[0] == VERSION else set()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status, body):
                body = body.encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                wrong = faults()
                if self.path == "/metrics":
                    return self.answer(200, "requests_total 3\\nrequests{" if "metrics" in wrong else "requests_total 3\\n")
                if self.path == "/api/smoke":
                    if "slow" in wrong:
                        time.sleep(3.2)
                    if "memory" in wrong and not HELD:
                        HELD.append(b"x" * (200 << 20))
                    return self.answer(503 if "smoke" in wrong else 200, VERSION)
                if self.path == "/api/items":
                    seen = [name for name, at in ITEMS if at < time.monotonic() - 0.3]
                    return self.answer(200, json.dumps(seen))
                self.answer(200, VERSION)

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if "flow" in faults():
                    return self.answer(500, "")
                ITEMS.append((body["name"], time.monotonic()))
                self.answer(201, "")

            def log_message(self, *_):
                pass

        http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()

        """

    private static let site = """
        hauban: 1
        platform: shop
        services:
          site: {source: site, site: {output: .}, expose: {path: /}, smoke: [{get: /}]}
        release: {watch: 1s, requests: 1}
        environments:
          dev:
            target: local
            tls: {issuer: files, certificate: dev.pem, key: dev.key, minimum: "1.3"}

        """
}
