import Delivery
import FrontDoor
import Glibc
import Planning
import Spec
import World

/// One environment that is worked on from this machine, with everything that its commands need.
struct Session: Sendable {
    let platform: Platform
    let name: EnvironmentName
    let root: String
    let place: LocalPlace
    let engine: any PlatformEngine
    /// What its containers are lowered from; `nil` for processes of this machine.
    private let subject: RenderSubject?

    /// - Parameters:
    ///   - publicPort: the one that must be had; nil prefers the target's usual one.
    ///   - revision: the commit that is deployed, for the names of images.
    /// - Throws: `WorldError` with the code `target-unknown` for an environment that this version cannot deploy to.
    init(
        _ project: Project, _ environment: String?, publicPort: Int? = nil, securePort: Int? = nil,
        revision: String? = nil, onLine: @escaping @Sendable (ServiceName, String) -> Void = { _, _ in }
    ) throws {
        let (name, platform) = try project.environment(environment)
        let settings = platform.environments[name]
        let target = settings?.target ?? .local
        guard Engines.known.contains(target) else {
            throw WorldError(
                code: "target-unknown", operation: "work on \(name)",
                underlying: "this version has no engine for `target: \(target.rawValue)`",
                hint: "It can check, explain and render \(name); environments of "
                    + Engines.known.map(\.rawValue).joined(separator: " and ") + " can be deployed.")
        }
        self.name = name
        self.platform = platform
        root = project.root
        place = StateFolders.place(platform: platform.name, root: project.root, environment: name)
        engine = try Engines.engine(
            of: target, platform: platform.name, environment: name, place: place,
            wish: .init(
                publicPort: publicPort, securePort: securePort, isPublic: settings?.domain != nil,
                keepReleases: platform.release.keep, revision: revision, context: settings?.context,
                server: settings?.hosts.first),
            onLine: onLine)
        if target == .local {
            subject = nil
        } else {
            subject = RenderSubject(project.parsed, files: RepositoryWalk.read(project.root), only: [name])
        }
    }

    /// Whether the environment asks for a new start of what changed, as `up --watch` does.
    var reloads: Bool { platform.environments[name]?.reload == true }

    /// What should run, with the fingerprints of what the sources hold now.
    func desiredState() async throws -> DesiredState {
        var state = Lowering(platform: platform, environment: name, root: root).desiredState()
        if let subject, let own = subject.places.first {
            if let tls = own.settings.tls, state.tls == nil {
                throw WorldError(
                    code: "certificate-issuer", operation: "serve \(name) over TLS",
                    underlying: "no host name is known that \(tls.issuer.rawValue) could be asked for",
                    hint: "Set `domain` of the environment, and `expose` of a service that the world shall reach.")
            }
            state = ContainerLowering(subject, place: own).filled(state)
        }
        let path = ProcessEnvironment.host["PATH"] ?? "/usr/bin:/bin"
        return try await Fingerprints(secrets: engine.secrets, path: path).filled(state)
    }

    /// Judges the certificate that the environment serves with, before anything is touched.
    ///
    /// - Returns: what is unwise about it, in sentences.
    /// - Throws: `WorldError` with the code `certificate-invalid`.
    func checkCertificate(of desired: DesiredState) throws -> [String] {
        guard let tls = desired.tls, case .files(let certificate, let key) = tls.source else { return [] }
        let now = Int(time(nil))
        let pair: CertificatePair
        do throws(FrontDoorError) {
            pair = try CertificatePair.load(certificate: certificate, key: key, now: now)
        } catch {
            throw WorldError(
                code: error.code.rawValue, operation: error.operation, underlying: error.underlying,
                hint: error.hint + " Nothing was changed.")
        }
        let days = pair.daysLeft(now: now)
        return pair.warnings
            + (days < 14 ? ["\(certificate) expires in \(days == 1 ? "1 day" : "\(days) days")"] : [])
    }

    /// Tells the supervisor how long logs stay; a change of that alone is no release.
    func keepLogs(_ terminal: Terminal) {
        do {
            try engine.keepLogs(for: platform.telemetry.logsKeep)
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
        _ engine: any PlatformEngine, _ place: LocalPlace,
        progress: @escaping @Sendable (ReleaseEvent) -> Void = { _ in }
    ) throws -> ReleaseExecutor {
        try Folder.make(place.state, mode: 0o711)
        var settings = ReleaseExecutor.Settings()
        settings.progress = progress
        settings.checkpoint = TestHooks.checkpoint
        return ReleaseExecutor(
            engine: engine, journal: try Journal(path: place.journal), holder: try holder(),
            settings: settings)
    }

    /// This process, under the name of who sent its command from elsewhere.
    private static func holder() throws -> LeaseHolder {
        try LeaseHolder.current(user: RemoteHandover(ProcessEnvironment.all)?.caller)
    }

    /// An executor for looking only, which works on a disk that is full or closed too.
    ///
    /// - Returns: the executor, and why nothing can be written down, if so.
    func observer() throws -> (ReleaseExecutor, trouble: WorldError?) { try Self.observer(engine, place) }

    /// An executor for looking only.
    static func observer(
        _ engine: any PlatformEngine, _ place: LocalPlace
    ) throws -> (ReleaseExecutor, trouble: WorldError?) {
        if Storage.refusal(at: place.state, needed: 1) == nil { try Folder.make(place.state, mode: 0o711) }
        let (journal, trouble) = try Journal.reading(path: place.journal)
        return (ReleaseExecutor(engine: engine, journal: journal, holder: try holder()), trouble)
    }

    /// `shop to dev`.
    var title: String { "\(platform.name) to \(name)" }
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
