import ArgumentParser

struct IncidentNote: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "note", abstract: "Writes something into an incident's timeline.",
        discussion: """
            EXAMPLES
              hauban incident note i12 "The second replica has the old certificate."
            """)

    @OptionGroup var target: IncidentTarget
    @Argument(help: "What.") var text: String

    func run() async throws {
        try await target.act("notes", ["text": text], doing: "note something about")
    }
}
