import Delivery
import FrontDoor
import Glibc
import Planning
import Spec
import World

/// One environment on this machine, with everything that its commands need.
struct LocalSession: Sendable {
    let platform: Platform
    let name: EnvironmentName
    let root: String
    let place: LocalPlace
    let engine: LocalEngine

    /// - Parameter publicPort: the one that must be had; nil prefers 8080.
    /// - Throws: `WorldError` with the code `target-unknown` for an environment that this version cannot deploy to.
    init(
        _ project: Project, _ environment: String?, publicPort: Int? = nil, securePort: Int = 8443,
        onLine: @escaping @Sendable (ServiceName, String) -> Void = { _, _ in }
    ) throws {
        let (name, platform) = try project.environment(environment)
        let target = platform.environments[name]?.target ?? .local
        guard target == .local else {
            throw WorldError(
                code: "target-unknown", operation: "work on \(name)",
                underlying: "this version has no engine for `target: \(target.rawValue)`",
                hint: "It can check and explain \(name); `local` environments can be run and deployed.")
        }
        self.name = name
        self.platform = platform
        root = project.root
        place = StateFolders.place(platform: platform.name, root: project.root, environment: name)
        engine = try Self.engine(
            platform: platform.name, environment: name, place: place, publicPort: publicPort, securePort: securePort,
            keepReleases: platform.release.keep, onLine: onLine)
    }

    /// What performs releases of an environment on this machine, and looks at what runs.
    static func engine(
        platform: PlatformName, environment: EnvironmentName, place: LocalPlace, publicPort: Int? = nil,
        securePort: Int = 8443, keepReleases: Int,
        onLine: @escaping @Sendable (ServiceName, String) -> Void = { _, _ in }
    ) throws -> LocalEngine {
        let program = try Self.program()
        let host = ProcessEnvironment.host
        return LocalEngine(
            platform: platform, environment: environment, place: place,
            launcher: SupervisorLauncher(
                command: [
                    program, "supervise", "--state", place.state, "--socket", place.supervisorSocket, "--secrets",
                    place.secrets, "--environment", environment.text,
                ], environment: host, state: place.state, socket: place.supervisorSocket),
            frontDoorCommand: [program, "front-door"], host: host,
            publicPort: publicPort ?? 8080, insistsOnPort: publicPort != nil, securePort: securePort,
            keepReleases: keepReleases, onLine: onLine)
    }

    /// Whether the environment asks for a new start of what changed, as `up --watch` does.
    var reloads: Bool { platform.environments[name]?.reload == true }

    /// What should run, with the fingerprints of what the sources hold now.
    func desiredState() async throws -> DesiredState {
        let state = Lowering(platform: platform, environment: name, root: root).desiredState()
        let path = ProcessEnvironment.host["PATH"] ?? "/usr/bin:/bin"
        return try await Fingerprints(secrets: engine.secrets, path: path).filled(state)
    }

    /// Judges the certificate that the environment serves with, before anything is touched.
    ///
    /// - Returns: what is unwise about it, in sentences.
    /// - Throws: `WorldError` with the code `certificate-invalid`.
    func checkCertificate(of desired: DesiredState) throws -> [String] {
        guard let tls = desired.tls else { return [] }
        let now = Int(time(nil))
        let pair: CertificatePair
        do throws(FrontDoorError) {
            pair = try CertificatePair.load(certificate: tls.certificate, key: tls.key, now: now)
        } catch {
            throw WorldError(
                code: error.code.rawValue, operation: error.operation, underlying: error.underlying,
                hint: error.hint + " Nothing was changed.")
        }
        let days = pair.daysLeft(now: now)
        return pair.warnings
            + (days < 14 ? ["\(tls.certificate) expires in \(days == 1 ? "1 day" : "\(days) days")"] : [])
    }

    /// Tells the supervisor how long logs stay; a change of that alone is no release.
    func keepLogs(_ terminal: Terminal) {
        do {
            try LogRetention.write(platform.telemetry.logsKeep, in: place.logs)
        } catch {
            terminal.complain("hauban: warning: logs stay as long as before: \(error)")
        }
    }

    /// - Parameter progress: told what a release does while it does it.
    func executor(progress: @escaping @Sendable (ReleaseEvent) -> Void = { _ in }) throws -> ReleaseExecutor {
        try Self.executor(engine, place, progress: progress)
    }

    /// - Parameter progress: told what a release does while it does it.
    static func executor(
        _ engine: LocalEngine, _ place: LocalPlace, progress: @escaping @Sendable (ReleaseEvent) -> Void = { _ in }
    ) throws -> ReleaseExecutor {
        try Folder.make(place.state, mode: 0o711)
        var settings = ReleaseExecutor.Settings()
        settings.progress = progress
        settings.checkpoint = TestHooks.checkpoint
        return ReleaseExecutor(
            engine: engine, journal: try Journal(path: place.journal), holder: try LeaseHolder.current(),
            settings: settings)
    }

    /// An executor for looking only, which works on a disk that is full or closed too.
    ///
    /// - Returns: the executor, and why nothing can be written down, if so.
    func observer() throws -> (ReleaseExecutor, trouble: WorldError?) { try Self.observer(engine, place) }

    /// An executor for looking only.
    static func observer(
        _ engine: LocalEngine, _ place: LocalPlace
    ) throws -> (ReleaseExecutor, trouble: WorldError?) {
        if Storage.refusal(at: place.state, needed: 1) == nil { try Folder.make(place.state, mode: 0o711) }
        let (journal, trouble) = try Journal.reading(path: place.journal)
        return (ReleaseExecutor(engine: engine, journal: journal, holder: try LeaseHolder.current()), trouble)
    }

    /// `shop to dev`.
    var title: String { "\(platform.name) to \(name)" }

    /// This very program, so that the processes it starts are of its version.
    static func program() throws -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { throw SystemError.last.during("find this program", hint: "Mount /proc.") }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Where state lives: `HAUBAN_STATE`, else /var/lib/hauban for root, else the user's XDG state folder
/// (XDG Base Directory Specification 0.8).
enum StateFolders {
    static func root(_ variables: [String: String]) -> String {
        if let chosen = variables["HAUBAN_STATE"], chosen.hasPrefix("/") { return chosen }
        if geteuid() == 0 { return "/var/lib/hauban" }
        return (variables["XDG_STATE_HOME"] ?? (variables["HOME"] ?? "/tmp") + "/.local/state") + "/hauban"
    }

    static func place(platform: PlatformName, root: String, environment: EnvironmentName) -> LocalPlace {
        let variables = ProcessEnvironment.all
        let own = own(platform: platform, root: root)
        let runtimes = variables["XDG_RUNTIME_DIR"].flatMap { $0.utf8.count < 60 ? $0 : nil } ?? "/tmp"
        let short = String(ContentHash(of: [own, environment.text]).hex.prefix(10))
        return LocalPlace(
            state: "\(own)/\(environment)", runtime: "\(runtimes)/hauban-\(geteuid())-\(short)", cache: "\(own)/cache")
    }

    /// What all environments of a platform share.
    static func own(platform: PlatformName, root: String) -> String {
        "\(Self.root(ProcessEnvironment.all))/\(platform)-\(mark(of: root))"
    }

    /// What tells the platforms of different folders apart.
    static func mark(of root: String) -> String { String(ContentHash(of: root.utf8).hex.prefix(8)) }
}
