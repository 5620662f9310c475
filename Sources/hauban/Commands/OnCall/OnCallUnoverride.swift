import ArgumentParser

struct OnCallUnoverride: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unoverride", abstract: "Takes an override back.",
        discussion: """
            EXAMPLES
              hauban oncall unoverride primary 4f2a91c0
            """)

    @Argument(help: "The schedule.") var schedule: String
    @Argument(help: "The override, or the beginning of its identity.") var id: String
    @OptionGroup var plane: PlaneOptions

    func run() async throws {
        let id = try await plane.with { client in
            let known = try await client.list(
                ["oncall", schedule, "overrides"], doing: "find the override \(self.id)")
            let id = try ShortID.find(self.id, among: known.items.map { $0.words("id") }, "override")
            _ = try await client.ask(
                "DELETE", ["api", "v1", "oncall", schedule, "overrides", id], doing: "take the override \(id) back")
            return id
        }
        Terminal(environment: ProcessEnvironment.all).line("\(ShortID.text(id)): taken back")
    }
}
