import FoundationEssentials
import Glibc
import Testing
import World

/// Real faults around a running platform: each ends with the documented exit code, a code and a mend for people and for
/// programs, the old version serving without a lost request, and nothing wedged.
@Suite("A disk that takes nothing", .serialized, .timeLimit(.minutes(10)))
struct DiskFaultTests {
    @Test("full before a release: refused at once, services that log go on, and status looks all the same")
    func full() async throws {
        try await FaultFixture.with(disk: 16) { fixture, port in
            let shop = fixture.shop
            try await fixture.serves(["1"], on: port) {
                try fixture.fillDisk()
                try shop.write("api/server.py", FaultFixture.server("2"))
                try await fixture.fails(with: 1, "disk-full", mend: "Make room on the disk")
                let status = try await fixture.status()
                #expect(status.code == 1)
                #expect(status.output.contains("ready") && status.output.contains("[disk-full]"), "\(status.output)")
                #expect(try await fixture.troubles().contains("disk-full"))
                #expect(try await shop.hauban("history", "dev").output.contains("r1"))
                #expect(try await shop.hauban("plan", "dev").code == 2)
            }
            // What dies on a full disk comes back on it, with the routes that it had.
            let door = try #require(try await fixture.number("pid", of: "front-door"))
            kill(Int32(door), SIGKILL)
            try await shop.eventually("the front door is back") { (try? await shop.version(port)) == "1" }
            let replica = try #require(try await fixture.number("pid", of: "api.r1.0"))
            kill(Int32(replica), SIGKILL)
            try await shop.eventually("the service is back") {
                let pid = try await fixture.number("pid", of: "api.r1.0")
                let version = try? await shop.version(port)
                return pid != replica && version == "1"
            }
            fixture.freeDisk()
            try await fixture.recovers(to: "2", on: port)
        }
    }

    @Test("filled by a build, and by a new version while it is watched: returned, and the journal says so")
    func filled() async throws {
        try await FaultFixture.with(disk: 16) { fixture, port in
            let shop = fixture.shop
            try await fixture.serves(["1"], on: port) {
                try shop.write("hauban.yaml", FaultFixture.platform(api: ["build: {run: \"\(fixture.filling)\"}"]))
                try await fixture.fails(
                    with: 3, "disk-full", mend: "Make room on the disk", between: { fixture.freeDisk() })
            }
            fixture.freeDisk()

            // The new version fills the disk once requests reach it, and fails only its smoke request: traffic moves there and
            // back on a disk that takes nothing.
            try shop.write("hauban.yaml", FaultFixture.platform())
            let worse = FaultFixture.server(
                "2", request: "return (os.system('\(fixture.filling)'), 500)[1] if path == '/api/smoke' else 200")
            try shop.write("api/server.py", worse)
            try await fixture.serves(["1", "2"], on: port) {
                try await fixture.failsForPrograms(with: 3, "smoke-failed", mend: "hauban logs api")
                #expect(try await shop.version(port) == "1")
                let history = try await shop.hauban("history", "dev")
                #expect(history.output.contains("returned"), "\(history.output)")
            }
            #expect(try await fixture.status().output.contains("api.0"))
            fixture.freeDisk()
            try await fixture.recovers(to: "3", on: port)
        }
    }

    @Test("read-only: refused at once, status looks all the same, and what dies comes back")
    func readOnly() async throws {
        try await FaultFixture.with { fixture, port in
            let shop = fixture.shop
            try fixture.closeDisk()
            defer { fixture.openDisk() }
            try await fixture.serves(["1"], on: port) {
                try shop.write("api/server.py", FaultFixture.server("2"))
                try await fixture.fails(with: 1, "disk-read-only", mend: "writable again")
                let status = try await fixture.status()
                #expect(status.code == 1)
                #expect(
                    status.output.contains("ready") && status.output.contains("[disk-read-only]"), "\(status.output)")
                #expect(try await shop.hauban("history", "dev").output.contains("r1"))
            }
            let door = try #require(try await fixture.number("pid", of: "front-door"))
            kill(Int32(door), SIGKILL)
            try await shop.eventually("the front door is back") { (try? await shop.version(port)) == "1" }
            fixture.openDisk()
            try await fixture.recovers(to: "2", on: port)
        }
    }
}

