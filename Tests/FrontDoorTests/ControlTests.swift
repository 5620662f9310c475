import FrontDoor
import Glibc
import Testing

@Suite("The control API")
struct ControlTests {
    struct Running {
        let client: FrontDoorClient
        let state: String
        let task: Task<Void, any Error>
    }

    static func start(in folder: String, control: String = "c.sock") async throws -> Running {
        let client = FrontDoorClient(socket: folder + "/" + control)
        let state = folder + "/state.json"
        let tally = Tally()
        let task = Task {
            do {
                try await FrontDoorProcess.run(state: state, control: client.socket, threads: 1, grace: .seconds(5))
            } catch {
                tally.fail("\(error)")
                throw error
            }
        }
        try await eventually("the control API answers") {
            if let failure = tally.failures.first { throw Unmet(description: failure) }
            return (try? await client.health(deadline: .milliseconds(200)))?.status == "serving"
        }
        return Running(client: client, state: state, task: task)
    }

    @Test("a configuration comes into force, is stored, and is there after a restart on the same port")
    func restart() async throws {
        let folder = try temporaryFolder()
        defer { removeTree(folder) }
        let service = try await TestService.start()
        var running = try await Self.start(in: folder)
        #expect(try await running.client.configuration().generation == 0)
        var configuration = DoorFixture.configuration(5, ["api": DoorFixture.service("r1", service.port)])
        configuration.listeners[0].port = try await lastingPort()
        let applied = try await running.client.apply(configuration)
        let port = applied.listeners[0].port
        #expect(port > 0)
        #expect(try await running.client.health().listeners == [.init(name: "public", host: "127.0.0.1", port: port)])
        let first = try await RawClient.connect(port)
        #expect(try await first.get("/").body == "one")
        #expect(try await running.client.signals(window: 30).release("r1", of: "api")?.requests == 1)
        #expect(
            try await running.client.metrics().contains(
                "hauban_requests_total{service=\"api\",release=\"r1\",code=\"200\"} 1"))
        await first.close()
        try await running.client.stop(grace: .seconds(2))
        try await running.task.value

        running = try await Self.start(in: folder)
        #expect(try await running.client.configuration() == applied)
        let second = try await RawClient.connect(port)
        #expect(try await second.get("/").body == "one")
        await second.close()
        try await running.client.stop(grace: .seconds(2))
        try await running.task.value
        #expect(access(running.client.socket, F_OK) != 0)
        await service.kill()
    }

    @Test("stale generations, invalid configurations and unknown calls are refused with what mends it")
    func refusals() async throws {
        let folder = try temporaryFolder()
        defer { removeTree(folder) }
        let running = try await Self.start(in: folder)
        let client = running.client
        try await client.apply(FrontDoorConfiguration(generation: 3))
        // The same again is no change, and no error.
        try await client.apply(FrontDoorConfiguration(generation: 3))
        var error = await #expect(throws: FrontDoorError.self) {
            try await client.apply(FrontDoorConfiguration(generation: 2))
        }
        #expect(error?.code == .generationStale)
        #expect(error?.hint.isEmpty == false)
        error = await #expect(throws: FrontDoorError.self) {
            try await client.apply(
                FrontDoorConfiguration(generation: 4, routes: [.init(path: "api", service: "nobody")]))
        }
        #expect(error?.code == .configurationInvalid)
        #expect(error?.underlying.contains("service \"nobody\" is not in the configuration") == true)
        #expect(error?.underlying.contains("path does not begin with \"/\"") == true)
        #expect(try await client.configuration().generation == 3)
        error = await #expect(throws: FrontDoorError.self) { try await client.signals(window: 0) }
        #expect(error?.code == .requestInvalid)
        error = await #expect(throws: FrontDoorError.self) {
            try await FrontDoorProcess.run(state: folder + "/other.json", control: client.socket, threads: 1)
        }
        #expect(error?.code == .alreadyRunning)
        #expect(try await client.health().generation == 3)
        try await client.stop()
        try await running.task.value
        error = await #expect(throws: FrontDoorError.self) { try await client.health() }
        #expect(error?.code == .unreachable)
    }

    @Test("drain answers with what is left at its deadline, and at once when nothing is")
    func drain() async throws {
        let folder = try temporaryFolder()
        defer { removeTree(folder) }
        let service = try await TestService.start()
        let running = try await Self.start(in: folder)
        let applied = try await running.client.apply(
            DoorFixture.configuration(1, ["api": DoorFixture.service("r1", service.port)]))
        let slow = try await RawClient.connect(applied.listeners[0].port)
        try await slow.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
        try await eventually("the service has it") { service.requests == 1 }
        try await running.client.apply(DoorFixture.configuration(2, ["api": .init(releases: [])]))
        let held = try await running.client.drain(service: "api", release: "r1", deadline: .milliseconds(20))
        #expect(held.inFlight == 1)
        service.release()
        let empty = try await running.client.drain(service: "api", release: "r1", deadline: .seconds(10))
        #expect(empty.isDrained)
        #expect(try await slow.response().body == "held one")
        await slow.close()
        try await running.client.stop()
        try await running.task.value
        await service.kill()
    }

    @Test(
        "a state file that cannot be read stops the start, and one that cannot be written keeps the old configuration")
    func state() async throws {
        let folder = try temporaryFolder()
        defer { removeTree(folder) }
        try SiteTests.write("{\"generation\": ", to: folder + "/state.json")
        let unreadable = await #expect(throws: FrontDoorError.self) {
            try await FrontDoorProcess.run(state: folder + "/state.json", control: folder + "/c.sock", threads: 1)
        }
        #expect(unreadable?.code == .stateUnreadable)
        let door = try await FrontDoor.start(
            FrontDoorConfiguration(generation: 1), threads: 1, stateFile: StateFile(path: folder + "/kept.json"))
        mkdir(folder + "/kept.json.new", 0o755)
        let unwritable = await #expect(throws: FrontDoorError.self) {
            try await door.apply(FrontDoorConfiguration(generation: 2))
        }
        #expect(unwritable?.code == .stateUnwritable)
        #expect(await door.configuration.generation == 1)
        #expect(try StateFile(path: folder + "/kept.json").load()?.generation == 1)
        await door.stop(deadline: .zero)
    }

    @Test("a call that takes too long ends at its deadline")
    func deadline() async throws {
        let folder = try temporaryFolder()
        defer { removeTree(folder) }
        let running = try await Self.start(in: folder)
        let error = await #expect(throws: FrontDoorError.self) {
            try await running.client.health(deadline: .nanoseconds(1))
        }
        #expect(error?.code == .deadlineExceeded)
        try await running.client.stop()
        try await running.task.value
    }
}

func readText(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var text = ""
    var line = [CChar](repeating: 0, count: 4096)
    while fgets(&line, 4096, file) != nil {
        text += String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
    return text
}

/// A free port that the system gives to no outgoing connection, so that it is still free after a restart.
func lastingPort() async throws -> Int {
    for _ in 0..<50 {
        let port = Int.random(in: 15_000..<32_000)
        guard let probe = try? await TestService.start("probe", port: port) else { continue }
        await probe.kill()
        return port
    }
    throw Unmet(description: "no free port")
}
