import ArgumentParser

struct AlertSilences: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "silences", abstract: "Lists silences, the next to end first.",
        discussion: """
            EXAMPLES
              hauban alert silences
              hauban alert silences --expired --json
            """)

    @Flag(help: "List the ones that are over, too.") var expired = false
    @OptionGroup var output: PlaneOutput

    func run() async throws {
        let listing = try await output.plane.with { client in
            try await client.list(
                ["silences"], query: expired ? [("expired", "true")] : [], doing: "list silences")
        }
        output.show(listing, empty: "There are no silences.") { AlertText.silences($0, .machine) }
    }
}
