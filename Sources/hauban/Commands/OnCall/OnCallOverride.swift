import ArgumentParser
import Response
import World

struct OnCallOverride: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "override", abstract: "Puts somebody on call in the place of others.",
        discussion: """
            EXAMPLES
              hauban oncall override primary ana --for 4h
              hauban oncall override primary ana --from "2026-12-24 18:00" --to "2026-12-25 09:00" --instead-of ben
            """)

    @Argument(help: "The schedule.") var schedule: String
    @Argument(help: "Who is on call then.") var person: String
    @Option(help: "From when; now by default: \(MomentWish.help).") var from: MomentWish?
    @Option(help: "To when.") var to: MomentWish?
    @Option(name: .customLong("for"), help: "How long: 4h.") var lasting: Span?
    @Option(name: .customLong("instead-of"), help: "Only where this person would be on call.") var replaced: String?
    @OptionGroup var output: PlaneOutput

    func validate() throws {
        guard (lasting == nil) != (to == nil) else { throw ValidationError("Say how long: --for 4h, or --to.") }
    }

    func run() async throws {
        let clock = WallClock.machine
        let (override, text) = try await output.plane.with { client in
            let book = OnCallBook.plane(client)
            var start = clock.now
            if let from { start = try await book.moment(from, of: schedule) }
            var end = start + (lasting?.duration ?? .zero)
            if let to { end = try await book.moment(to, of: schedule) }
            guard start < end else { throw ValidationError("--to is after --from.") }
            var members: [JSONValue.Member] = [
                .init("person", .string(person)), .init("endsAt", .string(end.description)),
            ]
            if from != nil { members.append(.init("startsAt", .string(start.description))) }
            if let replaced { members.append(.init("replaces", .string(replaced))) }
            return try await client.json(
                "POST", ["oncall", schedule, "overrides"], body: .object(members),
                doing: "put \(person) on call in \(schedule)")
        }
        if output.json { return output.raw(text) }
        output.terminal.line(
            "\(ShortID.text(override.words("id"))): \(override.words("person")) is on call in \(schedule) from "
                + "\(override.moment("startsAt").map(clock.weekday) ?? "-") to "
                + "\(override.moment("endsAt").map(clock.weekday) ?? "-")")
    }
}
