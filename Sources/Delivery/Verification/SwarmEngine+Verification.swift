import FoundationEssentials
package import Planning
import Spec
import World

extension SwarmEngine: VerifiedEngine {
    /// What this manager knows: its own containers, and the tasks of every server.
    package func whereabouts(of desired: DesiredState, within deadline: Duration) async throws -> Whereabouts {
        let (all, nodes) = try await Deadline.run(deadline, for: "look at what runs", keeper) {
            (try await known(), try await api.nodes())
        }
        var places = Whereabouts(address: nil, replicas: [], closedPorts: [])
        do {
            places = try await here.whereabouts(of: desired, within: deadline)
        } catch let error as WorldError where error.code == "nothing-runs" && !all.isEmpty {
            // Tasks without a front door are a fault of what runs, and are told as that.
            places.authorities = desired.tls?.authorities
        }
        let servers = Set(OutsideAddresses.all()).union(nodes.filter { $0.state == .ready }.map(\.address))
        for found in all {
            if found.service.published.isEmpty {
                if !places.unpublished.contains(found.name.text) { places.unpublished.append(found.name.text) }
            }
            for port in found.service.published {
                places.closedPorts += servers.sorted().map { .init(owner: found.name.text, address: $0, port: port) }
            }
        }
        places.replicas += statuses(of: all, nodes).compactMap { status in
            ServiceName(status.name).map { name in
                Whereabouts.Replica(
                    service: name, name: status.id, port: status.port,
                    trouble: status.state == .ready ? nil : "it is \(status.state.rawValue): \(status.reason)")
            }
        }
        places.replicas.sort { $0.name < $1.name }
        return places
    }

    /// Networks over all servers are none of this machine: the front door is in them, and its program asks.
    package func get(
        _ path: String, of replica: Whereabouts.Replica, within deadline: Duration
    ) async throws -> HTTPGlance {
        guard let (found, task) = try await task(replica.name), let port = replica.port ?? found.port else {
            throw WorldError(code: "no-port", operation: "ask \(replica.name)", underlying: "it listens nowhere")
        }
        guard let network = found.network, let address = task.addresses[network] else {
            throw WorldError(code: "no-address", operation: "ask \(replica.name)", underlying: "it is in no network")
        }
        let url = "http://\(address):\(port)\(path)"
        let result: CommandResult
        do {
            result = try await api.execute(
                ["/hauban", "glance", url, "--seconds", "\(max(1, deadline.components.seconds))"],
                in: labels.frontDoor, outputLimit: 32 << 20, within: deadline + .seconds(5))
        } catch let error as WorldError where ["docker-not-found", "docker-conflict"].contains(error.code) {
            throw UnaskedQuestion("the front door, which is in its network, does not run")
        }
        if result.isSuccess, let end = result.output.firstIndex(of: "\n"), let status = Int(result.output[..<end]) {
            return HTTPGlance(status: status, body: String(result.output[result.output.index(after: end)...]))
        }
        if result.errors.hasPrefix(Self.glanceFailed) {
            throw WorldError(
                code: "no-answer", operation: "ask \(replica.name)",
                underlying: Printable.text(String(result.errors.dropFirst(Self.glanceFailed.count)), limit: 300))
        }
        // One that runs stays, whichever hauban made it.
        throw UnaskedQuestion(
            "the front door is of an older hauban, which asks nobody: `docker rm -f \(labels.frontDoor)`, then deploy")
    }

    /// What `hauban glance` writes before its reason when nobody answers.
    package static let glanceFailed = "glance: "

    package func ask(
        _ resource: DesiredResource, in desired: DesiredState, within deadline: Duration
    ) async throws -> String? {
        try await here.ask(resource, in: desired, within: deadline)
    }

    /// Of tasks of other servers only whether they are ready is known here, and how often they were started again.
    package func usage(of desired: DesiredState, within deadline: Duration) async throws -> [ReplicaUsage] {
        let (all, nodes) = try await Deadline.run(deadline, for: "look at what runs", keeper) {
            (try await known(), try await api.nodes())
        }
        var usages = try await here.usage(of: desired, within: deadline)
        for status in statuses(of: all, nodes) {
            let container = all.lazy.flatMap { found in found.current.map { (found, $0) } }
                .first { Self.id(of: $1, $0) == status.id }?.1.container
            let used: ContainerUsage? =
                if let container { try await api.usage(of: container, within: deadline) } else { nil }
            var usage = DockerEngine.usage(
                of: status.name, replica: container ?? status.id, used, desired, isReady: status.state == .ready,
                restarts: status.restarts)
            if used == nil { usage.unknown = "only the server of \(status.id) knows what it takes" }
            usages.append(usage)
        }
        return usages
    }

    private func task(_ name: String) async throws -> (SwarmReplicas, SwarmTask)? {
        for found in try await known() {
            if let task = found.current.first(where: { Self.id(of: $0, found) == name }) { return (found, task) }
        }
        return nil
    }
}
