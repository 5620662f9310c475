import FoundationEssentials
import Glibc
import Spec
import Testing
import World

/// A small real platform in a temporary folder: an API with a PostgreSQL database, a worker and a site, deployed with the
/// built binary. Its services are Python programs without packages, so that a build takes milliseconds.
struct PlatformFixture: Sendable {
    let root: String
    let state: String

    /// Another platform of one environment `dev`, from its files.
    init(files: [String: String]) throws {
        root = "/tmp/hauban-e2e-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        state = root + "/state"
        for path in files.keys {
            try Folder.make(root + "/" + path.split(separator: "/").dropLast().joined(separator: "/"), mode: 0o755)
        }
        chmod(root, 0o711)
        for (path, text) in files { try write(path, text) }
    }

    /// Makes the folder and version 1 of the platform.
    init() throws {
        root = "/tmp/hauban-e2e-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        state = root + "/state"
        for folder in ["/api", "/worker", "/site"] { try Folder.make(root + folder, mode: 0o755) }
        chmod(root, 0o711)
        try write("hauban.yaml", Self.platform)
        try write("worker/worker.py", Self.worker)
        try write("site/index.html", "<!doctype html><title>Shop</title>")
        try write("api/schema.sql", "CREATE TABLE IF NOT EXISTS orders (id serial PRIMARY KEY, sku text NOT NULL);")
        try api(version: "1")
    }

    /// Runs the fixture's tests and takes everything down afterwards, whatever happened.
    static func with(_ body: (PlatformFixture) async throws -> Void) async throws {
        try await PlatformFixture().used(body)
    }

    /// Runs the body and takes everything down afterwards, whatever happened.
    func used(_ body: (PlatformFixture) async throws -> Void) async throws {
        let fixture = self
        do {
            try await body(fixture)
        } catch {
            await fixture.end()
            throw error
        }
        await fixture.end()
    }

    private func end() async {
        _ = try? await hauban("down", "dev")
        try? Folder.remove(root)
    }

    // MARK: The platform

    /// Writes the API of a version.
    /// - Parameter fault: what is wrong with it.
    func api(version: String, fault: Fault = .none) throws {
        try write("api/server.py", Self.server(version: version, fault: fault))
    }

    enum Fault {
        case none
        /// Ready, and answers 500 to everything else.
        case errors
        /// Its readiness answers 503.
        case neverReady
        /// Ends at once.
        case crash
    }

    func write(_ path: String, _ text: String) throws {
        try AtomicFile.write(Array(text.utf8), to: "\(root)/\(path)", mode: 0o644, durable: false)
    }

    // MARK: The binary

    struct Outcome {
        var code: Int32
        var output: String
        var errors: String

        var json: JSONValue? { JSONValue(parsing: Array(output.utf8)) }
    }

    /// The API alone, whose traffic moves in shares.
    func canary(steps: String, hold: String) throws {
        try write("hauban.yaml", Self.canaryPlatform(steps: steps, hold: hold))
    }

    /// Where SwiftPM puts the binary that the tests depend on.
    static var binary: String {
        let package = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return "/\(package)/.build/debug/hauban"
    }

