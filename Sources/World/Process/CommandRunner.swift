import CLinux
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// A command that ends by itself: a build, a migration, a probe.
package struct Command: Sendable, Hashable {
    /// The program first.
    package var arguments: [String]
    /// Complete: nothing is inherited.
    package var environment: [String: String]
    package var workingDirectory: String
    /// When it is over, the command and everything it started are killed.
    package var deadline: Duration
    /// The most that is kept of each output; the last bytes win.
    package var outputLimit: Int
    package var identity: ProcessIdentity?
    /// What it works at, such as the folder of a build: everything that was started for the same and still runs, by a caller that
    /// was killed or beyond its process group, is killed before it starts and after it ended.
    package var work: String?
    /// What it reads from its standard input, which ends then.
    package var input: [UInt8] = []

    package init(
        arguments: [String], environment: [String: String], workingDirectory: String, deadline: Duration,
        outputLimit: Int = 1 << 20, identity: ProcessIdentity? = nil, work: String? = nil
    ) {
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.deadline = deadline
        self.outputLimit = outputLimit
        self.identity = identity
        self.work = work
    }

    /// The variable that names ``work`` to everything that the command starts.
    package static let workMark = "HAUBAN_WORK"
}

/// Which of a process's two outputs.
package enum StandardStream: String, Sendable, Hashable, Codable, CaseIterable {
    case output = "stdout"
    case error = "stderr"
}

/// How a command ended and what it said.
package struct CommandResult: Sendable, Hashable {
    package var status: ExitStatus
    package var output: String
    package var errors: String
    /// The beginning of an output was dropped.
    package var isCut: Bool
    /// It was killed at its deadline.
    package var isLate: Bool

    package init(
        status: ExitStatus, output: String = "", errors: String = "", isCut: Bool = false, isLate: Bool = false
    ) {
        self.status = status
        self.output = output
        self.errors = errors
        self.isCut = isCut
        self.isLate = isLate
    }

    /// It exited with 0 in time.
    package var isSuccess: Bool { status.isSuccess && !isLate }
}

/// Runs commands to their end; the seam for tests that have no such program.
package struct CommandRunner: Sendable {
    /// Runs one; each whole line is passed on as it comes.
    ///
    /// Throws `WorldError` when it cannot be started; a failing command is a result.
    package var run:
        @Sendable (Command, @escaping @Sendable (StandardStream, String) -> Void) async throws -> CommandResult

    package init(
        run:
            @escaping @Sendable (Command, @escaping @Sendable (StandardStream, String) -> Void) async throws ->
            CommandResult
    ) {
        self.run = run
    }

    /// Runs one without looking at its lines.
    package func callAsFunction(_ command: Command) async throws -> CommandResult {
        try await run(command) { _, _ in }
    }

    /// The same runner, with a variable in the environment of each command by which ``ProcessMark`` finds what it started.
    package func marked(_ name: String, _ value: String) -> CommandRunner {
        CommandRunner { [run] command, onLine in
            var command = command
            command.environment[name] = value
            return try await run(command, onLine)
        }
    }

    /// Real processes, by swift-subprocess, each in a session of its own.
    package static var live: CommandRunner {
        CommandRunner { command, onLine in try await CommandRun(command: command, onLine: onLine).run() }
    }
}

/// One run.
private final class CommandRun: Sendable {
    private struct Heard {
        var output = TailBuffer()
        var errors = TailBuffer()
        var record: ProcessRecord?
        var isLate = false
    }
    private enum Outcome: Sendable {
        case ended(TerminationStatus)
        case failed(any Error)
        case late
    }

    private let command: Command
    private let onLine: @Sendable (StandardStream, String) -> Void
    private let heard = Mutex(Heard())

    init(command: Command, onLine: @escaping @Sendable (StandardStream, String) -> Void) {
        self.command = command
        self.onLine = onLine
    }

