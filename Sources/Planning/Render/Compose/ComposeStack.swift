import Spec

/// One environment as Compose runs it: services, what they keep data in, and the edge in front of them.
struct ComposeStack {
    let subject: RenderSubject
    let place: RenderSubject.Place
    let index: PlaceIndex
    let edge: EdgeConfiguration
    /// `nil` where nothing watches.
    let monitored: MonitoredPlace?
    /// What ``MonitoringRenderer`` writes for this environment, but for the tests of its rules.
    let monitoring: [Artifact]
    /// Every secret that a container is handed, sorted.
    private(set) var secretNames: [String] = []
    /// Configs by name, with the file of each.
    private(set) var configFiles: [(name: String, file: Artifact)] = []

    init(subject: RenderSubject, place: RenderSubject.Place) {
        self.subject = subject
        self.place = place
        index = PlaceIndex(place.platform, files: subject.files)
        edge = EdgeConfiguration(place: place, source: subject.source)
        monitored = MonitoredPlace(served: place, source: subject.source)
        monitoring = monitored.map { MonitoringParts.of($0).mounted } ?? []
        secretNames = namesOfSecrets()
        configFiles = filesOfConfigs()
    }

    var isSwarm: Bool { place.settings.target == .swarm }
    /// `docker stack deploy` passes over `tmpfs`, so where one environment is a stack all of them say it as volumes.
    var isMountedAsVolume: Bool { subject.everywhere.contains { $0.settings.target == .swarm } }
    var platform: Platform { place.platform }
    var environment: EnvironmentName { place.name }

    var hasMonitoring: Bool { monitored != nil }
    var monitoringFolder: String { monitored?.folder ?? "" }

    /// Files of monitoring by their paths below its folder, with the names that Swarm knows them by.
    var monitoringFiles: [(path: String, config: String, file: Artifact)] {
        monitoring.compactMap { file in
            guard file.path.hasPrefix(monitoringFolder + "/") else { return nil }
            let path = String(file.path.dropFirst(monitoringFolder.count + 1))
            let words = path.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
            return (path, words.joined(separator: "-"), file)
        }
    }

    /// In the order of their names.
    var services: [(name: ServiceName, service: Service)] { index.services }
    /// In the order of their names.
    var resources: [(name: ResourceName, resource: Resource)] { index.resources }
    /// The kinds that a container engine runs by itself.
    var stores: [(name: ResourceName, resource: Resource)] { index.stores }

    func store(_ edge: EdgeName) -> Resource? { index.store(edge) }

    func users(of resource: ResourceName) -> [(name: ServiceName, access: Service.Access)] {
        index.users(of: resource.cast())
    }

    func image(of service: Service) -> SourceImage? { index.image(of: service) }

    func port(_ service: Service) -> Int? { service.site == nil ? service.port?.number : ImageBases.sitePort }

    // MARK: The tree

    var tree: YAMLTree {
        var units: [(String, YAMLTree)] = []
        for (name, service) in services {
            units.append((name.text, serviceTree(name, service)))
            if service.migrate != nil { units.append(("\(name)-migrate", migrationTree(name, service))) }
        }
        for (name, resource) in stores { units.append((name.text, storeTree(name, resource))) }
        if edge.exists { units += edgeUnits }
        let watching = monitoringUnits
        units += watching
        units.sort { $0.0 < $1.0 }
        var entries: [YAMLEntry] = []
        if !isSwarm { entries.append(YAMLEntry("name", .text("\(platform.name)-\(environment)"))) }
        entries.append(
            YAMLEntry(
                "services",
                .map(
                    units.map { name, unit in
                        YAMLEntry(
                            name, isMountedAsVolume ? MemoryFolder.mounted(unit) : unit,
                            comment: comment(on: name, watching))
                    })))
        entries.append(
            YAMLEntry("networks", networksTree, comment: "Zones: who is in none of them together cannot speak."))
        if !volumeNames.isEmpty {
            entries.append(YAMLEntry("volumes", .map(volumeNames.map { YAMLEntry($0, .map([])) })))
        }
        if !secretNames.isEmpty { entries.append(YAMLEntry("secrets", secretsTree)) }
        if !configFiles.isEmpty { entries.append(YAMLEntry("configs", configsTree)) }
        return .map(entries)
    }

    private func comment(on unit: String, _ watching: [(String, YAMLTree)]) -> String? {
        if unit.hasSuffix("-migrate") {
            return "Once a release: who uses the database starts when it has ended well (Swarm does not wait)."
        }
        if unit == "edge" { return "The only way in." }
        if let told = Self.told[unit], watching.contains(where: { $0.0 == unit }) { return told }
        if unit == "certbot" {
            return
                "Root inside its container, since the keys are root's: of root's rights it keeps one, to hand them over."
        }
        return nil
    }

