import ArgumentParser
import Spec
import World

struct IncidentOpen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Opens an incident that no alert told of.",
        discussion: """
            EXAMPLES
              hauban incident open "Orders are lost" --severity critical --service api
            """)

    @Argument(help: "What is wrong.") var title: String
    @Option(help: "critical, high, medium or low; high by default.") var severity: String?
    @Option(help: "The service that it is about.") var service: String?
    @Option(help: "The schedule, team or person that is told.") var policy: String?
    @OptionGroup var output: PlaneOutput

    func validate() throws {
        if let severity, Level(rawValue: severity) == nil {
            throw ValidationError(
                "'\(severity)' is no severity: \(Level.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
    }

    func run() async throws {
        var members: [JSONValue.Member] = [.init("title", .string(title))]
        for (name, value) in [("severity", severity), ("service", service), ("policy", policy)] {
            if let value { members.append(.init(name, .string(value))) }
        }
        let body = JSONValue.object(members)
        let (details, text) = try await output.plane.with { client in
            try await client.json("POST", ["incidents"], body: body, doing: "open an incident")
        }
        if output.json { return output.raw(text) }
        output.terminal.line(IncidentText.line(details, .machine))
    }
}
