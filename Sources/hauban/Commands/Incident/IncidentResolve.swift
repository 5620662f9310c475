import ArgumentParser

struct IncidentResolve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve", abstract: "Says that an incident is over.",
        discussion: """
            EXAMPLES
              hauban incident resolve i12
            """)

    @OptionGroup var target: IncidentTarget

    func run() async throws {
        try await target.act("resolve", doing: "resolve")
    }
}
