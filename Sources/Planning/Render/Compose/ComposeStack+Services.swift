import Spec

extension ComposeStack {
    // MARK: One service

    func serviceTree(_ name: ServiceName, _ service: Service) -> YAMLTree {
        var unit = start(name, service)
        if service.schedule != nil, !isSwarm { unit.append(YAMLEntry("profiles", .row(["schedule"]))) }
        if let run = service.run { unit.append(YAMLEntry("command", words(command(run, service)))) }
        unit += handed(name, service)
        let gates = dependencies(name, service)
        if !gates.isEmpty { unit.append(YAMLEntry("depends_on", .map(gates))) }
        unit.append(YAMLEntry("networks", .row(networks(name, service).map { .text($0) })))
        if let port = ports[name.text] {
            unit.append(YAMLEntry("ports", .list([.text(port)]), comment: "For tools of this machine alone."))
        }
        if let health = healthTree(name, service) { unit.append(YAMLEntry("healthcheck", health)) }
        if place.settings.reload, !isSwarm, let folder = service.source.flatMap({ Paths.resolve($0, from: "") }) {
            unit.append(
                YAMLEntry(
                    "develop",
                    [
                        "watch": .list([
                            ["action": "rebuild", "path": .text(folder.isEmpty ? "." : "./" + folder)]
                        ])
                    ],
                    comment:
                        "`docker compose watch`; rebuilt and not synced, since nothing can be written into the container."
                ))
        }
        unit.append(YAMLEntry("stop_grace_period", .text(EngineText.duration(service.stop))))
        unit += hardening()
        unit.append(YAMLEntry("deploy", deployTree(service)))
        unit += closing(service.schedule == nil)
        if !service.labels.isEmpty { unit.append(YAMLEntry("labels", .sorted(service.labels.mapValues(escaped)))) }
        return .map(unit)
    }

    func migrationTree(_ name: ServiceName, _ service: Service) -> YAMLTree {
        var unit = start(name, service)
        if let migrate = service.migrate { unit.append(YAMLEntry("command", words(command(migrate.run, service)))) }
        unit += handed(name, service)
        let gates = isSwarm ? [] : storeGates(service)
        if !gates.isEmpty { unit.append(YAMLEntry("depends_on", .map(gates))) }
        var zones: Set<String> = ["data"]
        if !service.egress.isEmpty { zones.insert("egress") }
        unit.append(YAMLEntry("networks", .row(zones.sorted().map { .text($0) })))
        unit.append(YAMLEntry("healthcheck", ["disable": true]))
        unit += hardening()
        var deploy: [YAMLEntry] = []
        if isSwarm {
            deploy.append(YAMLEntry("mode", "replicated-job"))
            deploy.append(
                YAMLEntry(
                    "restart_policy", ["condition": "on-failure", "delay": "10s", "max_attempts": 12],
                    comment: "Swarm starts all at once: the first time the database may not be there yet."))
        }
        deploy.append(YAMLEntry("resources", limits(service.size)))
        unit.append(YAMLEntry("deploy", .map(deploy)))
        unit += closing(false)
        return .map(unit)
    }

    /// Image, build and user.
    private func start(_ name: ServiceName, _ service: Service) -> [YAMLEntry] {
        guard let image = image(of: service) else {
            return [YAMLEntry("image", .text(escaped(service.image ?? "scratch")))]
        }
        let registry = place.settings.registry.map { $0 + "/" } ?? "\(platform.name)/"
        let tag = place.settings.registry == nil ? "${RELEASE:-local}" : "${RELEASE:?name the release to run}"
        var unit = [YAMLEntry("image", .text("\(registry)\(image.slug(platform.name)):\(tag)"))]
        if !isSwarm {
            var build = [YAMLEntry("context", .text(image.folder.isEmpty ? "." : "./" + image.folder))]
            if let file = service.build?.dockerfile { build.append(YAMLEntry("dockerfile", .text(file))) }
            if let args = service.build?.args, !args.isEmpty {
                build.append(YAMLEntry("args", .sorted(args.mapValues(escaped))))
            }
            unit.append(YAMLEntry("build", .map(build)))
        }
        if image.ownDockerfile == nil {
            let uid = service.site == nil ? ImageBases.user : ImageBases.siteUser
            unit.append(YAMLEntry("user", .text("\(uid):\(uid)")))
        }
        return unit
    }

