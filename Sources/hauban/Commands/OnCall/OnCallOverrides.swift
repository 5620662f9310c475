import ArgumentParser

struct OnCallOverrides: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "overrides", abstract: "Lists the overrides of a schedule.",
        discussion: """
            EXAMPLES
              hauban oncall overrides primary
            """)

    @Argument(help: "The schedule.") var schedule: String
    @OptionGroup var output: PlaneOutput

    func run() async throws {
        let listing = try await output.plane.with { client in
            try await client.list(["oncall", schedule, "overrides"], doing: "list the overrides of \(schedule)")
        }
        output.show(listing, empty: "\(schedule) has no overrides.") { OnCallText.overrides($0, .machine) }
    }
}
