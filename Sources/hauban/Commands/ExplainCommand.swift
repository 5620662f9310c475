import ArgumentParser
import Planning
import Spec

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Prints the value in force at a path and where it comes from, or the page of a finding.",
        discussion: """
            EXAMPLES
              hauban explain services.api.health
              hauban explain services.api.scale --env prod
              hauban explain environments.prod.patch   (what it changes in the rendered files)
              hauban explain unknown-key
            """)

    @Argument(help: "A path such as services.api.health, or the id of a finding.") var subject: String
    @Option(name: .customLong("env"), help: "The environment whose overrides are merged in.") var environment: String?
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var project: FileOption

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        if let id = DiagnosticID(rawValue: subject) {
            terminal.line(id.page.text)
            return
        }
        if let guideline = Guidelines.named(subject) {
            terminal.line(GuidelineCatalogue.text(guideline))
            return
        }
        if let rule = DeployRule.named(subject) {
            terminal.line(rule.text)
            return
        }
        let project = try Project.read(project)
        if let changes = changes(of: SpecPath(text: subject), project) {
            if json { return terminal.line(try MachineOutput.text(changes.map(Change.init))) }
            var table = TextTable(["FILE", "PATH", "WITHOUT THE PATCH", "WITH IT"])
            for change in changes {
                table.add([change.file, change.path, change.before ?? "nothing", change.after ?? "nothing"])
            }
            for line in table.lines { terminal.line(line) }
            return
        }
        let name = try environment.map { try project.environment($0).name }
        let values = project.parsed.explain(SpecPath(text: subject), in: name)
        guard !values.isEmpty else {
            let known =
                project.parsed.explain(SpecPath(), in: name).map(\.path.description)
                + DiagnosticID.allCases.map(\.rawValue) + Guidelines.all.map(\.id) + DeployRule.all.map(\.id)
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

    /// What a patch changes in the rendered files, when the subject is one.
    private func changes(of path: SpecPath, _ project: Project) -> [PatchChange]? {
        guard path.components.count >= 3, path.components[0] == "environments", path.components[2] == "patch",
            let name = EnvironmentName(path.components[1]),
            let subject = RenderSubject(project.parsed, files: RepositoryWalk.read(project.root), only: [name])
        else { return nil }
        return RenderTarget.allCases.flatMap { $0.renderer.render(subject).changes }
    }

    private struct Change: Encodable {
        let environment: String
        let file: String
        let path: String
        let before: String?
        let after: String?

        init(_ change: PatchChange) {
            environment = change.environment.text
            file = change.file
            path = change.path
            before = change.before
            after = change.after
        }
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