    private func command(_ line: CommandLine, _ service: Service) -> [String] {
        ContainerCommand(line, values: own(service)).words
    }

    /// What the words without an attribute stand for.
    private func own(_ service: Service) -> [String: String] {
        var values = ["platform": platform.name.text, "environment": environment.text]
        if let port = port(service) { values["port"] = "\(port)" }
        return values
    }

    /// Compose reads `$` in values as a variable of its own.
    func escaped(_ text: String) -> String { text.replacing("$", with: "$$") }

    func words(_ words: [String]) -> YAMLTree {
        words.contains { $0.contains("\n") }
            ? .list(words.map { .text(escaped($0)) }) : .row(words.map { .text(escaped($0)) })
    }

    // MARK: Variables and secrets

    /// Environment, secrets and, where a value holds a secret, the entrypoint that puts it together inside the container.
    private func handed(_ name: ServiceName, _ service: Service) -> [YAMLEntry] {
        var unit: [YAMLEntry] = []
        let exports = self.exports(name, service)
        if !exports.isEmpty, service.run != nil {
            unit.append(
                YAMLEntry(
                    "entrypoint", .list(["/bin/sh", "-euc", .text(escaped(exports + "exec \"$@\"\n")), "sh"]),
                    comment: "Values that hold a secret are put together inside, where no `inspect` shows them."))
        }
        var variables: [YAMLEntry] = []
        for (variable, template) in service.env.sorted(by: { $0.key < $1.key }) {
            guard let value = plain(template, service) else { continue }
            variables.append(YAMLEntry(variable, .text(value)))
        }
        for name in outside(service) where exports.contains("$\(name)") {
            variables.append(YAMLEntry(name, .text("${\(name):?what \(name) says, in .env}")))
        }
        if exports.contains("$RELEASE") { variables.append(YAMLEntry("RELEASE", "${RELEASE:-local}")) }
        if service.run == nil {
            for (secret, variable) in service.secrets.sorted(by: { $0.key < $1.key }) {
                variables.append(YAMLEntry(variable + "_FILE", .text("/run/secrets/\(secret)")))
            }
        }
        if !variables.isEmpty { unit.append(YAMLEntry("environment", .map(variables))) }
        let secrets = handedSecrets(name, service)
        if !secrets.isEmpty { unit.append(YAMLEntry("secrets", secretList(secrets, owner: service))) }
        return unit
    }

    private func secretList(_ names: [String], owner: Service) -> YAMLTree {
        guard isSwarm else { return .row(names.map { .text($0) }) }
        guard owner.source != nil, image(of: owner)?.ownDockerfile == nil else { return .row(names.map { .text($0) }) }
        let uid = owner.site == nil ? ImageBases.user : ImageBases.siteUser
        return .list(
            names.map {
                [
                    "source": .text($0), "target": .text($0), "uid": .text("\(uid)"), "gid": .text("\(uid)"),
                    "mode": 256,
                ]
            })
    }

    private func handedSecrets(_ name: ServiceName, _ service: Service) -> [String] {
        let own = service.secrets.keys.map(\.text)
        let passwords = service.uses.keys.filter { store($0) != nil }.map { passwordName($0, name) }
        return Set(own + passwords).sorted()
    }

