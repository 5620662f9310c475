import Spec

/// One environment on Google Cloud, with the names that its resources have there.
struct GooglePlace: Sendable {
    let subject: RenderSubject
    let place: RenderSubject.Place
    let images: [SourceImage]
    /// Sorted by name.
    let services: [(name: ServiceName, service: Service)]
    /// Sorted by name.
    let resources: [(name: ResourceName, resource: Resource)]
    /// What runs and has an edge to something, sorted by name.
    private let callers: [EdgeName: [ServiceName]]

    init(subject: RenderSubject, place: RenderSubject.Place) {
        self.subject = subject
        self.place = place
        images = SourceImage.all(place.platform.services, files: subject.files)
        services = place.platform.services.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        resources = place.platform.resources.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        var callers: [EdgeName: [ServiceName]] = [:]
        for (name, service) in services where service.site == nil {
            for edge in service.uses.keys { callers[edge, default: []].append(name) }
        }
        self.callers = callers
    }

    var platform: Platform { place.platform }
    var settings: Environment { place.settings }
    var environment: EnvironmentName { place.name }
    /// Below the folder of hauban.yaml.
    var folder: String { "\(TerraformRenderer.folder)/\(environment)" }

    // MARK: What there is

    var projectID: String { settings.project ?? "\(platform.name)-\(environment)" }
    /// The leading one first.
    var regions: [String] { settings.regions.isEmpty ? ["europe-west1"] : settings.regions }
    var region: String { regions[0] }
    var stateBucket: String { settings.state ?? "\(platform.name)-tfstate" }

    var sites: [(name: ServiceName, service: Service)] { services.filter { $0.service.site != nil } }
    /// Everything that runs.
    var processes: [(name: ServiceName, service: Service)] { services.filter { $0.service.site == nil } }
    var servers: [(name: ServiceName, service: Service)] { processes.filter { $0.service.port != nil } }
    var crons: [(name: ServiceName, service: Service)] { processes.filter { $0.service.schedule != nil } }
    var workers: [(name: ServiceName, service: Service)] {
        processes.filter { $0.service.port == nil && $0.service.schedule == nil }
    }

    func resources(_ kind: Resource.Kind) -> [(name: ResourceName, resource: Resource)] {
        resources.filter { $0.resource.kind == kind }
    }

    /// Databases and caches: what has an address of its own in the network.
    var stores: [(name: ResourceName, resource: Resource)] {
        resources.filter { $0.resource.kind == .postgres || $0.resource.kind == .redis }
    }

    func resource(_ edge: EdgeName) -> Resource? { platform.resources[edge.cast()] }

    /// Who has an edge to a resource.
    func users(of name: ResourceName) -> [(name: ServiceName, access: Service.Access)] {
        services.compactMap { service, parts in parts.uses[name.cast()].map { (service, $0) } }
    }

    /// Who has an edge to a service.
    func callers(of name: ServiceName) -> [ServiceName] { callers[name.cast()] ?? [] }

    /// Hosts outside Google's network; what is Google's is reached without leaving it.
    func outside(_ service: Service) -> [String] {
        service.egress.filter { $0 != "googleapis.com" && !$0.hasSuffix(".googleapis.com") }
    }

    var hasOutbound: Bool { processes.contains { !outside($0.service).isEmpty } }

    // MARK: Names

    /// A name as Terraform's own: `project_service`.
    static func label(_ name: String) -> String { name.replacing("-", with: "_") }

    /// An account's id: 6 to 30 characters (IAM API, `projects.serviceAccounts.create`).
    static func account(_ prefix: String, _ name: String) -> String {
        let whole = "\(prefix)-\(name)"
        if (6...30).contains(whole.count) { return whole }
        return whole.count < 6 ? "\(whole)-account" : "\(whole.prefix(24))-\(mark(whole))"
    }

    /// Five characters by which shortened names stay apart (FNV-1a).
    private static func mark(_ text: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(hash % 60_466_176, radix: 36)
        return String(repeating: "0", count: 5 - digits.count) + digits
    }

    /// Values of labels: small letters, digits, `_` and `-`, at most 63 (Resource Manager, "Requirements for labels").
    static func labelText(_ text: String) -> String {
        String(
            text.lowercased().unicodeScalars.prefix(63).map { scalar -> Character in
                let isPlain =
                    ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "_" || scalar == "-"
                return isPlain ? Character(scalar) : "-"
            })
    }

    /// What costs are counted by: who, and the author's own labels.
    func labels(_ kind: String, _ name: String, _ own: [String: String]) -> HCLValue {
        var labels = [kind: name]
        for (key, value) in own { labels[Self.labelText(key)] = Self.labelText(value) }
        return .sorted(labels)
    }

