extension FrontDoorConfiguration {
    /// A name each of whose addresses of version 4 is a replica: of replicas that move, as those of Swarm do when a server is lost.
    package struct Lookup: Codable, Sendable, Hashable {
        /// As the resolver of the front door's own machine or container knows it.
        package var name: String
        package var port: Int

        package init(name: String, port: Int) {
            self.name = name
            self.port = port
        }

        var problems: [String] {
            var problems: [String] = []
            if name.isEmpty || name.utf8.count > 253 || name.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7f }) {
                problems.append("lookup name \"\(name)\" is no name of a host")
            }
            if !(1...65_535).contains(port) { problems.append("lookup port \(port) is not between 1 and 65535") }
            return problems
        }
    }

    /// Every lookup of the configuration, each once.
    var lookups: Set<Lookup> {
        Set(services.values.flatMap { $0.releases.compactMap(\.lookup) })
    }

    /// What is served from: replicas as they were found, in place of those that were declared.
    ///
    /// A replica that was declared keeps its name there; another one is called by its address. What found nothing stays as declared.
    func found(_ addresses: [Lookup: [String]]) -> FrontDoorConfiguration {
        guard !addresses.isEmpty else { return self }
        var result = self
        for (name, service) in services {
            for (index, target) in service.releases.enumerated() {
                guard let lookup = target.lookup, let hosts = addresses[lookup], !hosts.isEmpty else { continue }
                result.services[name]?.releases[index].upstreams = hosts.map { host in
                    target.upstreams.first { $0.host == host && $0.port == lookup.port }
                        ?? Upstream(host: host, port: lookup.port, replica: host)
                }
            }
        }
        return result
    }
}
