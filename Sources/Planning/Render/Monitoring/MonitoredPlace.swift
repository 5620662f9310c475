import Spec

/// One environment as its monitoring sees it.
struct MonitoredPlace: Sendable {
    let place: RenderSubject.Place
    /// Below the folder of hauban.yaml.
    let folder: String
    let source: String

    /// - Returns: `nil` where no containers of ours watch: see ``isServed(_:)``.
    init?(served place: RenderSubject.Place, source: String) {
        guard Self.isServed(place) else { return nil }
        self.init(place, source: source)
    }

    /// One that somebody else's Prometheus watches, by the same rules.
    init(_ place: RenderSubject.Place, source: String) {
        self.place = place
        self.source = source
        services = place.platform.services.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        resources = place.platform.resources.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        measured = services.compactMap { name, service in
            guard let path = service.metrics, let port = service.port else { return nil }
            return (name, service, port, path)
        }
        promised = measured.compactMap { name, service, _, _ in service.slo.map { (name, $0) } }
        folder = "deploy/monitoring/\(place.name)"
    }

    /// Whether an environment runs containers of ours, wants Prometheus and has anything to be watched.
    static func isServed(_ place: RenderSubject.Place) -> Bool {
        let platform = place.platform
        let isWatched =
            !platform.alerts.isEmpty || !platform.kpis.isEmpty
            || platform.services.values.contains { $0.metrics != nil }
        return isWatched && platform.telemetry.stack == .prometheus
            && [.docker, .swarm].contains(place.settings.target)
    }

    /// The secret that proves to the control plane who sends alerts: the key of the integration that takes them from
    /// Prometheus, where hauban.yaml declares one.
    static func integrationKey(_ platform: Platform) -> String {
        let declared = platform.integrations.sorted { $0.key < $1.key }.compactMap { _, integration in
            integration.kind == .alertmanager ? integration.key?.text : nil
        }
        return declared.first ?? "hauban-integration-key"
    }

    /// Alerts go to the control plane where there is one, else to Alertmanager: never to both.
    var hasAlertmanager: Bool { platform.console == nil }

    /// As long as the longest promise is counted over and a day, and no less than two weeks.
    var metricsKept: Duration {
        max(.seconds(14 * 86_400), promised.map(\.objective.window).max() ?? .zero) + .seconds(86_400)
    }

    /// What containers of this environment are named by: the project of Compose, the stack of Swarm.
    var project: String { isSwarm ? platform.name.text : "\(platform.name)-\(place.name)" }

    var platform: Platform { place.platform }
    var isSwarm: Bool { place.settings.target == .swarm }

    /// Sorted by name.
    let services: [(name: ServiceName, service: Service)]

    /// Sorted by name.
    let resources: [(name: ResourceName, resource: Resource)]

    /// Those whose own metrics are read.
    let measured: [(name: ServiceName, service: Service, port: Port, path: String)]

    /// Services with a promise.
    let promised: [(name: ServiceName, objective: Objective)]

    var team: String? { platform.owner?.team?.text }

    func file(_ name: String, _ tree: YAMLTree, comment: [String] = []) -> Artifact {
        Artifact(
            path: "\(folder)/\(name)",
            text: YAMLText.file(header: Artifact.header(source) + comment, tree))
    }

    /// The dashboard that shows a service or a resource, below Grafana's address.
    func dashboard(_ subject: EdgeName?) -> String {
        guard let subject else { return "/d/\(uid("resources"))" }
        if platform.resources[subject.cast()] != nil { return "/d/\(uid("data"))" }
        return "/d/\(uid("services"))?var-service=\(subject)"
    }

    /// A dashboard's uid: Grafana allows 40 characters.
    func uid(_ board: String) -> String { String("\(board)-\(place.name)-\(platform.name)".prefix(40)) }
}
