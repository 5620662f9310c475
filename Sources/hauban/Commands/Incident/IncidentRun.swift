import ArgumentParser

struct IncidentRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Has an action of the runbook done.",
        discussion: """
            EXAMPLES
              hauban incident run i12 restart-api
            """)

    @OptionGroup var target: IncidentTarget
    @Argument(help: "Its name.") var action: String

    func run() async throws {
        try await target.act("actions", ["action": action], doing: "run \(action) for")
    }
}
