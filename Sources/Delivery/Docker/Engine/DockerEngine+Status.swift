import FoundationEssentials
import FrontDoor
import Planning
import Spec
import World

extension DockerEngine {
    /// How many of the newest lines of a container are looked at for the tally.
    private static let talliedLines = 500

    package var notes: [String] { [] }
    package var accessLog: String { place.door + "/access/access.log" }

    package func environmentStatus() async throws -> EnvironmentStatus {
        _ = try await wake()
        let found = try await members()
        guard !found.isEmpty else { return .empty }
        let replicas = try await withThrowingTaskGroup(of: WorkloadStatus?.self) { group in
            for member in found { group.addTask { try await status(of: member) } }
            return try await group.reduce(into: [WorkloadStatus]()) { all, one in if let one { all.append(one) } }
        }
        var whole = await EnvironmentStatus(replicas: replicas, asking: frontDoor, address: await publicAddress()) {
            WorldError(
                code: "port-taken", operation: "listen on \($0.host):\($0.port) for \($0.name)",
                underlying: $0.trouble ?? "it has no port", hint: "`docker logs \(labels.frontDoor)` says more.")
        }
        try await tellRenewal(&whole)
        return whole
    }

    package func readings(window: Duration, within limit: Duration) async -> EnvironmentReadings {
        let found: [Member]
        do {
            found = try await Deadline.run(limit, for: "look at the replicas", keeper) { try await members() }
        } catch {
            let trouble =
                error as? WorldError
                ?? WorldError(code: "docker-unreachable", operation: "look at the replicas", underlying: "\(error)")
            return EnvironmentReadings(isDeployed: true, traffic: .failure(trouble), replicas: .failure(trouble))
        }
        guard !found.isEmpty else {
            return EnvironmentReadings(isDeployed: false, traffic: .success([:]), replicas: .success([:]))
        }
        async let traffic = EnvironmentReadings.traffic(of: frontDoor, window: window, within: limit)
        var statuses: [WorkloadStatus] = []
        do {
            for member in found where member.kind == .service {
                guard let facts = try await api.inspect(member.container.id, within: limit) else { continue }
                statuses.append(status(of: member, facts))
            }
        } catch {
            let trouble = WorldError(code: "docker-unreachable", operation: "look at a replica", underlying: "\(error)")
            return await EnvironmentReadings(isDeployed: true, traffic: traffic, replicas: .failure(trouble))
        }
        return await EnvironmentReadings(
            isDeployed: true, traffic: traffic, replicas: .success(EnvironmentReadings.replicas(statuses)))
    }

    // MARK: Members

    /// A container of the environment that is meant to run.
    struct Member: Sendable {
        var container: ListedContainer
        var kind: Workload.Kind
        /// The service's or resource's.
        var name: String
        var release: String
        var number: Int
        var port: Int?
    }

    /// The containers of the environment but for migrations, which end.
    func members() async throws -> [Member] {
        let marks = ["\(DockerLabels.platform)=\(platform)", "\(DockerLabels.environment)=\(environment)"]
        return try await api.containers(labelled: marks).compactMap { container in
            let labels = container.labels
            switch labels[DockerLabels.kind].flatMap({ DockerLabels.Kind(rawValue: $0) }) {
            case .service:
                guard let replica = DockerReplica(container) else { return nil }
                return Member(
                    container: container, kind: .service, name: replica.service.text, release: "\(replica.release)",
                    number: replica.number, port: replica.port)
            case .frontDoor:
                return Member(container: container, kind: .frontDoor, name: "front-door", release: "", number: 0)
            case .resource:
                guard let name = labels[DockerLabels.resource] else { return nil }
                return Member(container: container, kind: .resource, name: name, release: "", number: 0)
            case .renewal:
                return Member(container: container, kind: .renewal, name: "certbot", release: "", number: 0)
            case .migration, .network, .image, .volume, .preparation, .secret, .remote, nil: return nil
            }
        }
    }

    private func status(of member: Member) async throws -> WorkloadStatus? {
        guard let facts = try await api.inspect(member.container.id) else { return nil }
        var status = status(of: member, facts)
        if let first = try await api.usage(of: facts.id) {
            let start = keeper.uptime()
            try await keeper.sleep(.milliseconds(200))
            let second = try await api.usage(of: facts.id) ?? first
            let time = (keeper.uptime() - start) / .seconds(1)
            status.cpu = second.processorTime
            status.cpuShare = max(0, (second.processorTime - first.processorTime) / .seconds(1)) / max(0.001, time)
            status.residentBytes = second.memory
        }
        let entries = try await entries(of: member, last: Self.talliedLines)
        for entry in entries { status.tally.count(entry) }
        if status.state != .ready { status.lastLines = entries.suffix(5).map { Printable.text($0.message) } }
        return status
    }

