import ArgumentParser

struct IncidentDecline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decline", abstract: "Has an action not done that waits for approval.",
        discussion: """
            EXAMPLES
              hauban incident decline i12 restart-api
            """)

    @OptionGroup var target: IncidentTarget
    @Argument(help: "Its name.") var action: String

    func run() async throws {
        try await target.act("decline", ["action": action], doing: "decline \(action) for")
    }
}
