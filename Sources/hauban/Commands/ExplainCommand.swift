import ArgumentParser
import Spec

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Prints the value in force at a path and where it comes from, or a diagnostic's page.",
        discussion: """
            EXAMPLES
              hauban explain services.api.health
              hauban explain services.api.scale --env prod
              hauban explain unknown-key
            """)

    @Argument(help: "A path such as services.api.health, or the id of a diagnostic.") var subject: String
    @Option(name: .customLong("env"), help: "The environment whose overrides are merged in.") var environment: String?
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var project: FileOption

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        if let id = DiagnosticID(rawValue: subject) {
            terminal.line(id.page.text)
            return
        }
        let project = try Project.read(project)
        let name = try environment.map { try project.environment($0).name }
        let values = project.parsed.explain(SpecPath(text: subject), in: name)
        guard !values.isEmpty else {
            let known =
                project.parsed.explain(SpecPath(), in: name).map(\.path.description)
                + DiagnosticID.allCases.map(\.rawValue)
            let near = KeyHint.nearest(to: subject, among: known).map { " Did you mean '\($0)'?" } ?? ""
            throw ValidationError(
                "'\(subject)' is neither a path of \(project.parsed.source.name) nor the id of a diagnostic.\(near)")
        }
        if json {
            terminal.line(try MachineOutput.text(values.map { Row($0, project) }))
            return
        }
        var table = TextTable(["PATH", "VALUE", "FROM"])
        for value in values { table.add([value.path.description, value.value, Self.origin(value.origin, project)]) }
        for line in table.lines { terminal.line(line) }
    }

    private struct Row: Encodable {
        let path: String
        let value: String
        let origin: String
        let isDefault: Bool

        init(_ value: ExplainedValue, _ project: Project) {
            path = value.path.description
            self.value = value.value
            origin = ExplainCommand.origin(value.origin, project)
            if case .defaulted = value.origin { isDefault = true } else { isDefault = false }
        }
    }

    private static func origin(_ origin: ExplainedValue.Origin, _ project: Project) -> String {
        let file = project.parsed.source.name
        switch origin {
        case .written(let span): return "\(file):\(span.line):\(span.column)"
        case .overlay(let environment, let span):
            return "\(file):\(span.line):\(span.column) (environment \(environment))"
        case .defaulted(let reason): return "default: \(reason)"
        }
    }
}
