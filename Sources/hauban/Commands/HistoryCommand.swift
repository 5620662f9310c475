import ArgumentParser
import Delivery
import FoundationEssentials
import World

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Lists an environment's releases with their verdicts.",
        discussion: """
            EXAMPLES
              hauban history dev
              hauban history dev --limit 5 --json
            """)

    @OptionGroup var argument: EnvironmentArgument
    @OptionGroup var file: FileOption
    @Option(help: "Most rows.") var limit: Int = 20
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let session = try RunningEnvironment.find(file, argument.environment, terminal)
        let (executor, trouble) = try session.observer()
        if let trouble { terminal.complain("note: \(trouble.underlying) [\(trouble.code)]") }
        let rows = try executor.journalHistory(limit: max(1, limit))
        if json {
            terminal.line(try MachineOutput.text(rows))
            return
        }
        guard !rows.isEmpty else {
            terminal.line("\(session.name) has no releases yet.")
            return
        }
        let now = Date().timeIntervalSince1970
        var table = TextTable(["RELEASE", "LABEL", "BY", "WHEN", "TOOK", "VERDICT", "REASON"])
        for row in rows {
            table.add([
                "\(row.id)" + (row.restores.map { " (\($0) again)" } ?? ""), row.label.isEmpty ? "-" : row.label,
                row.who,
                Words.ago(now - row.started), row.duration.map { Words.time(.seconds($0)) } ?? "-",
                row.verdict ?? "under way", row.reason ?? "",
            ])
        }
        for line in table.lines { terminal.line(line) }
    }
}
