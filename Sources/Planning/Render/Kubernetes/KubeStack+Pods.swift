import Spec

/// Pods under the restricted Pod Security Standard.
extension KubeStack {
    /// What a pod is started for.
    enum Role { case server, migration, scheduled }

    func podTemplate(_ name: ServiceName, _ service: Service, _ role: Role) -> YAMLTree {
        let own = role == .migration ? "\(name)-migrate" : name.text
        var metadata: [YAMLEntry] = [
            YAMLEntry("labels", .sorted([Self.nameLabel: own].merging(labels(service.labels)) { one, _ in one }))
        ]
        let notes = annotations(service.labels)
        if !notes.isEmpty { metadata.append(YAMLEntry("annotations", .sorted(notes))) }
        return .map([
            YAMLEntry("metadata", .map(metadata)), YAMLEntry("spec", .map(pod(name, service, role))),
        ])
    }

    private func pod(_ name: ServiceName, _ service: Service, _ role: Role) -> [YAMLEntry] {
        var spec: [YAMLEntry] = [
            YAMLEntry("serviceAccountName", .text(name.text)), YAMLEntry("automountServiceAccountToken", false),
            YAMLEntry("enableServiceLinks", false),
            YAMLEntry("securityContext", podSecurity(user(service))),
        ]
        if role != .server { spec.append(YAMLEntry("restartPolicy", "Never")) }
        let grace = (role == .server ? drain(service) : 0) + Self.seconds(service.stop)
        spec.append(YAMLEntry("terminationGracePeriodSeconds", .integer(grace)))
        if role == .server, service.scale.max > 1 {
            spec.append(YAMLEntry("topologySpreadConstraints", spread(name.text)))
        }
        if service.capacity == .spot, role != .migration { spec += spot }
        if role == .migration {
            let waits = service.uses.keys.sorted().compactMap { edge -> YAMLTree? in
                guard let store = store(edge), store.kind == .postgres else { return nil }
                return databaseGate(edge, store)
            }
            if !waits.isEmpty { spec.append(YAMLEntry("initContainers", .list(waits))) }
        }
        spec.append(YAMLEntry("containers", .list([.map(container(name, service, role))])))
        spec.append(
            YAMLEntry("volumes", .list([["name": "tmp", "emptyDir": ["sizeLimit": .text("64Mi")]]])))
        return spec
    }

    /// A new database may take minutes to come up; a migration is tried once and so has to wait for it.
    private func databaseGate(_ edge: EdgeName, _ store: Resource) -> YAMLTree {
        let line = "until pg_isready -q -h \(edge)-rw -t 3; do sleep 2; done"
        return .map([
            YAMLEntry(
                "name", .text("wait-for-\(edge)"), comment: "The migration is tried once, so it waits for its database."
            ),
            YAMLEntry("image", .text(Self.postgresImage(store))),
            YAMLEntry("command", .row(["/bin/sh", "-c", .text(line)])),
            YAMLEntry("resources", resources(Size(cpu: CPUCount(millis: 50), memory: ByteCount(bytes: 64 << 20)))),
            YAMLEntry("securityContext", containerSecurity(user: 26)),
        ])
    }

    private func container(_ name: ServiceName, _ service: Service, _ role: Role) -> [YAMLEntry] {
        var unit: [YAMLEntry] = [
            YAMLEntry("name", .text(role == .migration ? "migrate" : name.text)),
            YAMLEntry("image", .text(image(of: service)?.slug(platform.name) ?? service.image ?? "scratch")),
        ]
        let line = role == .migration ? service.migrate?.run : service.run
        if let line { unit.append(YAMLEntry("args", words(ContainerCommand(line, values: own(service)).words))) }
        if role == .server, let port = port(service) {
            unit.append(YAMLEntry("ports", .list([["name": "http", "containerPort": .integer(port)]])))
        }
        unit += environment(name, service)
        if role == .server { unit += probes(service) }
        if role == .server, drain(service) > 0 {
            unit.append(
                YAMLEntry(
                    "lifecycle", ["preStop": ["exec": ["command": .row(["sleep", .text("\(drain(service))")])]]],
                    comment: "Goes on serving while the last requests come in and end; only then is it told to stop."))
        }
        unit.append(YAMLEntry("resources", resources(service.size)))
        unit.append(YAMLEntry("securityContext", containerSecurity(user: nil)))
        unit.append(YAMLEntry("volumeMounts", .list([["name": "tmp", "mountPath": "/tmp"]])))
        return unit
    }

