import ArgumentParser
import Delivery
import Planning
import Spec
import World

struct DriftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift",
        abstract: "Tells what was changed behind the back of what hauban.yaml says; changes nothing.",
        discussion: """
            Of an environment on gcp or aws Terraform is asked, in deploy/terraform/ENV, with your own credentials: what was
            altered or removed past it, and what the files ask for and nobody applied. Values are never shown.
            Exits 0 when nothing differs, 2 when something does, 1 on an error.

            EXAMPLES
              hauban drift prod
              hauban drift prod --json | jq -r '.[].address'
            """)

    @OptionGroup var argument: EnvironmentArgument
    @OptionGroup var file: FileOption
    @Option(help: "The folder below which files were rendered; that of hauban.yaml when absent.") var out: String?
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let project = try Project.checked(file, terminal)
        let (name, platform) = try project.environment(argument.environment)
        guard let settings = platform.environments[name], [.gcp, .aws].contains(settings.target) else {
            throw ValidationError(
                "drift looks at environments on gcp and aws so far; '\(name)' runs on "
                    + "\(platform.environments[name]?.target.rawValue ?? "nothing").")
        }
        let root = "\(out ?? project.root)/\(TerraformRenderer.folder)/\(name)"
        guard Folder.exists(root) else {
            throw WorldError(
                code: "not-rendered", operation: "look at \(root)", underlying: "there is no such folder",
                hint: "`hauban render terraform --env \(name)` writes it, `terraform apply` makes what it says.")
        }
        let drift = try await Self.ask(root)
        if json {
            terminal.line(try MachineOutput.text(drift.findings.map(Row.init)))
        } else {
            for finding in drift.leading {
                terminal.line(Self.line(finding))
                for hanging in drift.hanging(on: finding) { terminal.line("  " + Self.line(hanging)) }
            }
            terminal.line("\(name): " + Self.summary(drift))
        }
        if !drift.findings.isEmpty { throw ExitCode(2) }
    }

    private static func ask(_ root: String) async throws -> TerraformDrift {
        let folder = try Folder.temporary(named: "hauban-drift")
        defer { try? Folder.remove(folder) }
        let plan = try await TerraformQuestion(root: root, variables: ProcessEnvironment.all).planJSON(in: folder)
        do {
            return try TerraformDrift.read(Array(plan.utf8)).get()
        } catch {
            throw WorldError(
                code: "terraform-refused", operation: "read what Terraform found in \(root)", underlying: error.message,
                hint: "Look at it with `terraform plan` in that folder.")
        }
    }

    private static func line(_ finding: TerraformDrift.Finding) -> String {
        let attributes = finding.attributes.isEmpty ? "" : ": " + finding.attributes.joined(separator: ", ")
        return "\(finding.address) \(finding.kind.meaning)\(attributes)"
    }

    private static func summary(_ drift: TerraformDrift) -> String {
        guard !drift.findings.isEmpty else { return "nothing differs" }
        let pending = drift.findings.count - drift.drift.count
        return "\(drift.drift.count) changed behind Terraform's back, \(pending) not applied"
    }

    private struct Row: Encodable {
        let address: String
        let kind: TerraformDrift.Kind
        let attributes: [String]
        /// The address of what was lost, where that is why this one is pending.
        let hangsOn: String?

        init(_ finding: TerraformDrift.Finding) {
            address = finding.address
            kind = finding.kind
            attributes = finding.attributes
            hangsOn = finding.hangsOn
        }
    }
}
