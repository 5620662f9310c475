import ArgumentParser

struct IncidentPostmortem: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postmortem", abstract: "Drafts a postmortem from the timeline, in Markdown.",
        discussion: """
            EXAMPLES
              hauban incident postmortem i12 > postmortem-i12.md
            """)

    @Argument(help: "The incident: i12, or 12.") var incident: String
    @OptionGroup var plane: PlaneOptions

    func validate() throws { _ = try IncidentTarget.id(incident) }

    func run() async throws {
        let id = try IncidentTarget.id(incident)
        let reply = try await plane.with { client in
            try await client.ask(
                "GET", ["api", "v1", "incidents", id, "postmortem"], doing: "draft a postmortem of \(id)")
        }
        StandardOutput.write(reply.text, to: 1)
    }
}
