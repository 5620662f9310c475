import ArgumentParser
import Delivery
import Planning

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Prints what a deploy would do, and changes nothing.",
        discussion: """
            Exits 0 when nothing would change, 2 when something would, 1 on an error. What a deploy would refuse, and what \
            waivers set aside, is told on standard error.

            EXAMPLES
              hauban plan dev
              hauban plan dev --json | jq '.steps[].id'
            """)

    @OptionGroup var argument: EnvironmentArgument
    @OptionGroup var file: FileOption
    @Flag(help: "Print the plan as JSON.") var json = false

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let project = try Project.checked(file, terminal)
        let session = try Session(project, argument.environment)
        DeployGate(project, session).tell(terminal)
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
