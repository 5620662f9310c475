import ArgumentParser
import World

struct IncidentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "incident", abstract: "Lists incidents, takes them on and ends them.",
        discussion: """
            Asks the control plane of this machine (`hauban serve`), or the one that --url or HAUBAN_URL names, with the \
            token of HAUBAN_TOKEN or --token-file. What is done stands in the incident's timeline under the name of who \
            did it.

            EXAMPLES
              hauban incident list
              hauban incident ack i12
              hauban incident resolve i12
            """,
        subcommands: [
            IncidentList.self, IncidentShow.self, IncidentAck.self, IncidentGiveBack.self, IncidentResolve.self,
            IncidentReopen.self, IncidentNote.self, IncidentLink.self, IncidentAssign.self, IncidentRole.self,
            IncidentSnooze.self, IncidentSeverity.self,
            IncidentMerge.self, IncidentRun.self, IncidentApprove.self, IncidentDecline.self, IncidentOpen.self,
            IncidentPostmortem.self, IncidentFigures.self,
        ])
}

/// The incident that a command is about, and what is done to it.
struct IncidentTarget: ParsableArguments {
    @Argument(help: "The incident: i12, or 12.") var incident: String
    @OptionGroup var output: PlaneOutput

    func validate() throws { _ = try Self.id(incident) }

    var id: String { (try? Self.id(incident)) ?? incident }

    /// - Throws: `ValidationError`
    static func id(_ text: String) throws -> String {
        let digits = text.hasPrefix("i") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            throw ValidationError("'\(text)' is no incident; they are named i1, i2, …")
        }
        return "i\(digits)"
    }

    /// Has something done to it, and says where it stands then.
    func act(_ name: String, _ members: KeyValuePairs<String, String> = [:], doing: String) async throws {
        let body: JSONValue? =
            members.isEmpty ? nil : .object(members.map { .init($0.key, .string($0.value)) })
        let (details, text) = try await output.plane.with { client in
            try await client.json("POST", ["incidents", id, name], body: body, doing: "\(doing) \(id)")
        }
        if output.json { return output.raw(text) }
        output.terminal.line(IncidentText.line(details, .machine))
    }
}
