import Glibc
import Synchronization
import World

/// The handle by which a step that is at work is ended, whichever of its commands is.
final class StepControl: Sendable {
    private struct State {
        var record: ProcessRecord?
        var mark: String?
        var isTold = false
        var isKilled = false
    }

    private let state = Mutex(State())

    /// Somebody wants it to end: no further command is started.
    var isStopped: Bool { state.withLock { $0.isTold || $0.isKilled } }

    func terminate() {
        state.withLock { state in
            state.isTold = true
            state.record?.send(SIGTERM, toGroup: true)
        }
    }

    func kill() {
        state.withLock { state in
            state.isKilled = true
            Self.kill(state)
        }
    }

    /// A process of it runs now; a wish that came before reaches it.
    func began(_ record: ProcessRecord, mark: String?) {
        state.withLock { state in
            state.record = record
            state.mark = mark
            if state.isKilled {
                Self.kill(state)
            } else if state.isTold {
                record.send(SIGTERM, toGroup: true)
            }
        }
    }

    /// The process is gone; what it left behind is nobody's, and is ended.
    func ended() {
        state.withLock { state in
            Self.kill(state)
            state.record = nil
        }
    }

    private static func kill(_ state: State) {
        state.record?.send(SIGKILL, toGroup: true)
        // What left the group by `setsid` still has the environment that it was started with.
        guard state.record != nil, let mark = state.mark else { return }
        for found in ProcessMark.find(Command.workMark, mark) { Glibc.kill(found.entry.pid, SIGKILL) }
    }
}

/// One command of a step: a process in a session and group of its own.
///
/// Both outputs come through one named pipe, so that lines stay in order; when this program is killed, the pipe breaks, and the
/// command ends by SIGPIPE at its next word.
struct StepProcess: Sendable {
    var arguments: [String]
    var environment: [String: String]
    var folder: String
    /// A name for the pipe, in a folder of ours.
    var pipe: String
    /// Marks everything that it starts, for the end; `nil` when it may leave something running.
    var mark: String?

    /// Runs it to its end.
    ///
    /// - Throws: `WorldError` when it cannot be started.
    func run(_ control: StepControl, _ log: StepLog) async throws -> ExitStatus {
        unlink(pipe)
        guard mkfifo(pipe, 0o600) == 0 else { throw SystemError.last.during("make the pipe \(pipe)") }
        let reader = open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer { if reader >= 0 { close(reader) } }
        defer { unlink(pipe) }
        guard reader >= 0 else { throw SystemError.last.during("open the pipe \(pipe)") }
        var variables = environment
        variables[Command.workMark] = mark
        let record = try ChildProcess(
            command: arguments, environment: variables, workingDirectory: folder, standardOutput: pipe,
            standardError: pipe
        ).launch()
        control.began(record, mark: mark)
        return await withTaskGroup(of: ExitStatus?.self) { group in
            group.addTask {
                let status = await ProcessExit.wait(for: record)
                control.ended()
                // Cancelled from outside: the process was killed just now, and is reaped.
                if status == nil { return await ProcessExit.wait(for: record, timeout: .seconds(5)) ?? .unknown }
                return status
            }
            group.addTask {
                await Self.read(reader, log)
                return nil
            }
            var status = ExitStatus.unknown
            var isRead = false
            while let outcome = await group.next() {
                guard let outcome else {
                    isRead = true
                    continue
                }
                status = outcome
                if !isRead {
                    // What was written is in the pipe; who still holds it open is not waited for.
                    group.addTask {
                        try? await Task.sleep(for: .seconds(2))
                        return nil
                    }
                    _ = await group.next()
                }
                group.cancelAll()
            }
            log.flush()
            return status
        }
    }

    private static func read(_ descriptor: Int32, _ log: StepLog) async {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count > 0 {
                log.take(buffer[0..<count])
            } else if count == 0 {
                return
            } else if errno == EAGAIN {
                guard await DescriptorWait.wait(for: descriptor, .readable, timeout: nil) else { return }
            } else if errno != EINTR {
                return
            }
        }
    }
}
