import ArgumentParser
import Delivery
import Planning
import Spec
import World

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Runs everything on this machine, in the foreground, until Ctrl-C.",
        discussion: """
            Builds and starts the platform as a release without a watch, shows all logs, and stops everything in reverse order \
            on Ctrl-C. With --watch, a change of a source ships the services that it touches.

            EXAMPLES
              hauban up
              hauban up dev --watch --port 3000
            """)

    @OptionGroup var argument: EnvironmentArgument
    @OptionGroup var file: FileOption
    @Option(
        help: ArgumentHelp(
            "Port of the platform's address when it first gets one: this one or none; without it 8080, or another if that is taken.",
            valueName: "port"))
    var port: Int?
    @Option(help: ArgumentHelp("The same over https, where the environment has `tls`.", valueName: "port"))
    var httpsPort: Int = 8443
    @Flag(help: "Ship again when a source changes.") var watch = false

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let printer = LogPrinter(terminal: terminal, json: false)
        let session = try LocalSession(
            try Project.checked(file, terminal), argument.environment, publicPort: port, securePort: httpsPort
        ) {
            terminal.clearBottom()
            terminal.line(terminal.paint("\($0) | \(LogEntry.readable($1))", .dim))
        }
        do {
            try await Interruption.heard {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await Self.show(session, printer) }
                    group.addTask { try await Self.statusLine(session, terminal) }
                    try await ship(session, terminal)
                    if watch || session.reloads { group.addTask { try await Self.reload(session, terminal, file) } }
                    for try await _ in group {}
                }
            }
        } catch is CancellationError {
        } catch {
            terminal.clearBottom()
            _ = try? await session.engine.down()
            throw error
        }
        terminal.clearBottom()
        terminal.line("stopping …")
        let stopped = try await session.engine.down()
        terminal.line("stopped \(stopped) processes; data stay, `hauban up` goes on with them.")
    }

    private func ship(_ session: LocalSession, _ terminal: Terminal) async throws {
        let report = try await Self.release(session, terminal)
        try Task.checkCancellation()
        guard report.verdict.exitCode == 0 else { throw ExitCode(report.verdict.exitCode) }
    }

    private static func release(_ session: LocalSession, _ terminal: Terminal) async throws -> ReleaseReport {
        let narrator = ReleaseNarrator(terminal: terminal, what: session.title)
        let start = ContinuousClock.now
        var desired = try await session.desiredState()
        // Nobody but the author sends requests here: there is nothing to watch yet.
        desired.watch.window = .zero
        for warning in try session.checkCertificate(of: desired) { terminal.line("warning: \(warning)") }
        let report = try await session.executor { narrator.tell($0) }.deploy(desired, label: "up")
        session.keepLogs(terminal)
        narrator.conclude(report, took: start.duration(to: .now), address: await session.engine.publicAddress())
        for note in session.engine.portNotes.all { terminal.line("  note: \(note)") }
        return report
    }

    private static func show(_ session: LocalSession, _ printer: LogPrinter) async throws {
        let services = Set(session.platform.services.keys.map(\.text))
        for await entry in LogReader(folder: session.place.logs).follow(LogQuery(services: services, last: 0)) {
            printer.print(entry)
        }
    }

    /// Who is ready, at the bottom of the terminal.
    private static func statusLine(_ session: LocalSession, _ terminal: Terminal) async throws {
        guard terminal.redraws else { return }
        while true {
            try await Task.sleep(for: .seconds(1))
            guard let status = try? await session.engine.environmentStatus(), !status.replicas.isEmpty else { continue }
            let names = Set(status.replicas.map(\.name)).subtracting(["front-door"]).sorted()
            let parts = names.map { name in
                let own = status.replicas.filter { $0.name == name }
                return "\(name) \(own.filter { $0.state == .ready }.count)/\(own.count)"
            }
            let requests = status.signals.reduce(0) { $0 + $1.requests }
            terminal.bottom(
                "\(status.address ?? "") · " + parts.joined(separator: " · ") + " · \(requests) requests a minute")
        }
    }

    /// Ships again whenever the fingerprints differ from the last ones seen.
    private static func reload(_ session: LocalSession, _ terminal: Terminal, _ file: FileOption) async throws {
        var seen = try await session.desiredState()
        var session = session
        while true {
            try await Task.sleep(for: .milliseconds(700))
            guard let project = try? Project.read(file), !project.diagnostics().hasErrors,
                let next = try? LocalSession(project, session.name.text), let desired = try? await next.desiredState(),
                desired != seen
            else { continue }
            seen = desired
            session = next
            terminal.clearBottom()
            terminal.line("a source changed")
            _ = try await release(session, terminal)
        }
    }
}
