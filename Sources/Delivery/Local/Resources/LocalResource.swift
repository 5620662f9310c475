package import Spec
package import World

/// A resource on this machine: a process of its own, the steps around it, and what an edge to it offers.
///
/// The order: ``prepare()``, the supervisor runs the workload until it is ready, ``provision(_:)``, then services start with
/// ``attributes(for:)``; when a release is kept, ``settle(_:)``.
package protocol LocalResource: Sendable {
    var name: ResourceName { get }

    /// Makes folders, settings and passwords where they lack, chooses the port, and says what is to run.
    ///
    /// Repeating it changes nothing while the resource runs: the same workload is returned.
    /// - Throws: `WorldError`, `program-missing` with the Debian package for instance.
    func prepare() async throws -> Workload

    /// Adds what these services need to the running resource; takes nothing from anybody, because an older release may still serve.
    ///
    /// - Throws: `WorldError`
    func provision(_ uses: [ResourceUse]) async throws

    /// Takes from services what they no longer declare: called when a release was kept and no other serves.
    ///
    /// - Throws: `WorldError`
    func settle(_ uses: [ResourceUse]) async throws

    /// Connects once, as this service does.
    ///
    /// - Throws: `WorldError` with the code `resource-refuses`: what it said, and what mends it.
    func check(for service: ServiceName) async throws

    /// What `${NAME.attribute}` stands for in this service; its password is a reference into the secret store.
    ///
    /// - Throws: `WorldError` before ``prepare()``.
    func attributes(for service: ServiceName) throws -> [String: EnvironmentValue]
}

/// What every resource of one environment is given.
package struct LocalResourceContext: Sendable {
    package var platform: PlatformName
    /// Absolute; `<state>/resources/<name>` belongs to the resource and outlives releases.
    package var stateFolder: String
    package var secrets: SecretStore
    package var runner: CommandRunner
    package var ports: FreePort
    /// Where servers are looked for, besides the places where distributions put them.
    package var path: String
    /// Whether a resource whose port a stranger has may be given another one: not while services run that were told the old.
    package var mayMove: Bool

    package init(
        platform: PlatformName, stateFolder: String, secrets: SecretStore,
        runner: CommandRunner = .live, ports: FreePort = FreePort(), path: String,
        mayMove: Bool = true
    ) {
        self.platform = platform
        self.stateFolder = stateFolder
        self.secrets = secrets
        self.runner = runner
        self.ports = ports
        self.path = path
        self.mayMove = mayMove
    }

    func folder(of resource: ResourceName) -> String { "\(stateFolder)/resources/\(resource)" }

    /// The port that a resource got at its first start; another one when a stranger has taken it meanwhile.
    ///
    /// - Parameter isOurs: whether the listener on the kept port is the resource itself.
    func port(of resource: ResourceName, isOurs: () -> Bool) throws -> Int {
        if let kept = keptPort(of: resource) {
            if FreePort.isFree(kept) || isOurs() { return kept }
            guard mayMove else {
                throw PortHolder.refusal(
                    of: kept, during: "start \(resource)",
                    then:
                        "\(resource) is then started again; or run `hauban down \(secrets.environment)`, and the next deploy gives it "
                        + "another port.")
            }
        }
        let port = try ports.next()
        try AtomicFile.write(Array("\(port)\n".utf8), to: folder(of: resource) + "/port", mode: 0o644)
        return port
    }

    func keptPort(of resource: ResourceName) -> Int? {
        SmallFile.text(folder(of: resource) + "/port").flatMap { Int($0.prefix { $0.isNumber }) }
    }

    func preparedPort(of resource: ResourceName) throws -> Int {
        guard let port = keptPort(of: resource) else {
            throw WorldError(
                code: "resource-not-prepared", operation: "connect to \(resource)", underlying: "it was never started",
                hint: "Start it first: `hauban up` and `hauban deploy` do.")
        }
        return port
    }

    func passwords(of resource: ResourceName) -> ResourcePasswords {
        ResourcePasswords(resource: resource, store: secrets)
    }

    /// The store's key for the password of a role at a resource.
    func secretKey(_ resource: ResourceName, _ role: String) -> String { passwords(of: resource).key(role) }
}
