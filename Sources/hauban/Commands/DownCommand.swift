import ArgumentParser
import Delivery
import World

struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Stops everything of an environment; its data, builds and history stay.",
        discussion: """
            Services stop in reverse order, then databases, then the front door. `hauban deploy` starts them again with the \
            data that they had.

            EXAMPLES
              hauban down dev
            """)

    @OptionGroup var argument: EnvironmentArgument
    @OptionGroup var file: FileOption

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let session = try LocalSession(try Project.checked(file, terminal), argument.environment)
        let stopped = try await session.engine.down()
        terminal.line(
            stopped == 0 ? "\(session.name): nothing was running" : "\(session.name): stopped \(stopped) processes")
    }
}
