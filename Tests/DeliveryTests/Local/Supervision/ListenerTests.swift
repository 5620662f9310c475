import Delivery
import FrontDoor
import Glibc
import TestKit
import Testing
import World

/// The built binary's front door under a supervisor of this process, which holds its listening sockets.
@Suite("Listening sockets that outlive the front door", .timeLimit(.minutes(3)))
struct ListenerTests {
    @Test("who connects while there is no front door is answered by the next one, also under the next supervisor")
    func queued() async throws {
        try await ListenerFixture.with { fixture in
            let port = try await fixture.listen(names: ["public"])[0]
            for round in 1...4 {
                if round == 3 {
                    // The sockets live on in the front door alone, and are handed over again.
                    try await fixture.replaceSupervisor()
                    try await eventually(within: .seconds(60)) { await fixture.held == ["127.0.0.1:\(port)"] }
                }
                let door = try await fixture.door()
                kill(door.pid, SIGKILL)
                try await eventually(within: .seconds(60)) { !door.isAlive }
                // Nobody accepts now or for some time; three clients do not care.
                let early = try await [fixture.ask(port), fixture.ask(port), fixture.ask(port)]
                for client in early { #expect(try await fixture.answer(client) == 404) }
            }
            #expect(await fixture.held == ["127.0.0.1:\(port)"])
            let client = FrontDoorClient(socket: fixture.control)
            try await eventually(within: .seconds(60)) {
                (try? await client.health())?.listeners.map(\.port) == [port]
            }
        }
    }

    @Test("a listener that the configuration drops is refused at once, although its socket was held")
    func dropped() async throws {
        try await ListenerFixture.with { fixture in
            let ports = try await fixture.listen(names: ["public", "other"])
            #expect(await fixture.held == ports.map { "127.0.0.1:\($0)" })
            let client = FrontDoorClient(socket: fixture.control)
            var next = try await client.configuration()
            next.generation += 1
            next.listeners.removeLast()
            try await client.apply(next)
            #expect(await fixture.isRefused(ports[1]))
            #expect(await fixture.held == ["127.0.0.1:\(ports[0])"])
            #expect(try await fixture.answer(fixture.ask(ports[0])) == 404)
            // Also when the front door dies before it can say so, and the next one has to sort it out.
            let door = try await fixture.door()
            kill(door.pid, SIGSTOP)
            next.generation += 1
            next.listeners = []
            try StateFile(path: fixture.state).store(next)
            kill(door.pid, SIGKILL)
            try await eventually(within: .seconds(60)) { await fixture.isRefused(ports[0]) }
            try await eventually(within: .seconds(60)) { await fixture.held.isEmpty }
        }
    }

    @Test("a front door that is stopped, removed or shut down with everything is refused, and can be started again")
    func stopped() async throws {
        try await ListenerFixture.with { fixture in
            let port = try await fixture.listen(names: ["public"])[0]
            try await fixture.supervisor.stop(["front-door"])
            #expect(await fixture.isRefused(port))
            #expect(await fixture.held.isEmpty)
            try await fixture.supervisor.start([fixture.workload])
            try await eventually(within: .seconds(60)) { await fixture.held == ["127.0.0.1:\(port)"] }
            #expect(try await fixture.answer(fixture.ask(port)) == 404)
            // Restarted by hand: nobody is refused, and who comes after the end of the old one is answered.
            let door = try await fixture.door()
            await fixture.supervisor.restart(["front-door"])
            while door.isAlive { #expect(await !fixture.isRefused(port)) }
            #expect(try await fixture.answer(fixture.ask(port)) == 404)
            try await fixture.supervisor.remove(["front-door"])
            #expect(await fixture.isRefused(port))
            try await fixture.supervisor.start([fixture.workload])
            try await eventually(within: .seconds(60)) { await fixture.held == ["127.0.0.1:\(port)"] }
            try await fixture.supervisor.shutdown()
            #expect(await fixture.isRefused(port))
        }
    }

    @Test("clients of a front door that cannot come back are refused: when it is given up, or away for too long")
    func dead() async throws {
        try await ListenerFixture.with(restarts: 0) { fixture in
            let port = try await fixture.listen(names: ["public"])[0]
            kill(try await fixture.door().pid, SIGKILL)
            try await eventually(within: .seconds(60)) { await fixture.supervisor.state(of: "front-door") == .failed }
            #expect(await fixture.isRefused(port))
        }
        try await ListenerFixture.with(patience: .milliseconds(300)) { fixture in
            let port = try await fixture.listen(names: ["public"])[0]
            let stored = try SmallFile.read(fixture.state)
            try AtomicFile.write(Array("not JSON".utf8), to: fixture.state)
            kill(try await fixture.door().pid, SIGKILL)
            let waiting = try await fixture.ask(port)
            try await eventually(within: .seconds(60)) { await fixture.isRefused(port) }
            await #expect(throws: WorldError.self) { try await fixture.answer(waiting) }
            // Mended, it opens its address itself, and the sockets are held again.
            try AtomicFile.write(stored, to: fixture.state)
            try await eventually(within: .seconds(60)) { await fixture.held == ["127.0.0.1:\(port)"] }
            #expect(try await fixture.answer(fixture.ask(port)) == 404)
        }
    }

    @Test("a process that is not the front door cannot hand sockets over")
    func stranger() async throws {
        try await ListenerFixture.with { fixture in
            let port = try await fixture.listen(names: ["public"])[0]
            let door = try await FrontDoor.start(
                FrontDoorConfiguration(
                    generation: 1, listeners: [.init(name: "own", host: "127.0.0.1", port: 0, scope: .public)]),
                threads: 1, custody: ListenerCustody(shelf: fixture.shelf))
            #expect(await fixture.held == ["127.0.0.1:\(port)"])
            await door.stop(deadline: .zero)
        }
    }
}

/// A supervisor with one workload, the front door.
private actor ListenerFixture {
    private let place: SupervisorFixture
    private let patience: Duration
    nonisolated let workload: Workload
    nonisolated let state: String
    nonisolated let control: String
    nonisolated let shelf: String
    private(set) var supervisor: Supervisor
    private var serving: Task<Void, Never>?

    static func with(
        restarts: Int = 1_000, patience: Duration = .seconds(60), _ body: (ListenerFixture) async throws -> Void
    ) async throws {
        let fixture = ListenerFixture(restarts: restarts, patience: patience)
        do {
            try await fixture.begin()
            try await body(fixture)
        } catch {
            await fixture.end()
            throw error
        }
        await fixture.end()
    }

    private init(restarts: Int, patience: Duration) {
        let place = SupervisorFixture()
        self.place = place
        self.patience = patience
        let package = #filePath.split(separator: "/").dropLast(5).joined(separator: "/")
        let folder = place.place.path
        state = folder + "/front-door.json"
        control = folder + "/c"
        shelf = folder + "/l"
        workload = Workload(
            id: "front-door", kind: .frontDoor, name: "front-door",
            command: ["/\(package)/.build/debug/hauban", "front-door", "--state", state, "--control", control],
            environment: [
                "PATH": "/usr/bin:/bin",
                "LD_LIBRARY_PATH": EnvironmentValue(text: getenv("LD_LIBRARY_PATH").map { String(cString: $0) } ?? ""),
            ], workingDirectory: folder,
            restart: RestartPolicy(
                initialBackoff: .milliseconds(50), maximumBackoff: .milliseconds(400), limit: restarts),
            logFormat: .plain)
        supervisor = Supervisor(place.configuration)
    }

    private func begin() async throws {
        var configuration = place.configuration
        configuration.listenerSocket = shelf
        configuration.listenerPatience = patience
        supervisor = Supervisor(configuration)
        try await supervisor.takeOver()
        let server = try ListenerShelfServer(supervisor, socket: shelf)
        serving = Task { await server.run() }
        try await supervisor.start([workload])
    }

    /// As if it had been killed: what it held is closed, its front door runs on.
    func replaceSupervisor() async throws {
        await supervisor.detach()
        serving?.cancel()
        await serving?.value
        try await begin()
    }

    private func end() async {
        try? await supervisor.shutdown()
        serving?.cancel()
        await serving?.value
    }

    var held: [String] { get async { await supervisor.heldListeners } }

    /// Gives the front door listeners on ports that last.
    func listen(names: [String]) async throws -> [Int] {
        let ports = FreePort()
        let client = FrontDoorClient(socket: control)
        try await eventually(within: .seconds(60)) { (try? await client.health()) != nil }
        let applied = try await client.apply(
            FrontDoorConfiguration(
                generation: 1,
                listeners: try names.map {
                    .init(name: $0, host: "127.0.0.1", port: try ports.next(), scope: .public)
                }))
        return applied.listeners.map(\.port)
    }

    /// The front door's process, once it runs.
    func door() async throws -> ProcessRecord {
        var found: ProcessRecord?
        try await eventually(within: .seconds(60)) {
            found = await supervisor.status(of: "front-door")?.pid.flatMap { ProcessRecord(running: $0) }
            return found?.isAlive == true
        }
        return try #require(found)
    }

    /// Connects and asks, without waiting for the answer.
    nonisolated func ask(_ port: Int) async throws -> Socket {
        let socket = try await Socket.connect(port: port, timeout: .seconds(5))
        try await socket.send(
            Array("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8), timeout: .seconds(5))
        return socket
    }

    /// The status of what was asked.
    nonisolated func answer(_ socket: Socket) async throws -> Int {
        let text = String(decoding: try await socket.receive(timeout: .seconds(60)), as: UTF8.self)
        return Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0
    }

    nonisolated func isRefused(_ port: Int) async -> Bool {
        do {
            _ = try await Socket.connect(port: port, timeout: .seconds(5))
            return false
        } catch {
            return (error as? WorldError)?.code == "system-\(ECONNREFUSED)"
        }
    }
}
