import Planning
import Spec
import World

extension DockerEngine {
    /// The zones that the front door is in, and the one by which the world reaches it.
    static var doorZones: [String] { ["apps", "dmz", publicZone] }
    static var publicZone: String { "public" }
    /// By which 127.0.0.1 of the machine leads to services and resources, for a developer's own tools; a way in and none out.
    static var toolsZone: String { "tools" }
    /// Zones that are not closed to the machine's other networks.
    static let open: Set<String> = [publicZone, "egress", toolsZone]
    /// The address of the front door in each zone.
    static var doorIndex: Int { 0 }

    /// The networks of these zones, made when they are not there.
    func networks(_ zones: some Collection<String>) async throws -> [String: DockerNetwork] {
        var found = try await known()
        for zone in Set(zones).subtracting(found.keys).sorted() {
            try await make(zone)
            found = try await known()
        }
        return found
    }

    private func known() async throws -> [String: DockerNetwork] {
        let mark = "\(DockerLabels.platform)=\(platform)"
        var found: [String: DockerNetwork] = [:]
        for network in try await api.networks(labelled: mark)
        where network.labels[DockerLabels.environment] == environment.text {
            if let zone = network.labels[DockerLabels.zone] { found[zone] = network }
        }
        return found
    }

    /// Only a network whose addresses were named may be asked for one that lasts, and only the engine knows which are free on its machine:
    /// so it chooses them for a first one, and the second one names them. Whoever else makes networks in between may be given the same:
    /// then it chooses again.
    private func make(_ zone: String) async throws {
        for attempt in 1... {
            do {
                return try await tryToMake(zone)
            } catch let error as WorldError where error.underlying.contains("overlap") && attempt < 20 {
                try await keeper.sleep(.milliseconds(50 * attempt))
            }
        }
    }

    private func tryToMake(_ zone: String) async throws {
        let name = labels.network(zone)
        var marks = labels.all(.network)
        let isInternal = !Self.open.contains(zone)
        // Ports are published on this machine, by the front door's own bridge.
        let span = zone == Self.publicZone ? .engine : span
        let masquerades = zone != Self.toolsZone
        try await api.createNetwork(name, isInternal: isInternal, labels: marks, span: span)
        let chosen = try await subnet(of: name, span)
        try await api.removeNetwork(name)
        guard let chosen else {
            throw WorldError(
                code: "docker-network", operation: "make the network \(name)",
                underlying: "the engine gives it no addresses of version 4 with room for 16",
                hint: "Look at `default-address-pools` of its daemon.json.")
        }
        marks[DockerLabels.zone] = zone
        try await api.createNetwork(
            name, isInternal: isInternal, labels: marks, subnet: chosen, span: span, masquerades: masquerades)
        _ = try await subnet(of: name, span)
    }

    /// The addresses of a network that was just made. Those of a Swarm are given out a moment later, by its leader.
    private func subnet(of name: String, _ span: DockerNetwork.Span) async throws -> IPv4Subnet? {
        let end = keeper.uptime() + (span == .swarm ? .seconds(20) : .zero)
        while true {
            let mark = "\(DockerLabels.environment)=\(environment)"
            let found = try await api.networks(labelled: mark).first { $0.name == name }?.subnet
            if found != nil || keeper.uptime() >= end { return found }
            try await keeper.sleep(.milliseconds(50))
        }
    }

    /// Starts a container in networks that may have just been made: a server of a Swarm knows one a moment after its leader does.
    func startOnceNetworksAreKnown(_ container: String) async throws {
        let end = keeper.uptime() + (span == .swarm ? .seconds(20) : .zero)
        while true {
            do {
                return try await api.start(container)
            } catch let error as WorldError
                where error.underlying.contains("could not find a network") && keeper.uptime() < end
            {
                try await keeper.sleep(.milliseconds(200))
            }
        }
    }

    /// Addresses for replicas, none of which another one has.
    ///
    /// - Parameter seed: where the search begins: releases that follow each other shall not follow each other on the same address.
    func addresses(_ count: Int, in network: DockerNetwork, beside replicas: [DockerReplica], seed: Int) throws
        -> [String]
    {
        guard let subnet = network.subnet else { return [] }
        let taken = Set(replicas.compactMap(\.address))
        let room = subnet.lastingCount - 8
        var found: [String] = []
        for step in 0..<room where found.count < count {
            let address = subnet.lasting(8 + (seed + step) % room)
            if !taken.contains(address) { found.append(address) }
        }
        guard found.count == count else {
            throw WorldError(
                code: "docker-network", operation: "find addresses in \(network.name)",
                underlying: "all of \(subnet) are taken", hint: "Give the engine larger `default-address-pools`.")
        }
        return found
    }
}