    /// Parentheses after a dollar would be a variable of Kubernetes' own.
    func words(_ words: [String]) -> YAMLTree {
        let items = words.map { YAMLTree.text($0.replacing("$(", with: "$$(")) }
        return words.contains { $0.contains("\n") } ? .list(items) : .row(items)
    }

    private func environment(_ name: ServiceName, _ service: Service) -> [YAMLEntry] {
        let variables = variables(name, service)
        var unit: [YAMLEntry] = []
        let released = variables.compactMap { variable -> YAMLTree? in
            guard case .release(let text) = variable.value else { return nil }
            return ["name": .text(variable.name), "value": .text(text)]
        }
        if !released.isEmpty { unit.append(YAMLEntry("env", .list(released))) }
        var sources: [YAMLTree] = []
        if variables.contains(where: { if case .plain = $0.value { true } else { false } }) {
            sources.append(["configMapRef": ["name": .text(name.text)]])
        }
        if variables.contains(where: { if case .secret = $0.value { true } else { false } }) {
            sources.append(["secretRef": ["name": .text(name.text)]])
        }
        if !sources.isEmpty { unit.append(YAMLEntry("envFrom", .list(sources))) }
        return unit
    }

    // MARK: Health

    private func probes(_ service: Service) -> [YAMLEntry] {
        guard service.health != nil || port(service) != nil else { return [] }
        let health = service.health ?? .tcp
        let ready: Health.Question = service.site == nil ? health.ready : .http("/")
        let live: Health.Question? = service.site == nil ? health.live : .http("/")
        let period = Self.seconds(health.interval)
        let startPeriod = min(period, 5)
        let starts = max(1, (Self.seconds(health.start) + startPeriod - 1) / startPeriod)
        var unit: [YAMLEntry] = [
            YAMLEntry(
                "startupProbe", probe(live ?? ready, service, health, period: startPeriod, failures: starts),
                comment: "Has \(startPeriod * starts) s to start; until then the others do not ask.")
        ]
        var entries: [YAMLEntry] = []
        if health.passes > 1 { entries.append(YAMLEntry("successThreshold", .integer(health.passes))) }
        unit.append(
            YAMLEntry(
                "readinessProbe",
                probe(ready, service, health, period: period, failures: health.failures, further: entries)))
        if let live {
            unit.append(
                YAMLEntry("livenessProbe", probe(live, service, health, period: period, failures: health.failures)))
        }
        return unit
    }

    private func probe(
        _ question: Health.Question, _ service: Service, _ health: Health, period: Int, failures: Int,
        further: [YAMLEntry] = []
    ) -> YAMLTree {
        var entries: [YAMLEntry] =
            switch question {
            case .http(let path): [YAMLEntry("httpGet", ["path": .text(path), "port": "http"])]
            case .tcp: [YAMLEntry("tcpSocket", ["port": "http"])]
            case .exec(let line):
                [YAMLEntry("exec", ["command": words(ContainerCommand(line, values: own(service)).words)])]
            }
        entries.append(YAMLEntry("periodSeconds", .integer(period)))
        entries.append(YAMLEntry("timeoutSeconds", .integer(Self.seconds(health.timeout))))
        entries.append(YAMLEntry("failureThreshold", .integer(failures)))
        return .map(entries + further)
    }

    /// Seconds for which a replica serves on after it was taken out of traffic.
    func drain(_ service: Service) -> Int { port(service) == nil ? 0 : Self.seconds(service.rollout.drain, atLeast: 0) }

    static func seconds(_ duration: Duration, atLeast least: Int = 1) -> Int {
        let (seconds, rest) = duration.components
        return max(least, Int(seconds) + (rest > 0 ? 1 : 0))
    }

    // MARK: Security, size, place