    /// What the containers of monitoring are there for, where their names do not tell.
    private static let told = [
        "alloy":
            "Carries what containers say to Loki, from the engine's own files: these are root's, and of root's rights it keeps none.",
        "blackbox-exporter": "Asks from outside what the world sees.",
        "cadvisor":
            "What each container uses; root inside for the files of control groups, without any of root's rights.",
        "node-exporter": "What the server uses, but for its network: that would need the server's own.",
    ]

    /// Names of containers that the author did not give.
    var ownUnits: Set<String> {
        var names = Set(monitoringUnits.map(\.0))
        if edge.exists { names.formUnion(edgeUnits.map(\.0)) }
        for (name, service) in services where service.migrate != nil { names.insert("\(name)-migrate") }
        return names
    }

    // MARK: Zones

    /// The networks of a service, sorted.
    func networks(_ name: ServiceName, _ service: Service) -> [String] {
        var zones: Set<String> = []
        if !service.expose.isEmpty { zones.insert("dmz") }
        let calls = service.uses.keys.contains { platform.services[$0.cast()] != nil }
        let isCalled = !index.users(of: name.cast()).isEmpty
        if calls || isCalled { zones.insert("apps") }
        if service.uses.keys.contains(where: { store($0) != nil }) { zones.insert("data") }
        if service.metrics != nil, hasMonitoring { zones.insert("monitoring") }
        if !service.egress.isEmpty { zones.insert("egress") }
        if zones.isEmpty { zones.insert("apps") }
        return zones.sorted()
    }

    private var networksTree: YAMLTree {
        var used: Set<String> = []
        for (name, service) in services { used.formUnion(networks(name, service)) }
        if !stores.isEmpty { used.insert("data") }
        if edge.exists { used.formUnion(["dmz", "public"]) }
        if edge.renews { used.insert("egress") }
        if let monitored {
            used.insert("monitoring")
            if !isSwarm { used.insert("public") }
            if monitored.hasAlertmanager || platform.console != nil { used.insert("egress") }
            if !Probes(monitored).list.isEmpty { used.insert(Probes(monitored).zone) }
        }
        return .map(
            used.sorted().map { name in
                var entries: [YAMLEntry] = []
                if isSwarm { entries.append(YAMLEntry("driver", "overlay")) }
                let leaves = name == "public" || name == "egress"
                if !leaves && !place.settings.openPorts { entries.append(YAMLEntry("internal", true)) }
                return YAMLEntry(name, .map(entries), comment: Self.zones[name])
            })
    }

    private static let zones = [
        "apps": "Services that call each other.",
        "data": "What keeps data, and who uses it.",
        "dmz": "The edge and what it shows to the world.",
        "egress": "The way out, for those that name hosts under `egress`.",
        "monitoring": "Who is asked for metrics, and who asks.",
        "public": "Where ports are published: the edge's, and on this machine Grafana's.",
    ]

    // MARK: Secrets, volumes, configs

    /// The name of the password that a service opens a store with.
    func passwordName(_ store: EdgeName, _ service: ServiceName) -> String { "\(store)-\(service)" }

    private func namesOfSecrets() -> [String] {
        var names = madeSecrets
        for (_, service) in services { names.formUnion(service.secrets.keys.map(\.text)) }
        if monitored != nil, platform.console != nil { names.insert(MonitoredPlace.integrationKey(platform)) }
        if let monitored, monitored.hasAlertmanager {
            names.formUnion(AlertmanagerFile.secrets(platform).map(\.text))
        }
        return names.sorted()
    }

    /// Those whose values nobody outside has to know, and whose names are ours.
    var madeSecrets: Set<String> {
        var names: Set<String> = []
        for (name, service) in services {
            for edge in service.uses.keys where store(edge) != nil { names.insert(passwordName(edge, name)) }
        }
        for (name, resource) in stores where resource.kind == .postgres { names.insert("\(name)-admin") }
        if monitored != nil {
            names.insert("grafana-admin")
            for (name, _) in stores { names.insert("\(name)-exporter") }
        }
        if edge.exists, place.settings.tls?.issuer == .files { names.formUnion(["edge-certificate", "edge-key"]) }
        return names
    }

    /// Whether it is one of the files in `secrets/`, and no file of the author's.
    func isInFolder(_ secret: String) -> Bool { file(of: secret).hasPrefix("./secrets/\(environment)/") }

