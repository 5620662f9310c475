import ArgumentParser
import Delivery
import Glibc
import Planning
import World

struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Stops everything of an environment; its data, builds and history stay.",
        discussion: """
            Services stop in reverse order, then databases, then the front door. `hauban deploy` starts them again with the \
            data that they had. A release that was interrupted is over with that. While another command is at work on the \
            environment nothing is stopped, and the exit code is 4.

            EXAMPLES
              hauban down dev
            """)

    @OptionGroup var argument: EnvironmentArgument
    @OptionGroup var file: FileOption

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let session = try RunningEnvironment.find(file, argument.environment, terminal)
        let stopped: Int
        switch try await end(session) {
        case .stopped(let count, let ended):
            stopped = count
            if let ended {
                terminal.line("\(ended.release) was interrupted: \(ended.verdict.code), and everything stopped")
                await session.tellReleases(terminal)
            }
        case .refused(let refusal):
            terminal.line(terminal.paint("refused: ", .red) + refusal.text)
            throw ExitCode(Verdict.refused(refusal).exitCode)
        }
        terminal.line(
            stopped == 0 ? "\(session.name): nothing was running" : "\(session.name): stopped \(stopped) processes")
    }

    /// Where nothing was ever deployed, or the journal cannot be opened, there is no release to end.
    private func end(_ session: RunningEnvironment) async throws -> ReleaseExecutor.Ending {
        let engine = session.engine
        guard access(session.place.journal, F_OK) == 0, let executor = try? session.executor() else {
            return .stopped(try await engine.down(), nil)
        }
        return try await executor.end { try await engine.down() }
    }
}
