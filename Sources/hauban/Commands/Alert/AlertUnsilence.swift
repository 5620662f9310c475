import ArgumentParser

struct AlertUnsilence: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unsilence", abstract: "Ends a silence.",
        discussion: """
            EXAMPLES
              hauban alert unsilence 4f2a91c0
            """)

    @Argument(help: "The silence, or the beginning of its identity.") var id: String
    @OptionGroup var plane: PlaneOptions

    func run() async throws {
        let id = try await plane.with { client in
            let known = try await client.list(["silences"], doing: "find the silence \(self.id)")
            let id = try ShortID.find(self.id, among: known.items.map { $0.words("id") }, "silence")
            _ = try await client.ask("DELETE", ["api", "v1", "silences", id], doing: "end the silence \(id)")
            return id
        }
        Terminal(environment: ProcessEnvironment.all).line("\(ShortID.text(id)): ended")
    }
}
