import ArgumentParser
import Response
import World

struct AlertSilence: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "silence", abstract: "Has nobody told of some alerts for a while.",
        discussion: """
            A silence that would match everything is refused.

            EXAMPLES
              hauban alert silence service=api --for 2h --reason "New disks."
              hauban alert silence DiskFull 'host=~db.*' --until "2026-12-24 09:00" --reason "Known."
            """)

    @Argument(help: "What an alert's labels have to be; all of them.") var matchers: [String]
    @Option(name: .customLong("for"), help: "How long: 2h.") var lasting: Span?
    @Option(help: "To when: \(MomentWish.help).") var until: MomentWish?
    @Option(help: "Why.") var reason: String
    @OptionGroup var output: PlaneOutput

    func validate() throws {
        guard (lasting == nil) != (until == nil) else { throw ValidationError("Say how long: --for 2h, or --until.") }
    }

    func run() async throws {
        let clock = WallClock.machine
        let end = until?.moment() ?? clock.now + (lasting?.duration ?? .zero)
        let body = JSONValue.object([
            .init("matchers", .array(matchers.map { .string(MatcherWord.text($0)) })),
            .init("endsAt", .string(end.description)), .init("reason", .string(reason)),
        ])
        let (silence, text) = try await output.plane.with { client in
            try await client.json("POST", ["silences"], body: body, doing: "silence alerts")
        }
        if output.json { return output.raw(text) }
        let count = Words.count(silence.integer("alerts"), "alert")
        output.terminal.line(
            "\(ShortID.text(silence.words("id"))): \(silence.texts("matchers").joined(separator: " ")) silenced until "
                + "\(silence.moment("endsAt").map(clock.text) ?? "-"), \(count) of now")
    }
}
