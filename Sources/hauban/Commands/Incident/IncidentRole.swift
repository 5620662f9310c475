import ArgumentParser

struct IncidentRole: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "role", abstract: "Gives somebody a role in an incident.",
        discussion: """
            EXAMPLES
              hauban incident role i12 commander ana
            """)

    @OptionGroup var target: IncidentTarget
    @Argument(help: "commander, scribe, or what you call it.") var role: String
    @Argument(help: "Whose it is.") var person: String

    func run() async throws {
        try await target.act("roles", ["role": role, "person": person], doing: "give a role in")
    }
}
