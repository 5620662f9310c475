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

            Without a target all of them, but of GitHub and GitLab only the one whose files are there (GitHub when neither's are). Files are written below the folder of hauban.yaml, or below --out. A file that \
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
    @Flag(help: "Print findings of level note too: what an engine does otherwise and nobody has to mend.") var notes =
        false
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var file: FileOption

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let project = try Project.checked(file, terminal)
        let only = Set(try environments.map { try project.environment($0).name })
        guard let subject = RenderSubject(project.parsed, files: RepositoryWalk.read(project.root), only: only) else {
            throw ExitCode(1)
        }
        let rendering = await Self.rendering(target.map { [$0] } ?? RenderTarget.usual(for: subject.files), of: subject)
        let findings = rendering.placed(in: project.parsed).diagnostics.ordered
        let told = findings.filter { notes || $0.severity != .note }
        if !told.isEmpty {
            terminal.complain(TextReport(source: project.parsed.source, colour: terminal.colour).text(told))
        }
        if told.count < findings.count {
            terminal.complain("\(Words.count(findings.count - told.count, "note")): --notes prints them")
        }
        if findings.hasErrors { throw ExitCode(1) }
        guard rendering.contested.isEmpty else {
            throw WorldError(
                code: "contested", operation: "render",
                underlying: "two targets have different texts for \(rendering.contested.joined(separator: ", "))",
                hint: "Render one target at a time with --out, and tell us: this is a fault of hauban.")
        }
        let shelf = RenderedFiles(folder: out ?? project.root)
        var states = try rendering.artifacts.map { Row($0, try shelf.state(of: $0)) }
        if target == nil, only.isEmpty, out == nil {
            states += shelf.leftovers(
                subject.files.files.keys, rendered: Set(states.map(\.path)), source: subject.source
            ).map(Row.init)
        }
        if check {
            try report(states, terminal)
        } else {
            try write(states, shelf, terminal)
        }
    }

    /// What each target says, on as many cores as there are.
    private static func rendering(_ targets: [RenderTarget], of subject: RenderSubject) async -> Rendering {
        let parts = await withTaskGroup(of: (RenderTarget, Rendering).self) { group in
            for target in targets { group.addTask { (target, target.renderer.render(subject)) } }
            var parts: [RenderTarget: Rendering] = [:]
            for await (target, part) in group { parts[target] = part }
            return parts
        }
        return targets.compactMap { parts[$0] }
            .reduce(Rendering(diagnostics: subject.unapplied)) { $0.joined(with: $1) }
    }

    private func report(_ rows: [Row], _ terminal: Terminal) throws {
        let differing = rows.filter { $0.state != .same }
        if json {
            terminal.line(try MachineOutput.text(rows))
        } else {
            for row in differing {
                switch row.state {
                case .same: break
                case .absent: terminal.line("\(row.path): is not there")
                case .stale: terminal.line("\(row.path): is rendered no more")
                case .differs:
                    for line in TextDiff.unified(row.found, row.text, path: row.path) { terminal.line(line) }
                }
            }
            terminal.line(
                differing.isEmpty
                    ? "\(Words.count(rows.count, "file")): as hauban.yaml says"
                    : "\(differing.count) of \(Words.count(rows.count, "file")) differ: `hauban render` writes them")
        }
        if !differing.isEmpty { throw ExitCode(1) }
    }

    private func write(_ rows: [Row], _ shelf: RenderedFiles, _ terminal: Terminal) throws {
        let foreign = rows.filter { $0.state == .differs && !$0.isOurs }.map(\.path)
        guard foreign.isEmpty || force else {
            throw WorldError(
                code: "not-rendered", operation: "render",
                underlying: "somebody wrote \(foreign.joined(separator: ", "))",
                hint:
                    "Move what is there into hauban.yaml and remove it, or give --force to replace it; nothing was written."
            )
        }
        for row in rows where row.state != .same {
            if let artifact = row.artifact { try shelf.write(artifact) } else { try shelf.remove(row.path) }
            if !json { terminal.line(row.artifact == nil ? "\(row.path): removed, it is rendered no more" : row.path) }
        }
        if json {
            terminal.line(try MachineOutput.text(rows))
        } else {
            let written = rows.count { $0.state == .absent || $0.state == .differs }
            terminal.line("\(Words.count(rows.count { $0.artifact != nil }, "file")), \(written) written")
        }
    }

    /// A file with what was found in its place.
    private struct Row: Encodable {
        /// Before this command.
        enum State: String, Encodable { case same, absent, differs, stale }

        let path: String
        let state: State
        let bytes: Int
        /// `nil` when it is rendered no more.
        let artifact: Artifact?
        /// What stands there now.
        var found = ""
        /// Whether what stands there was rendered.
        var isOurs = true

        enum CodingKeys: String, CodingKey { case path, state, bytes }

        var text: String { artifact?.text ?? "" }

        init(_ artifact: Artifact, _ state: RenderedFiles.State) {
            self.artifact = artifact
            path = artifact.path
            bytes = artifact.text.utf8.count
            switch state {
            case .same: self.state = .same
            case .absent: self.state = .absent
            case .differs(let text, let isRendered):
                self.state = .differs
                found = text
                isOurs = isRendered
            }
        }

        /// One that is rendered no more.
        init(_ leftover: String) {
            artifact = nil
            path = leftover
            state = .stale
            bytes = 0
        }
    }
}

extension RenderTarget: ExpressibleByArgument {}
