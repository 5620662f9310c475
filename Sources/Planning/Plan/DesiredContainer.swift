import Spec

/// How a service runs where containers do: what only an engine of containers asks.
package struct DesiredContainer: Codable, Hashable, Sendable {
    /// The image's name without a tag: `registry.example/shop/api`; that of a ready image as its author wrote it.
    package var repository: String
    /// Whether it is an image that somebody else made: it is fetched, never built.
    package var isReady: Bool
    /// Whether what is built goes to a registry.
    package var isPushed: Bool
    /// The Dockerfile's path below the source; nil when it is rendered.
    package var dockerfile: String?
    /// The text of a rendered Dockerfile.
    package var recipe: String?
    /// The text of a `.dockerignore` for a source that has none.
    package var ignored: String?
    package var arguments: [String: String]
    /// `UID:GID`; nil leaves it to the image.
    package var user: String?
    /// Networks, as `render compose` names them: `apps`, `data`, `dmz`, `egress`.
    package var zones: [String]
    /// The check of readiness as a program in the container; nil where none is known.
    package var check: [String]?
    package var milliCPUs: Int?
    /// Bytes.
    package var memory: Int?
    package var labels: [String: String]
    /// Whether its port is published on 127.0.0.1 of the engine's machine too; nil, as in what older versions stored, is no.
    package var isOpen: Bool?

    package init(
        repository: String, isReady: Bool = false, isPushed: Bool = false, dockerfile: String? = "Dockerfile",
        recipe: String? = nil, ignored: String? = nil,
        arguments: [String: String] = [:],
        user: String? = nil, zones: [String] = [], check: [String]? = nil, milliCPUs: Int? = nil, memory: Int? = nil,
        labels: [String: String] = [:], isOpen: Bool? = nil
    ) {
        self.repository = repository
        self.isReady = isReady
        self.isPushed = isPushed
        self.dockerfile = dockerfile
        self.recipe = recipe
        self.ignored = ignored
        self.arguments = arguments
        self.user = user
        self.zones = zones.sorted()
        self.check = check
        self.milliCPUs = milliCPUs
        self.memory = memory
        self.labels = labels
        self.isOpen = isOpen
    }
}

extension DesiredState {
    /// The networks of a service: those that were lowered, else what its routes and edges ask for; a service that listens is in one
    /// of the two where the front door is.
    package func zones(of service: DesiredService) -> [String] {
        var zones = Set(service.container?.zones ?? [])
        if zones.isEmpty {
            if routes.contains(where: { $0.service == service.name }) { zones.insert("dmz") }
            let calls = service.uses.contains { $0.kind == .service }
            let isCalled = services.contains { other in
                other.uses.contains { $0.kind == .service && $0.target == service.name.text }
            }
            if calls || isCalled { zones.insert("apps") }
            if service.uses.contains(where: { $0.kind == .resource }) { zones.insert("data") }
        }
        if zones.isEmpty || service.listens && zones.isDisjoint(with: ["apps", "dmz"]) { zones.insert("apps") }
        return zones.sorted()
    }
}
