import FoundationEssentials
package import FrontDoor
import Planning
import Spec
import World

extension SwarmEngine {
    package var notes: [String] { [] }
    package var accessLog: String { here.accessLog }

    /// What the Swarm runs, with what this machine runs besides. Processor time and memory are not told: only the server of a task knows.
    package func environmentStatus() async throws -> EnvironmentStatus {
        let all = try await known()
        var status = try await here.environmentStatus()
        let nodes = try await api.nodes()
        status.replicas = statuses(of: all, nodes) + status.replicas
        if !all.isEmpty { status.troubles += try await troubles(within: .seconds(20)) }
        return status
    }

    package func readings(window: Duration, within limit: Duration) async -> EnvironmentReadings {
        do {
            let (all, nodes) = try await Deadline.run(limit, for: "look at the replicas", keeper) {
                (try await known(), try await api.nodes())
            }
            guard !all.isEmpty else {
                return EnvironmentReadings(isDeployed: false, traffic: .success([:]), replicas: .success([:]))
            }
            return EnvironmentReadings(
                isDeployed: true,
                traffic: await EnvironmentReadings.traffic(of: here.frontDoor, window: window, within: limit),
                replicas: .success(EnvironmentReadings.replicas(statuses(of: all, nodes))))
        } catch {
            let trouble =
                error as? WorldError
                ?? WorldError(code: "docker-unreachable", operation: "look at the replicas", underlying: "\(error)")
            return EnvironmentReadings(isDeployed: true, traffic: .failure(trouble), replicas: .failure(trouble))
        }
    }

    func statuses(of all: [SwarmReplicas], _ nodes: [SwarmNode]) -> [WorkloadStatus] {
        let lost = Dictionary(
            nodes.filter { $0.state != .ready }.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return all.flatMap { found in
            found.current.map { task in
                status(of: task, found, ends: found.tasks.filter { $0.slot == task.slot && $0.isUnasked }, lost)
            }
        }
    }

    /// For people: `api.r3.0`.
    static func id(of task: SwarmTask, _ found: SwarmReplicas) -> String {
        "\(found.name).\(found.release).\(task.slot - 1)"
    }

    private func status(
        of task: SwarmTask, _ found: SwarmReplicas, ends: [SwarmTask], _ lost: [String: SwarmNode]
    ) -> WorkloadStatus {
        let fault = ends.max { $0.since < $1.since }.map { Self.fault(of: $0, found.name) }
        let (state, reason) = Self.state(of: task, fault, lost)
        return WorkloadStatus(
            id: Self.id(of: task, found), kind: .service, name: found.name.text,
            release: "\(found.release)", replica: task.slot - 1, port: found.port, state: state, reason: reason,
            since: Timestamp.parse(task.since)?.date ?? Date(), restarts: ends.count, cpu: .zero, cpuShare: 0,
            residentBytes: 0, tally: LogTally(), lastLines: [], lastFault: fault)
    }

    private static func fault(of task: SwarmTask, _ name: ServiceName) -> ReplicaFault {
        if let code = task.exitCode, task.state != .rejected {
            return .ended(.exited(code: Int32(truncatingIfNeeded: code)))
        }
        return .notStarted(
            WorldError(
                code: "not-started", operation: "start a replica of \(name)", underlying: task.error,
                hint: "`docker service ps` says on which server."))
    }

    private static func state(
        of task: SwarmTask, _ fault: ReplicaFault?, _ lost: [String: SwarmNode]
    ) -> (ReplicaState, SupervisionReason) {
        if let node = task.node.flatMap({ lost[$0] }) {
            return (.unready, .notReady(failures: 0, .refused("its server \(node.name) is \(node.state.rawValue)")))
        }
        switch task.state {
        case .running: return (.ready, .passed(times: 1))
        case .new, .allocated, .pending:
            return (.waiting, .waitingFor([task.error.isEmpty ? "a server with room" : task.error]))
        case .assigned, .accepted, .preparing, .ready, .starting:
            if let fault, task.state == .ready { return (.backingOff, .fault(fault)) }
            return (.starting, .started)
        case .complete, .shutdown, .failed, .rejected, .remove, .orphaned:
            return (.stopped, .stopping(.removed))
        }
    }

    // MARK: Down

    package func down() async throws -> Int {
        let all = try await known()
        try await here.closeRoutes()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for found in all {
                let part = try? here.releases.part(found.name, of: found.release)
                group.addTask {
                    _ = try await stop(found, grace: part?.service.stopGrace ?? .seconds(10))
                    _ = try await remove(found)
                }
            }
            try await group.waitForAll()
        }
        for secret in try await api.secrets(labelled: labels.filter(.secret)) { try await api.removeSecret(secret.id) }
        return all.reduce(0) { $0 + $1.running.count } + (try await here.down())
    }

    /// Secrets are the Swarm's own, which remembers them.
    package func wake() async throws -> [String] { [] }

    package func hasFrontDoor() async throws -> Bool { try await here.hasFrontDoor() }

    @discardableResult
    package func changeFrontDoor(
        _ change: (inout FrontDoorConfiguration) throws -> Void
    ) async throws -> (configuration: FrontDoorConfiguration, didChange: Bool) {
        try await here.changeFrontDoor(change)
    }
}
