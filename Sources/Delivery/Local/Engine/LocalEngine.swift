import FoundationEssentials
import FrontDoor
package import Planning
package import Spec
package import World

/// The engine of `target: local`: processes of this machine behind a front door, kept by a supervisor.
///
/// It holds no state of its own: what runs is asked of the supervisor and the front door each time, so that any process
/// can go on where another was killed.
package struct LocalEngine: PlatformEngine {
    package let platform: PlatformName
    package let environment: EnvironmentName
    package let place: LocalPlace
    package let launcher: SupervisorLauncher
    /// Starts a front door: the program and its arguments.
    package let frontDoorCommand: [String]
    /// The variables that builds and services take over from the machine.
    package let host: [String: String]
    package let runner: CommandRunner
    package let keeper: Timekeeper
    /// Where the world shall reach the platform: 0 lets the system choose.
    package let publicPort: Int
    /// Where the world reaches it over TLS: 0 lets the engine choose.
    package let securePort: Int
    /// Whether a public port that is taken is an error; otherwise another one is chosen.
    package let insistsOnPort: Bool
    /// How many releases keep their builds, for rollbacks.
    package let keepReleases: Int
    /// Told each line that a build or a migration writes.
    package let onLine: @Sendable (ServiceName, String) -> Void
    let ports = FreePort()
    /// What is to be said about ports once a command is done.
    package let portNotes = PortNotes()

    package init(
        platform: PlatformName, environment: EnvironmentName, place: LocalPlace, launcher: SupervisorLauncher,
        frontDoorCommand: [String], host: [String: String], publicPort: Int, insistsOnPort: Bool = false,
        securePort: Int = 0, keepReleases: Int = 3, runner: CommandRunner = .live,
        keeper: Timekeeper = .live, onLine: @escaping @Sendable (ServiceName, String) -> Void = { _, _ in }
    ) {
        self.platform = platform
        self.environment = environment
        self.place = place
        self.launcher = launcher
        self.frontDoorCommand = frontDoorCommand
        self.host = host
        self.publicPort = publicPort
        self.securePort = securePort
        self.insistsOnPort = insistsOnPort
        self.keepReleases = keepReleases
        self.runner = runner.marked(Self.commandMark, place.state)
        self.keeper = keeper
        self.onLine = onLine
    }

    /// The variable by which builds and migrations are found once their hauban was killed.
    static var commandMark: String { "HAUBAN_COMMAND_OF" }

    var frontDoor: FrontDoorClient { FrontDoorClient(socket: place.frontDoorSocket) }
    var releases: BuiltReleases { BuiltReleases(folder: place.releases) }
    package var secrets: SecretStore { SecretStore(folder: place.secrets, environment: environment) }
    func builder(within deadline: Duration) -> Builder {
        Builder(cache: BuildCache(folder: place.cache), environment: host, runner: runner, deadline: deadline)
    }

    /// The supervisor, started when none runs.
    func supervisor() async throws -> SupervisorClient {
        try Folder.make(place.state, mode: 0o711)
        try RuntimeFolder.make(place.runtime)
        return try await launcher.ensureRunning(within: .seconds(15), keeper).fenced(Fence.current)
    }

    /// The supervisor if anything was ever started here; an environment that was never deployed gets no process by being
    /// looked at.
    func knownSupervisor() async throws -> SupervisorClient? {
        guard SmallFile.text(place.supervisorState) != nil else { return nil }
        return try await supervisor()
    }

    package func perform(
        _ step: Step, in context: ReleaseContext, within deadline: Duration
    ) async throws -> StepOutcome {
        // Commands that we start mind the deadline themselves, and then say what was late.
        let slack: Duration = step.action == .build || step.action == .migrate ? .seconds(4) : .zero
        do {
            return try await take(step, in: context, within: deadline, slack)
        } catch {
            throw blamingStorage(error)
        }
    }

    /// The error, with what the disk of the state says if that is full or closed: programs that could not write say it in many
    /// words, or die without any.
    private func blamingStorage(_ error: any Error) -> any Error {
        guard !(error is CancellationError), let refusal = Storage.refusal(at: place.state),
            let failure = WorldError(refusal: error), failure.code != refusal.code
        else { return error }
        var blame = refusal.during(failure.operation)
        let facts = Storage.look(at: place.state).map { ", \($0.text)" } ?? ""
        blame.underlying = "\(failure.underlying); \(refusal): \(place.state)\(facts)"
        if !failure.hint.isEmpty { blame.hint += " " + failure.hint }
        return blame
    }

    private func take(
        _ step: Step, in context: ReleaseContext, within deadline: Duration, _ slack: Duration
    ) async throws -> StepOutcome {
        try await Deadline.run(deadline + slack, for: step.line, keeper) {
            switch step.action {
            case .provision: try await provision(step, context)
            case .build: try await each(step) { try await build($0, context, within: deadline) }
            case .migrate: try await each(step) { try await migrate($0, context, within: deadline) }
            case .stopFirst: try await each(step) { try await stopFirst($0, context) }
            case .start: try await each(step) { try await start($0, context) }
            case .gate: try await each(step) { try await gate($0, context, within: deadline) }
            case .shift, .switchTraffic, .withdraw: try await route(context, isForward: true)
            case .shiftBack, .switchBack, .restore: try await route(context, isForward: false)
            case .drain: try await each(step) { try await drain($0, context) }
            case .stopOld: try await each(step) { try await stopOld($0, context) }
            case .stopNew: try await each(step) { try await stopNew($0, context) }
            case .restartOld: try await each(step) { try await restartOld($0, context, within: deadline) }
            case .certify:
                throw WorldError(
                    code: "certificate-issuer", operation: step.line,
                    underlying: "processes of this machine ask nobody for a certificate",
                    hint: "Give one in files: `tls: {issuer: files, certificate: …, key: …}`.")
            case .retire: try await retire(step)
            case .hold, .watch, .smoke: preconditionFailure("the executor takes this step itself")
            }
        }
    }

    package func logTail(of service: ServiceName, release: ReleaseID, lines: Int) async -> [String] {
        LogReader(folder: place.logs).read(
            LogQuery(services: [service.text], release: "\(release)", last: lines)
        ).map { entry in
            (entry.severity.map { "\($0) ".uppercased() } ?? "") + entry.message
        }
    }
}

/// A folder of this user alone in a place where everybody may write.
package enum RuntimeFolder {
    /// - Throws: `WorldError` with the code `runtime-folder` when somebody else's folder stands there.
    package static func make(_ path: String) throws {
        try Folder.make(path, mode: 0o700)
        guard Folder.isOwnAndPrivate(path) else {
            throw WorldError(
                code: "runtime-folder", operation: "use \(path)",
                underlying: "it belongs to somebody else, or others may enter",
                hint: "Remove it, or set XDG_RUNTIME_DIR to a folder of your own.")
        }
    }
}