@Suite("A port or a database that somebody else has", .serialized, .timeLimit(.minutes(10)))
struct ResourceFaultTests {
    @Test("a taken port: whose it is, what still serves, and all is well once it is free")
    func ports() async throws {
        let platform = FaultFixture.platform(
            api: ["uses: {cache: write}"], resources: "resources: {cache: {kind: redis, version: 7}}")
        let own = "End process \(getpid())"
        try await FaultFixture.with(platform: platform) { fixture, port in
            let shop = fixture.shop
            // The front door starts again without its public port: calls between services go on.
            let inner = try #require(try serviceListener(fixture))
            let door = try #require(try await fixture.number("pid", of: "front-door"))
            try shop.write("api/server.py", FaultFixture.server("2"))
            // Both die: as long as one of them lives, nobody else gets the port.
            let supervisor = try await EnvironmentFiles(shop).lasting()[0]
            kill(supervisor, SIGKILL)
            var held: HeldPort? = try await fixture.takePort(port, from: door)
            _ = try await fixture.status()
            try await shop.eventually("the inner listener serves") { (try? await shop.version(inner)) == "1" }
            try await fixture.serves(["1"], on: inner) {
                let status = try await fixture.status()
                #expect(status.code == 1)
                #expect(status.output.contains("[port-taken]") && status.output.contains(own), "\(status.output)")
                try await fixture.fails(with: 3, "port-taken", mend: own)
            }
            held = nil
            try await shop.eventually("the public port serves again") { (try? await shop.version(port)) == "1" }

            // A resource that ended finds its port taken.
            let cache = try #require(try await fixture.number("pid", of: "resource.cache"))
            let cachePort = try #require(try await fixture.number("port", of: "resource.cache"))
            held = try await fixture.takePort(cachePort, from: cache)
            try await shop.eventually("status says why it does not start") {
                let status = try await fixture.status()
                return status.code == 1 && status.output.contains("[port-taken]") && status.output.contains(own)
            }
            try await fixture.serves(["1"], on: port) {
                try await fixture.fails(with: 3, "port-taken", mend: own)
            }
            held = nil
            _ = held
            try await fixture.recovers(to: "2", on: port)

            // A first start on a port that is taken.
            #expect(try await shop.hauban("down", "dev").code == 0)
            try Folder.remove(fixture.state)
            held = try await HeldPort.take(port)
            try await fixture.failsForPrograms(
                with: 3, "port-taken", mend: own, arguments: ["--port", String(port)])
            held = nil
            #expect(try await shop.hauban("deploy", "dev", "--port", String(port)).code == 0)
            #expect(try await shop.version(port) == "2")
        }
    }

    @Test("a database that refuses: said at once, with what it said and what mends it")
    func database() async throws {
        func platform(migrate: String?) -> String {
            FaultFixture.platform(
                api: ["uses: {db: write}", "env: {DATABASE_URL: \"${db.url}\"}"]
                    + (migrate.map { ["migrate: \($0)"] } ?? []),
                release: "watch: 1s, requests: 5, migrate: 2s",
                resources: "resources: {db: {kind: postgres, version: 15}}")
        }
        let asking = "psql \"$DATABASE_URL\" -qc 'SELECT 1'"
        try await FaultFixture.with(platform: platform(migrate: asking)) { fixture, port in
            let shop = fixture.shop
            let pid = try #require(try await fixture.number("pid", of: "resource.db"))
            try shop.write("api/server.py", FaultFixture.server("2"))
            try await fixture.serves(["1"], on: port) {
                // Stopped: it takes connections and answers none.
                kill(Int32(pid), SIGSTOP)
                defer { kill(Int32(pid), SIGCONT) }
                let text = try await fixture.fails(with: 3, "resource-refuses", mend: "kill -CONT \(pid)")
                #expect(text.contains("what served before serves"), "\(text)")
            }
            try await fixture.serves(["1"], on: port) {
                // No connection left for the role.
                try await sql(fixture, "ALTER ROLE svc_api CONNECTION LIMIT 0")
                try await fixture.fails(with: 3, "resource-refuses", mend: "All its connections are in use")
                // Before a start too.
                try shop.write("hauban.yaml", platform(migrate: nil))
                try await fixture.failsForPrograms(with: 3, "resource-refuses", mend: "All its connections are in use")
                try await sql(fixture, "ALTER ROLE svc_api CONNECTION LIMIT -1")

                // Rules that let nobody in.
                let rules = try #require(try database(fixture)) + "/pg_hba.conf"
                let good = try SmallFile.read(rules)
                try AtomicFile.write(Array("host all svc_api 127.0.0.1/32 reject\n".utf8), to: rules, mode: 0o644)
                kill(Int32(pid), SIGHUP)
                try await fixture.failsForPrograms(with: 3, "resource-refuses", mend: "pg_hba.conf was changed")
                try AtomicFile.write(good, to: rules, mode: 0o644)
                kill(Int32(pid), SIGHUP)

                // It stops answering in the middle of a migration.
                try shop.write("hauban.yaml", platform(migrate: "kill -STOP \(pid); \(asking)"))
                try await fixture.failsForPrograms(with: 3, "resource-refuses", mend: "kill -CONT \(pid)")
                kill(Int32(pid), SIGCONT)
            }
            try await fixture.recovers(to: "2", on: port, platform: platform(migrate: asking))
        }
    }

