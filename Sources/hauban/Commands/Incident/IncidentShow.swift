import ArgumentParser

struct IncidentShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows an incident: its alerts, actions, pages and timeline.",
        discussion: """
            EXAMPLES
              hauban incident show i12
              hauban incident show 12 --json
            """)

    @OptionGroup var target: IncidentTarget

    func run() async throws {
        let output = target.output
        let (details, text) = try await output.plane.with { client in
            try await client.json("GET", ["incidents", target.id], doing: "show \(target.id)")
        }
        if output.json { return output.raw(text) }
        let terminal = output.terminal
        for (index, line) in IncidentText.details(details, .machine).enumerated() {
            terminal.line(index == 0 ? terminal.paint(line, .bold) : line)
        }
    }
}
