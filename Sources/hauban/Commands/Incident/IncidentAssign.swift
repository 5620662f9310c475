import ArgumentParser

struct IncidentAssign: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assign", abstract: "Gives an incident to somebody.",
        discussion: """
            EXAMPLES
              hauban incident assign i12 ana
            """)

    @OptionGroup var target: IncidentTarget
    @Argument(help: "To whom.") var person: String

    func run() async throws {
        try await target.act("assign", ["person": person], doing: "assign")
    }
}
