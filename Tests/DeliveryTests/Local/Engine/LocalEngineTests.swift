import Delivery
import Foundation
import Planning
import Spec
import Testing
import World

/// The engine of this machine under the contract that every engine keeps: the built binary's supervisor and front door,
/// and real processes.
@Suite("The local engine", .timeLimit(.minutes(10)))
struct LocalEngineTests {
    @Test("keeps the contract of engines")
    func contract() async throws {
        let folder = try makeScratch()
        defer { removeScratch(folder) }
        for version in ["1", "2"] {
            try write(Self.server(version), "\(folder)/v\(version)/api/server.py")
            try write(
                "import time\nVERSION = \(version)\nwhile True: time.sleep(1)\n",
                "\(folder)/v\(version)/worker/worker.py")
            try write("<!doctype html><title>\(version)</title>", "\(folder)/v\(version)/site/index.html")
        }
        let engine = try Self.engine(folder)
        let fingerprints = Fingerprints(secrets: engine.secrets, path: "/usr/bin:/bin")
        let contract = EngineContract(
            engine: engine, first: try await fingerprints.filled(try Self.state(folder + "/v1")),
            second: try await fingerprints.filled(try Self.state(folder + "/v2")))
        do {
            try await contract.check()
        } catch {
            _ = try await engine.down()
            throw error
        }
        _ = try await engine.down()
    }

    @Test("what is promised of a migration changes no fingerprint, the migration itself does")
    func promise() async throws {
        let folder = try makeScratch()
        defer { removeScratch(folder) }
        for name in ["api", "worker", "site"] { try write("", "\(folder)/\(name)/empty") }
        let fingerprints = Fingerprints(secrets: try Self.engine(folder).secrets, path: "/usr/bin:/bin")
        var state = try Self.state(folder)
        state.services[0].migrate = .shell("true")
        let nobodySaid = try await fingerprints.filled(state).services[0].fingerprint
        state.services[0].isMigrationCompatible = true
        #expect(try await fingerprints.filled(state).services[0].fingerprint == nobodySaid)
        state.services[0].migrate = .shell("false")
        #expect(try await fingerprints.filled(state).services[0].fingerprint != nobodySaid)
    }

    private static func engine(_ folder: String) throws -> LocalEngine {
        let package = #filePath.split(separator: "/").dropLast(5).joined(separator: "/")
        let binary = "/\(package)/.build/debug/hauban"
        let place = LocalPlace(state: folder + "/state/dev", runtime: folder + "/run", cache: folder + "/state/cache")
        let variables = ProcessInfo.processInfo.environment
        let host = ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder].merging(
            variables.filter { $0.key == "LD_LIBRARY_PATH" }
        ) { own, _ in own }
        return LocalEngine(
            platform: try #require(PlatformName("shop")), environment: try #require(EnvironmentName("dev")),
            place: place,
            launcher: SupervisorLauncher(
                command: [
                    binary, "supervise", "--state", place.state, "--socket", place.supervisorSocket, "--secrets",
                    place.secrets, "--environment", "dev",
                ], environment: host, state: place.state, socket: place.supervisorSocket),
            frontDoorCommand: [binary, "front-door"], host: host, publicPort: 0)
    }

    private static func state(_ source: String) throws -> DesiredState {
        func name(_ text: String) throws -> ServiceName { try #require(ServiceName(text)) }
        let api = DesiredService(
            name: try name("api"), fingerprint: "", source: DesiredSource(path: source + "/api"),
            run: .shell("exec python3 server.py"), replicas: 2, listens: true,
            readiness: Probe(check: .http(path: "/ready"), passes: 2), canary: ReleaseFixture.shares,
            stopGrace: .seconds(3),
            drain: .seconds(3))
        let worker = DesiredService(
            name: try name("worker"), fingerprint: "", source: DesiredSource(path: source + "/worker"),
            run: .shell("exec python3 worker.py"), uses: [DesiredEdge(kind: .service, target: "api", access: "call")],
            rollout: .replace, dependsOn: [try name("api")], stopGrace: .seconds(3))
        let site = DesiredService(
            name: try name("site"), fingerprint: "",
            source: DesiredSource(path: source + "/site", stack: "site", siteOutput: "."))
        return DesiredState(
            platform: try #require(PlatformName("shop")), environment: try #require(EnvironmentName("dev")),
            services: [api, worker, site],
            routes: [DesiredRoute(path: "/", service: site.name), DesiredRoute(path: "/api", service: api.name)],
            smoke: [
                SmokeRequest(service: api.name, path: "/api"), SmokeRequest(service: site.name, path: "/index.html"),
            ])
    }

    private static func server(_ version: String) -> String {
        """
        import http.server, os
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", "1")
                self.end_headers()
                self.wfile.write(b"\(version)")
            def log_message(self, *arguments):
                pass
        http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()

        """
    }
}
