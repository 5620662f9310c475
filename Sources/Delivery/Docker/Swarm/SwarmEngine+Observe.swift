import FrontDoor
package import Planning
import Spec
package import World

extension SwarmEngine {
    package func observe(within deadline: Duration) async throws -> ObservedState {
        try await Deadline.run(deadline, for: "look at what runs", keeper) {
            let configuration = try await here.knownConfiguration()
            let (routed, newcomers, routes) = configuration?.observed ?? ([:], [:], [])
            let own = Dictionary(grouping: try await known(), by: \.name)
            var services: [ObservedService] = []
            var leftovers: [Leftover] = []
            for name in Set(own.keys).union(routed.keys).sorted() {
                let releases = own[name] ?? []
                guard let serving = routed[name] ?? Self.working(releases) else { continue }
                let found = releases.first { $0.release == serving }
                var service = ObservedService(
                    name: name, release: serving, fingerprint: found?.fingerprint ?? "",
                    readyReplicas: found?.running.count ?? 0, state: Self.state(of: found),
                    isRouted: routed[name] != nil)
                service.newcomer = newcomers[name]
                services.append(service)
                leftovers += releases.filter { $0.release != serving }.map {
                    Leftover(service: name, release: $0.release)
                }
            }
            return ObservedState(
                services: services, resources: try await here.resources(), routes: configuration == nil ? nil : routes,
                tls: configuration.flatMap { here.tls(of: $0) }, hasFrontDoor: try await here.hasFrontDoor(),
                certificates: try await here.orderedCertificates(), leftovers: leftovers)
        }
    }

    /// A worker's release: the one with the most replicas that run, then the newest.
    private static func working(_ replicas: [SwarmReplicas]) -> ReleaseID? {
        replicas.max { ($0.running.count, $0.release) < ($1.running.count, $1.release) }?.release
    }

    private static func state(of found: SwarmReplicas?) -> ObservedService.State {
        guard let found, found.service.replicas > 0 else { return .stopped }
        if found.meddling != nil { return .failed }
        return found.running.count == found.wanted && found.service.replicas == found.wanted ? .running : .starting
    }

    package func signals(
        of subjects: [SignalSubject], window: Duration, within deadline: Duration
    ) async throws -> [ServiceSignals] {
        let seconds = min(300, max(1, Int(window.components.seconds)))
        let signals = try await here.frontDoor.signals(window: seconds, deadline: deadline)
        let standing = try? await here.frontDoor.health(deadline: deadline).replicas
        let all = try await Deadline.run(deadline, for: "look at the replicas", keeper) { try await known() }
        return subjects.map { subject in
            var result = ServiceSignals(service: subject.service, release: subject.release)
            if let found = all.first(where: { $0.name == subject.service && $0.release == subject.release }) {
                result.restarts = found.ends
                result.failedReplicas = max(0, found.wanted - found.running.count)
                if let meddling = found.meddling {
                    result.failedReplicas = max(1, result.failedReplicas)
                    result.detail = meddling
                } else if result.restarts > 0 || result.failedReplicas > 0 {
                    result.detail =
                        (["\(found.running.count) of \(found.wanted) replicas of \(found.service.name) run"]
                        + found.reasons).joined(separator: "; ")
                }
            }
            result.ejectedReplicas =
                standing?.count {
                    $0.state == .ejected && $0.service == subject.service.text && $0.release == "\(subject.release)"
                } ?? 0
            if let figures = signals.release("\(subject.release)", of: subject.service.text) { result.take(figures) }
            return result
        }
    }

    /// The servers of the Swarm.
    package func nodes(within deadline: Duration) async throws -> [SwarmNode] {
        try await Deadline.run(deadline, for: "look at the servers", keeper) { try await api.nodes() }
    }

    /// What does not work although the platform may still answer: servers that are lost, managers too few, services that somebody else
    /// changed, replicas for which there is no room.
    package func troubles(within deadline: Duration) async throws -> [WorldError] {
        try await Deadline.run(deadline, for: "look at the Swarm", keeper) {
            let nodes = try await api.nodes()
            let all = try await known()
            var troubles = nodes.filter { $0.state != .ready }.map { lost($0, all) }
            let managers = nodes.filter(\.isManager)
            let reachable = managers.count(where: \.isReachable)
            if managers.count > 1, reachable <= managers.count / 2 + 1, reachable < managers.count {
                troubles.append(
                    WorldError(
                        code: "swarm-managers", operation: "manage the Swarm",
                        underlying:
                            "\(reachable) of \(managers.count) managers can be reached: with the next one lost nothing can be deployed",
                        hint: "Bring the others back, or `docker node promote` a server and demote what is lost."))
            }
            for found in all {
                if let meddling = found.meddling {
                    troubles.append(
                        WorldError(
                            code: "service-changed", operation: "run \(found.name) of \(found.release)",
                            underlying: meddling, hint: "Deploy again: what is declared is started anew."))
                }
                for reason in found.reasons where reason.contains("no suitable node") {
                    troubles.append(
                        WorldError(
                            code: "no-room", operation: "run \(found.name) of \(found.release)", underlying: reason,
                            hint: "`docker node ls` says which servers take tasks; add one, or lower `size`."))
                }
            }
            return troubles
        }
    }

    private func lost(_ node: SwarmNode, _ all: [SwarmReplicas]) -> WorldError {
        let left = all.filter { $0.tasks.contains { $0.node == node.id && !$0.state.isEnd } }.map(\.name.text)
        let missing = all.filter { $0.running.count < min($0.wanted, $0.service.replicas) }.map(\.name.text)
        var text =
            "\(node.name) (\(node.address)) is \(node.state.rawValue)"
            + (node.message.isEmpty ? "" : ": \(node.message)")
        if !left.isEmpty { text += "; it had replicas of \(Set(left).sorted().joined(separator: ", "))" }
        text +=
            missing.isEmpty
            ? "; every service has all of its replicas elsewhere"
            : "; \(Set(missing).sorted().joined(separator: ", ")) wait for a place"
        return WorldError(
            code: "node-lost", operation: "reach a server of the Swarm", underlying: text,
            hint: "Bring it back, or, when it is lost for good, `docker node rm --force \(node.id)`.")
    }
}
