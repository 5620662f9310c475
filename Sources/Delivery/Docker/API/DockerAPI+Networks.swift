import World

/// A network of an engine.
package struct DockerNetwork: Sendable, Hashable {
    /// How far it goes.
    package enum Span: Sendable, Hashable {
        case engine, swarm
    }

    package var id: String
    package var name: String
    /// Whether nothing leaves it.
    package var isInternal: Bool
    package var labels: [String: String]
    /// `172.20.0.0/16`; nil when it has none for version 4.
    package var subnet: IPv4Subnet?
}

/// A volume of an engine.
package struct DockerVolume: Sendable, Hashable {
    package var name: String
    package var labels: [String: String]
}

extension DockerAPI {
    /// The networks with a label, by name. Maps to `GET /networks`.
    package func networks(labelled label: String, within deadline: Duration = .seconds(20)) async throws
        -> [DockerNetwork]
    {
        let answer = try await ask(
            "GET", "/networks", ["filters": Self.filters(["label": [label]])], for: "list the networks",
            within: deadline)
        return try answer.list().map { network in
            let subnets =
                try network.member("IPAM")?.list("Config").compactMap { try $0.member("Subnet")?.text() } ?? []
            return DockerNetwork(
                id: try network.text("Id"), name: try network.text("Name"), isInternal: try network.flag("Internal"),
                labels: try network.dictionary("Labels"), subnet: subnets.lazy.compactMap { IPv4Subnet($0) }.first)
        }.sorted { $0.name < $1.name }
    }

    /// Makes a network, of this engine alone or of all servers of its Swarm. Maps to `POST /networks/create`.
    ///
    /// Names of networks are not unique to the engine; `CheckDuplicate` asks it to try.
    /// - Parameter subnet: its addresses, of which the engine gives out the lower half by itself; the engine chooses when nil, and then
    ///   no container may name its address.
    /// - Parameter masquerades: whether packets that leave it bear the machine's address, without which nothing outside answers them.
    /// - Returns: its id.
    /// - Throws: `WorldError`; `docker-conflict` when the name is taken.
    @discardableResult
    package func createNetwork(
        _ name: String, isInternal: Bool, labels: [String: String], subnet: IPv4Subnet? = nil,
        span: DockerNetwork.Span = .engine, masquerades: Bool = true, within deadline: Duration = .seconds(30)
    ) async throws -> String {
        let addresses = subnet.map { subnet in
            JSONValue.members(
                (
                    "Config",
                    .array([.dictionary(["Subnet": "\(subnet)", "IPRange": "\(subnet.lowerHalf)"])])
                ))
        }
        let body = JSONValue.members(
            ("Name", .string(name)), ("CheckDuplicate", .bool(true)),
            ("Driver", .string(span == .swarm ? "overlay" : "bridge")),
            // Containers that are no tasks join it too: the front door.
            ("Attachable", span == .swarm ? .bool(true) : nil),
            ("Internal", .bool(isInternal)), ("Labels", .dictionary(labels)), ("IPAM", addresses),
            (
                "Options",
                masquerades ? nil : .dictionary(["com.docker.network.bridge.enable_ip_masquerade": "false"])
            ))
        return try await ask(
            "POST", "/networks/create", body: body, for: "make the network \(name)", within: deadline
        ).text("Id")
    }

    /// Maps to `DELETE /networks/{id}`; one that is gone is no error.
    package func removeNetwork(_ name: String, within deadline: Duration = .seconds(30)) async throws {
        do {
            try await Self.unlessGone {
                try await ask(
                    "DELETE", "/networks/\(PercentEncoding.encoded(name))", for: "remove the network \(name)",
                    within: deadline)
            }
        } catch let error as WorldError where error.underlying.hasSuffix("\(name) not found") {
            // A Swarm says so as a fault of its own.
            return
        }
    }

    /// Joins a container to a network. Maps to `POST /networks/{id}/connect`.
    ///
    /// - Throws: `WorldError`; `docker-conflict` or `docker-forbidden` when it is in it already.
    package func connect(
        _ container: String, to membership: ContainerSpec.Membership, within deadline: Duration = .seconds(30)
    ) async throws {
        let body = JSONValue.members(("Container", .string(container)), ("EndpointConfig", membership.body))
        try await ask(
            "POST", "/networks/\(PercentEncoding.encoded(membership.network))/connect", body: body,
            for: "join \(container) to the network \(membership.network)", within: deadline)
    }

    /// The volumes with a label, by name. Maps to `GET /volumes`.
    package func volumes(labelled label: String, within deadline: Duration = .seconds(30)) async throws
        -> [DockerVolume]
    {
        let answer = try await ask(
            "GET", "/volumes", ["filters": Self.filters(["label": [label]])], for: "list the volumes", within: deadline)
        return try answer.list("Volumes").map {
            DockerVolume(name: try $0.text("Name"), labels: try $0.dictionary("Labels"))
        }.sorted { $0.name < $1.name }
    }

    /// Makes a volume; one that is there already stays as it is. Maps to `POST /volumes/create`.
    package func createVolume(
        _ name: String, labels: [String: String], within deadline: Duration = .seconds(30)
    ) async throws {
        let body = JSONValue.members(
            ("Name", .string(name)), ("Driver", .string("local")), ("Labels", .dictionary(labels)))
        try await ask("POST", "/volumes/create", body: body, for: "make the volume \(name)", within: deadline)
    }

    /// Removes a volume with its data; one that is gone is no error. Maps to `DELETE /volumes/{name}`.
    package func removeVolume(_ name: String, within deadline: Duration = .seconds(60)) async throws {
        try await Self.unlessGone {
            try await ask(
                "DELETE", "/volumes/\(PercentEncoding.encoded(name))", for: "remove the volume \(name)",
                within: deadline)
        }
    }

    static func filters(_ filters: [String: [String]]) -> String {
        JSONValue.object(filters.sorted { $0.key < $1.key }.map { .init($0.key, .texts($0.value)) }).text
    }

    static func unlessGone(_ work: () async throws -> DockerAnswer) async throws {
        do {
            _ = try await work()
        } catch let error as WorldError where error.code == "docker-not-found" || error.code == "docker-image-missing" {
            return
        }
    }
}