    var environment: [String: String] {
        [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": root,
            "HAUBAN_STATE": state, "LANG": "C.UTF-8", "TERM": "dumb",
            "LD_LIBRARY_PATH": ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] ?? "",
        ]
    }

    /// Runs the binary to its end in the platform's folder.
    func hauban(_ arguments: String..., within deadline: Duration = .seconds(120)) async throws -> Outcome {
        try await hauban(arguments, within: deadline)
    }

    func hauban(_ arguments: [String], within deadline: Duration = .seconds(120)) async throws -> Outcome {
        let result = try await CommandRunner.live(
            Command(
                arguments: [Self.binary] + arguments, environment: environment, workingDirectory: root,
                deadline: deadline))
        guard case .exited(let code) = result.status, !result.isLate else {
            throw FixtureError(text: "hauban \(arguments.joined(separator: " ")) \(result.status)\n\(result.errors)")
        }
        return Outcome(code: code, output: result.output, errors: result.errors)
    }

    /// Deploys and expects a verdict; a failure shows what was said.
    @discardableResult
    func deploy(expecting code: Int32, _ location: SourceLocation = #_sourceLocation) async throws -> Outcome {
        let outcome = try await hauban("deploy", "dev", "--port", "0", "--json")
        #expect(outcome.code == code, "\(outcome.output)\n\(outcome.errors)", sourceLocation: location)
        return outcome
    }

    /// Starts the binary without waiting for it; its output goes to a file.
    func start(
        _ arguments: String..., output: String = "started.log", variables: [String: String] = [:]
    ) throws -> ProcessRecord {
        try start(arguments, output: output, variables: variables)
    }

    func start(_ arguments: [String], output: String, variables: [String: String] = [:]) throws -> ProcessRecord {
        try ChildProcess(
            command: [Self.binary] + arguments, environment: environment.merging(variables) { _, new in new },
            workingDirectory: root,
            standardOutput: "\(root)/\(output)", standardError: "\(root)/\(output)"
        ).launch()
    }

    /// The port of the platform's address.
    func port() async throws -> Int {
        let status = try await hauban("status", "dev", "--json")
        guard let address = status.json?["address"]?.string,
            let port = address.split(separator: ":").last.flatMap({ Int($0) })
        else { throw FixtureError(text: "no address in \(status.output) \(status.errors)") }
        return port
    }

    /// The version that answers now.
    func version(_ port: Int) async throws -> String {
        let answer = try await HTTPRequest(url: "http://127.0.0.1:\(port)/api/version").send(within: .seconds(60))
        return answer.body.filter { !$0.isWhitespace }
    }

    /// Polls until a condition holds.
    func eventually(
        _ what: String, within limit: Duration = .seconds(60), _ condition: () async throws -> Bool
    ) async throws {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw FixtureError(text: "not within \(limit): \(what)")
    }

    /// Processes whose environment names this fixture's state.
    func processes() -> [Int32] {
        Folder.names(in: "/proc").compactMap { Int32($0) }.filter { pid in
            guard pid != getpid(), let bytes = try? SmallFile.read("/proc/\(pid)/cmdline") else { return false }
            let words = String(decoding: bytes, as: UTF8.self)
            let folder = realLink("/proc/\(pid)/cwd")
            return words.contains(state) || folder.hasPrefix(state)
        }
    }

    private func realLink(_ path: String) -> String {
        var buffer = [CChar](repeating: 0, count: 1024)
        let count = readlink(path, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    struct FixtureError: Error, CustomStringConvertible {
        var text: String
        var description: String { text }
    }
}

extension PlatformFixture {
    fileprivate static let platform = """
        hauban: 1
        platform: shop
        services:
          api:
            source: api
            run: exec python3 server.py
            port: 8080
            health: {ready: /ready, start: 6s}
            migrate: psql "$DATABASE_URL" -q -v ON_ERROR_STOP=1 -f schema.sql
            uses: {db: write}
            secrets: [stripe-key]
            env: {DATABASE_URL: "${db.url}"}
            expose: {path: /api, body: 1Ki}
            scale: 2
            slo: {availability: 99%}
            smoke: [{get: /api/version}]
            stop: 3s
          worker:
            source: worker
            run: exec python3 worker.py
            uses: {api: call}
            env: {API: "${api.url}"}
            stop: 3s
          site:
            source: site
            site: {output: .}
            expose: {path: /}
        resources:
          db: {kind: postgres, version: 15, extensions: [pgcrypto]}
        secrets: {stripe-key: {rotate: 90d}}
        release: {watch: 3s, requests: 10}
        environments:
          dev: {target: local}

        """

    fileprivate static func canaryPlatform(steps: String, hold: String) -> String {
        """
        hauban: 1
        platform: shop
        services:
          api:
            source: api
            run: exec python3 server.py
            port: 8080
            health: {ready: /ready, start: 6s}
            expose: {path: /api}
            slo: {availability: 99%}
            rollout: {way: canary, steps: \(steps), hold: \(hold), drain: 2s}
            stop: 3s
        release: {watch: 1s, requests: 10}
        environments:
          dev: {target: local}

        """
    }

    /// A server of the standard library that counts its orders in PostgreSQL through psql.
    fileprivate static func server(version: String, fault: Fault) -> String {
        """
        import http.server, json, os, signal, subprocess, sys, threading, datetime

        VERSION = "\(version)"
        FAULT = "\(fault)"
        if FAULT == "crash":
            print("the wheel has come off", flush=True)
            sys.exit(7)

        def log(severity, message):
            now = datetime.datetime.now(datetime.timezone.utc).isoformat().replace("+00:00", "Z")
            print(json.dumps({"timestamp": now, "severity": severity, "message": message, "service_name": "api",
                              "correlation_id": "none"}), flush=True)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def answer(self, status, body):
                data = body.encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            def do_GET(self):
                if self.path == "/ready":
                    return self.answer(503 if FAULT == "neverReady" else 200, "ready")
                if FAULT == "errors":
                    log("ERROR", "the till is jammed")
                    return self.answer(500, "broken")
                if self.path == "/api/version":
                    return self.answer(200, VERSION)
                if self.path == "/api/orders":
                    count = subprocess.run(["psql", os.environ["DATABASE_URL"], "-Atc", "SELECT count(*) FROM orders"],
                                           capture_output=True, text=True)
                    return self.answer(200 if count.returncode == 0 else 500, count.stdout.strip())
                if self.path == "/api/release":
                    return self.answer(200, os.environ["HAUBAN_RELEASE"])
                return self.answer(404, "nothing here")
            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = False
            request_queue_size = 128

        server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        log("INFO", "the shop " + VERSION + " is open")
        server.serve_forever()

        """
    }

    fileprivate static let worker = """
        import time
        print("this line is plain text", flush=True)
        while True:
            time.sleep(0.2)

        """
}