    /// Lines of shell that set the variables which hold a secret; empty when there are none.
    private func exports(_ name: ServiceName, _ service: Service) -> String {
        var lines: [String] = []
        for (secret, variable) in service.secrets.sorted(by: { $0.value < $1.value }) {
            lines.append("export \(variable)=\"$(cat /run/secrets/\(secret))\"\n")
        }
        for (variable, template) in service.env.sorted(by: { $0.key < $1.key }) where plain(template, service) == nil {
            let text = template.parts.map { part -> String in
                switch part {
                case .text(let text): return shellQuoted(text)
                case .placeholder("release", nil): return "$RELEASE"
                case .placeholder(let owner, let attribute):
                    return attribute.map { shellValue(owner, $0, name) } ?? shellQuoted(own(service)[owner] ?? "")
                }
            }.joined()
            lines.append("export \(variable)=\"\(text)\"\n")
        }
        return lines.joined()
    }

    private func shellQuoted(_ text: String) -> String {
        text.map { "\"$`\\".contains($0) ? "\\\($0)" : String($0) }.joined()
    }

    /// A value without secrets, in Compose's form; `nil` when it holds one.
    func plain(_ template: Template, _ service: Service) -> String? {
        var text = ""
        for part in template.parts {
            switch part {
            case .text(let plain): text += escaped(plain)
            case .placeholder("release", nil): text += "${RELEASE:-local}"
            case .placeholder(let owner, nil): text += escaped(own(service)[owner] ?? "")
            case .placeholder(let owner, let attribute?):
                if let name = outside(owner, attribute) {
                    text += "${\(name):?the \(attribute) of \(owner), in .env}"
                    continue
                }
                guard let value = plainValue(owner, attribute) else { return nil }
                text += escaped(value)
            }
        }
        return text
    }

    /// The variable that says what nothing rendered knows: an attribute of a bucket or topic that runs elsewhere.
    private func outside(_ owner: String, _ attribute: String) -> String? {
        guard let resource = ResourceName(owner).flatMap({ platform.resources[$0] }), attribute != "name",
            resource.kind == .bucket || resource.kind == .topic
        else { return nil }
        return "\(owner)_\(attribute)".uppercased().replacing("-", with: "_")
    }

    /// Variables of one such resource, as its users name it.
    func outside(_ name: ResourceName, _ resource: Resource) -> [String] {
        let used = services.flatMap { $0.service.env.values }.flatMap(\.placeholders).compactMap { owner, attribute in
            owner == name.text ? attribute : nil
        }
        let names = Set(used).sorted().compactMap { outside(name.text, $0) }
        return names.isEmpty ? ["nothing"] : names
    }

    /// Of all that a service names.
    private func outside(_ service: Service) -> [String] {
        let named = service.env.values.flatMap(\.placeholders).compactMap { owner, attribute in
            attribute.flatMap { outside(owner, $0) }
        }
        return Set(named).sorted()
    }

    private func plainValue(_ owner: String, _ attribute: String) -> String? {
        if let service = ServiceName(owner).flatMap({ platform.services[$0] }) {
            let port = port(service).map { "\($0)" } ?? ""
            return switch attribute {
            case "host": owner
            case "port": port
            default: "http://\(owner):\(port)"
            }
        }
        guard let name = ResourceName(owner), let resource = platform.resources[name] else { return nil }
        switch (resource.kind, attribute) {
        case (.postgres, "host"), (.redis, "host"): return owner
        case (.postgres, "port"): return "5432"
        case (.redis, "port"): return "6379"
        case (.postgres, "database"): return PostgresRoles.database(resource, platform)
        case (.bucket, "name"): return owner
        case (.topic, "name"): return resource.topic ?? owner
        case (.postgres, _), (.redis, _): return nil
        case (.bucket, _), (.topic, _), (.cluster, _): return ""
        }
    }

