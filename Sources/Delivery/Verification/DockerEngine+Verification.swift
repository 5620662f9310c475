import FoundationEssentials
import FrontDoor
import Glibc
package import Planning
import Spec
import World

extension DockerEngine: VerifiedEngine {
    package func whereabouts(of desired: DesiredState, within deadline: Duration) async throws -> Whereabouts {
        try await Deadline.run(deadline, for: "look at what runs", keeper) {
            let members = try await members()
            // What was stopped on purpose is not a release that fails.
            guard !members.isEmpty else {
                throw WorldError(
                    code: "nothing-runs", operation: "verify \(environment)", underlying: "nothing runs here",
                    hint: "`hauban deploy \(environment)` ships a release.")
            }
            var places = Whereabouts(
                address: await publicAddress(), authorities: desired.tls?.authorities, replicas: [], closedPorts: [])
            let door = try? await frontDoor.configuration(deadline: .seconds(5))
            let now = Int(Date().timeIntervalSince1970)
            places.bypass = door?.maintenance.flatMap { $0.isOn(at: now) ? $0.token : nil }
            for member in members where member.kind != .frontDoor {
                guard let facts = try await api.inspect(member.container.id) else { continue }
                Self.take(portsOf: member.name, facts, &places)
                if member.kind == .service, let service = ServiceName(member.name) {
                    let (state, reason) = Self.state(of: facts)
                    places.replicas.append(
                        Whereabouts.Replica(
                            service: service, name: "\(member.name).\(member.release).\(member.number)",
                            port: member.port,
                            trouble: state == .ready ? nil : "it is \(state.rawValue): \(reason)"))
                }
            }
            places.replicas.sort { $0.name < $1.name }
            return places
        }
    }

    /// Containers of services and databases may only be reached through their networks; a port of the machine must not lead there
    /// from outside.
    private static func take(portsOf name: String, _ facts: ContainerFacts, _ places: inout Whereabouts) {
        let published = Set(facts.ports.values).sorted()
        if published.isEmpty {
            if !places.unpublished.contains(name) { places.unpublished.append(name) }
            return
        }
        let addresses = OutsideAddresses.all()
        for port in published {
            places.closedPorts += addresses.map { .init(owner: name, address: $0, port: port) }
        }
    }

    package func get(
        _ path: String, of replica: Whereabouts.Replica, within deadline: Duration
    ) async throws -> HTTPGlance {
        let found = try await members().first {
            $0.kind == .service && "\($0.name).\($0.release).\($0.number)" == replica.name
        }
        guard let found, let port = replica.port ?? found.port else {
            throw WorldError(code: "no-port", operation: "ask \(replica.name)", underlying: "it listens nowhere")
        }
        // Bridges of an engine are networks of its machine too.
        guard let address = try await api.inspect(found.container.id)?.addresses.values.first(where: { !$0.isEmpty })
        else {
            throw WorldError(code: "no-address", operation: "ask \(replica.name)", underlying: "it is in no network")
        }
        return try await HTTPGlance.of("http://\(address):\(port)\(path)", within: deadline)
    }

    package func ask(
        _ resource: DesiredResource, in desired: DesiredState, within deadline: Duration
    ) async throws -> String? {
        guard let user = desired.uses(of: resource.name).first?.service else { return nil }
        guard let store = store(resource) else {
            throw WorldError(
                code: "resource-not-docker", operation: "ask \(resource.name)",
                underlying: "a Docker Engine keeps no \(resource.kind)")
        }
        return try await Deadline.run(deadline, for: "ask \(resource.name)", keeper) {
            try await store.check(for: user)
            return "answers \(user)"
        }
    }

    package func usage(of desired: DesiredState, within deadline: Duration) async throws -> [ReplicaUsage] {
        var all: [ReplicaUsage] = []
        for member in try await members() where [.service, .resource].contains(member.kind) {
            guard let facts = try await api.inspect(member.container.id, within: deadline) else { continue }
            all.append(
                Self.usage(
                    of: member.name, replica: member.container.id, try await api.usage(of: facts.id, within: deadline),
                    desired, isReady: Self.state(of: facts).0 == .ready, restarts: facts.restarts))
        }
        return all
    }

    /// What a container takes, beside what its service or resource may: of the machine where it has no limit.
    static func usage(
        of name: String, replica: String, _ used: ContainerUsage?, _ desired: DesiredState, isReady: Bool, restarts: Int
    ) -> ReplicaUsage {
        let processors = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let memory = max(1, Int(sysconf(Int32(_SC_PHYS_PAGES)))) * max(1, Int(sysconf(Int32(_SC_PAGESIZE))))
        let service = ServiceName(name).flatMap { desired.service($0)?.container }
        let store = ResourceName(name).flatMap { desired.resource($0)?.container }
        let share = service?.milliCPUs ?? store?.milliCPUs
        let bytes = service?.memory ?? store?.memory
        return ReplicaUsage(
            name: name, replica: replica, isReady: isReady, restarts: restarts, cpu: used?.processorTime ?? .zero,
            memory: used?.memory ?? 0, processors: share.map { Double($0) / 1000 } ?? Double(processors),
            processorWords: share.map { "\($0)m of a processor" }
                ?? (processors == 1 ? "the machine's processor" : "the machine's \(processors) processors"),
            memoryLimit: bytes ?? memory,
            memoryWords: "\(bytes == nil ? "the machine's " : "")\((bytes ?? memory) >> 20) MiB")
    }
}