    /// The bucket's name is the world's, so the project stands in it.
    func bucket(_ name: String) -> String { "\(projectID)-\(name)" }

    func topic(_ name: ResourceName, _ resource: Resource) -> String { resource.topic ?? name.text }

    /// The secret that holds what a service opens a store with: a role's password, or the one AUTH string of a Redis.
    func password(_ store: EdgeName, _ resource: Resource, _ service: ServiceName) -> String {
        resource.kind == .redis ? "\(store)-auth" : "\(store)-\(service)"
    }

    /// The variable of the container that holds it.
    func passwordVariable(_ store: EdgeName, _ resource: Resource) -> String {
        Self.label(store.text).uppercased() + (resource.kind == .redis ? "_AUTH" : "_PASSWORD")
    }

    /// Every secret with what it is for, sorted by name.
    var secrets: [(name: String, about: String, spec: SecretSpec?)] {
        var all: [String: (String, SecretSpec?)] = [:]
        for (_, service) in services {
            for name in service.secrets.keys {
                let spec = platform.secrets[name]
                all[name.text] = (spec?.about ?? "", spec)
            }
        }
        for (name, spec) in platform.secrets { all[name.text] = (spec.about ?? "", spec) }
        for (name, service) in processes {
            for (edge, _) in service.uses {
                guard let resource = resource(edge) else { continue }
                switch resource.kind {
                case .postgres:
                    all[password(edge, resource, name)] =
                        ("Password of \(PostgresRoles.role(name)) in \(edge): letters and digits.", nil)
                case .redis:
                    all[password(edge, resource, name)] = ("AUTH string of \(edge), as Memorystore made it.", nil)
                case .bucket, .topic, .cluster: break
                }
            }
        }
        let channels = GoogleChannels(platform: platform)
        for channel in GoogleRoot(place: self).channels {
            guard let secret = channels.secret(of: channel), all[secret]?.0.isEmpty ?? true else { continue }
            all[secret] = ("Key of the notification channel \(channel.displayName).", all[secret]?.1)
        }
        return all.sorted { $0.key < $1.key }.map { ($0.key, $0.value.0, $0.value.1) }
    }

    /// Ids of the secrets that a service's account may read, sorted.
    func secrets(of name: ServiceName, _ service: Service) -> [String] {
        var names = Set(service.secrets.keys.map(\.text))
        for edge in service.uses.keys {
            guard let resource = resource(edge), resource.kind == .postgres || resource.kind == .redis else { continue }
            names.insert(password(edge, resource, name))
        }
        return names.sorted()
    }

    // MARK: The registry

    struct Registry: Sendable, Hashable {
        var location: String
        var project: String
        var repository: String
        var address: String { "\(location)-docker.pkg.dev/\(project)/\(repository)" }
    }

    /// The registry where it is one of Artifact Registry in this project, which is then made here.
    var ownRegistry: Registry? {
        guard let text = settings.registry else {
            return Registry(location: region, project: projectID, repository: "images")
        }
        let parts = text.split(separator: "/").map(String.init)
        guard parts.count == 3, parts[0].hasSuffix("-docker.pkg.dev"), parts[1] == projectID else { return nil }
        return Registry(
            location: String(parts[0].dropLast("-docker.pkg.dev".count)), project: parts[1], repository: parts[2])
    }

    /// What a service is first made with.
    func image(_ name: ServiceName, _ service: Service) -> HCLValue {
        if let image = service.image { return .text(image) }
        let folder = service.source.flatMap { Paths.resolve($0, from: "") }
        let slug = images.first { $0.folder == folder }?.slug(platform.name) ?? name.text
        return .template("${local.registry}/\(slug):${var.release}")
    }

    // MARK: Files

    func file(_ name: String, comment: [String] = [], _ fill: (inout HCLBody) -> Void) -> HCLFile {
        var body = HCLBody()
        fill(&body)
        return HCLFile(
            path: "\(folder)/\(name).tf", header: Artifact.header(subject.source) + comment, body: body)
    }

    func module(_ label: String, _ module: GoogleModule, comment: String? = nil, _ fill: (inout HCLBody) -> Void)
        -> HCLBlock
    {
        HCLBlock("module", [label], comment: comment) { body in
            body.set("source", .text("../modules/\(module.name)"))
            body.gap()
            fill(&body)
        }
    }
}

extension HCLValue {
    /// References by the names that they stand under.
    static func references(_ entries: [(String, String)]) -> HCLValue {
        .map(entries.map { HCLAttribute($0.0, .code($0.1)) })
    }
}
