import Delivery
import Glibc
import Planning
import Spec
import TestKit
import Testing
import World

/// Questions asked of real servers: OpenSSL's with old versions of TLS, Prometheus, sockets.
@Suite("Questions of a verification", .timeLimit(.minutes(5)))
struct VerifierTests {
    private static func facts(
        _ desired: DesiredState, _ engine: StubVerifiedEngine, prometheus: String? = nil
    ) async throws -> [VerificationFinding] {
        let text = "hauban: 1\nplatform: shop\nenvironments: {dev: {target: local}}\n"
        let parsed = ParsedPlatform.parse(bytes: Array(text.utf8), name: "hauban.yaml")
        let platform = try #require(parsed.environments[desired.environment])
        let plan = VerificationPlan(desired, platform)
        var settings = Verifier.Settings(run: "v1")
        settings.prometheus = prometheus
        let facts = try await Verifier(plan, engine, settings).facts()
        return VerificationJudge(plan).report(facts, release: ReleaseID(1)).findings
    }

    private static func desired(
        tls: DesiredTLS? = nil, resources: [DesiredResource] = [], services: [DesiredService] = []
    ) throws -> DesiredState {
        DesiredState(
            platform: try #require(PlatformName("shop")), environment: try #require(EnvironmentName("dev")),
            services: services, resources: resources, tls: tls)
    }

    private static func places(_ address: String? = nil, authorities: String? = nil) -> Whereabouts {
        Whereabouts(address: address, authorities: authorities, replicas: [], closedPorts: [])
    }

    // MARK: TLS

    @Test("a server of TLS 1.1 alone is found out, and so is one whose certificate soon ends or is for another name")
    func oldTLS() async throws {
        let folder = TemporaryFolder()
        try await Self.certificate("old", name: "localhost", days: 5, folder)
        try await Self.certificate("other", name: "elsewhere.example", days: 90, folder)
        let minimum = "1.2"
        let old = try await Self.serving(["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], "old", folder) { port in
            try await Self.facts(
                Self.desired(
                    tls: DesiredTLS(certificate: "", key: "", minimum: minimum, hsts: 0, redirect: true)),
                StubVerifiedEngine(
                    places: Self.places("https://localhost:\(port)", authorities: folder.path + "/old.pem")))
        }
        #expect(
            old.map { "\($0.subject) \($0.measured ?? "-"): \($0.outcome.rawValue)" } == [
                "TLS 1.0 refused: met", "TLS 1.1 accepted: not-met", "TLS 1.2 refused: not-met",
                "localhost 4 days left: not-met",
            ], "\(old.map(\.text))")
        let near = try await Self.serving(["-tls1_2"], "old", folder) { port in
            try await Self.facts(
                Self.desired(
                    tls: DesiredTLS(certificate: "", key: "", minimum: minimum, hsts: 0, redirect: true)),
                StubVerifiedEngine(
                    places: Self.places("https://localhost:\(port)", authorities: folder.path + "/old.pem")))
        }
        #expect(near.filter { $0.outcome != .met }.map(\.measured) == ["4 days left"], "\(near.map(\.text))")
        let other = try await Self.serving([], "other", folder) { port in
            try await Self.facts(
                Self.desired(
                    tls: DesiredTLS(certificate: "", key: "", minimum: minimum, hsts: 0, redirect: true)),
                StubVerifiedEngine(
                    places: Self.places("https://localhost:\(port)", authorities: folder.path + "/other.pem")))
        }
        let distrusted = other.filter { $0.outcome != .met }
        #expect(distrusted.count == 1 && distrusted[0].kind == .certificate, "\(other.map(\.text))")
        #expect(distrusted.first?.reason != nil)
    }

    private static func certificate(_ file: String, name: String, days: Int, _ folder: TemporaryFolder) async throws {
        let result = try await CommandRunner.live(
            Command(
                arguments: [
                    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "\(days)", "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", "-keyout",
                    "\(file).key", "-out", "\(file).pem",
                ], environment: ["PATH": "/usr/bin:/bin"], workingDirectory: folder.path, deadline: .seconds(60)))
        #expect(result.isSuccess, "\(result.errors)")
    }

    private static func serving<Value: Sendable>(
        _ options: [String], _ certificate: String, _ folder: TemporaryFolder, _ body: (Int) async throws -> Value
    ) async throws -> Value {
        let port = try FreePort().next()
        let server = try ChildProcess(
            command: [
                "/usr/bin/env", "openssl", "s_server", "-accept", "127.0.0.1:\(port)", "-www", "-quiet", "-cert",
                "\(certificate).pem", "-key", "\(certificate).key",
            ] + options, environment: ["PATH": "/usr/bin:/bin"], workingDirectory: folder.path,
            standardOutput: folder.path + "/server.log", standardError: folder.path + "/server.log"
        ).launch()
        defer { kill(server.pid, SIGKILL) }
        try await Self.listening(port)
        let value = try await body(port)
        kill(server.pid, SIGKILL)
        _ = await ProcessExit.wait(for: server, timeout: .seconds(60))
        return value
    }

    private static func listening(_ port: Int) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if (try? await Socket.connect(port: port, timeout: .seconds(1))) != nil { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("nothing listens on \(port)")
    }

    // MARK: Ports, resources

