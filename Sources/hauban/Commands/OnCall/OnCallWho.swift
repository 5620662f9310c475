import ArgumentParser
import Response
import World

struct OnCallWho: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "who", abstract: "Says who is on call, now or at a moment, and who comes next.",
        discussion: """
            Times are shown by this machine's clock. With --file no server is asked: the answer is what the file says.

            EXAMPLES
              hauban oncall who
              hauban oncall who primary --at "2026-12-24 09:00"
              hauban oncall who --file hauban.yaml --at 2026-12-24T09:00:00Z --json
            """)

    @Argument(help: "Only this schedule.") var schedule: String?
    @Option(help: "When: \(MomentWish.help).") var at: MomentWish?
    @OptionGroup var source: OnCallSource

    func run() async throws {
        let document = try await source.with { try await answer($0) }
        if source.output.json { return source.output.raw(document.text) }
        let items = document.value.items("items")
        guard !items.isEmpty else { return source.output.terminal.line("There are no schedules.") }
        source.show(OnCallText.who(items, .machine))
        if let asOf = document.value["copy"]?["asOf"]?.string {
            source.output.terminal.complain(
                "The control plane's role incidents is away: this is what was known at \(asOf).")
        }
    }

    private func answer(_ book: OnCallBook) async throws -> OnCallBook.Document {
        guard schedule != nil || at?.isWall == true else { return try await book.who(at: at?.moment()) }
        let document = try await book.who(at: at.flatMap { $0.isWall ? nil : $0.moment() })
        var items = document.value.items("items")
        if let schedule {
            let names = items.compactMap { $0["schedule"]?.string }
            items = items.filter { $0["schedule"]?.string == schedule }
            guard !items.isEmpty else { throw OnCallBook.unknown(schedule, among: names) }
        }
        if let at, at.isWall {
            // The same words are another moment in another zone.
            var known: [Moment: [JSONValue]] = [:]
            for (index, item) in items.enumerated() {
                let moment = try OnCallBook.moment(at, in: item["zone"]?.string)
                let all: [JSONValue]
                if let found = known[moment] {
                    all = found
                } else {
                    all = try await book.who(at: moment).value.items("items")
                    known[moment] = all
                }
                if let then = all.first(where: { $0["schedule"] == item["schedule"] }) { items[index] = then }
            }
        }
        let copy = document.value["copy"].map { [JSONValue.Member("copy", $0)] } ?? []
        let value = JSONValue.object([.init("items", .array(items))] + copy)
        return (value, value.text)
    }
}
