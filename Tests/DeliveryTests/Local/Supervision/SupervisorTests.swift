import Delivery
import Glibc
import Spec
import TestKit
import Testing
import World

/// Real processes.
@Suite("Supervisor", .timeLimit(.minutes(10)))
struct SupervisorTests {
    private let fixture = SupervisorFixture()

    @Test("a replica is ready when its probe passes, unready when it fails, and stopped without a trace")
    func readiness() async throws {
        let supervisor = try await fixture.supervisor()
        let port = try FreePort().next()
        try await supervisor.start([fixture.web("web", port: port)])
        try await eventually { await supervisor.status(of: "web")?.reason == .notReady(failures: 3, .status(503)) }
        #expect(await supervisor.state(of: "web") == .starting)
        try fixture.place.write("well", "")
        #expect(try await supervisor.waitUntilReady(["web"], within: .seconds(60)).isReady)
        let status = try #require(await supervisor.status(of: "web"))
        #expect(status.reason == .passed(times: 1))
        #expect(status.residentBytes > 1 << 20)
        #expect(status.cpu > .zero)
        unlink(fixture.place.path + "/well")
        try await eventually { await supervisor.state(of: "web") == .unready }
        try await supervisor.stop(["web"])
        #expect(await supervisor.status(of: "web")?.reason == .stopped(.asked, .signalled(SIGTERM)))
        #expect(fixture.processes.isEmpty)
        #expect(ProcessEntry(pid: try #require(status.pid)) == nil, "no zombie is left")
        try await supervisor.shutdown()
    }

    @Test("a replica that keeps ending is restarted with growing waits, then failed with its last words")
    func limit() async throws {
        let supervisor = try await fixture.supervisor()
        try await supervisor.start([fixture.shell("job", "echo gone wrong; exit 4")])
        let verdict = try await supervisor.waitUntilReady(["job"], within: .milliseconds(1))
        #expect(verdict.isReady, "without a probe it is ready once started")
        try await eventually { await supervisor.state(of: "job") == .failed }
        let status = try #require(await supervisor.status(of: "job"))
        #expect(status.reason == .limitReached(restarts: 3, within: .seconds(600), .ended(.exited(code: 4))))
        #expect(status.restarts == 3)
        #expect(status.lastLines == Array(repeating: "gone wrong", count: 4))
        #expect(status.tally.plain == 4)
        let late = try await supervisor.waitUntilReady(["job"], within: .seconds(30))
        #expect(!late.isReady && late.missing == [status])
        try await supervisor.shutdown()
    }

    @Test("a program that does not exist fails and says what to do")
    func missing() async throws {
        let supervisor = try await fixture.supervisor()
        var workload = fixture.shell("job", "")
        workload.command = ["no-such-program-here"]
        try await supervisor.start([workload])
        try await eventually { await supervisor.state(of: "job") == .failed }
        guard case .limitReached(_, _, .notStarted(let error))? = await supervisor.status(of: "job")?.reason else {
            Issue.record("another reason")
            return
        }
        #expect(error.code == "program-missing")
        try await supervisor.shutdown()
    }