    /// Images of ours have a user of a known number; others have to name theirs by number.
    private func user(_ service: Service) -> Int? {
        guard let image = image(of: service) else { return nil }
        if image.ownDockerfile != nil { return dockerUser(image).flatMap { Int($0) } }
        return service.site == nil ? ImageBases.user : ImageBases.siteUser
    }

    /// Whom a Dockerfile that somebody wrote runs as: its last `USER`, without the group; `nil` when it says none.
    func dockerUser(_ image: SourceImage) -> String? {
        guard let file = image.ownDockerfile, case let text?? = subject.files.files[image.path(file)] else {
            return nil
        }
        let lines = text.split(separator: "\n").map { $0.split(whereSeparator: \.isWhitespace) }
        let line = lines.last { $0.count > 1 && $0[0].uppercased() == "USER" }
        return line.flatMap { $0[1].split(separator: ":").first.map(String.init) }
    }

    func podSecurity(_ user: Int?, group: Int? = nil) -> YAMLTree {
        var entries = [YAMLEntry("runAsNonRoot", true)]
        if let user {
            entries.append(YAMLEntry("runAsUser", .integer(user)))
            entries.append(YAMLEntry("runAsGroup", .integer(group ?? user)))
        }
        if let group { entries.append(YAMLEntry("fsGroup", .integer(group))) }
        entries.append(YAMLEntry("seccompProfile", ["type": "RuntimeDefault"]))
        return .map(entries)
    }

    func containerSecurity(user: Int?) -> YAMLTree {
        var entries = [
            YAMLEntry("allowPrivilegeEscalation", false), YAMLEntry("readOnlyRootFilesystem", true),
            YAMLEntry("capabilities", ["drop": .row(["ALL"])]),
        ]
        if let user { entries.insert(YAMLEntry("runAsUser", .integer(user)), at: 0) }
        return .map(entries)
    }

    func resources(_ size: Size) -> YAMLTree {
        let all: YAMLTree = ["cpu": .text("\(size.cpu)"), "memory": .text("\(size.memory)")]
        return ["requests": all, "limits": all]
    }

    private func spread(_ name: String) -> YAMLTree {
        .list(
            ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map { key in
                [
                    "topologyKey": .text(key), "maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway",
                    "labelSelector": selector(name), "matchLabelKeys": .row(["pod-template-hash"]),
                ]
            })
    }

    /// Each provider has a label of its own for machines that it may take back, and two keep others off them.
    private var spot: [YAMLEntry] {
        let labels = [
            ("cloud.google.com/gke-spot", "true"), ("eks.amazonaws.com/capacityType", "SPOT"),
            ("karpenter.sh/capacity-type", "spot"), ("kubernetes.azure.com/scalesetpriority", "spot"),
        ]
        let terms = labels.map { key, value -> YAMLTree in
            let expression: YAMLTree = ["key": .text(key), "operator": "In", "values": .row([.text(value)])]
            return ["weight": 100, "preference": ["matchExpressions": .list([expression])]]
        }
        let tolerations = [labels[0], labels[3]].map { key, value -> YAMLTree in
            ["key": .text(key), "operator": "Equal", "value": .text(value), "effect": "NoSchedule"]
        }
        return [
            YAMLEntry(
                "affinity",
                ["nodeAffinity": ["preferredDuringSchedulingIgnoredDuringExecution": .list(terms)]],
                comment: "capacity: spot. Machines that may be taken back first, others when there are none."),
            YAMLEntry("tolerations", .list(tolerations)),
        ]
    }

    // MARK: Labels

    /// Those that Kubernetes takes as labels (63 characters of letters, digits, `-`, `_`, `.`); the others are annotations.
    func labels(_ own: [String: String]) -> [String: String] {
        own.filter { Self.isLabel($0.key) && Self.isLabel($0.value) }
    }

    func annotations(_ own: [String: String]) -> [String: String] {
        own.filter { !(Self.isLabel($0.key) && Self.isLabel($0.value)) && Self.isLabel($0.key) }
    }

    static func isLabel(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, text.utf8.count <= 63 else { return false }
        func isWord(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        }
        return isWord(first) && isWord(last) && text.utf8.allSatisfy { isWord($0) || "-_.".utf8.contains($0) }
    }
}
