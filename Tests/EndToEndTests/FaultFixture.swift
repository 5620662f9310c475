import FoundationEssentials
import Glibc
import Testing
import World

/// A small platform without a database for tests that break something around it, and the ways to break it.
struct FaultFixture: Sendable {
    let shop: PlatformFixture
    /// The state folder of all environments.
    var state: String { shop.root + "/state" }

    /// Runs a test with a platform of one service `api`, deployed as version 1, and takes everything down afterwards.
    ///
    /// - Parameters:
    ///   - disk: MiB of a disk of its own for the state; nil for a plain folder.
    ///   - body: is given the fixture and the platform's public port.
    static func with(
        disk: Int? = nil, platform: String = FaultFixture.platform(), server: String = FaultFixture.server("1"),
        _ body: (FaultFixture, Int) async throws -> Void
    ) async throws {
        try await PlatformFixture.with { shop in
            let fixture = FaultFixture(shop: shop)
            try shop.write("hauban.yaml", platform)
            try shop.write("api/server.py", server)
            if let disk { try fixture.mountDisk(mebibytes: disk) }
            do {
                try await shop.deploy(expecting: 0)
                try await body(fixture, try await shop.port())
                #expect(try await shop.hauban("down", "dev").code == 0)
                #expect(shop.processes().isEmpty, "no orphan: \(shop.processes())")
            } catch {
                _ = try? await shop.hauban("down", "dev")
                if disk != nil { fixture.unmountDisk() }
                throw error
            }
            if disk != nil { fixture.unmountDisk() }
        }
    }

    // MARK: What is expected

    /// Deploys twice, once for programs and once for people, and expects the same failure from both.
    ///
    /// - Parameters:
    ///   - mend: a part of the hint.
    ///   - between: makes the second as the first.
    /// - Returns: what people read.
    @discardableResult
    func fails(
        with code: Int32, _ error: String, mend: String, between: () async throws -> Void = {},
        _ location: SourceLocation = #_sourceLocation
    ) async throws -> String {
        try await failsForPrograms(with: code, error, mend: mend, location)
        try await between()
        let told = try await shop.hauban("deploy", "dev")
        let text = told.output + told.errors
        #expect(told.code == code, "\(text)", sourceLocation: location)
        #expect(text.contains("[\(error)]"), "\(text)", sourceLocation: location)
        #expect(text.contains(mend), "\(text)", sourceLocation: location)
        return text
    }

    /// Deploys and expects a failure as JSON tells it.
    func failsForPrograms(
        with code: Int32, _ error: String, mend: String, arguments: [String] = [],
        _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let said = try await run(["deploy", "dev", "--json"] + arguments)
        #expect(said.code == code, "\(said.output)\(said.errors)", sourceLocation: location)
        let found = said.json?["error"] ?? said.json
        #expect(found?["code"]?.string == error, "\(said.output)", sourceLocation: location)
        #expect(found?["hint"]?.string?.contains(mend) == true, "\(said.output)", sourceLocation: location)
    }

    /// Runs the body under a light load, and expects every request to be answered by these versions.
    func serves(
        _ versions: Set<String>, on port: Int, _ location: SourceLocation = #_sourceLocation,
        while body: () async throws -> Void
    ) async throws {
        let load = try await Load.run(port: port, path: "/api/version", clients: 3, atLeast: 11, while: body)
        #expect(load.failures.isEmpty, "\(load.failures.prefix(5)) of \(load.sent)", sourceLocation: location)
        #expect(load.sent > 10, sourceLocation: location)
        #expect(load.versions == versions, sourceLocation: location)
    }

    /// Expects that nothing is wedged: the next release is kept, without a lost request, and serves.
    func recovers(
        to version: String, from: Set<String> = ["1"], on port: Int, platform: String? = nil,
        _ location: SourceLocation = #_sourceLocation
    ) async throws {
        if let platform { try shop.write("hauban.yaml", platform) }
        try shop.write("api/server.py", Self.server(version))
        try await serves(from.union([version]), on: port, location) {
            try await shop.deploy(expecting: 0, location)
        }
        #expect(try await shop.version(port) == version, sourceLocation: location)
    }

    /// What `status` says, with its exit code.
    func status() async throws -> PlatformFixture.Outcome { try await shop.hauban("status", "dev") }

    /// The codes of the troubles that `status --json` names.
    func troubles() async throws -> [String] {
        guard case .array(let troubles)? = try await shop.hauban("status", "dev", "--json").json?["troubles"] else {
            return []
        }
        return troubles.compactMap { $0["code"]?.string }
    }

    /// A number that `status --json` has about a replica.
    func number(_ key: String, of id: String) async throws -> Int? {
        guard case .array(let replicas)? = try await shop.hauban("status", "dev", "--json").json?["replicas"],
            let replica = replicas.first(where: { $0["id"]?.string == id }), case .number(let digits)? = replica[key]
        else { return nil }
        return Int(digits)
    }

