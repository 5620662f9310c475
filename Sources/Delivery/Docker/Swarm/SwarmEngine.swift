package import Planning
package import Spec
package import World

/// Where the servers of a Swarm get a platform's images from.
package enum SwarmImages: Sendable, Hashable {
    /// From the registry that the environment names; a Swarm of one server needs none.
    case registry
    /// They are on every server already, put there by whoever deploys.
    case everyServer
}

/// The engine of `target: swarm`: each release of a service is a service of the Swarm of its own, beside the one before it, and all are
/// behind one front door on the server that hauban runs on.
///
/// What belongs to that server (images, databases and caches, migrations, the front door) is done as on `target: docker`, by the ``DockerEngine`` that this one is
/// made with; the networks are those of the Swarm.
package struct SwarmEngine: PlatformEngine {
    /// The engine of this machine.
    package let here: DockerEngine
    package let images: SwarmImages

    /// - Parameter here: the engine of this machine, which must be a manager of the Swarm; a call says so otherwise (`swarm-manager`).
    package init(_ here: DockerEngine, images: SwarmImages = .registry) {
        var here = here
        here.span = .swarm
        self.here = here
        self.images = images
    }

    package var platform: PlatformName { here.platform }
    package var environment: EnvironmentName { here.environment }
    package var secrets: SecretStore { here.secrets }
    var api: DockerAPI { here.api }
    var labels: DockerLabels { here.labels }
    var keeper: Timekeeper { here.keeper }

    package func perform(
        _ step: Step, in context: ReleaseContext, within deadline: Duration
    ) async throws -> StepOutcome {
        try await Deadline.run(deadline, for: step.line, keeper) {
            try here.claim()
            return switch step.action {
            case .provision: try await here.provision(step, context, within: deadline)
            case .certify: try await here.certify(context, within: deadline)
            case .retire: try await here.retire(step, context)
            case .build: try await each(step) { try await build($0, context, within: deadline) }
            case .migrate: try await each(step) { try await here.migrate($0, context, within: deadline) }
            case .stopFirst: try await each(step) { try await stopFirst($0, context) }
            case .start: try await each(step) { try await start($0, context) }
            case .gate: try await each(step) { try await gate($0, context, within: deadline) }
            case .shift, .switchTraffic, .withdraw: try await route(context, isForward: true)
            case .shiftBack, .switchBack, .restore: try await route(context, isForward: false)
            case .drain: try await each(step) { try await here.drain($0, context) }
            case .stopOld: try await each(step) { try await stopOld($0, context) }
            case .stopNew: try await each(step) { try await stopNew($0, context) }
            case .restartOld: try await each(step) { try await restartOld($0, context, within: deadline) }
            case .hold, .watch, .smoke: preconditionFailure("the executor takes this step itself")
            }
        }
    }

    package func send(_ request: Planning.SmokeRequest, in context: ReleaseContext) async throws -> SmokeAnswer {
        try await here.send(request, in: context)
    }

    package func takeOver() async throws { try await here.takeOver() }

    package func logTail(of service: ServiceName, release: ReleaseID, lines: Int) async -> [String] {
        var all: [DockerLine] = []
        for replicas in (try? await known(service, release)) ?? [] {
            all += (try? await api.logs(ofService: replicas.service.name, last: lines)) ?? []
        }
        return all.sorted { $0.time < $1.time }.suffix(lines).map { Printable.text($0.text, limit: 4_096) }
    }

    /// Where the world reaches the platform; `nil` while nothing is deployed.
    package func publicAddress() async -> String? { await here.publicAddress() }
}