    @Test("a stop reaches grandchildren, in the group and out of it, and kills what ignores it after the grace")
    func stubborn() async throws {
        let supervisor = try await fixture.supervisor()
        var workload = fixture.shell(
            "job",
            "trap '' TERM; sleep 600 & setsid sh -c 'trap \"\" TERM; sleep 600' & wait; while :; do sleep 1; done")
        workload.stop.grace = .milliseconds(300)
        try await supervisor.start([workload])
        try await eventually { fixture.processes.count >= 4 }
        let began = ContinuousClock.now
        try await supervisor.stop(["job"])
        #expect(began.duration(to: .now) >= .milliseconds(300))
        #expect(
            await supervisor.status(of: "job")?.reason == .killed(.asked, after: .milliseconds(300)))
        #expect(fixture.processes.isEmpty)
        try await supervisor.shutdown()
    }

    @Test("what a crashed leader leaves behind is ended before the restart")
    func leftovers() async throws {
        let supervisor = try await fixture.supervisor()
        try await supervisor.start([
            fixture.shell("job", "if [ -e twice ]; then exec sleep 600; fi; touch twice; sleep 600 & exit 1")
        ])
        try await eventually {
            await supervisor.status(of: "job").map { $0.restarts == 1 && $0.state == .ready } ?? false
        }
        try await eventually { fixture.processes.count == 1 }
        try await supervisor.shutdown()
    }

    @Test("start order follows the dependencies, stop order is its reverse")
    func order() async throws {
        let supervisor = try await fixture.supervisor()
        let events = await supervisor.events()
        var db = fixture.shell(
            "db", "echo db up >> order; trap 'echo db down >> order; exit 0' TERM; while :; do sleep 0.02; done")
        db.readiness = Probe(check: .exec(.words(["test", "-e", "well"])), interval: .milliseconds(50))
        var api = fixture.shell(
            "api", "echo api up >> order; trap 'echo api down >> order; exit 0' TERM; while :; do sleep 0.02; done")
        api.dependsOn = ["db"]
        try await supervisor.start([api, db])
        #expect(await supervisor.status(of: "api")?.reason == .waitingFor(["db"]))
        try fixture.place.write("well", "")
        #expect(try await supervisor.waitUntilReady(["api"], within: .seconds(60)).isReady)
        try await eventually { fixture.place.read("order") == "db up\napi up\n" }
        try await supervisor.shutdown()
        #expect(fixture.place.read("order") == "db up\napi up\napi down\ndb down\n")
        var seen: [ReplicaState] = []
        for await event in events where event.id == "api" { seen.append(event.state) }
        #expect(seen == [.waiting, .starting, .ready, .stopping, .stopped])
    }

    @Test("who waits for a replica that failed is told at once")
    func hopeless() async throws {
        let supervisor = try await fixture.supervisor()
        var db = fixture.shell("db", "exit 1")
        db.readiness = Probe(check: .exec(.words(["false"])))
        db.restart.limit = 0
        var api = fixture.shell("api", "sleep 600")
        api.dependsOn = ["db"]
        try await supervisor.start([db, api])
        let began = ContinuousClock.now
        let verdict = try await supervisor.waitUntilReady(["api"], within: .seconds(3600))
        #expect(!verdict.isReady)
        #expect(began.duration(to: .now) < .seconds(3600), "long before the end of its patience")
        try await supervisor.shutdown()
    }

    @Test("who waits may give up on what ends again and again, long before it is restarted no more")
    func endsAtOnce() async throws {
        let supervisor = try await fixture.supervisor()
        var job = fixture.shell("job", "exit 3")
        job.readiness = Probe(check: .exec(.words(["false"])))
        job.restart.limit = 1_000_000
        try await supervisor.start([job])
        let verdict = try await supervisor.waitUntilReady(["job"], within: .seconds(600), givingUpAfter: 3)
        #expect(verdict.missing.first?.lastFault == .ended(.exited(code: 3)))
        #expect(verdict.missing.first.map { $0.restarts >= 3 } == true)
        try await supervisor.shutdown()
    }

    @Test("who answers on a replica's port in its place makes it not ready, and is named at once")
    func stranger() async throws {
        let port = try FreePort().next()
        // It runs before the replica does, and takes the port once that was started.
        try await withServer(port) { stranger in
            try await eventually { fixture.place.read("waits") == "yes" }
            let supervisor = try await fixture.supervisor()
            var job = fixture.web("web", port: port)
            job.command = ["sleep", "600"]
            try await supervisor.start([job])
            try await eventually { await supervisor.status(of: "web")?.pid != nil }
            try fixture.place.write("go", "")
            let verdict = try await supervisor.waitUntilReady(["web"], within: .seconds(3600))
            #expect(!verdict.isReady)
            let reason = try #require(verdict.missing.first?.reason)
            if case .stranger(port, stranger.pid, let command)? = reason.stranger {
                #expect(command.hasPrefix("python3 -c"))
            } else {
                Issue.record("\(reason)")
            }
            #expect("\(reason)".contains("port \(port) is taken by process \(stranger.pid) (python3"), "\(reason)")
            try await supervisor.shutdown()
        }
    }

    @Test("a helper that listens for a replica is none: a child, one with a session of its own, one started later")
    func helpers() async throws {
        let supervisor = try await fixture.supervisor()
        try fixture.place.write("well", "")
        for (number, prefix) in ["", "setsid "].enumerated() {
            let port = try FreePort().next()
            var job = fixture.web("web\(number)", port: port)
            let server = job.command[2].replacing("'", with: "\"")
            job.command = ["sh", "-c", "\(prefix)python3 -c '\(server)' & sleep 600"]
            try await supervisor.start([job])
            #expect(try await supervisor.waitUntilReady(["web\(number)"], within: .seconds(60)).isReady)
        }
        let port = try FreePort().next()
        var job = fixture.web("web", port: port)
        job.command = ["sleep", "600"]
        try await supervisor.start([job])
        try await eventually { await supervisor.status(of: "web")?.pid != nil }
        try fixture.place.write("go", "")
        try await withServer(port) { _ in
            let verdict = try await supervisor.waitUntilReady(["web"], within: .seconds(60))
            #expect(verdict.isReady, "\(verdict.missing)")
        }
        try await supervisor.shutdown()
    }

    /// Runs ``waitingServer(_:)`` beside the body.
    private func withServer(_ port: Int, _ body: (ProcessRecord) async throws -> Void) async throws {
        let server = try ChildProcess(
            command: ["python3", "-c", Self.waitingServer(port)], environment: ["PATH": "/usr/bin:/bin"],
            workingDirectory: fixture.place.path, standardOutput: "/dev/null", standardError: "/dev/null"
        ).launch()
        let result: Result<Void, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        server.send(SIGKILL, toGroup: true)
        // Reaped in any case: swift-testing's wait for exit tests hangs where a child of somebody else stays a zombie.
        _ = await Task { await ProcessExit.wait(for: server, timeout: .seconds(60)) }.value
        try result.get()
    }

    /// Answers 200 on a port once the file `go` is there.
    private static func waitingServer(_ port: Int) -> String {
        """
        import http.server, os, time
        class H(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header('Content-Length', '0')
                self.end_headers()
            def log_message(self, *a): pass
        open('waits', 'w').write('yes')
        while not os.path.exists('go'): time.sleep(0.01)
        http.server.HTTPServer(('127.0.0.1', \(port)), H).serve_forever()
        """
    }

    @Test("a replica whose liveness probe fails is restarted")
    func liveness() async throws {
        let supervisor = try await fixture.supervisor()
        var job = fixture.shell("job", "sleep 600")
        job.liveness = Probe(
            check: .exec(.words(["test", "!", "-e", "hung"])), interval: .milliseconds(30), failures: 2)
        try await supervisor.start([job])
        let pid = await supervisor.status(of: "job")?.pid
        try fixture.place.write("hung", "")
        try await eventually { await supervisor.status(of: "job")?.restarts == 1 }
        unlink(fixture.place.path + "/hung")
        try await eventually { await supervisor.status(of: "job").map { $0.state == .ready && $0.pid != pid } ?? false }
        try await supervisor.shutdown()
    }

    @Test("a TCP probe passes when the port is open")
    func tcp() async throws {
        let supervisor = try await fixture.supervisor()
        var web = fixture.web("web", port: try FreePort().next())
        web.readiness = Probe(check: .tcp, interval: .milliseconds(50))
        try await supervisor.start([web])
        #expect(try await supervisor.waitUntilReady(["web"], within: .seconds(60)).isReady)
        try await supervisor.shutdown()
    }

    @Test("secrets reach the process and nothing on disk")
    func secrets() async throws {
        let supervisor = try await fixture.supervisor()
        var job = fixture.shell("job", "echo \"$TOKEN\" > told; sleep 600")
        job.environment["TOKEN"] = EnvironmentValue(parts: [.text("Bearer "), .secret("token")])
        try await supervisor.start([job])
        try await eventually { fixture.place.read("told") == "Bearer s3cret\n" }
        let stored = fixture.place.read("state/supervisor.json")
        #expect(stored.contains("token") && !stored.contains("s3cret"))
        try await supervisor.shutdown()
    }

    @Test("the same start twice starts once, another content under a living id is refused")
    func idempotent() async throws {
        let supervisor = try await fixture.supervisor()
        var job = fixture.shell("job", "sleep 600")
        try await supervisor.start([job])
        let pid = await supervisor.status(of: "job")?.pid
        try await supervisor.start([job])
        #expect(await supervisor.status(of: "job")?.pid == pid)
        job.release = "r2"
        await #expect(throws: WorldError.self) { try await supervisor.start([job]) }
        try await supervisor.remove(["job"])
        try await supervisor.start([job])
        #expect(await supervisor.status(of: "job")?.release == "r2")
        try await supervisor.shutdown()
    }

    @Test("a second supervisor is refused and told who holds the environment")
    func second() async throws {
        let supervisor = try await fixture.supervisor()
        do {
            _ = try await fixture.supervisor()
            Issue.record("two supervisors")
        } catch let error as WorldError {
            #expect(error.code == "supervisor-held")
            #expect(error.underlying.contains("pid \(getpid()) since "))
        }
        try await supervisor.shutdown()
    }
}
