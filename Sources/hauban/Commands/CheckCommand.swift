import ArgumentParser
import Planning
import Spec

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract:
            "Says everything that is wrong with hauban.yaml, and what is unwise in it and in the team's own files.",
        discussion: """
            Besides hauban.yaml it reads Dockerfiles, Compose files and GitHub workflows below its folder. `policies` in \
            hauban.yaml sets how much a rule weighs, a waiver sets a finding aside; docs/policies.md lists them all.
            Exits 0 when nothing is wrong (warnings may be printed), 1 when something is. With --parity it compares each \
            environment that is to be like another with that one, and exits 2 when they differ in more than size and place.

            EXAMPLES
              hauban check
              hauban check --notes
              hauban check --format sarif > hauban.sarif
              hauban check --parity
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, sarif
    }

    @OptionGroup var project: FileOption
    @Option(help: "text, json or sarif (2.1.0).") var format: Format = .text
    @Flag(help: "The same as --format json.") var json = false

    @Flag(help: "Print advice of level note too; JSON and SARIF always have it.") var notes = false
    @Flag(help: "Compare environments that are to be alike.") var parity = false

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        if parity {
            try compare(try Project.checked(project, terminal), terminal)
            return
        }
        let project = try Project.read(project)
        var judgement = project.judgement()
        let advice = project.advice()
        judgement.add(advice.judgement)
        judgement.add(DeployGaps.notes(project.parsed, today: Project.today()))
        let diagnostics = judgement.diagnostics
        switch json ? .json : format {
        case .text: print(judgement, project, advice.files, terminal)
        case .json: terminal.line(JSONReport(source: project.parsed.source).text(diagnostics))
        case .sarif:
            terminal.line(SARIFReport(source: project.parsed.source, version: Version.text).text(diagnostics))
        }
        if diagnostics.hasErrors { throw ExitCode(1) }
    }

    /// How environments differ from those that they are to be like.
    private func compare(_ project: Project, _ terminal: Terminal) throws {
        let reports = ParityReport.all(of: project.parsed)
        if json || format == .json {
            terminal.line(ParityReport.json(reports))
        } else if reports.isEmpty {
            terminal.line(
                "\(project.parsed.source.name): no environment says `like`, and none is known to be another's staging")
        } else {
            for report in reports { terminal.line(report.text(source: project.parsed.source)) }
        }
        if reports.contains(where: { !$0.differences.isEmpty }) { throw ExitCode(2) }
    }

    private func print(
        _ judgement: Judgement, _ project: Project, _ files: [SourceText], _ terminal: Terminal
    ) {
        let source = project.parsed.source
        let diagnostics = judgement.diagnostics.filter { notes || $0.severity != .note }
        let untold = judgement.diagnostics.count - diagnostics.count
        let waived = judgement.waived.count
        if !diagnostics.isEmpty {
            terminal.complain(TextReport(source: source, others: files, colour: terminal.colour).text(diagnostics))
        }
        let errors = diagnostics.filter { $0.severity == .error }.count
        let warnings = diagnostics.filter { $0.severity == .warning }.count
        if let base = project.parsed.base, errors == 0 {
            let names = project.parsed.environments.keys.sorted().map(\.text)
            let places = names.isEmpty ? "no environment" : "\(names.count == 1 ? "environment" : "environments") "
            terminal.line(
                "\(source.name): \(Words.count(base.services.count, "service")), "
                    + "\(Words.count(base.resources.count, "resource")), \(places)\(names.joined(separator: ", ")): "
                    + (warnings == 0 ? "nothing wrong" : Words.count(warnings, "warning"))
                    + (waived == 0 ? "" : ", \(waived) waived")
                    + (untold == 0 ? "" : ", \(Words.count(untold, "note")) (--notes)"))
        } else {
            let counts = Words.count(errors, "error") + (warnings == 0 ? "" : ", " + Words.count(warnings, "warning"))
            // Where the text cannot be read at all, one mend may show more.
            let rest = project.parsed.partialBase == nil ? "; the rest is checked once this is mended" : ""
            terminal.complain("\(source.name): \(counts)\(rest)")
        }
    }
}
