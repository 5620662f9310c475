import Planning
import Spec
import World

/// A database or cache in a container of its own, and what an edge to it offers.
///
/// Its data lie in a volume that outlives the container; ``preparation`` makes in it what a new server needs and says of which version
/// its data are. The server itself holds no password of any service, so it comes back without hauban, after a restart of the machine too.
protocol DockerStore: Sendable {
    var frame: StoreFrame { get }

    /// Where the volume lies in the container.
    var mount: String { get }

    /// What the server listens on in its container.
    var port: Int { get }

    /// A script for the image's own shell that may be run again however far it came, and whose last line is `major N`.
    var preparation: String { get throws }

    /// Makes of a container that runs nothing yet one that runs the server: user, program, folders in memory, how it is stopped.
    func arrange(_ spec: inout ContainerSpec)

    /// Adds what these services need to the server that runs; takes nothing from anybody, because an older release may still serve.
    func provision(_ uses: [ResourceUse]) async throws

    /// Takes from services what they no longer declare: called when a release was kept and no other serves.
    func settle(_ uses: [ResourceUse]) async throws

    /// Connects once, as this service does.
    ///
    /// - Throws: `WorldError` with the code `resource-refuses`.
    func check(for service: ServiceName) async throws

    /// The role of a service there.
    func role(of service: ServiceName) -> String

    /// What `${NAME.attribute}` stands for in this service.
    func attributes(for service: ServiceName) -> [String: ContainerValue]
}

/// What both kinds of servers have in common.
struct StoreFrame: Sendable {
    let desired: DesiredResource
    let store: DesiredStore
    let labels: DockerLabels
    let api: DockerAPI
    let secrets: SecretStore

    var name: ResourceName { desired.name }
    var container: String { labels.resource(name) }
    var volume: String { labels.volume(name) }
    var passwords: ResourcePasswords { ResourcePasswords(resource: name, store: secrets) }
    var major: Int? { desired.version.flatMap { Int($0) } ?? Self.major(ofImage: store.image) }

    /// 15 of `postgres:15-alpine`.
    private static func major(ofImage image: String) -> Int? {
        image.split(separator: ":").last.flatMap { Int($0.prefix { $0.isNumber }) }
    }

    /// The file of a service's password, below `/run/secrets`: no name of a secret has a dot.
    static func file(_ name: ResourceName) -> String { "\(name).password" }

    /// Runs a program in the server's container.
    ///
    /// - Parameter environment: the only way for values that nobody shall see: the engine shows neither it nor the list of processes.
    /// - Throws: `WorldError` with this code when the program fails.
    func run(
        _ words: [String], environment: [String: String] = [:], code: String, operation: String,
        within deadline: Duration = .seconds(60)
    ) async throws -> String {
        let result: CommandResult
        do {
            result = try await api.execute(words, in: container, environment: environment, within: deadline)
        } catch let error as WorldError where error.code == "docker-not-found" || error.code == "docker-conflict" {
            throw WorldError(
                code: "resource-not-running", operation: operation, underlying: "\(container) does not run",
                hint: "`hauban deploy` starts it again; `docker logs \(container)` shows what it wrote.")
        }
        guard result.isSuccess else {
            let lines = (result.errors.isEmpty ? result.output : result.errors).split(whereSeparator: \.isNewline)
            let line = lines.first { $0.contains("ERROR:") || $0.contains("FATAL:") } ?? lines.last
            throw WorldError(
                code: code, operation: operation,
                underlying: line.map { Printable.text(String($0), limit: 500) } ?? "it \(result.status) without a word",
                hint: "`docker logs \(container)` shows what it wrote.")
        }
        return result.output
    }
}
