import Synchronization
import TestKit
import Testing
import World

@Suite("Commands")
struct CommandRunnerTests {
    private let place = TemporaryFolder()

    private func shell(_ script: String, deadline: Duration = .seconds(60), limit: Int = 1 << 20) -> Command {
        Command(
            arguments: ["sh", "-c", script], environment: ["PATH": "/usr/bin:/bin", "NAME": "ana"],
            workingDirectory: place.path, deadline: deadline, outputLimit: limit)
    }

    @Test("both outputs, the code, the environment and the folder are as given")
    func run() async throws {
        let result = try await CommandRunner.live(shell("echo $NAME; pwd; echo bad >&2; exit 3"))
        #expect(
            result
                == CommandResult(status: .exited(code: 3), output: "ana\n\(place.path)\n", errors: "bad\n"))
        #expect(!result.isSuccess)
    }

    @Test("lines come while the command runs")
    func lines() async throws {
        let lines = Mutex<[String]>([])
        let script = "echo one; until [ -e go ]; do sleep 0.02; done; printf two"
        async let result = CommandRunner.live.run(shell(script)) { _, line in lines.withLock { $0.append(line) } }
        try await eventually { lines.withLock { $0 } == ["one"] }
        try place.write("go", "")
        #expect(try await result.isSuccess)
        #expect(lines.withLock { $0 } == ["one", "two"])
    }

    @Test("at the deadline the command dies with everything it started")
    func deadline() async throws {
        let result = try await CommandRunner.live(
            shell("trap '' TERM; sleep 600 & echo $!; sleep 600", deadline: .milliseconds(300)))
        #expect(result.isLate)
        let pid = try #require(Int32(result.output.filter { $0.isNumber }))
        try await eventually { ProcessEntry(pid: pid).map { $0.isZombie } ?? true }
    }

    @Test("what a command leaves running, out of its group and with its outputs open, ends with it")
    func left() async throws {
        var command = shell("setsid sleep 600 & echo $!; echo done", deadline: .seconds(120))
        command.work = place.path
        let result = try await CommandRunner.live(command)
        #expect(result.isSuccess)
        #expect(!result.isLate, "it waits for no output of a program that is gone")
        let pid = try #require(Int32(result.output.filter { $0.isNumber }))
        try await eventually { ProcessEntry(pid: pid).map { $0.isZombie } ?? true }
    }

    @Test("what a killed caller left at the same work is ended before it begins anew")
    func leftBehind() async throws {
        let stray = try ChildProcess(
            command: ["sleep", "600"], environment: ["PATH": "/usr/bin:/bin", Command.workMark: place.path],
            workingDirectory: "/", standardOutput: "/dev/null", standardError: "/dev/null"
        ).launch()
        var command = shell("true")
        command.work = place.path
        #expect(try await CommandRunner.live(command).isSuccess)
        #expect(await ProcessExit.wait(for: stray, timeout: .seconds(60)) == .signalled(9))
    }

    @Test("only the end of a long output is kept, and that it was cut is said")
    func cut() async throws {
        let result = try await CommandRunner.live(shell("yes 0123456789 | head -c 500000; echo end", limit: 1000))
        #expect(result.isCut)
        #expect(result.output.hasSuffix("end\n"))
        #expect(result.output.utf8.count <= 2000)
    }

    @Test("a missing program is an error with a hint, not a result")
    func missing() async throws {
        var command = shell("")
        command.arguments = ["no-such-program-here"]
        await #expect(throws: WorldError.self) { try await CommandRunner.live(command) }
    }
}
