import Planning
import Spec
import World

/// The labels by which everything of an environment is found again, by any hauban, and the names that it is given.
struct DockerLabels: Sendable, Hashable {
    static let platform = "hauban.platform"
    static let environment = "hauban.environment"
    static let kind = "hauban.kind"
    static let service = "hauban.service"
    static let release = "hauban.release"
    static let replica = "hauban.replica"
    static let fingerprint = "hauban.fingerprint"
    /// The address at which the front door reaches a replica, and its port there.
    static let address = "hauban.address"
    static let port = "hauban.port"
    static let zone = "hauban.zone"
    static let source = "hauban.source"
    static let resource = "hauban.resource"
    /// A hash of all that a resource's container was made with.
    static let form = "hauban.form"

    enum Kind: String {
        case service, migration, network, image, frontDoor = "front-door", resource, preparation, volume, secret,
            renewal, remote
    }

    let platformName: PlatformName
    let environmentName: EnvironmentName

    /// As Compose names a project.
    var project: String { "\(platformName)-\(environmentName)" }

    /// Those of everything of the environment.
    func all(_ kind: Kind) -> [String: String] {
        [
            Self.platform: platformName.text, Self.environment: environmentName.text, Self.kind: kind.rawValue,
        ]
    }

    /// What a list is asked for.
    func filter(_ kind: Kind) -> [String] { all(kind).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } }

    func network(_ zone: String) -> String { "\(project)_\(zone)" }
    var frontDoor: String { "\(project)-front-door" }
    /// What renews certificates.
    var certbot: String { "\(project)-certbot" }
    func container(_ service: ServiceName, _ release: ReleaseID, _ replica: Int) -> String {
        "\(project)-\(service)-\(release)-\(replica)"
    }
    /// No container of a service ends so, whatever its name.
    func resource(_ name: ResourceName) -> String { "\(project)-resource-\(name)" }
    func preparation(_ name: ResourceName) -> String { "\(project)-prepare-\(name)" }
    /// As Compose names the volume of what `render compose` writes.
    func volume(_ name: ResourceName) -> String { "\(project)_\(name)-data" }
    func migration(_ service: ServiceName, _ release: ReleaseID) -> String {
        "\(project)-\(service)-\(release)-migrate"
    }
    func command(_ service: ServiceName, _ release: ReleaseID) -> String {
        "\(project)-\(service)-\(release)-run"
    }
    /// As `docker stack` names a service, with its release; Swarm takes 63 characters.
    func swarmService(_ service: ServiceName, _ release: ReleaseID) -> String {
        Self.fitting("\(project)_\(service)-\(release)", 63)
    }
    /// Swarm takes 64 characters.
    func swarmSecret(_ service: ServiceName, _ release: ReleaseID, _ file: String) -> String {
        Self.fitting("\(project)_\(service)-\(release)_\(file)", 64)
    }

    /// A name that is too long, cut and made one of its own again.
    private static func fitting(_ name: String, _ limit: Int) -> String {
        guard name.utf8.count > limit else { return name }
        let mark = ContentHash(of: [name]).short
        return "\(name.prefix(limit - mark.utf8.count - 1))-\(mark)"
    }
}

/// A replica as its labels say.
struct DockerReplica: Sendable, Hashable {
    var container: ListedContainer
    var service: ServiceName
    var release: ReleaseID
    var number: Int
    var fingerprint: String
    var address: String?
    var port: Int?

    /// - Returns: `nil` for labels that somebody changed: such a container is none of ours.
    init?(_ container: ListedContainer) {
        let labels = container.labels
        guard let service = labels[DockerLabels.service].flatMap({ ServiceName($0) }),
            let release = labels[DockerLabels.release].flatMap({ ReleaseID($0) }),
            let number = labels[DockerLabels.replica].flatMap({ Int($0) })
        else { return nil }
        self.container = container
        self.service = service
        self.release = release
        self.number = number
        fingerprint = labels[DockerLabels.fingerprint] ?? ""
        address = labels[DockerLabels.address]
        port = labels[DockerLabels.port].flatMap { Int($0) }
    }
}