    @Test("a port that takes connections is told as open, and one that nobody listens on as closed")
    func ports() async throws {
        let listener = TestListener()
        let free = try FreePort().next()
        var places = Self.places()
        places.closedPorts = [
            .init(owner: "db", address: "127.0.0.1", port: listener.port),
            .init(owner: "cache", address: "127.0.0.1", port: free),
            .init(owner: "odd", address: "db.example", port: 1),
        ]
        places.unknownPorts = ["queue": "it does not run, so its port is not known"]
        let findings = try await Self.facts(Self.desired(), StubVerifiedEngine(places: places))
        #expect(
            findings.map { "\($0.subject.split(separator: " ")[0]) \($0.outcome.rawValue)" } == [
                "cache met", "db not-met", "odd unknown", "queue unknown",
            ], "\(findings.map(\.text))")
        withExtendedLifetime(listener) {}
    }

    @Test("a database that refuses, one that nobody uses, and a replica too few are told as what they are")
    func resources() async throws {
        let db = DesiredResource(name: try #require(ResourceName("db")), kind: "postgres", fingerprint: "")
        let api = DesiredService(name: try #require(ServiceName("api")), fingerprint: "", replicas: 2, listens: true)
        let desired = try Self.desired(resources: [db], services: [api])
        var places = Self.places()
        places.replicas = [.init(service: api.name, name: "api.r1.0", port: 1, trouble: "it is backingOff: it ended")]
        var engine = StubVerifiedEngine(places: places)
        engine.resource = {
            throw WorldError(code: "resource-refuses", operation: "connect to db", underlying: "too many clients")
        }
        let refused = try await Self.facts(desired, engine)
        #expect(
            refused.map(\.text) == [
                "resource db (postgres): too many clients", "api api replicas: 1 of 2 replicas run",
                "api api.r1.0 readiness: it is backingOff: it ended",
            ])
        engine.resource = { nil }
        let unused = try await Self.facts(desired, engine)
        #expect(unused.first?.outcome == .unknown)
    }

    @Test("a replica that cannot be asked, and what only another server knows, are not known")
    func unasked() async throws {
        let path = Probe(check: .http(path: "/health"))
        let api = DesiredService(
            name: try #require(ServiceName("api")), fingerprint: "", listens: true, readiness: path)
        var places = Self.places()
        places.replicas = [.init(service: api.name, name: "api.r1.0", port: 1)]
        var engine = StubVerifiedEngine(places: places)
        engine.glance = { _ in throw UnaskedQuestion("the front door does not run") }
        let findings = try await Self.facts(Self.desired(services: [api]), engine)
        #expect(findings.map(\.outcome) == [.unknown])
        #expect(findings.first?.text.contains("the front door does not run") == true, "\(findings.map(\.text))")

        let text = """
            hauban: 1
            platform: shop
            release: {verify: {for: 1s}}
            environments: {dev: {target: swarm, accept: {cpu: cpu(api) < 90%, memory: memory(api) < 90%, up: up(api) >= 2}}}

            """
        let parsed = ParsedPlatform.parse(bytes: Array(text.utf8), name: "hauban.yaml")
        let name = try #require(EnvironmentName("dev"))
        let plan = VerificationPlan(try Self.desired(services: [api]), try #require(parsed.environments[name]))
        engine.processes = {
            [nil, "only its server knows"].map { why in
                ReplicaUsage(
                    name: "api", replica: why ?? "here", isReady: true, restarts: 0, cpu: .zero, memory: 0,
                    processors: 1, processorWords: "a processor", memoryLimit: 100, memoryWords: "100 B", unknown: why)
            }
        }
        engine.glance = { _ in HTTPGlance(status: 200) }
        let facts = try await Verifier(plan, engine, Verifier.Settings(run: "v1")).facts()
        let limits = VerificationJudge(plan).report(facts, release: ReleaseID(1)).findings.filter { $0.kind == .limit }
        #expect(limits.map(\.outcome) == [.unknown, .unknown, .met], "\(limits.map(\.text))")
        #expect(limits.first?.reason == "only its server knows")
    }

    // MARK: Prometheus

    @Test("a real Prometheus is asked for its targets")
    func prometheus() async throws {
        let folder = TemporaryFolder()
        let port = try FreePort().next()
        let free = try FreePort().next()
        try folder.write(
            "prometheus.yml",
            """
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
              - {job_name: itself, static_configs: [{targets: ["127.0.0.1:\(port)"]}]}
              - {job_name: gone, static_configs: [{targets: ["127.0.0.1:\(free)"]}]}

            """)
        let server = try ChildProcess(
            command: [
                "/usr/bin/env", "prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data",
                "--web.listen-address=127.0.0.1:\(port)", "--log.level=error",
            ], environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"], workingDirectory: folder.path,
            standardOutput: folder.path + "/prometheus.log", standardError: folder.path + "/prometheus.log"
        ).launch()
        defer { kill(server.pid, SIGKILL) }
        let url = "http://127.0.0.1:\(port)/"
        let end = ContinuousClock.now + .seconds(60)
        var findings: [VerificationFinding] = []
        repeat {
            try await Task.sleep(for: .milliseconds(200))
            findings = try await Self.facts(
                Self.desired(), StubVerifiedEngine(places: Self.places()), prometheus: url)
        } while ContinuousClock.now < end && findings.first { $0.subject.contains("itself") }?.outcome != .met
        #expect(
            findings.map { "\($0.subject.prefix { $0 != "," }) \($0.outcome.rawValue)" } == [
                "job gone not-met", "job itself met",
            ], "\(findings.map(\.text)) \(folder.read("prometheus.log"))")
        kill(server.pid, SIGKILL)
        _ = await ProcessExit.wait(for: server, timeout: .seconds(60))
        let gone = try await Self.facts(
            Self.desired(), StubVerifiedEngine(places: Self.places()), prometheus: url)
        #expect(gone.map(\.outcome) == [.notMet])
    }
}

/// Listens on a port of this machine and never answers.
private final class TestListener: Sendable {
    private let descriptor: Int32
    let port: Int

    init() {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(number, $0, size)
                _ = listen(number, 16)
                _ = getsockname(number, $0, &size)
            }
        }
        descriptor = number
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }
}
