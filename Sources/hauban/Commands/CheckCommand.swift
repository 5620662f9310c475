import ArgumentParser
import Planning
import Spec

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Reads hauban.yaml and says everything that is wrong with it.",
        discussion: """
            Exits 0 when nothing is wrong (warnings may be printed), 1 when something is.

            EXAMPLES
              hauban check
              hauban check --format sarif > hauban.sarif
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, sarif
    }

    @OptionGroup var project: FileOption
    @Option(help: "text, json or sarif (2.1.0).") var format: Format = .text
    @Flag(help: "The same as --format json.") var json = false

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let project = try Project.read(project)
        let judgement = project.judgement()
        let diagnostics = judgement.diagnostics
        switch json ? .json : format {
        case .text: print(diagnostics, waived: judgement.waived.count, project, terminal)
        case .json: terminal.line(JSONReport(source: project.parsed.source).text(diagnostics))
        case .sarif:
            terminal.line(SARIFReport(source: project.parsed.source, version: Version.text).text(diagnostics))
        }
        if diagnostics.hasErrors { throw ExitCode(1) }
    }

    private func print(_ diagnostics: [Diagnostic], waived: Int, _ project: Project, _ terminal: Terminal) {
        let source = project.parsed.source
        if !diagnostics.isEmpty {
            terminal.complain(TextReport(source: source, colour: terminal.colour).text(diagnostics))
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
                    + (waived == 0 ? "" : ", \(waived) waived"))
        } else {
            let counts = Words.count(errors, "error") + (warnings == 0 ? "" : ", " + Words.count(warnings, "warning"))
            // Where the text cannot be read at all, one mend may show more.
            let rest = project.parsed.partialBase == nil ? "; the rest is checked once this is mended" : ""
            terminal.complain("\(source.name): \(counts)\(rest)")
        }
    }
}
