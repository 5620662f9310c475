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
            Of an environment on docker or swarm its engine is asked: containers, images, variables, limits, mounts, networks and ports \
            beside what the last kept release says. A waiver with the rule drift/KIND sets a finding aside for a time.

            Of an environment on gcp or aws Terraform is asked, in deploy/terraform/ENV, with your own credentials: what was
            altered or removed past it, and what the files ask for and nobody applied. Values are never shown.
            Exits 0 when nothing differs but what is waived, 2 when something does, 1 on an error.

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
        if let target = platform.environments[name]?.target, [.docker, .swarm].contains(target) {
            return try await running(project, terminal)
        }
        guard let settings = platform.environments[name], [.gcp, .aws].contains(settings.target) else {
            throw ValidationError(
                "drift looks at environments on docker, swarm, gcp and aws so far; '\(name)' runs on "
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

    // MARK: Engines

    private func running(_ project: Project, _ terminal: Terminal) async throws {
        let session = try Session(project, argument.environment)
        let (journal, _) = try Journal.reading(path: session.place.journal)
        if let open = try journal.open() {
            throw WorldError(
                code: "release-open", operation: "compare \(session.name) with what was released",
                underlying: "release \(open.id) is under way, or was interrupted",
                hint: "`hauban status \(session.name)` shows it; the next deploy ends it.")
        }
        guard let kept = try journal.lastKept() else {
            throw WorldError(
                code: "nothing-released", operation: "compare \(session.name) with what was released",
                underlying: "no release of it was kept", hint: "`hauban deploy \(session.name)` makes one.")
        }
        let drift = try await Self.drift(session.engine, kept)
            .waived(by: session.platform.waivers, in: session.name, today: Project.today())
        if json {
            terminal.line(try MachineOutput.text(drift.findings.map(RuntimeRow.init)))
        } else {
            for finding in drift.findings {
                let waiver = finding.waiver.map { " (waived: \($0))" } ?? ""
                let rule = "[\(finding.rule)]\(waiver)"
                terminal.line("\(finding.subject): \(finding.found); released: \(finding.wanted) \(rule)")
                if finding.waiver == nil { terminal.line("  mend: \(finding.mend)") }
            }
            let count = drift.open.count
            let waived = drift.findings.count - count
            terminal.line(
                "\(session.name), release \(kept.id): "
                    + (count == 0 ? "nothing differs" : "\(Words.count(count, "finding"))")
                    + (waived > 0 ? ", \(waived) waived" : ""))
        }
        if !drift.open.isEmpty { throw ExitCode(2) }
    }

    private static func drift(_ engine: any PlatformEngine, _ kept: ReleaseRecord) async throws -> RuntimeDrift {
        switch engine {
        case let engine as DockerEngine:
            return try await engine.drift(from: kept.desired, kept: kept.id, within: .seconds(120))
        case let engine as SwarmEngine:
            return try await engine.drift(from: kept.desired, kept: kept.id, within: .seconds(120))
        default: preconditionFailure("an environment on docker or swarm whose engine is another one")
        }
    }

    private struct RuntimeRow: Encodable {
        let path: String
        let subject: String
        let rule: String
        let found: String
        let wanted: String
        let mend: String
        /// The waiver that sets it aside.
        let waiver: String?

        init(_ finding: RuntimeDrift.Finding) {
            path = "\(finding.path)"
            subject = finding.subject
            rule = finding.rule
            found = finding.found
            wanted = finding.wanted
            mend = finding.mend
            waiver = finding.waiver?.text
        }
    }

    // MARK: Terraform

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
