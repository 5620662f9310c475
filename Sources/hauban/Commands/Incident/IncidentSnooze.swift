import ArgumentParser
import Response

struct IncidentSnooze: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snooze", abstract: "Asks for time: nobody else is told until then.",
        discussion: """
            EXAMPLES
              hauban incident snooze i12 --for 30m
            """)

    @OptionGroup var target: IncidentTarget
    @Option(name: .customLong("for"), help: "How long: 30m.") var lasting: Span

    func run() async throws {
        let until = WallClock.machine.now + lasting.duration
        try await target.act("snooze", ["until": until.description], doing: "snooze")
    }
}