    /// A value that holds a password, for a double-quoted word of the shell.
    private func shellValue(_ owner: String, _ attribute: String, _ service: ServiceName) -> String {
        if owner == "secrets" { return "$(cat /run/secrets/\(attribute))" }
        if let name = outside(owner, attribute) { return "$\(name)" }
        guard let name = ResourceName(owner), let resource = platform.resources[name] else {
            return plainValue(owner, attribute) ?? ""
        }
        let password = "$(cat /run/secrets/\(passwordName(name.cast(), service)))"
        switch (resource.kind, attribute) {
        case (.postgres, "url"):
            return "postgresql://\(PostgresRoles.role(service)):\(password)@\(owner):5432/"
                + PostgresRoles.database(resource, platform)
        case (.postgres, "user"): return PostgresRoles.role(service)
        case (.redis, "url"): return "redis://\(service):\(password)@\(owner):6379/0"
        case (.redis, "user"): return service.text
        case (_, "password"): return password
        default: return plainValue(owner, attribute) ?? ""
        }
    }

    // MARK: Order, health

    private func storeGates(_ service: Service) -> [YAMLEntry] {
        service.uses.keys.sorted().filter { store($0) != nil }.map {
            YAMLEntry($0.text, ["condition": "service_healthy"])
        }
    }

    private func dependencies(_ name: ServiceName, _ service: Service) -> [YAMLEntry] {
        guard !isSwarm else { return [] }
        var gates: [String: String] = [:]
        for edge in service.uses.keys {
            if store(edge) != nil { gates[edge.text] = "service_healthy" }
            if let other = platform.services[edge.cast()], other.schedule == nil {
                gates[edge.text] = hasHealth(other) ? "service_healthy" : "service_started"
            }
        }
        for other in index.migrators(before: name, service) {
            gates["\(other)-migrate"] = "service_completed_successfully"
        }
        return gates.sorted { $0.key < $1.key }.map { YAMLEntry($0.key, ["condition": .text($0.value)]) }
    }

    func hasHealth(_ service: Service) -> Bool { service.health != nil || service.port != nil || service.site != nil }

    private func healthTree(_ name: ServiceName, _ service: Service) -> YAMLTree? {
        guard var test = check(service) else { return nil }
        let health = service.health ?? .tcp
        let exports = self.exports(name, service)
        if case .exec = health.ready, service.site == nil, !exports.isEmpty {
            test = ["/bin/sh", "-euc", exports + "exec \"$@\"\n", "sh"] + test
        }
        return [
            "test": words(["CMD"] + test),
            "interval": .text(EngineText.duration(health.interval)),
            "timeout": .text(EngineText.duration(health.timeout)),
            "retries": .integer(health.failures),
            "start_period": .text(EngineText.duration(health.start)),
        ]
    }

    /// The program that asks a service inside its container whether it is ready.
    func check(_ service: Service) -> [String]? {
        guard hasHealth(service) else { return nil }
        let health = service.health ?? .tcp
        return HealthCommand.words(
            service.site == nil ? health.ready : .http("/"), port: port(service), timeout: health.timeout,
            tools: tools(service))
    }

    /// What can be relied upon inside an image: ours are known, others by their language.
    private func tools(_ service: Service) -> HealthCommand.Tools {
        guard let image = image(of: service) else { return .unknown }
        if image.ownDockerfile == nil { return image.kind == .site ? .busybox : image.kind == nil ? .unknown : .bash }
        return switch image.kind {
        case .python: .python
        case .node: .node
        default: .unknown
        }
    }

    /// Ports of this machine for a developer's tools, by the unit's name; replicas and the second to want one get any.
    var ports: [String: String] {
        guard place.settings.openPorts, !isSwarm else { return [:] }
        var taken: Set<Int> = []
        var ports: [String: String] = [:]
        for (name, service) in services {
            guard let port = port(service) else { continue }
            let isFree = service.scale.min <= 1 && taken.insert(port).inserted
            ports[name.text] = isFree ? "127.0.0.1:\(port):\(port)" : "127.0.0.1::\(port)"
        }
        for (name, resource) in stores {
            let port = resource.kind == .postgres ? 5432 : 6379
            ports[name.text] = taken.insert(port).inserted ? "127.0.0.1:\(port):\(port)" : "127.0.0.1::\(port)"
        }
        return ports
    }
}
