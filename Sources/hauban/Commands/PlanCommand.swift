import ArgumentParser
import Delivery
import Planning

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Prints what a deploy would do, and changes nothing.",
        discussion: """
            Exits 0 when nothing would change, 2 when something would, 1 on an error.

            EXAMPLES
              hauban plan dev
              hauban plan dev --json | jq '.steps[].id'
            """)

    @OptionGroup var argument: EnvironmentArgument
    @OptionGroup var file: FileOption
    @Flag(help: "Print the plan as JSON.") var json = false

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let session = try Session(try Project.checked(file, terminal), argument.environment)
        if let gap = session.gap { terminal.complain("note: \(gap)") }
        let result = try await session.observer().0.plan(try await session.desiredState())
        let plan: Plan
        do {
            plan = try result.get()
        } catch {
            terminal.complain("hauban: error: \(error.text)")
            throw ExitCode(1)
        }
        if json {
            terminal.line(try MachineOutput.text(plan))
        } else {
            terminal.line("\(session.title): \(plan.summary)")
            for line in plan.lines { terminal.line("  \(line)") }
        }
        if !plan.isEmpty { throw ExitCode(2) }
    }
}
