import ArgumentParser
import Response

struct IncidentFigures: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "figures", abstract: "Shows mean times to acknowledge and to resolve, by service.",
        discussion: """
            EXAMPLES
              hauban incident figures
              hauban incident figures --since 7d --json
            """)

    @Option(help: "Of incidents that were opened within this time: 30d.") var since: Span?
    @OptionGroup var output: PlaneOutput

    func run() async throws {
        let from = since.map { WallClock.machine.now - $0.duration }
        let (value, text) = try await output.plane.with { client in
            try await client.json(
                "GET", ["figures"], query: from.map { [("from", $0.description)] } ?? [], doing: "show figures")
        }
        if output.json { return output.raw(text) }
        let items = value.items("items")
        guard !items.isEmpty else { return output.terminal.line("No incidents were opened in that time.") }
        for line in IncidentText.figures(items) { output.terminal.line(line) }
    }
}
