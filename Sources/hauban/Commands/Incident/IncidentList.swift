import ArgumentParser

struct IncidentList: AsyncParsableCommand {
    enum Status: String, ExpressibleByArgument, CaseIterable { case open, resolved, all }

    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists incidents, the latest first.",
        discussion: """
            EXAMPLES
              hauban incident list
              hauban incident list --status resolved --service api --limit 20
            """)

    @Option(help: "Which ones; open by default.") var status = Status.open
    @Option(help: "Only of this service.") var service: String?
    @Option(help: "Only of this severity: critical, high, medium or low.") var severity: String?
    @OptionGroup var limit: LimitOption
    @OptionGroup var output: PlaneOutput

    func run() async throws {
        let terminal = output.terminal
        var query = [(name: "status", value: status.rawValue)]
        if let service { query.append(("service", service)) }
        if let severity { query.append(("severity", severity)) }
        let listing = try await output.plane.with { client in
            try await client.list(["incidents"], query: query, limit: limit.limit, doing: "list incidents") {
                terminal.bottom("\($0) incidents read")
            }
        }
        terminal.clearBottom()
        output.show(listing, empty: status == .all ? "There are no incidents." : "No incidents are \(status.rawValue).")
        { IncidentText.incidents($0, .machine) }
    }
}
