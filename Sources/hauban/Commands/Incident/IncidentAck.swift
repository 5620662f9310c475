import ArgumentParser

struct IncidentAck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack", abstract: "Takes an incident on: nobody else is woken.",
        discussion: """
            EXAMPLES
              hauban incident ack i12
            """)

    @OptionGroup var target: IncidentTarget

    func run() async throws {
        try await target.act("acknowledge", doing: "acknowledge")
    }
}
