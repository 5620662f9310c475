import FrontDoor
import Glibc
import Testing
import World

/// The front door in a process of its own, ended by signals.
///
/// One after another: waiting for a process that ends keeps a thread of the test's pool busy, and the test needs another.
@Suite(
    "The process", .serialized, .timeLimit(.minutes(10)))
struct ProcessTests {
    init() throws {
        try #require(sysconf(Int32(_SC_NPROCESSORS_ONLN)) >= 2, "these tests need a machine of two cores, as CI has")
    }

    static func waitUntilServing(_ control: String) async throws -> FrontDoorHealth {
        var health: FrontDoorHealth?
        try await eventually("the process serves", within: .seconds(60)) {
            health = try? await FrontDoorClient(socket: control).health(deadline: .milliseconds(300))
            return health?.status == "serving"
        }
        return try #require(health)
    }

    @Test("SIGTERM ends it with 0 once requests in flight have their answer")
    func terminated() async throws {
        let folder = try temporaryFolder()
        defer { removeTree(folder) }
        let state = folder + "/state.json"
        let control = folder + "/c.sock"
        let service = try await TestService.start()
        async let ended: Void = {
            await #expect(processExitsWith: .success) { [state = state as String, control = control as String] in
                closeInheritedSockets()
                let signals = SignalWatch.stream([SIGTERM])
                try await FrontDoorProcess.run(state: state, control: control, threads: 1, signals: signals)
            }
        }()
        let health = try await Self.waitUntilServing(control)
        let applied = try await FrontDoorClient(socket: control).apply(
            DoorFixture.configuration(1, ["api": DoorFixture.service("r1", service.port)]))
        let client = try await RawClient.connect(applied.listeners[0].port)
        try await client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
        try await eventually("the service has it") { service.requests == 1 }
        kill(pid_t(health.processIdentifier), SIGTERM)
        try await eventually("it takes no more") { await RawClient.refuses(applied.listeners[0].port) }
        service.release()
        #expect(try await client.response().body == "held one")
        await client.close()
        await ended
        await service.kill()
    }

    @Test("killed with SIGKILL, the next one serves the same routes on the same port")
    func killed() async throws {
        let folder = try temporaryFolder()
        defer { removeTree(folder) }
        let state = folder + "/state.json"
        let control = folder + "/c.sock"
        let service = try await TestService.start()
        async let first: Void = {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [state = state as String, control = control as String] in
                closeInheritedSockets()
                try await FrontDoorProcess.run(state: state, control: control, threads: 1)
            }
        }()
        let health = try await Self.waitUntilServing(control)
        var configuration = DoorFixture.configuration(7, ["api": DoorFixture.service("r1", service.port)])
        configuration.listeners[0].port = try await lastingPort()
        let applied = try await FrontDoorClient(socket: control).apply(configuration)
        let port = applied.listeners[0].port
        let client = try await RawClient.connect(port)
        #expect(try await client.get("/").body == "one")
        kill(pid_t(health.processIdentifier), SIGKILL)
        await first
        await client.close()

        async let second: Void = {
            await #expect(processExitsWith: .success) { [state = state as String, control = control as String] in
                closeInheritedSockets()
                try await FrontDoorProcess.run(state: state, control: control, threads: 1)
            }
        }()
        let next = try await Self.waitUntilServing(control)
        #expect(next.generation == 7)
        #expect(next.processIdentifier != health.processIdentifier)
        let again = try await RawClient.connect(port)
        #expect(try await again.get("/").body == "one")
        await again.close()
        try await FrontDoorClient(socket: control).stop(grace: .seconds(2))
        await second
        await service.kill()
    }
}

/// The sockets of tests that run at the same time in the process that started this one.
private func closeInheritedSockets() {
    for descriptor in Int32(3)..<4096 {
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK { close(descriptor) }
    }
}
