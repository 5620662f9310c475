import ArgumentParser
import World

struct OnCallShifts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shifts", abstract: "Lists who is on call when, gaps included.",
        discussion: """
            With --check it exits 2 when there is a time for which nobody is on call; holidays on which nobody is meant to \
            be do not count.

            EXAMPLES
              hauban oncall shifts primary
              hauban oncall shifts primary --from 2026-12-24 --to 2027-01-02
              hauban oncall shifts primary --file hauban.yaml --check
            """)

    @Argument(help: "The schedule.") var schedule: String
    @OptionGroup var period: PeriodOption
    @Flag(help: "Exit 2 when there is a gap.") var check = false
    @OptionGroup var source: OnCallSource

    func run() async throws {
        let (document, gaps) = try await source.with { book in
            let period = try await period.period(of: schedule, book)
            return (try await book.shifts(schedule, period), try await book.gaps(schedule, period))
        }
        let terminal = source.output.terminal
        if source.output.json {
            source.output.raw(document.text)
        } else {
            source.show(OnCallText.shifts(document.value.items("items"), gaps: gaps, .machine))
            if !gaps.isEmpty {
                terminal.complain("Nobody is on call for \(Words.count(gaps.count, "time")) of \(schedule).")
            }
        }
        if check, !gaps.isEmpty { throw ExitCode(2) }
    }
}
