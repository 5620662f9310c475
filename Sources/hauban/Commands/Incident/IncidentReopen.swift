import ArgumentParser

struct IncidentReopen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reopen", abstract: "Says that an incident is not over.",
        discussion: """
            EXAMPLES
              hauban incident reopen i12 --reason "The queue grows again."
            """)

    @OptionGroup var target: IncidentTarget
    @Option(help: "Why.") var reason: String

    func run() async throws {
        try await target.act("reopen", ["reason": reason], doing: "open again")
    }
}