    func run() async throws -> CommandResult {
        precondition(!command.arguments.isEmpty, "a command without a program")
        var arguments = command.arguments
        var program = try ProgramPath.find(
            arguments[0], path: command.environment["PATH"], workingDirectory: command.workingDirectory)
        if let identity = command.identity { (program, arguments) = try identity.wrapping(program, arguments) }
        killMarked()
        let words = arguments
        let file = program
        let outcomes = await withTaskGroup(of: Outcome.self) { group in
            group.addTask { await self.execute(file, words) }
            group.addTask {
                if (try? await Task.sleep(for: self.command.deadline)) != nil {
                    // Noted before the kill, whose news may come first.
                    self.heard.withLock { $0.isLate = true }
                }
                self.killGroup()
                return .late
            }
            var outcomes: [Outcome] = []
            while let outcome = await group.next() {
                outcomes.append(outcome)
                group.cancelAll()
            }
            return outcomes
        }
        try Task.checkCancellation()
        let isLate = heard.withLock(\.isLate)
        var status = ExitStatus.unknown
        for outcome in outcomes {
            switch outcome {
            case .ended(.exited(let code)): status = .exited(code: code)
            case .ended(.signaled(let number)): status = .signalled(number)
            case .failed(let error) where !isLate:
                throw WorldError(
                    code: "command-failed", operation: "run \(command.arguments[0])", underlying: "\(error)",
                    hint: "Check that \(command.workingDirectory) exists and the program can be executed.")
            case .failed, .late: break
            }
        }
        return heard.withLock { heard in
            CommandResult(
                status: status, output: heard.output.text, errors: heard.errors.text,
                isCut: heard.output.isCut || heard.errors.isCut, isLate: isLate)
        }
    }

    private func execute(_ program: String, _ words: [String]) async -> Outcome {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(500))
        ]
        var variables: [Environment.Key: String] = [:]
        var environment = command.environment
        if let work = command.work { environment[Command.workMark] = work }
        for (name, value) in environment {
            if let key = Environment.Key(rawValue: name) { variables[key] = value }
        }
        do {
            let input = try StandardInput.descriptor(holding: command.input)
            let result = try await Subprocess.run(
                .path(FilePath(program)),
                arguments: Arguments(
                    executablePathOverride: words[0], remainingValues: Array(words.dropFirst())),
                environment: .custom(variables), workingDirectory: FilePath(command.workingDirectory),
                platformOptions: options, input: .fileDescriptor(input, closeAfterSpawningProcess: true),
                output: .sequence, error: .sequence
            ) { execution in
                let pid = execution.processIdentifier.value
                self.heard.withLock { $0.record = ProcessRecord(running: pid) }
                let output = execution.standardOutput
                let errors = execution.standardError
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    group.addTask { try await self.read(output, .output) }
                    group.addTask { try await self.read(errors, .error) }
                    group.addTask { await self.cutOff(pid) }
                    // The two readers; what waits for the program itself is then not needed any more.
                    var read = 0
                    while read < 2, let isReader = try await group.next() { read += isReader ? 1 : 0 }
                    group.cancelAll()
                }
            }
            killGroup()
            return .ended(result.terminationStatus)
        } catch {
            killGroup()
            return .failed(error)
        }
    }

    /// What a command leaves running behind it would be nobody's.
    private func killGroup() {
        heard.withLock { $0.record }?.send(SIGKILL, toGroup: true)
        killMarked()
    }

    private func killMarked() {
        guard let work = command.work else { return }
        for found in ProcessMark.find(Command.workMark, work) { kill(found.entry.pid, SIGKILL) }
    }

    /// Ends what a program that is gone left behind with its outputs open: nobody would ever end those.
    ///
    /// - Returns: false, as no reader.
    private func cutOff(_ pid: Int32) async -> Bool {
        let descriptor = clinux_pidfd_open(pid)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard await DescriptorWait.wait(for: descriptor, .readable, timeout: nil) else { return false }
        // What it wrote last is on its way; only what goes on after that is cut off.
        try? await Task.sleep(for: .milliseconds(500))
        if !Task.isCancelled { killGroup() }
        return false
    }

    /// - Returns: true, as a reader.
    private func read(_ sequence: SubprocessOutputSequence, _ stream: StandardStream) async throws -> Bool {
        var splitter = LineSplitter()
        for try await buffer in sequence {
            let bytes = buffer.withUnsafeBytes { Array($0) }
            heard.withLock { heard in
                switch stream {
                case .output: heard.output.append(bytes, limit: command.outputLimit)
                case .error: heard.errors.append(bytes, limit: command.outputLimit)
                }
            }
            for line in splitter.feed(bytes) { onLine(stream, line.text) }
        }
        if let line = splitter.flush() { onLine(stream, line.text) }
        return true
    }
}
