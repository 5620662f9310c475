import ArgumentParser

struct IncidentGiveBack: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "give-back", abstract: "Gives an incident back: it escalates again.",
        discussion: """
            EXAMPLES
              hauban incident give-back i12
            """)

    @OptionGroup var target: IncidentTarget

    func run() async throws {
        try await target.act("give-back", doing: "give back")
    }
}