    private func database(_ fixture: FaultFixture) throws -> String? {
        Folder.names(in: fixture.state).map { "\(fixture.state)/\($0)/dev/resources/db" }.first { Folder.exists($0) }
    }

    private func sql(_ fixture: FaultFixture, _ statement: String) async throws {
        let folder = try #require(try database(fixture))
        let port = SmallFile.text(folder + "/port")?.filter(\.isNumber) ?? ""
        let password = SmallFile.text(folder + "/../../secrets/resource.db.hauban") ?? ""
        let result = try await CommandRunner.live(
            Command(
                arguments: ["psql", "-h", "127.0.0.1", "-p", port, "-U", "hauban", "-d", "postgres", "-qc", statement],
                environment: ["PATH": "/usr/bin:/bin", "PGPASSWORD": password], workingDirectory: "/",
                deadline: .seconds(60)))
        #expect(result.isSuccess, "\(result.errors)")
    }

    /// The port of the front door's listener for `api` alone.
    private func serviceListener(_ fixture: FaultFixture) throws -> Int? {
        for name in Folder.names(in: fixture.state) {
            guard let bytes = try? SmallFile.read("\(fixture.state)/\(name)/dev/front-door.json"),
                case .array(let listeners)? = JSONValue(parsing: bytes)?["listeners"],
                let own = listeners.first(where: { $0["name"]?.string == "service.api" }),
                case .number(let digits)? = own["port"]
            else { continue }
            return Int(digits)
        }
        return nil
    }
}

@Suite("A service that does not do its part", .serialized, .timeLimit(.minutes(10)))
struct ServiceFaultTests {
    @Test("a build that never ends is killed at its deadline with everything it started")
    func endlessBuild() async throws {
        try await FaultFixture.with { fixture, port in
            let mark = Int.random(in: 100_000..<900_000)
            let build = "echo compiling; setsid sleep \(mark)1 & sleep \(mark)2 & sleep \(mark)3"
            try fixture.shop.write(
                "hauban.yaml",
                FaultFixture.platform(
                    api: ["build: {run: \"\(build)\"}"], release: "watch: 1s, requests: 5, build: 700ms"))
            try await fixture.serves(["1"], on: port) {
                let text = try await fixture.fails(with: 3, "build-late", mend: "release: {build: …}")
                #expect(text.contains("did not end within 700ms") && text.contains("compiling"), "\(text)")
                let left = Folder.names(in: "/proc").filter {
                    SmallFile.text("/proc/\($0)/cmdline")?.contains("sleep\0\(mark)") == true
                }
                #expect(left.isEmpty, "\(left)")
                #expect(try await fixture.status().code == 0)
            }
            try await fixture.recovers(to: "2", on: port, platform: FaultFixture.platform())
        }
    }

