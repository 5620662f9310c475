import Spec

/// One environment as Kubernetes runs it, or what all environments start from.
struct KubeStack {
    let subject: RenderSubject
    let place: RenderSubject.Place
    let index: PlaceIndex
    let edge: EdgeConfiguration
    /// What the base says too.
    private(set) var objects: [KubeObject] = []

    init(subject: RenderSubject, place: RenderSubject.Place) {
        self.subject = subject
        self.place = place
        index = PlaceIndex(place.platform, files: subject.files)
        edge = EdgeConfiguration(place: place, source: subject.source)
        objects = makeObjects()
    }

    /// The platform without any overlay, as far as it can be said without an environment's settings.
    static func base(_ subject: RenderSubject, of places: [RenderSubject.Place]) -> KubeStack {
        var settings = places[0].settings
        settings.domain = nil
        settings.tls = nil
        settings.registry = nil
        settings.regions = []
        if !places.allSatisfy({ $0.settings.encrypt == .mesh }) { settings.encrypt = .edge }
        let name = EnvironmentName("base") ?? places[0].name
        return KubeStack(
            subject: subject, place: RenderSubject.Place(name: name, platform: subject.base, settings: settings))
    }

    /// Stands where a release's version belongs. No image has this tag, so that what nobody released starts nothing.
    static let release = "unreleased"

    /// Namespaces of what a cluster brings along; docs/render-kubernetes.md names them.
    static let gatewayNamespace = "envoy-gateway-system"
    static let monitoringNamespace = "monitoring"
    static let operatorNamespace = "cnpg-system"

    var platform: Platform { place.platform }
    var isMesh: Bool { place.settings.encrypt == .mesh }
    var namespace: String { "\(platform.name)-\(place.name)" }
    var hasMonitoring: Bool { platform.telemetry.stack == .prometheus }

    /// In the order of their names.
    var services: [(name: ServiceName, service: Service)] { index.services }
    /// In the order of their names.
    var resources: [(name: ResourceName, resource: Resource)] { index.resources }
    var stores: [(name: ResourceName, resource: Resource)] { index.stores }

    func store(_ edge: EdgeName) -> Resource? { index.store(edge) }

    func users(of resource: ResourceName) -> [(name: ServiceName, access: Service.Access)] {
        index.users(of: resource.cast())
    }

    func image(of service: Service) -> SourceImage? { index.image(of: service) }

    func port(_ service: Service) -> Int? { service.site == nil ? service.port?.number : ImageBases.sitePort }

    /// Whether it waits for a migration of a database that it uses.
    func waits(_ name: ServiceName, _ service: Service) -> Bool {
        !index.migrators(before: name, service).isEmpty
    }

    static let nameLabel = "app.kubernetes.io/name"

    func selector(_ name: String) -> YAMLTree { ["matchLabels": .sorted([Self.nameLabel: name])] }

    // MARK: Objects

    private func makeObjects() -> [KubeObject] {
        services.flatMap { serviceObjects($0.name, $0.service) } + stores.flatMap { storeObjects($0.name, $0.resource) }
            + commonPolicies
    }

    /// What only an environment can say.
    var ownObjects: [KubeObject] { namespaceObjects + edgeObjects + ruleObjects + probeObjects }

    /// Settings by the service that reads them.
    var settings: [KubeSettings] {
        services.compactMap { name, service in
            let values = plainValues(name, service)
            return values.isEmpty ? nil : KubeSettings(name: name.text, values: values)
        }
    }

    /// Images of our own, by the word that stands for them in the base.
    var imageNames: [String] { Set(services.compactMap { image(of: $0.service)?.slug(platform.name) }).sorted() }

    func serviceObjects(_ name: ServiceName, _ service: Service) -> [KubeObject] {
        var objects = [account(name)]
        if service.schedule != nil {
            objects.append(cronJob(name, service))
        } else {
            objects.append(deployment(name, service))
        }
        if service.migrate != nil { objects.append(migration(name, service)) }
        objects += servicePorts(name, service) + scaling(name, service) + canary(name, service)
        objects += policies(name, service) + secretObjects(name, service) + monitor(name, service)
        return objects
    }

    private func account(_ name: ServiceName) -> KubeObject {
        KubeObject(
            apiVersion: "v1", kind: "ServiceAccount", name: name.text, file: name.text,
            labels: [Self.nameLabel: name.text],
            comment: "Nobody here talks to the API server, so that no pod gets a token.",
            body: [YAMLEntry("automountServiceAccountToken", false)])
    }

    private func servicePorts(_ name: ServiceName, _ service: Service) -> [KubeObject] {
        guard let port = port(service) else { return [] }
        func make(_ own: String, _ comment: String?) -> KubeObject {
            KubeObject(
                apiVersion: "v1", kind: "Service", name: own, file: name.text, labels: [Self.nameLabel: name.text],
                comment: comment,
                body: [
                    YAMLEntry(
                        "spec",
                        [
                            "selector": .sorted([Self.nameLabel: name.text]),
                            "ports": .list([["name": "http", "port": .integer(port), "targetPort": "http"]]),
                        ])
                ])
        }
        guard isRouted(name, service) else { return [make(name.text, nil)] }
        return [
            make(name.text, nil),
            make("\(name)-canary", "Argo Rollouts points it at the new release, and the other at the old one."),
        ]
    }

    private var namespaceObjects: [KubeObject] {
        var labels: [String: String] = [:]
        for mode in ["audit", "enforce", "warn"] { labels["pod-security.kubernetes.io/\(mode)"] = "restricted" }
        if isMesh { labels["istio.io/dataplane-mode"] = "ambient" }
        var objects = [
            KubeObject(
                apiVersion: "v1", kind: "Namespace", name: namespace, file: "namespace", labels: labels, body: [])
        ]
        if isMesh {
            objects.append(
                KubeObject(
                    apiVersion: "security.istio.io/v1", kind: "PeerAuthentication", name: "strict", file: "namespace",
                    comment: "encrypt: mesh. Nothing in the clear is accepted, from nobody.",
                    body: [YAMLEntry("spec", ["mtls": ["mode": "STRICT"]])]))
        }
        return objects
    }
}
