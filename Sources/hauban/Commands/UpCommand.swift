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

            The control plane runs with it: it hears of each release, takes alerts, and shows both at the address that is \
            printed. It ends with the rest, and its data stay. --no-plane leaves it out.

            EXAMPLES
              hauban up
              hauban up dev --watch --port 3000
              hauban up dev --plane-port 9093
            """)

    @OptionGroup var argument: EnvironmentArgument
    @OptionGroup var file: FileOption
    @Option(
        help: ArgumentHelp(
            "Port of the platform's address when it first gets one: this one or none; without it 8080, or another if that is taken.",
            valueName: "port"))
    var port: Int?
    @Option(
        help: ArgumentHelp("The same over https, where the environment has `tls`; 8443 by default.", valueName: "port"))
    var httpsPort: Int?
    @Flag(help: "Ship again when a source changes.") var watch = false
    @Option(
        name: .customLong("plane-port"),
        help: ArgumentHelp(
            "Port of the control plane, on this machine's own address; a free one without it.",
            valueName: "port"))
    var planePort: Int?
    @Flag(name: .customLong("no-plane"), help: "Runs no control plane.") var noPlane = false

    func validate() throws {
        guard planePort.map({ (1...65_535).contains($0) }) ?? true else {
            throw ValidationError("--plane-port takes a port from 1 to 65535")
        }
        guard planePort == nil || !noPlane else {
            throw ValidationError("--plane-port and --no-plane exclude each other")
        }
    }

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let printer = LogPrinter(terminal: terminal, json: false)
        let project = try Project.checked(file, terminal)
        let session = try Session(project, argument.environment, publicPort: port, securePort: httpsPort) {
            terminal.clearBottom()
            terminal.line(terminal.paint("\($0) | \(LogEntry.readable($1))", .dim))
        }
        try DeployGate(project, session).pass(terminal)
        let plane = noPlane ? nil : try await plane(project, session, terminal)
        do {
            try await Interruption.heard {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await Self.show(session, printer) }
                    group.addTask { try await Self.statusLine(session, terminal) }
                    try await ship(session, terminal)
                    // What another command is killed at; the one before it was ended by the release above.
                    if let interrupted = plane?.interrupted { group.addTask { await interrupted.watch() } }
                    if watch || session.reloads { group.addTask { try await Self.reload(session, terminal, file) } }
                    for try await _ in group {}
                }
            }
        } catch is CancellationError {
        } catch {
            terminal.clearBottom()
            _ = try? await session.engine.down()
            await plane?.stop()
            throw error
        }
        terminal.clearBottom()
        terminal.line("stopping …")
        let stopped: Int
        do {
            stopped = try await session.engine.down()
        } catch {
            await plane?.stop()
            throw error
        }
        await plane?.stop()
        terminal.line("stopped \(stopped) processes; data stay, `hauban up` goes on with them.")
    }

    /// The platform runs without a control plane too, unless one was asked for.
    private func plane(
        _ project: Project, _ session: Session, _ terminal: Terminal
    ) async throws -> PlaneBeside? {
        do {
            return try await PlaneBeside.start(project, session, port: planePort ?? 0) { terminal.line($0) }
        } catch let error as WorldError where planePort == nil {
            terminal.complain("hauban: warning: no control plane runs: \(error)")
            return nil
        }
    }

    private func ship(_ session: Session, _ terminal: Terminal) async throws {
        let report = try await Self.release(session, terminal)
        try Task.checkCancellation()
        guard report.verdict.exitCode == 0 else { throw ExitCode(report.verdict.exitCode) }
    }

    private static func release(_ session: Session, _ terminal: Terminal) async throws -> ReleaseReport {
        let narrator = ReleaseNarrator(terminal: terminal, what: session.title)
        let start = ContinuousClock.now
        var desired = try await session.desiredState()
        // Nobody but the author sends requests here: there is nothing to watch yet.
        desired.watch.window = .zero
        for warning in try session.checkCertificate(of: desired) { terminal.line("warning: \(warning)") }
        let teller = ReleaseTeller(session)
        let report: ReleaseReport
        do {
            report = try await session.executor { event in
                teller.hear(event)
                narrator.tell(event)
            }.deploy(desired, label: "up")
        } catch {
            _ = await teller.finish()
            throw error
        }
        session.keepLogs(terminal)
        narrator.conclude(report, took: start.duration(to: .now), address: await session.engine.publicAddress())
        for note in session.engine.notes { terminal.line("  note: \(note)") }
        if let note = await teller.finish() { terminal.line("  note: \(note)") }
        return report
    }

    private static func show(_ session: Session, _ printer: LogPrinter) async throws {
        let services = Set(session.platform.services.keys.map(\.text))
        for await entry in session.engine.followLogs(LogQuery(services: services, last: 0)) {
            printer.print(entry)
        }
    }

    /// Who is ready, at the bottom of the terminal.
    private static func statusLine(_ session: Session, _ terminal: Terminal) async throws {
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
    private static func reload(_ session: Session, _ terminal: Terminal, _ file: FileOption) async throws {
        var seen = try await session.desiredState()
        var session = session
        while true {
            try await Task.sleep(for: .milliseconds(700))
            guard let project = try? Project.read(file), !project.diagnostics().hasErrors,
                let next = try? Session(project, session.name.text), let desired = try? await next.desiredState(),
                desired != seen
            else { continue }
            seen = desired
            session = next
            terminal.clearBottom()
            terminal.line("a source changed")
            let gate = DeployGate(project, next)
            guard gate.isOpen else {
                gate.tell(terminal)
                continue
            }
            _ = try await release(session, terminal)
        }
    }
}
