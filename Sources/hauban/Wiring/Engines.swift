import Delivery
import Glibc
import Planning
import Spec
import World

/// What performs the releases of an environment, and looks at what runs, by its target.
enum Engines {
    static let known: [Environment.Target] = [.local, .docker, .swarm]

    /// What a command or hauban.yaml says of the engine.
    struct Wish: Sendable {
        /// The one that must be had; nil prefers the usual one.
        var publicPort: Int?
        var securePort: Int?
        /// Whether the world shall reach it, and not this machine alone.
        var isPublic = false
        var keepReleases: Int
        /// The commit that is deployed, for the names of images.
        var revision: String?
        /// The Docker context and the server that the environment says.
        var context: String?
        var server: String?
    }

    /// The Docker Engine of an environment: this machine's, for a command that was sent here.
    static func endpoint(context: String?, server: String?) throws -> DockerEndpoint {
        let variables = ProcessEnvironment.all
        if RemoteHandover(variables) != nil { return .standard }
        return try DockerSettings(environment: variables).endpoint(context: context, server: server)
    }

    static func engine(
        of target: Environment.Target, platform: PlatformName, environment: EnvironmentName, place: LocalPlace,
        wish: Wish, onLine: @escaping @Sendable (ServiceName, String) -> Void = { _, _ in }
    ) throws -> any PlatformEngine {
        switch target {
        case .docker: try docker(platform, environment, place, wish, onLine)
        case .swarm: SwarmEngine(try docker(platform, environment, place, wish, onLine))
        default: try local(platform, environment, place, wish, onLine)
        }
    }

    private static func local(
        _ platform: PlatformName, _ environment: EnvironmentName, _ place: LocalPlace, _ wish: Wish,
        _ onLine: @escaping @Sendable (ServiceName, String) -> Void
    ) throws -> LocalEngine {
        let program = try program()
        let host = ProcessEnvironment.host
        return LocalEngine(
            platform: platform, environment: environment, place: place,
            launcher: SupervisorLauncher(
                command: [
                    program, "supervise", "--state", place.state, "--socket", place.supervisorSocket, "--secrets",
                    place.secrets, "--environment", environment.text,
                ], environment: host, state: place.state, socket: place.supervisorSocket),
            frontDoorCommand: [program, "front-door"], host: host, publicPort: wish.publicPort ?? 8080,
            insistsOnPort: wish.publicPort != nil, securePort: wish.securePort ?? 8443,
            keepReleases: wish.keepReleases, onLine: onLine)
    }

    private static func docker(
        _ platform: PlatformName, _ environment: EnvironmentName, _ place: LocalPlace, _ wish: Wish,
        _ onLine: @escaping @Sendable (ServiceName, String) -> Void
    ) throws -> DockerEngine {
        let variables = ProcessEnvironment.all
        let settings = DockerSettings(environment: variables)
        // Below /run, in memory; the state folder tells platforms of one name apart.
        let own = String(ContentHash(of: place.state.utf8).hex.prefix(8))
        let memory = "/run/hauban/\(platform)-\(environment)-\(own)"
        return try DockerEngine(
            platform: platform, environment: environment, place: DockerPlace(state: place.state, memory: memory),
            api: try DockerAPI(
                at: try endpoint(context: wish.context, server: wish.server), environment: variables),
            doorImage: FrontDoorImage(program: try program(), name: RemoteHandover(variables)?.image),
            publication: DockerPublication(
                address: wish.isPublic ? "0.0.0.0" : "127.0.0.1",
                port: wish.publicPort ?? (wish.isPublic ? 80 : 8080),
                securePort: wish.securePort ?? (wish.isPublic ? 443 : 8443)),
            settings: settings, revision: wish.revision, keepReleases: wish.keepReleases,
            path: variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin", onLine: onLine)
    }

    /// This very program, so that the processes it starts are of its version.
    static func program() throws -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { throw SystemError.last.during("find this program", hint: "Mount /proc.") }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