    private func run(_ arguments: [String]) async throws -> PlatformFixture.Outcome {
        let result = try await CommandRunner.live(
            Command(
                arguments: [PlatformFixture.binary] + arguments, environment: shop.environment,
                workingDirectory: shop.root, deadline: .seconds(90)))
        guard case .exited(let code) = result.status else { throw PlatformFixture.FixtureError(text: result.errors) }
        return PlatformFixture.Outcome(code: code, output: result.output, errors: result.errors)
    }

    // MARK: Ways to break things

    /// A disk of its own under the state folder.
    private func mountDisk(mebibytes: Int) throws {
        try #require(geteuid() == 0, "mounting a small disk takes root: run the tests as root, as CI does")
        try Folder.make(state, mode: 0o755)
        guard mount("tmpfs", state, "tmpfs", 0, "size=\(mebibytes)m,mode=755") == 0 else {
            throw SystemError.last.during("mount a disk on \(state)")
        }
    }

    /// Detached: what still runs on it may go on until it ends.
    private func unmountDisk() { umount2(state, 2) }

    private var filler: String { state + "/filler" }

    /// Leaves no block free.
    func fillDisk() throws {
        let descriptor = open(filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError.last.during("open \(filler)") }
        defer { close(descriptor) }
        let block = [UInt8](repeating: 0x78, count: 4096)
        while write(descriptor, block, block.count) > 0 {}
        #expect(errno == ENOSPC)
    }

    func freeDisk() { unlink(filler) }

    /// What fills the disk, as a line of shell.
    var filling: String { "cat /dev/zero > \(filler) 2>/dev/null; true" }

    /// A read-only mount over the state folder. What has its files open already goes on with them, as after an error of the
    /// disk; whoever opens one finds it closed.
    func closeDisk() throws {
        try #require(geteuid() == 0, "closing a disk takes root: run the tests as root, as CI does")
        let (bind, remount, readOnly) = (UInt(4096), UInt(32), UInt(1))
        guard mount(state, state, nil, bind, nil) == 0,
            mount(nil, state, nil, bind | remount | readOnly, nil) == 0
        else { throw SystemError.last.during("close \(state)") }
    }

    func openDisk() { umount2(state, 2) }

    /// Ends a process and takes its port before it is started again.
    func takePort(_ port: Int, from pid: Int) async throws -> HeldPort {
        kill(Int32(pid), SIGKILL)
        return try await HeldPort.take(port)
    }

    // MARK: The platform

    /// - Parameters:
    ///   - api: further lines of the service, each with six blanks before it.
    ///   - resources: a line of the platform.
    static func platform(
        api: [String] = [], scale: Int = 1, start: String = "60s", release: String = "watch: 1s, requests: 5",
        resources: String = ""
    ) -> String {
        """
        hauban: 1
        platform: shop
        services:
          api:
            source: api
            run: exec python3 server.py
            port: 8080
            health: {ready: /ready, start: \(start), interval: 100ms, failures: 3}
            expose: {path: /api}
            scale: \(scale)
            smoke: [{get: /api/smoke}]
            stop: 1s
        \(api.map { "    " + $0 }.joined(separator: "\n"))
        \(resources)
        release: {\(release)}
        environments:
          dev: {target: local}

        """
    }

    /// A server that answers with its version and writes a line for each request.
    ///
    /// - Parameters:
    ///   - setup: Python before the server starts.
    ///   - request: Python at each request but those of the probe; may return a status.
    ///   - ready: Python at each probe; may return a status.
    static func server(_ version: String, setup: String = "pass", request: String = "pass", ready: String = "pass")
        -> String
    {
        """
        import http.server, os, signal, threading, time
        probes = requests = 0
        def probed():
            global probes, requests
            probes += 1
            \(ready)
        def asked(path):
            global probes, requests
            requests += 1
            print("asked for " + path + " " + "." * 500, flush=True)
            \(request)
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65536  # an answer leaves whole or not at all
            def do_GET(self):
                status = (probed() if self.path == "/ready" else asked(self.path)) or 200
                body = b"\(version)"
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *arguments):
                pass
        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = False
            request_queue_size = 128
        server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        \(setup)
        print("open", flush=True)
        server.serve_forever()

        """
    }
}

/// A port of the loopback interface that this process listens on until it is dropped.
final class HeldPort: Sendable {
    private let descriptor: Int32
    let port: Int

    private init(descriptor: Int32, port: Int) {
        self.descriptor = descriptor
        self.port = port
    }

    deinit { close(descriptor) }

    /// Takes a port as soon as it is free; 0 takes any.
    static func take(_ wanted: Int) async throws -> HeldPort {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if let held = try? listen(on: wanted) { return held }
            // Shorter than the first wait before a restart, which is 50 ms.
            usleep(200)
        }
        throw PlatformFixture.FixtureError(text: "port \(wanted) did not become free")
    }

    private static func listen(on wanted: Int) throws -> HeldPort {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: wanted).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && Glibc.listen(descriptor, 1) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else {
            let refusal = SystemError.last
            close(descriptor)
            throw refusal
        }
        return HeldPort(descriptor: descriptor, port: Int(in_port_t(bigEndian: address.sin_port)))
    }
}
