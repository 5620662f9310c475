import FrontDoor
package import Planning
import Spec
import World

extension DockerEngine {
    package func observe(within deadline: Duration) async throws -> ObservedState {
        try await Deadline.run(deadline, for: "look at what runs", keeper) {
            var state = try await observed(try await replicas(), try await knownConfiguration())
            state.hasFrontDoor = try await hasFrontDoor()
            state.resources = try await resources()
            state.certificates = try await orderedCertificates()
            return state
        }
    }

    /// What the front door serves decides what is taken off it: not to know is no reason to take everything off.
    func knownConfiguration() async throws -> FrontDoorConfiguration? {
        let door = try await api.inspect(labels.frontDoor)
        return door?.state == .running ? try await answeringFrontDoor() : try StateFile(path: place.doorState).load()
    }

    private func observed(
        _ replicas: [DockerReplica], _ configuration: FrontDoorConfiguration?
    ) async throws -> ObservedState {
        var own: [ServiceName: [ReleaseID: [DockerReplica]]] = [:]
        for replica in replicas { own[replica.service, default: [:]][replica.release, default: []].append(replica) }
        let (routed, newcomers, routes) = configuration?.observed ?? ([:], [:], [])
        var services: [ObservedService] = []
        var leftovers: [Leftover] = []
        for name in Set(own.keys).union(routed.keys).sorted() {
            let releases = own[name] ?? [:]
            guard let serving = routed[name] ?? Self.working(releases) else { continue }
            var found = try await service(name, serving, releases[serving] ?? [], isRouted: routed[name] != nil)
            found.newcomer = newcomers[name]
            services.append(found)
            leftovers += releases.keys.filter { $0 != serving }.map { Leftover(service: name, release: $0) }
        }
        return ObservedState(
            services: services, routes: configuration == nil ? nil : routes, tls: configuration.flatMap { tls(of: $0) },
            leftovers: leftovers)
    }

    /// A worker's release: the one with the most replicas that run, then the newest.
    private static func working(_ replicas: [ReleaseID: [DockerReplica]]) -> ReleaseID? {
        replicas.max { left, right in
            let counts = [left, right].map { entry in entry.value.filter { $0.container.state == .running }.count }
            return (counts[0], left.key) < (counts[1], right.key)
        }?.key
    }

    private func service(
        _ name: ServiceName, _ release: ReleaseID, _ replicas: [DockerReplica], isRouted: Bool
    ) async throws -> ObservedService {
        var ready = 0
        var states: [ContainerFacts.State] = []
        for replica in replicas {
            guard let facts = try await api.inspect(replica.container.id) else { continue }
            states.append(facts.state)
            if try await isReady(facts) { ready += 1 }
        }
        // What crashed is started again by the engine; what somebody stopped, paused or removed is not.
        let running = states.count { $0 == .running || $0 == .restarting }
        let state: ObservedService.State =
            if states.contains(.dead) {
                .failed
            } else if running == 0 {
                .stopped
            } else if ready == replicas.count {
                .running
            } else {
                .starting
            }
        return ObservedService(
            name: name, release: release, fingerprint: replicas.first?.fingerprint ?? "", readyReplicas: ready,
            runningReplicas: running, state: state, isRouted: isRouted)
    }

    package func signals(
        of subjects: [SignalSubject], window: Duration, within deadline: Duration
    ) async throws -> [ServiceSignals] {
        let seconds = min(300, max(1, Int(window.components.seconds)))
        let signals = try await frontDoor.signals(window: seconds, deadline: deadline)
        let standing = try? await frontDoor.health(deadline: deadline).replicas
        let replicas = try await Deadline.run(deadline, for: "look at the replicas", keeper) {
            try await self.replicas()
        }
        var results: [ServiceSignals] = []
        for subject in subjects {
            var result = ServiceSignals(service: subject.service, release: subject.release)
            for replica in replicas where replica.service == subject.service && replica.release == subject.release {
                guard let facts = try await api.inspect(replica.container.id, within: deadline) else { continue }
                result.restarts += facts.restarts
                let isWell = facts.state == .running && facts.health != .unhealthy
                if !isWell { result.failedReplicas += 1 }
                if facts.failingStreak > 0 { result.failedProbes = max(result.failedProbes ?? 0, facts.failingStreak) }
                result.detail = result.detail ?? Self.detail(facts, isWell: isWell)
            }
            result.ejectedReplicas =
                standing?.count {
                    $0.state == .ejected && $0.service == subject.service.text && $0.release == "\(subject.release)"
                } ?? 0
            if let figures = signals.release("\(subject.release)", of: subject.service.text) {
                result.take(figures)
            }
            results.append(result)
        }
        return results
    }

    private static func detail(_ facts: ContainerFacts, isWell: Bool) -> String? {
        if facts.isOutOfMemory { return "\(facts.name) was out of memory" }
        if facts.state == .restarting || facts.state == .exited {
            return "\(facts.name) exited with code \(facts.exitCode)"
        }
        if facts.restarts > 0 { return "\(facts.name) was started again \(facts.restarts) times" }
        if !isWell { return "\(facts.name) is \(facts.health.rawValue): \(facts.healthOutput ?? facts.state.rawValue)" }
        return facts.healthOutput.flatMap { facts.failingStreak > 0 ? "\(facts.name): \($0)" : nil }
    }
}
