import Planning
package import Spec

/// What an edge of `uses:` lets a service do with a resource that holds data.
package enum DataAccess: String, Sendable, Hashable, Codable, CaseIterable { case read, write }

/// One service that uses a resource.
package struct ResourceUse: Sendable, Hashable, Codable {
    package var service: ServiceName
    package var access: DataAccess

    package init(service: ServiceName, access: DataAccess) {
        self.service = service
        self.access = access
    }
}

extension DesiredState {
    /// Who uses a resource that holds data, in the order of their names.
    func uses(of resource: ResourceName) -> [ResourceUse] {
        services.compactMap { service in
            let edge = service.uses.first { $0.kind == .resource && $0.target == resource.text }
            return edge.flatMap { DataAccess(rawValue: $0.access) }.map {
                ResourceUse(service: service.name, access: $0)
            }
        }
    }
}
