import ArgumentParser

struct OnCallCalendar: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar", abstract: "Writes the shifts as a calendar (iCalendar).",
        discussion: """
            EXAMPLES
              hauban oncall calendar primary > primary.ics
            """)

    @Argument(help: "The schedule.") var schedule: String
    @OptionGroup var period: PeriodOption
    @OptionGroup var file: FileOption
    @Option(name: .customLong("env"), help: "With --file: the environment whose schedules count.")
    var environment: String?
    @OptionGroup var plane: PlaneOptions

    func run() async throws {
        let text = try await OnCallSource.with(file, environment, plane) { book in
            try await book.calendar(schedule, try await period.period(of: schedule, book))
        }
        StandardOutput.write(text, to: 1)
    }
}
