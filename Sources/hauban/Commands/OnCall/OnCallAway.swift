import ArgumentParser
import Response
import World

struct OnCallAway: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "away", abstract: "Says that somebody is away: the next in the rotation stands in.",
        discussion: """
            EXAMPLES
              hauban oncall away primary ana --to 2027-01-04
              hauban oncall away primary ana --from 2026-12-24 --to 2027-01-04
            """)

    @Argument(help: "The schedule.") var schedule: String
    @Argument(help: "Who is away.") var person: String
    @Option(help: "From when; now by default: \(MomentWish.help).") var from: MomentWish?
    @Option(help: "To when.") var to: MomentWish
    @OptionGroup var plane: PlaneOptions

    func run() async throws {
        let clock = WallClock.machine
        let end = try await plane.with { client in
            let book = OnCallBook.plane(client)
            let end = try await book.moment(to, of: schedule)
            var members: [JSONValue.Member] = [
                .init("person", .string(person)), .init("endsAt", .string(end.description)),
            ]
            if let from {
                members.append(.init("startsAt", .string(try await book.moment(from, of: schedule).description)))
            }
            _ = try await client.ask(
                "POST", ["api", "v1", "oncall", schedule, "absences"], body: .object(members),
                doing: "note that \(person) is away from \(schedule)")
            return end
        }
        Terminal(environment: ProcessEnvironment.all)
            .line("\(person) is away from \(schedule) until \(clock.weekday(end))")
    }
}