    private func status(of member: Member, _ facts: ContainerFacts) -> WorkloadStatus {
        let (state, reason) = Self.state(of: facts)
        return WorkloadStatus(
            id: member.kind == .service ? "\(member.name).\(member.release).\(member.number)" : member.name,
            kind: member.kind, name: member.name, release: member.release, replica: member.number,
            // Where the machine leads to it, if it does, as on `local`.
            port: member.kind == .frontDoor ? member.port : facts.ports.values.min() ?? member.port,
            state: state, reason: reason, since: Timestamp.parse(facts.startedAt)?.date ?? Date(),
            pid: facts.processID > 0 ? Int32(truncatingIfNeeded: facts.processID) : nil, restarts: facts.restarts,
            cpu: .zero, cpuShare: 0, residentBytes: 0, tally: LogTally(), lastLines: [],
            failedProbes: facts.failingStreak)
    }

    static func state(of facts: ContainerFacts) -> (ReplicaState, SupervisionReason) {
        let status = ExitStatus.exited(code: Int32(truncatingIfNeeded: facts.exitCode))
        let fault = ReplicaFault.ended(status)
        switch facts.state {
        case .running:
            let said = ProbeFailure.refused(facts.healthOutput ?? "its check does not pass")
            return switch facts.health {
            case .none: (.ready, .withoutProbe)
            case .healthy: (.ready, .passed(times: 1))
            case .unhealthy: (.unready, .notReady(failures: facts.failingStreak, said))
            case .starting:
                (.starting, facts.failingStreak > 0 ? .notReady(failures: facts.failingStreak, said) : .started)
            }
        case .restarting: return (.backingOff, .fault(fault))
        case .created: return (.starting, .dependenciesReady)
        case .paused: return (.unready, .notReady(failures: 0, .refused("somebody paused it: `docker unpause`")))
        case .removing: return (.stopping, .stopping(.removed))
        case .exited: return facts.exitCode == 0 ? (.stopped, .stopped(.asked, status)) : (.failed, .fault(fault))
        case .dead: return (.failed, .fault(fault))
        }
    }

    // MARK: Down

    package func down() async throws -> Int {
        let found = try await members()
        let running = found.filter { $0.container.state == .running }.count
        try await closeRoutes()
        // Those that use databases before the databases.
        for kind in [Workload.Kind.renewal, .service, .resource, .frontDoor] {
            let own = found.filter { $0.kind == kind }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for member in own {
                    group.addTask {
                        try await api.stop(member.container.id, grace: stopGrace(of: member))
                        try await api.remove(member.container.id)
                    }
                }
                try await group.waitForAll()
            }
        }
        for kind in [DockerLabels.Kind.migration, .preparation] {
            for container in try await api.containers(labelled: labels.filter(kind)) {
                try await api.remove(container.id)
            }
        }
        for network in try await api.networks(labelled: "\(DockerLabels.platform)=\(platform)")
        where network.labels[DockerLabels.environment] == environment.text {
            try await remove(network)
        }
        try? Folder.remove(place.handed)
        try? Folder.remove(place.memory)
        return running
    }

    /// The engine starts containers again with the machine, but for those whose secrets lay in memory.
    package func wake() async throws -> [String] {
        var woken: [String] = []
        for folder in try SecretFolder.restore(place, from: secrets) {
            for replica in try await replicas(of: folder.service, release: folder.release)
            where replica.container.state != .running {
                try await api.start(replica.container.id)
                woken.append(replica.container.name)
            }
        }
        return woken
    }

    /// Without routes the next front door starts empty, and not with the addresses of replicas that are gone.
    func closeRoutes() async throws {
        guard (try? await frontDoor.configuration()) != nil else { return }
        try await changeFrontDoor { configuration in
            configuration.routes = []
            for name in configuration.services.keys {
                configuration.services[name]?.releases = []
                configuration.services[name]?.canary = nil
            }
        }
    }

    /// A Swarm frees its networks a moment after its tasks are gone.
    private func remove(_ network: DockerNetwork) async throws {
        let end = keeper.uptime() + (span == .swarm ? .seconds(20) : .zero)
        while true {
            do {
                try await api.removeNetwork(network.id)
                let left = try await api.networks(labelled: "\(DockerLabels.platform)=\(platform)").map(\.id)
                guard left.contains(network.id), keeper.uptime() < end else { return }
            } catch let error as WorldError
                where (error.underlying.contains("in use") || error.underlying.contains("active endpoints"))
                && keeper.uptime() < end
            {}
            try await keeper.sleep(.milliseconds(200))
        }
    }

    /// Databases write their last pages before they end.
    private func stopGrace(of member: Member) -> Duration {
        switch member.kind {
        case .service:
            guard let service = ServiceName(member.name), let release = ReleaseID(member.release) else {
                return .seconds(10)
            }
            return (try? releases.part(service, of: release).service.stopGrace) ?? .seconds(10)
        case .resource: return .seconds(60)
        case .frontDoor: return .seconds(35)
        case .renewal: return .seconds(10)
        }
    }

    package func hasFrontDoor() async throws -> Bool { try await api.inspect(labels.frontDoor)?.state == .running }
}
