import FoundationEssentials
import FrontDoor
package import Planning
package import Spec
package import World

/// The engine of `target: docker`: containers of one Docker Engine behind a front door in a container of its own.
///
/// It holds no state of its own: what runs is asked of the engine, by labels, and of the front door each time, so that any process can go
/// on where another was killed.
package struct DockerEngine: PlatformEngine {
    package let platform: PlatformName
    package let environment: EnvironmentName
    package let place: DockerPlace
    package let api: DockerAPI
    package let doorImage: FrontDoorImage
    package let publication: DockerPublication
    /// The commit that is deployed, for the names of images.
    package let revision: String?
    /// How many releases keep their images, for rollbacks.
    package let keepReleases: Int
    package let runner: CommandRunner
    package let keeper: Timekeeper
    /// Where `git` and keychain helpers are looked for.
    package let path: String
    package let settings: DockerSettings
    /// Told each line that a build or a migration writes.
    package let onLine: @Sendable (ServiceName, String) -> Void
    /// How far the networks of its zones go: over all servers where this engine is part of a Swarm that ``SwarmEngine`` deploys to.
    var span = DockerNetwork.Span.engine

    /// - Throws: `WorldError` with the code `docker-remote` for an engine of another machine, where ``RemoteRun`` is the way: the front
    ///   door is told where requests go through a folder of its own machine.
    package init(
        platform: PlatformName, environment: EnvironmentName, place: DockerPlace, api: DockerAPI,
        doorImage: FrontDoorImage, publication: DockerPublication, settings: DockerSettings, revision: String? = nil,
        keepReleases: Int = 3, path: String = "/usr/local/bin:/usr/bin:/bin", runner: CommandRunner = .live,
        keeper: Timekeeper = .live, onLine: @escaping @Sendable (ServiceName, String) -> Void = { _, _ in }
    ) throws {
        guard api.endpoint.isHere else {
            throw WorldError(
                code: "docker-remote", operation: "work on \(environment) at \(api.endpoint)",
                underlying: "that engine runs on another machine, and this command stays where it is called",
                hint: "Call it there, in \(RemoteRun.sources)/\(platform), with "
                    + "DOCKER_HOST=unix:///var/run/docker.sock.")
        }
        self.platform = platform
        self.environment = environment
        self.place = place
        self.api = api
        self.doorImage = doorImage
        self.publication = publication
        self.settings = settings
        self.revision = revision
        self.keepReleases = keepReleases
        self.path = path
        self.runner = runner
        self.keeper = keeper
        self.onLine = onLine
    }

    var labels: DockerLabels { DockerLabels(platformName: platform, environmentName: environment) }
    var frontDoor: FrontDoorClient { FrontDoorClient(socket: place.doorSocket) }
    var releases: DockerReleases { DockerReleases(folder: place.releases) }
    package var secrets: SecretStore { SecretStore(folder: place.secrets, environment: environment) }

    /// The replicas of the environment, or of one service, or of one release of it, running or not.
    func replicas(of service: ServiceName? = nil, release: ReleaseID? = nil) async throws -> [DockerReplica] {
        var filter = labels.filter(.service)
        if let service { filter.append("\(DockerLabels.service)=\(service)") }
        if let release { filter.append("\(DockerLabels.release)=\(release)") }
        return try await api.containers(labelled: filter).compactMap { DockerReplica($0) }
            .sorted { ($0.service, $0.release, $0.number) < ($1.service, $1.release, $1.number) }
    }

    package func perform(
        _ step: Step, in context: ReleaseContext, within deadline: Duration
    ) async throws -> StepOutcome {
        try await Deadline.run(deadline, for: step.line, keeper) {
            try claim()
            return switch step.action {
            case .provision: try await provision(step, context, within: deadline)
            case .certify: try await certify(context, within: deadline)
            case .retire: try await retire(step, context)
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
            case .hold, .watch, .smoke: preconditionFailure("the executor takes this step itself")
            }
        }
    }

    package func logTail(of service: ServiceName, release: ReleaseID, lines: Int) async -> [String] {
        var all: [DockerLine] = []
        for replica in (try? await replicas(of: service, release: release)) ?? [] {
            all += (try? await api.logs(of: replica.container.id, last: lines)) ?? []
        }
        return all.sorted { $0.time < $1.time }.suffix(lines).map { Printable.text($0.text, limit: 4_096) }
    }

    // MARK: Fences

    /// Notes the lease under which something is changed, and refuses a smaller one than was seen.
    func claim() throws {
        guard let mine = Fence.current else { return }
        try Folder.make(place.state)
        let seen = SmallFile.text(place.fence).flatMap { Int($0) } ?? 0
        guard mine >= seen else {
            throw WorldError(
                code: "lease-lost", operation: "change \(environment)",
                underlying: "another hauban took over", hint: "`hauban status` shows what it does.")
        }
        if mine > seen { try AtomicFile.write(Array("\(mine)".utf8), to: place.fence) }
    }

    package func takeOver() async throws {
        // A migration must not run beside itself, nor what prepares a volume.
        for kind in [DockerLabels.Kind.migration, .preparation] {
            for container in try await api.containers(labelled: labels.filter(kind))
            where container.state == .running || container.state == .created {
                try await api.remove(container.id)
            }
        }
        guard Fence.current != nil else { return }
        try claim()
        // Who read the configuration before cannot apply its next generation any more.
        guard var configuration = try? await frontDoor.configuration() else { return }
        configuration.generation += 1
        _ = try? await frontDoor.apply(configuration)
    }
}