    @Test("a version that ignores SIGTERM is killed after its grace, with a word about it, and the release is kept")
    func ignoresTermination() async throws {
        let deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
        try await FaultFixture.with(server: FaultFixture.server("1", setup: deaf)) { fixture, port in
            let word = "did not end within 1s of SIGTERM and was killed"
            try await fixture.serves(["1", "2", "3"], on: port) {
                try fixture.shop.write("api/server.py", FaultFixture.server("2", setup: deaf))
                let said = try await fixture.shop.deploy(expecting: 0)
                guard case .array(let notes)? = said.json?["notes"] else {
                    Issue.record("no notes: \(said.output)")
                    return
                }
                #expect(notes.contains { $0.string?.contains("api.r1.0 \(word)") == true }, "\(said.output)")
                try fixture.shop.write("api/server.py", FaultFixture.server("3"))
                let told = try await fixture.shop.hauban("deploy", "dev")
                #expect(told.code == 0)
                #expect(told.output.contains("note: api.r2.0 \(word)"), "\(told.output)")
                #expect(told.output.contains("`stop` of services.api"), "\(told.output)")
                #expect(try await fixture.status().code == 0)
            }
        }
    }

    @Test("ready and then dead: the old version stands in and takes over again, and no request is lost")
    func dies() async throws {
        let platform = FaultFixture.platform(scale: 2, release: "watch: 4s, requests: 5")
        try await FaultFixture.with(platform: platform) { fixture, port in
            let falls =
                "if requests == 1: threading.Timer(0.3, lambda: (print('the mast comes down', flush=True), os._exit(9))).start()"
            try fixture.shop.write("api/server.py", FaultFixture.server("2", request: falls))
            try await fixture.serves(["1", "2"], on: port) {
                let text = try await fixture.fails(with: 3, "replica-failed", mend: "hauban logs api")
                #expect(text.contains("exited with code 9"), "\(text)")
                // A replica may be back by the time of the look, and have written more since its last words.
                let log = try await fixture.shop.hauban("logs", "dev", "api", "--last", "100000")
                #expect(log.output.contains("the mast comes down"), "\(text)")
                #expect(try await fixture.status().code == 0)
            }
            try await fixture.serves(["1"], on: port) { try await Task.sleep(for: .milliseconds(300)) }
            try await fixture.recovers(to: "3", on: port)
        }
    }

    @Test("a version that ends at its start, beside a page of its own, is given up long before `health.start`")
    func endsAtStart() async throws {
        try await FaultFixture.with(platform: FaultFixture.platform(start: "10m")) { fixture, port in
            try fixture.shop.write("api/index.html", "<p>no site")
            try fixture.shop.write("api/server.py", "print('no mast', flush=True)\nraise SystemExit(3)\n")
            try await fixture.serves(["1"], on: port) {
                let text = try await fixture.fails(with: 3, "not-ready", mend: "`hauban logs api`")
                #expect(text.contains("was started 5 times, and each time it exited with code 3"), "\(text)")
                #expect(!text.contains("It wrote:"), "its log is shown once: \(text)")
                #expect(text.contains("| no mast"), "\(text)")
            }
            try await fixture.recovers(to: "2", on: port, platform: FaultFixture.platform())
        }
    }

    @Test("readiness that comes and goes opens no gate and passes no watch")
    func flaps() async throws {
        try await FaultFixture.with { fixture, port in
            let shop = fixture.shop
            let slow = FaultFixture.platform(start: "1500ms", release: "watch: 4s, requests: 5")
            try shop.write("hauban.yaml", slow)
            try await fixture.serves(["1"], on: port) {
                try shop.write("api/server.py", FaultFixture.server("2", ready: "return 503 if probes % 2 else 200"))
                let text = try await fixture.fails(with: 3, "not-ready", mend: "`health.start` (1.5s)")
                #expect(text.contains("never 2 times in a row"), "\(text)")
            }
            try shop.write("hauban.yaml", FaultFixture.platform(release: "watch: 4s, requests: 5"))
            try await fixture.serves(["1", "2"], on: port) {
                // Steady until requests come, then in turns.
                let turns = "return 503 if requests and probes % 2 else 200"
                try shop.write("api/server.py", FaultFixture.server("2", ready: turns))
                let text = try await fixture.fails(
                    with: 3, "readiness-flaps", mend: "`health.failures` of services.api")
                #expect(text.contains("is not steadily ready"), "\(text)")
                // Or gone for good.
                let gone = "return 503 if requests else 200"
                try shop.write("api/server.py", FaultFixture.server("2", ready: gone))
                try await fixture.failsForPrograms(with: 3, "replica-failed", mend: "hauban logs api")
                #expect(try await fixture.status().code == 0)
            }
            try await fixture.recovers(to: "3", on: port)
        }
    }
}
