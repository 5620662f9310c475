import ArgumentParser
import Spec

struct IncidentPostmortem: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postmortem", abstract: "Drafts a postmortem from the timeline, in Markdown.",
        discussion: """
            EXAMPLES
              hauban incident postmortem i12 > postmortem-i12.md
              hauban incident postmortem i12 --language fr
            """)

    @Argument(help: "The incident: i12, or 12.") var incident: String
    @Option(help: "en or fr; that of `notify.language` by default.") var language: String?
    @OptionGroup var plane: PlaneOptions

    func validate() throws {
        _ = try IncidentTarget.id(incident)
        let known = Person.Language.allCases.map(\.rawValue)
        guard language.map(known.contains) ?? true else {
            throw ValidationError("--language takes \(known.joined(separator: " or "))")
        }
    }

    func run() async throws {
        let id = try IncidentTarget.id(incident)
        let reply = try await plane.with { client in
            try await client.ask(
                "GET", ["api", "v1", "incidents", id, "postmortem"],
                query: language.map { [(name: "language", value: $0)] } ?? [], doing: "draft a postmortem of \(id)")
        }
        StandardOutput.write(reply.text, to: 1)
    }
}
