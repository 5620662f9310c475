import Delivery
import FoundationEssentials
import Glibc
import Spec
import TestKit
import Testing
import World

/// What a new supervisor does with what an earlier one left.
@Suite("Adoption", .timeLimit(.minutes(10)))
struct AdoptionTests {
    private let fixture = SupervisorFixture()

    @Test(
        "a supervisor killed with SIGKILL leaves its services running; the next one takes them over and reaps nothing of theirs"
    )
    func killed() async throws {
        let path = fixture.place.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let supervisor = Supervisor(SupervisorFixture.configuration(path))
            try await supervisor.takeOver()
            try await supervisor.start([
                SupervisorFixture.shell("steady", "while :; do echo tick; sleep 0.05; done", path),
                SupervisorFixture.shell("fragile", "echo $$ > fragile.pid; exec sleep 600", path),
                SupervisorFixture.shell("stopped", "sleep 600", path),
            ])
            try await supervisor.stop(["stopped"])
            while SmallFile.text(path + "/fragile.pid")?.isEmpty ?? true { usleep(1000) }
            kill(getpid(), SIGKILL)
        }
        let before = fixture.processes
        #expect(before.count >= 2)
        let fragile = try #require(Int32(fixture.place.read("fragile.pid").filter { $0.isNumber }))
        kill(fragile, SIGKILL)
        try await eventually { ProcessEntry(pid: fragile).map { $0.isZombie } ?? true }

        let supervisor = try await fixture.supervisor()
        let steady = try #require(await supervisor.status(of: "steady"))
        #expect(steady.state == .ready)
        #expect(steady.reason == .withoutProbe, "why it is ready did not change")
        #expect(before.contains { $0.pid == steady.pid })
        #expect(steady.restarts == 0)
        #expect(await supervisor.state(of: "stopped") == .stopped)
        try await eventually {
            await supervisor.status(of: "fragile").map { $0.state == .ready && $0.restarts == 1 } ?? false
        }
        let lines = steady.tally.lines
        try await eventually { await supervisor.status(of: "steady").map { $0.tally.lines > lines } ?? false }

        // An adopted process is watched like a child.
        kill(try #require(steady.pid), SIGKILL)
        try await eventually {
            await supervisor.status(of: "steady").map { $0.restarts == 1 && $0.state == .ready } ?? false
        }
        try await supervisor.shutdown()
        #expect(fixture.processes.isEmpty)
    }

    @Test("a process started just before the supervisor died is found by its mark, one of nobody is ended")
    func unrecorded() async throws {
        var supervisor = try await fixture.supervisor()
        try await supervisor.start([fixture.shell("job", "sleep 600")])
        let pid = try #require(await supervisor.status(of: "job")?.pid)
        await supervisor.detach()
        // As if the supervisor had died between the start of the process and the note of its number.
        let file = fixture.configuration.state + "/supervisor.json"
        var state = try #require(JSONValue(parsing: try SmallFile.read(file)))
        state = state.without("record")
        try AtomicFile.write(Array(state.text.utf8), to: file)
        let stray = try ChildProcess(
            command: ["/bin/sleep", "600"],
            environment: ["HAUBAN_SUPERVISOR": fixture.configuration.state, "HAUBAN_INSTANCE": "of-nobody"],
            workingDirectory: "/", standardOutput: "/dev/null", standardError: "/dev/null"
        ).launch()
        // The kernel shows a new program's environment a moment after it let its parent go on.
        try await eventually { ProcessMark.value(of: "HAUBAN_INSTANCE", in: stray.pid) == "of-nobody" }

        supervisor = try await fixture.supervisor()
        #expect(await supervisor.status(of: "job")?.pid == pid)
        let end = await ProcessExit.wait(for: stray, timeout: .seconds(60))
        #expect(end == .signalled(SIGKILL))
        try await supervisor.shutdown()
    }

