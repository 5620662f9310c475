import ArgumentParser

struct IncidentApprove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Lets an action be done that waits for it.",
        discussion: """
            EXAMPLES
              hauban incident approve i12 restart-api
            """)

    @OptionGroup var target: IncidentTarget
    @Argument(help: "Its name.") var action: String

    func run() async throws {
        try await target.act("approve", ["action": action], doing: "approve \(action) for")
    }
}
