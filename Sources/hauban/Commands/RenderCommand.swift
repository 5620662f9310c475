import ArgumentParser
import Planning
import Spec
import World

struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render", abstract: "Writes the engines' own files from hauban.yaml.",
        discussion: """
            TARGETS
            \(RenderTarget.allCases.map { "  \($0.rawValue): \($0.about)" }.joined(separator: "\n"))

            Without a target all of them. Files are written below the folder of hauban.yaml, or below --out. A file that \
            somebody wrote by hand is never replaced without --force.
            Exits 0 when done, 1 when something is wrong or --check finds a difference.

            EXAMPLES
              hauban render
              hauban render compose --env staging
              hauban render monitoring --out build/
              hauban render --check
            """)

    @Argument(help: "What to render; everything when absent.") var target: RenderTarget?
    @Option(name: .customLong("env"), help: "Only this environment; may be repeated.") var environments: [String] = []
    @Option(help: "The folder below which files are written; that of hauban.yaml when absent.") var out: String?
    @Flag(help: "Write nothing; fail with a diff when a file differs from what would be written.") var check = false
    @Flag(help: "Replace files that somebody wrote by hand.") var force = false
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var file: FileOption

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let project = try Project.checked(file, terminal)
        let only = Set(try environments.map { try project.environment($0).name })
        guard let subject = RenderSubject(project.parsed, files: RepositoryWalk.read(project.root), only: only) else {
            throw ExitCode(1)
        }
        let rendering = (target.map { [$0] } ?? RenderTarget.allCases)
            .reduce(Rendering(diagnostics: subject.unapplied)) { $0.joined(with: $1.renderer.render(subject)) }
        if !rendering.diagnostics.isEmpty {
            let report = TextReport(source: project.parsed.source, colour: terminal.colour)
            terminal.complain(report.text(rendering.diagnostics.ordered))
            if rendering.diagnostics.hasErrors { throw ExitCode(1) }
        }
        let shelf = RenderedFiles(folder: out ?? project.root)
        let states = try rendering.artifacts.map { ($0, try shelf.state(of: $0)) }
        if check {
            try report(states, terminal)
        } else {
            try write(states, shelf, terminal)
        }
    }

    private func report(_ states: [(Artifact, RenderedFiles.State)], _ terminal: Terminal) throws {
        let differing = states.filter { $0.1 != .same }
        if json {
            terminal.line(try MachineOutput.text(states.map(Row.init)))
        } else {
            for (artifact, state) in differing {
                switch state {
                case .same: break
                case .absent: terminal.line("\(artifact.path): is not there")
                case .differs(let text, _):
                    for line in TextDiff.unified(text, artifact.text, path: artifact.path) { terminal.line(line) }
                }
            }
            terminal.line(
                differing.isEmpty
                    ? "\(Words.count(states.count, "file")): as hauban.yaml says"
                    : "\(differing.count) of \(Words.count(states.count, "file")) differ: `hauban render` writes them")
        }
        if !differing.isEmpty { throw ExitCode(1) }
    }

    private func write(
        _ states: [(Artifact, RenderedFiles.State)], _ shelf: RenderedFiles, _ terminal: Terminal
    ) throws {
        let foreign = states.compactMap { artifact, state -> String? in
            if case .differs(_, isRendered: false) = state { artifact.path } else { nil }
        }
        guard foreign.isEmpty || force else {
            throw WorldError(
                code: "not-rendered", operation: "render",
                underlying: "somebody wrote \(foreign.joined(separator: ", "))",
                hint:
                    "Move what is there into hauban.yaml and remove it, or give --force to replace it; nothing was written."
            )
        }
        for (artifact, state) in states where state != .same {
            try shelf.write(artifact)
            if !json { terminal.line(artifact.path) }
        }
        if json {
            terminal.line(try MachineOutput.text(states.map(Row.init)))
        } else {
            let written = states.count { $0.1 != .same }
            terminal.line("\(Words.count(states.count, "file")), \(written) written")
        }
    }

    private struct Row: Encodable {
        let path: String
        /// Before this command: `same`, `absent` or `differs`.
        let state: String
        let bytes: Int

        init(_ artifact: Artifact, _ state: RenderedFiles.State) {
            path = artifact.path
            bytes = artifact.text.utf8.count
            self.state =
                switch state {
                case .same: "same"
                case .absent: "absent"
                case .differs: "differs"
                }
        }
    }
}

extension RenderTarget: ExpressibleByArgument {}
