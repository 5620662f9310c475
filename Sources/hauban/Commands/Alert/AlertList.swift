import ArgumentParser

struct AlertList: AsyncParsableCommand {
    enum State: String, ExpressibleByArgument, CaseIterable { case firing, muted, over, all }

    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists alerts, the worst first.",
        discussion: """
            EXAMPLES
              hauban alert list
              hauban alert list SlowAnswers service=api
              hauban alert list 'code=~5..' --state muted --json
            """)

    @Argument(help: "What an alert's labels have to be.") var matchers: [String] = []
    @Option(help: "Which ones; firing, which includes muted ones, by default.") var state = State.firing
    @OptionGroup var limit: LimitOption
    @OptionGroup var output: PlaneOutput

    func run() async throws {
        let terminal = output.terminal
        let listing = try await output.plane.with { client in
            try await client.list(
                ["alerts"],
                query: [("state", state.rawValue)] + matchers.map { ("filter", MatcherWord.text($0)) },
                limit: limit.limit, doing: "list alerts"
            ) { terminal.bottom("\($0) alerts read") }
        }
        terminal.clearBottom()
        output.show(listing, empty: state == .all ? "There are no alerts." : "No alerts are \(state.rawValue).") {
            AlertText.alerts($0, .machine)
        }
    }
}
