import Spec

/// The root of one environment on AWS.
struct AWSRoot {
    let subject: RenderSubject
    let place: RenderSubject.Place
    let names: AWSNames
    let images: [SourceImage]
    /// In the order of their names.
    let services: [(name: ServiceName, service: Service)]
    let resources: [(name: ResourceName, resource: Resource)]
    /// What some service has an edge to.
    private let called: Set<EdgeName>

    init(subject: RenderSubject, place: RenderSubject.Place) {
        self.subject = subject
        self.place = place
        names = AWSNames(platform: place.platform.name, environment: place.name)
        images = SourceImage.all(place.platform.services, files: subject.files)
        services = place.platform.services.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        resources = place.platform.resources.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        called = Set(services.flatMap { $0.service.uses.keys })
    }

    var platform: Platform { place.platform }
    var environment: EnvironmentName { place.name }
    var settings: Environment { place.settings }
    var folder: String { "\(TerraformRenderer.folder)/\(environment)" }

    /// What Terraform reads of it.
    var files: [HCLFile] {
        [
            file("versions", header: versionsHeader, versions), file("variables", variables),
            file("main", header: mainHeader, main), file("data", data), file("services", servicesBody),
            file("watch", watch), file("outputs", outputs),
        ].filter { !$0.body.isEmpty }
    }

    var scripts: [Artifact] { databases.map { rolesScript($0.name, $0.resource) } }

    private func file(_ name: String, header: [String] = [], _ body: HCLBody) -> HCLFile {
        HCLFile(path: "\(folder)/\(name).tf", header: Artifact.header(subject.source) + header, body: body)
    }

    /// The modules that the root calls.
    var modules: [AWSModule] {
        var all: [AWSModule] = [.key, .network, .cluster, .alerts, .dashboard]
        if !edgeHosts.isEmpty { all.append(.edge) }
        if needsFirewall { all.append(.firewall) }
        if encryptsCalls { all.append(.mesh) }
        if !ownImages.isEmpty { all.append(.repository) }
        if !secretNames.isEmpty || !passwords.isEmpty || hasForeignRegistry { all.append(.secret) }
        if !tasks.isEmpty || !databases.isEmpty { all.append(.task) }
        for (_, service) in tasks { all.append(service.schedule == nil ? .service : .schedule) }
        if !sites.isEmpty || !edgeHosts.isEmpty { all.append(.certificate) }
        if !sites.isEmpty { all.append(.site) }
        if !promises.isEmpty { all.append(.objective) }
        for (_, resource) in resources {
            switch resource.kind {
            case .postgres: all.append(.postgres)
            case .redis: all.append(.redis)
            case .bucket: all.append(.bucket)
            case .topic: all.append(.topic)
            case .cluster: all.append(.kubernetes)
            }
        }
        return all
    }

    // MARK: What there is

    /// What runs as a task.
    var tasks: [(name: ServiceName, service: Service)] { services.filter { $0.service.site?.cdn != true } }

    /// What the content network serves.
    var sites: [(name: ServiceName, service: Service)] { services.filter { $0.service.site?.cdn == true } }

    var databases: [(name: ResourceName, resource: Resource)] { resources.filter { $0.resource.kind == .postgres } }

    func port(_ service: Service) -> Int? { service.site == nil ? service.port?.number : ImageBases.sitePort }

    func users(of resource: ResourceName) -> [(name: ServiceName, access: Service.Access)] {
        services.compactMap { name, service in service.uses[resource.cast()].map { (name, $0) } }
    }

    func resource(_ edge: EdgeName) -> Resource? { platform.resources[edge.cast()] }

    /// Secrets that services are handed, sorted.
    var secretNames: [SecretName] { Set(services.flatMap { $0.service.secrets.keys }).sorted() }

    /// Who opens which database with a password of their own, sorted.
    var passwords: [(database: ResourceName, service: ServiceName)] {
        databases.flatMap { database, _ in users(of: database).map { (database, $0.name) } }
    }

    // MARK: Names outside

    func host(_ exposure: Exposure) -> String {
        let domain = settings.domain ?? "example.com"
        guard let host = exposure.host else { return domain }
        return host.contains(".") ? host : "\(host).\(domain)"
    }

    /// Names that the load balancer answers, sorted.
    var edgeHosts: [String] {
        Set(tasks.flatMap { $0.service.expose.map(host) }).sorted()
    }

    /// One place where the load balancer sends requests on.
    struct Route {
        var service: ServiceName
        var exposure: Exposure
        var host: String
        var priority: Int
    }

    /// The longest path of a host first, since the first rule that fits is taken.
    var routes: [Route] {
        let all = tasks.flatMap { name, service in
            service.expose.map { Route(service: name, exposure: $0, host: host($0), priority: 0) }
        }
        let sorted = all.sorted {
            ($0.host, -$0.exposure.path.utf8.count, $0.exposure.path, $0.service)
                < ($1.host, -$1.exposure.path.utf8.count, $1.exposure.path, $1.service)
        }
        return sorted.enumerated().map { index, route in
            var route = route
            route.priority = 10 * (index + 1)
            return route
        }
    }

    var needsFirewall: Bool { tasks.contains { $0.service.expose.contains { $0.rate != nil || $0.filter } } }

    // MARK: Calls

    func isCalled(_ name: ServiceName) -> Bool { called.contains(name.cast()) }

    func calls(_ service: Service) -> [ServiceName] {
        service.uses.keys.compactMap { platform.services[$0.cast()] == nil ? nil : $0.cast() }.sorted()
    }

    var encryptsCalls: Bool { settings.encrypt == .mesh && tasks.contains { isCalled($0.name) } }

    // MARK: Images

    func image(of service: Service) -> SourceImage? {
        guard let folder = service.source.flatMap({ Paths.resolve($0, from: "") }) else { return nil }
        return images.first { $0.folder == folder }
    }

    /// Whether images lie somewhere else than in the account's own registry.
    var hasForeignRegistry: Bool {
        settings.registry.map { !$0.contains(".dkr.ecr.") } ?? false
    }

    /// Images that this environment keeps itself; those of sites behind the content network are none.
    var ownImages: [SourceImage] {
        hasForeignRegistry
            ? [] : images.filter { image in tasks.contains { self.image(of: $0.service)?.folder == image.folder } }
    }

    // MARK: Ways out

    /// Hosts that services name, sorted.
    var egress: [String] { Set(services.flatMap(\.service.egress)).sorted() }

    var collectsTraces: Bool { [.otlp, .cloud].contains(platform.telemetry.traces) }

    /// Images and collectors from elsewhere have to be fetched.
    var nat: String {
        let isNeeded =
            !egress.isEmpty || collectsTraces || hasForeignRegistry || tasks.contains { $0.service.image != nil }
            || !databases.isEmpty
        guard isNeeded else { return "none" }
        return zones > 2 ? "each" : "one"
    }

    /// Three where something has a standby or replicas are many; two are the fewest that AWS takes.
    var zones: Int {
        let isLarge = resources.contains { $0.resource.standby } || services.contains { $0.service.scale.min >= 3 }
        return isLarge ? 3 : 2
    }

    var logsKeep: Int { AWSSizes.retention(platform.telemetry.logsKeep) }

    func word(_ name: some CustomStringConvertible) -> String { AWSNames.word(name.description) }
}
