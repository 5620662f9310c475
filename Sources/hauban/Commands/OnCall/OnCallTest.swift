import ArgumentParser

struct OnCallTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Sends somebody a test by every way that a critical page would use.",
        discussion: """
            EXAMPLES
              hauban oncall test ana
            """)

    @Argument(help: "To whom.") var person: String
    @OptionGroup var plane: PlaneOptions

    func run() async throws {
        _ = try await plane.with { client in
            try await client.ask(
                "POST", ["api", "v1", "people", person, "test-page"], doing: "send \(person) a test")
        }
        Terminal(environment: ProcessEnvironment.all).line("\(person): a test is on its way")
    }
}
