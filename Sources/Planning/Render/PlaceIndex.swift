import Spec

/// One environment's parts in the order of their names, with who uses what: worked out once, since every part of a
/// renderer asks.
struct PlaceIndex: Sendable {
    let services: [(name: ServiceName, service: Service)]
    let resources: [(name: ResourceName, resource: Resource)]
    /// Those that run as servers of ours: databases and caches.
    let stores: [(name: ResourceName, resource: Resource)]
    let images: [SourceImage]

    private let platform: Platform
    private let users: [EdgeName: [(name: ServiceName, access: Service.Access)]]
    private let imagesByFolder: [String: SourceImage]
    /// Services that migrate, by the databases that they use.
    private let migrators: [EdgeName: [ServiceName]]

    init(_ platform: Platform, files: RepositoryFiles) {
        self.platform = platform
        services = platform.services.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        resources = platform.resources.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        stores = resources.filter { Self.isStore($0.resource) }
        images = SourceImage.all(platform.services, files: files)
        imagesByFolder = Dictionary(images.map { ($0.folder, $0) }) { first, _ in first }
        var users: [EdgeName: [(name: ServiceName, access: Service.Access)]] = [:]
        var migrators: [EdgeName: [ServiceName]] = [:]
        for (name, service) in services {
            for (edge, access) in service.uses {
                users[edge, default: []].append((name, access))
                if service.migrate != nil, platform.resources[edge.cast()]?.kind == .postgres {
                    migrators[edge, default: []].append(name)
                }
            }
        }
        self.users = users
        self.migrators = migrators
    }

    private static func isStore(_ resource: Resource) -> Bool { resource.kind == .postgres || resource.kind == .redis }

    /// The database or cache that an edge names.
    func store(_ edge: EdgeName) -> Resource? {
        guard let resource = platform.resources[edge.cast()], Self.isStore(resource) else { return nil }
        return resource
    }

    /// Who names a service or resource under `uses`, in the order of their names.
    func users(of edge: EdgeName) -> [(name: ServiceName, access: Service.Access)] { users[edge] ?? [] }

    func image(of service: Service) -> SourceImage? {
        service.source.flatMap { Paths.resolve($0, from: "") }.flatMap { imagesByFolder[$0] }
    }

    /// Whose migrations a service waits for, its own among them: whoever changes a database's schema does so before anybody
    /// reads it.
    func migrators(before name: ServiceName, _ service: Service) -> Set<ServiceName> {
        var names = Set(service.uses.keys.flatMap { migrators[$0] ?? [] })
        if platform.services[name]?.migrate != nil { names.insert(name) }
        return names
    }
}