    @Test(
        "a process that was given the number of a dead one is neither adopted nor signalled",
        arguments: ["start time", "boot"])
    func reusedNumber(_ difference: String) async throws {
        var supervisor = try await fixture.supervisor()
        try await supervisor.start([fixture.shell("job", "sleep 600")])
        let record = try #require(await supervisor.status(of: "job")?.pid.flatMap { ProcessRecord(running: $0) })
        await supervisor.detach()
        record.send(SIGKILL, toGroup: true)
        try await eventually { !record.isAlive }
        let other = try ChildProcess(
            command: ["/bin/sleep", "600"], environment: [:], workingDirectory: "/", standardOutput: "/dev/null",
            standardError: "/dev/null"
        ).launch()
        defer {
            other.send(SIGKILL, toGroup: false)
            // Waited for: Swift Testing finds the end of an exit test's process behind no zombie that nobody reaps.
            waitpid(other.pid, nil, 0)
        }
        // As if the kernel had come round to the number: within this boot of the machine, and after another.
        let file = fixture.configuration.state + "/supervisor.json"
        var state = try #require(JSONValue(parsing: try SmallFile.read(file)))
        let isBoot = difference == "boot"
        state = state.replacing(
            "record",
            with: .object([
                .init("boot", .object([.init("text", .string(isBoot ? "earlier" : BootID.current.text))])),
                .init("pid", .number("\(other.pid)")),
                .init("startTime", .number("\(isBoot ? other.startTime : other.startTime - 1)")),
            ]))
        try AtomicFile.write(Array(state.text.utf8), to: file)

        supervisor = try await fixture.supervisor()
        try await eventually {
            await supervisor.status(of: "job").map { $0.state == .ready && $0.restarts == 1 } ?? false
        }
        #expect(await supervisor.status(of: "job")?.pid != other.pid)
        try await supervisor.shutdown()
        #expect(other.isAlive)
        _ = ProcessExit.reap(record.pid)
    }

    @Test("after a restart of the machine what ran is started again")
    func boot() async throws {
        var supervisor = try await fixture.supervisor()
        try await supervisor.start([fixture.shell("job", "sleep 600")])
        let pid = try #require(await supervisor.status(of: "job")?.pid)
        await supervisor.detach()
        kill(pid, SIGKILL)
        let file = fixture.configuration.state + "/supervisor.json"
        let text = fixture.place.read("state/supervisor.json")
        try AtomicFile.write(Array(text.replacing(BootID.current.text, with: "earlier").utf8), to: file)
        supervisor = try await fixture.supervisor()
        let status = try #require(await supervisor.status(of: "job"))
        #expect(status.state == .ready && status.pid != pid && status.restarts == 0)
        try await supervisor.shutdown()
        try await eventually { ProcessExit.reap(pid) != nil || ProcessEntry(pid: pid) == nil }
    }

    @Test("what ended with its supervisor's SIGTERM runs again under the next one, what was stopped does not")
    func resume() async throws {
        var supervisor = try await fixture.supervisor()
        try await supervisor.start([fixture.shell("job", "sleep 600"), fixture.shell("idle", "sleep 600")])
        try await supervisor.stop(["idle"])
        try await supervisor.shutdown(.shutdown)
        #expect(fixture.processes.isEmpty)
        supervisor = try await fixture.supervisor()
        #expect(await supervisor.state(of: "job") == .ready)
        #expect(await supervisor.state(of: "idle") == .stopped)
        try await supervisor.shutdown()
        supervisor = try await fixture.supervisor()
        #expect(await supervisor.state(of: "job") == .stopped)
        try await supervisor.shutdown()
    }

    @Test("a damaged state is refused, not overwritten")
    func damaged() async throws {
        try Folder.make(fixture.configuration.state)
        try fixture.place.write("state/supervisor.json", "{\"version\": 1, \"bo")
        await #expect(throws: WorldError.self) { try await fixture.supervisor() }
        #expect(fixture.place.read("state/supervisor.json") == "{\"version\": 1, \"bo")
    }
}

extension JSONValue {
    /// The value with another one for a key, at every depth.
    fileprivate func replacing(_ key: String, with value: JSONValue) -> JSONValue {
        switch self {
        case .object(let members):
            .object(members.map { Member($0.key, $0.key == key ? value : $0.value.replacing(key, with: value)) })
        case .array(let values): .array(values.map { $0.replacing(key, with: value) })
        case .null, .bool, .number, .string: self
        }
    }

    /// The value without a key, at every depth.
    fileprivate func without(_ key: String) -> JSONValue {
        switch self {
        case .object(let members):
            .object(members.filter { $0.key != key }.map { Member($0.key, $0.value.without(key)) })
        case .array(let values): .array(values.map { $0.without(key) })
        case .null, .bool, .number, .string: self
        }
    }
}
