import Delivery
import Glibc
import Spec
import TestKit
import Testing
import World

@Suite("Control socket", .timeLimit(.minutes(10)))
struct ControlTests {
    private let fixture = SupervisorFixture()
    private var socket: String { fixture.place.path + "/run/s" }

    @Test("a client starts, watches, restarts, removes and ends over the socket")
    func conversation() async throws {
        let supervisor = try await fixture.supervisor()
        let server = try SupervisorServer(supervisor, fixture.configuration, socket: socket)
        async let ending = server.run()
        let client = SupervisorClient(socket: socket)
        let identity = try await client.ping(within: .seconds(60))
        #expect(identity.pid == getpid() && identity.troubles.isEmpty)
        let events = try await client.events()
        let job = fixture.shell("job", "sleep 600")
        try await client.start([job])
        #expect(try await client.waitUntilReady(["job"], within: .seconds(60)).isReady)
        #expect(try await client.workloads() == [job])
        let pid = try await client.status().first?.pid
        #expect(pid != nil)
        try await client.restart(["job"])
        try await eventually { try await client.status().first.map { $0.state == .ready && $0.pid != pid } ?? false }
        try await client.stop(["job"])
        #expect(try await client.status().first?.state == .stopped)
        try await client.remove(["job"])
        #expect(try await client.status().isEmpty)
        try await client.shutdown()
        #expect(await ending == .shutdown)
        var states: [ReplicaState] = []
        for await event in events { states.append(event.state) }
        #expect(states.first == .starting && states.last == .stopped)
        #expect(access(socket, F_OK) != 0, "the socket's file is gone")
    }

    @Test("the holder of a lease is refused once a later one asked, also by the next supervisor")
    func fence() async throws {
        var supervisor = try await fixture.supervisor()
        let client = SupervisorClient(socket: socket)
        let job = fixture.shell("job", "sleep 600")
        for round in 1...2 {
            let server = try SupervisorServer(supervisor, fixture.configuration, socket: socket)
            async let ending = server.run()
            if round == 1 {
                try await client.fenced(4).start([job])
                try await client.fenced(5).claim()
            }
            for request in ["claim", "start", "stop", "remove"] {
                let error = await #expect(throws: WorldError.self) {
                    let stale = client.fenced(4)
                    switch request {
                    case "claim": try await stale.claim()
                    case "start": try await stale.start([fixture.shell("other", "sleep 600")])
                    case "stop": try await stale.stop(["job"])
                    default: try await stale.remove(["job"])
                    }
                }
                #expect(error?.code == "lease-lost", "\(request)")
            }
            let statuses = try await client.status()
            #expect(statuses.map(\.id) == ["job"] && statuses[0].state == .ready)
            try await client.fenced(5).start([job])
            if round == 1 {
                try await client.detach()
                supervisor = try await fixture.supervisor()
            } else {
                try await client.shutdown()
            }
            _ = await ending
        }
    }

    @Test("a refusal arrives as it was thrown, and the connection's other questions still work")
    func refusal() async throws {
        let supervisor = try await fixture.supervisor()
        let server = try SupervisorServer(supervisor, fixture.configuration, socket: socket)
        async let ending = server.run()
        let client = SupervisorClient(socket: socket)
        var job = fixture.shell("job", "sleep 600")
        try await client.start([job])
        job.release = "r2"
        do {
            try await client.start([job])
            Issue.record("no conflict")
        } catch let error as WorldError {
            #expect(error.code == "workload-conflict")
        }
        let verdict = try await client.waitUntilReady(["nobody"], within: .seconds(5))
        #expect(!verdict.isReady)
        try await client.shutdown()
        #expect(await ending == .shutdown)
    }

    @Test(
        "garbage, another version and a deadline in the past are answered, not obeyed",
        arguments: [
            ("nonsense\n", "bad-request"),
            (#"{"version":99,"deadline":5,"request":{"shutdown":{}}}"# + "\n", "protocol-version"),
            (#"{"version":1,"deadline":0,"request":{"waitUntilReady":{"_0":["slow"]}}}"# + "\n", "timed-out"),
        ])
    func garbage(line: String, code: String) async throws {
        let supervisor = try await fixture.supervisor()
        var slow = fixture.shell("slow", "sleep 600")
        slow.readiness = .init(check: .exec(.words(["false"])))
        try await supervisor.start([slow])
        let server = try SupervisorServer(supervisor, fixture.configuration, socket: socket)
        async let ending = server.run()
        let connection = try await Socket.connect(path: socket, timeout: .seconds(60))
        try await connection.send(Array(line.utf8), timeout: .seconds(60))
        let answer = String(decoding: try await connection.receive(timeout: .seconds(60)), as: UTF8.self)
        #expect(answer.contains("\"\(code)\"") || (code == "timed-out" && answer.contains("isReady\":false")))
        try await SupervisorClient(socket: socket).shutdown()
        #expect(await ending == .shutdown)
    }

    @Test("detaching leaves the services to the next supervisor")
    func detach() async throws {
        let supervisor = try await fixture.supervisor()
        let server = try SupervisorServer(supervisor, fixture.configuration, socket: socket)
        async let ending = server.run()
        let client = SupervisorClient(socket: socket)
        try await client.start([fixture.shell("job", "sleep 600")])
        let pid = try await client.status().first?.pid
        try await client.detach()
        #expect(await ending == .detach)
        let next = try await fixture.supervisor()
        #expect(await next.status(of: "job")?.pid == pid)
        try await next.shutdown()
    }

    @Test("without a supervisor the client says so")
    func absent() async {
        do {
            _ = try await SupervisorClient(socket: socket).ping()
            Issue.record("somebody answered")
        } catch let error as WorldError {
            #expect(error.code == "supervisor-absent")
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test("a supervisor that cannot start is reported with the end of its log")
    func launchFailure() async throws {
        let launcher = SupervisorLauncher(
            command: ["/bin/sh", "-c", "echo the disk is full >&2; exit 3"], environment: ["PATH": "/usr/bin:/bin"],
            state: fixture.configuration.state, socket: socket)
        do {
            _ = try await launcher.ensureRunning(within: .seconds(60))
            Issue.record("it answered")
        } catch let error as WorldError {
            #expect(error.code == "supervisor-failed")
            #expect(error.underlying.contains("exited with code 3") && error.underlying.contains("the disk is full"))
        }
    }

    @Test("the supervisor's process ends everything in order on SIGTERM, and ignores SIGHUP")
    func process() async throws {
        let path = fixture.place.path
        let socket = socket
        await #expect(processExitsWith: .success) { [path = path as String, socket = socket as String] in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await SupervisorProcess.run(SupervisorFixture.configuration(path), socket: socket)
                }
                group.addTask {
                    let client = SupervisorClient(socket: socket)
                    try await eventually { (try? await client.ping()) != nil }
                    try await client.start([
                        SupervisorFixture.shell(
                            "job",
                            "trap 'echo down >> said; exit 0' TERM; echo up >> said; while :; do sleep 0.02; done", path
                        )
                    ])
                    try await eventually { SmallFile.text(path + "/said") == "up\n" }
                    kill(getpid(), SIGHUP)
                    _ = try await client.ping()
                    kill(getpid(), SIGTERM)
                }
                try await group.waitForAll()
            }
        }
        #expect(fixture.place.read("said") == "up\ndown\n")
        #expect(fixture.processes.isEmpty)
    }
}
