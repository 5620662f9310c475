import ArgumentParser
import Delivery
import World

@main
struct Hauban: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hauban",
        abstract: "Takes a platform of several services from a git repository to production and keeps it standing.",
        discussion: """
            One file, hauban.yaml, says what the platform is. Start with `hauban init`, look with `hauban check`, run it \
            with `hauban up`, ship it with `hauban deploy ENV`.
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(
                name: "Describe",
                subcommands: [
                    InitCommand.self, CheckCommand.self, ExplainCommand.self, RenderCommand.self, SchemaCommand.self,
                    DoctorCommand.self,
                ]),
            CommandGroup(
                name: "Run and ship",
                subcommands: [
                    UpCommand.self, CICommand.self, PlanCommand.self, DeployCommand.self, VerifyCommand.self,
                    RollbackCommand.self,
                    DownCommand.self,
                    MaintenanceCommand.self, SecretsCommand.self, HooksCommand.self, ProvenanceCommand.self,
                    HostCommand.self,
                ]),
            CommandGroup(
                name: "Look",
                subcommands: [StatusCommand.self, LogsCommand.self, HistoryCommand.self, DriftCommand.self]),
            CommandGroup(
                name: "Keep watch",
                subcommands: [
                    ServeCommand.self, AlertCommand.self, IncidentCommand.self, OnCallCommand.self,
                    AccountCommand.self, AuditCommand.self,
                ]),
            CommandGroup(
                name: "Inside", subcommands: [SuperviseCommand.self, FrontDoorCommand.self, GlanceCommand.self]),
        ])

    /// As ArgumentParser's own, but with `--json` an error is a document too.
    static func main() async {
        do {
            var command = try parseAsRoot()
            let sent = RemoteHandover(ProcessEnvironment.all)
            try sent?.takeInput()
            defer { sent?.forget() }
            if sent == nil, let code = try await Delegation.code(of: command) {
                if code != 0 { throw ExitCode(code) }
            } else if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            if let refusal = WorldError(refusal: error) {
                if CommandLine.arguments.contains("--json"), let text = try? MachineOutput.text(["error": refusal]) {
                    StandardOutput.write(text + "\n", to: 1)
                }
                exit(withError: refusal)
            }
            exit(withError: error)
        }
    }
}

/// The version of this binary.
enum Version {
    static let text = "0.1.0"
}