    private func file(of secret: String) -> String {
        let path =
            switch secret {
            case "edge-certificate": place.settings.tls?.certificate
            case "edge-key": place.settings.tls?.key
            default: String?.none
            }
        guard let path else { return "./secrets/\(environment)/\(secret)" }
        return Self.fromHere(path)
    }

    private var secretsTree: YAMLTree {
        .map(
            secretNames.map { name in
                var entries = [YAMLEntry("file", .text(file(of: name)))]
                if isSwarm {
                    entries.append(YAMLEntry("name", .text(stackName(name, "${SECRETS_VERSION:-1}", room: 6))))
                }
                return YAMLEntry(name, .map(entries), comment: secretComment(name))
            })
    }

    private func secretComment(_ name: String) -> String? {
        if let about = SecretName(name).flatMap({ platform.secrets[$0]?.about }) { return about }
        return isSwarm && name == secretNames.first
            ? "A secret of Swarm never changes: after a renewal raise SECRETS_VERSION and deploy." : nil
    }

    var volumeNames: [String] {
        var names = stores.map { "\($0.name)-data" }
        if edge.renews { names += ["certificates", "challenges", "letsencrypt"] }
        if let monitored {
            names += ["alloy-data", "grafana-data", "loki-data", "prometheus-data"]
            if monitored.hasAlertmanager { names.append("alertmanager-data") }
        }
        return names.sorted()
    }

    private func filesOfConfigs() -> [(name: String, file: Artifact)] {
        var files: [(String, Artifact)] = []
        if edge.exists { files.append(("edge", edge.artifact)) }
        if edge.renews { files.append(("renew", edge.renewal)) }
        for (name, resource) in stores where resource.kind == .postgres {
            files.append(
                (
                    "\(name)-roles",
                    PostgresRoles.artifact(
                        name, resource, users(of: name), place, subject.source, isWatched: hasMonitoring)
                ))
        }
        // Swarm's servers need not have the files that a folder of Compose's holds.
        if isSwarm { files += monitoringFiles.map { ($0.config, $0.file) } }
        return files.sorted { $0.0 < $1.0 }
    }

    private var configsTree: YAMLTree {
        .map(
            configFiles.map { name, file in
                var entries = [YAMLEntry("file", .text("./" + file.path))]
                if isSwarm {
                    entries.append(
                        YAMLEntry(
                            "name", .text(stackName(name, Self.mark(file.text), room: 8)),
                            comment: name == configFiles.first?.name
                                ? "A config of Swarm never changes: another text has another name." : nil))
                }
                return YAMLEntry(name, .map(entries))
            } + authorityConfig)
    }

    /// The author's own file, of which only the path is known here.
    private var authorityConfig: [YAMLEntry] {
        guard edge.renews, let path = edge.tls?.root else { return [] }
        var entries = [YAMLEntry("file", .text(Self.fromHere(path)))]
        if isSwarm {
            entries.append(YAMLEntry("name", .text(stackName("authority", "${SECRETS_VERSION:-1}", room: 6))))
        }
        return [YAMLEntry("authority", .map(entries))]
    }

    private static func fromHere(_ path: String) -> String {
        path.hasPrefix("/") || path.hasPrefix("./") ? path : "./" + path
    }

    /// What Swarm calls a secret or a config: it takes 64 characters at most, so of a longer name it is the end that stays, with
    /// a mark of the whole.
    ///
    /// - Parameter room: for the ending, once it is filled in.
    private func stackName(_ name: String, _ ending: String, room: Int) -> String {
        let whole = "\(platform.name)-\(name)"
        guard whole.count + 1 + room > 64 else { return "\(whole)-\(ending)" }
        let start = platform.name.text.prefix(24)
        let kept = name.suffix(64 - start.count - room - 11)
        let words = kept.firstIndex(of: "-").map { kept[kept.index(after: $0)...] } ?? kept
        return "\(start)-\(words)-\(Self.mark(whole))-\(ending)"
    }

    /// FNV-1a (Fowler, Noll, Vo) of a text, in base 36: a name for a content, not a proof of it.
    private static func mark(_ text: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(hash % 2_821_109_907_456, radix: 36)
    }

    /// What the environment needs beside its overlay.
    var files: [Artifact] {
        var files = configFiles.map(\.file)
        if !isSwarm { files += monitoring }
        if !secretNames.isEmpty {
            let lines =
                Artifact.header(subject.source).map { "# " + $0 } + [
                    "# Values of secrets stay on the machine that needs them.", "*", "!.gitignore", "!make.sh",
                ]
            files.append(Artifact(path: "secrets/.gitignore", text: lines.joined(separator: "\n")))
        }
        return files
    }
}
