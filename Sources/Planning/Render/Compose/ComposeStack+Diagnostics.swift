import Spec

extension ComposeStack {
    /// What the author asked for and a Compose file cannot give, beyond what ``HonourTable`` refuses: each is told.
    var diagnostics: [Diagnostic] {
        var found: [Diagnostic] = []
        let engine = isSwarm ? "Swarm" : "Compose"
        func tell(_ path: SpecPath, _ message: String, _ help: String, _ severity: Diagnostic.Severity = .warning) {
            found.append(
                Diagnostic(
                    .targetCannotHonour, message, at: path, span: subject.parsed.span(of: path, in: environment),
                    severity: severity, help: help, environment: environment.text))
        }
        let ownUnits = ownUnits
        for (name, path) in services.map({ ($0.name.text, SpecPath.service($0.name)) })
            + resources.map({ ($0.name.text, SpecPath.resource($0.name)) })
        where ownUnits.contains(name) {
            tell(
                path, "a container of what is rendered besides is called `\(name)` too",
                "Give it another name: beside services and resources there are \(ownUnits.sorted().joined(separator: ", ")).",
                .error)
        }
        for (name, _) in stores {
            for (user, _) in users(of: name) where ["admin", PostgresRoles.exporter].contains(user.text) {
                tell(
                    .service(user, "uses"), "`\(user)` would be a user of `\(name)` under the name of its \(user)",
                    "Give the service another name.", .error)
            }
        }
        for secret in madeSecrets.sorted() where SecretName(secret).map({ platform.secrets[$0] != nil }) ?? false {
            tell(
                SpecPath(["secrets", secret]), "a secret that is rendered besides is called `\(secret)` too",
                "Give it another name.", .error)
        }
        if monitored != nil, platform.telemetry.logsEncrypt {
            tell(
                SpecPath(["telemetry", "logs-encrypt"]), "Loki keeps logs as the server's disk is",
                "Encrypt the disk below /var/lib/docker, where the containers' own logs lie too.")
        }
        if monitored != nil, isSwarm {
            tell(
                SpecPath(["telemetry", "stack"]),
                "Grafana is published nowhere: Swarm opens ports to the world or not at all",
                "Expose it by a service of your own, or ask it from a server of the stack.", .note)
        }
        for (name, service) in services {
            if !service.egress.isEmpty {
                tell(
                    .service(name, "egress"), "\(engine) lets `\(name)` reach every host, not only those of `egress`",
                    "It is alone in having a way out; which hosts, a firewall of the server has to say.")
            }
            if service.expose.contains(where: \.filter) {
                tell(
                    .service(name, "expose"), "the rendered nginx does not look for attacks in requests to `\(name)`",
                    "It limits rates and sizes; `filter: true` needs a web application firewall in front of it.")
            }
            for rate in service.expose.compactMap(\.rate) where rate.per == 3600 && rate.count % 60 != 0 {
                tell(
                    .service(name, "expose"), "nginx counts \(rate) as \(EdgeConfiguration.rate(rate))",
                    "It knows rates by the second and by the minute.")
            }
            if service.schedule != nil {
                tell(
                    .service(name, "schedule"), "\(engine) has no clock that starts `\(name)`",
                    isSwarm
                        ? "It is rendered with no replica; start it from cron with `docker service scale`."
                        : "It is rendered under the profile `schedule`; start it from cron with `docker compose run --rm \(name)`."
                )
            }
            if service.rollout.way == .canary {
                tell(
                    .service(name, "rollout"), "\(engine) moves no traffic of `\(name)` in steps",
                    "It is rendered as `rollout: beside`.")
            }
            if service.migrate != nil, isSwarm {
                tell(
                    .service(name, "migrate"), "Swarm does not wait for the migration of `\(name)`",
                    "Scale `\(name)-migrate` and wait for it before the stack is deployed, or let `hauban deploy` do both."
                )
            }
            if case .exec = service.health?.ready {
            } else if service.health?.live != nil, !isSwarm {
                tell(
                    .service(name, "health", "live"), "Compose does not restart `\(name)` when it stops answering",
                    "A container has one question, that of `ready`; it gates the start and shows in `docker ps`.", .note
                )
            }
            if service.run == nil {
                let held = service.env.filter { plain($0.value, service) == nil }.keys.sorted()
                for variable in held {
                    tell(
                        .service(name, "env", variable),
                        "\(engine) cannot hand `\(variable)` to `\(name)`: it holds a secret, and only the image knows its command",
                        "Say what it starts with under `run:`, so that the value is put together inside.", .error)
                }
            }
            let words = [service.run, service.migrate?.run].compactMap { $0 }
                .flatMap { ContainerCommand($0, values: [:]).unfilled }
            for word in words {
                tell(
                    .service(name, "run"), "\(engine) cannot put `${\(word)}` into a command",
                    "Hand it over as a variable under `env:` and name that variable in the command.", .error)
            }
        }
        for (name, resource) in resources {
            switch resource.kind {
            case .bucket, .topic:
                let variables = outside(name, resource).joined(separator: ", ")
                tell(
                    .resource(name, "kind"),
                    "no \(resource.kind.rawValue) is rendered for `\(name)`: bring one of your own",
                    "No image of one is kept up for everybody. Nothing starts before .env says \(variables).")
            case .cluster: break
            case .postgres, .redis:
                if resource.storage != nil {
                    tell(
                        .resource(name, "storage"), "a volume of Docker has no size, so `\(name)` may fill the disk",
                        "Watch it with an alert on `disk(\(name))`.")
                }
                if resource.encrypt {
                    tell(
                        .resource(name, "encrypt"), "the volume of `\(name)` is as the server's disk is",
                        "Encrypt the disk below /var/lib/docker/volumes.")
                }
                if resource.backup != nil {
                    tell(
                        .resource(name, "backup"), "no copies of `\(name)` are rendered yet",
                        "Take them from the server until then.")
                }
                if resource.standby {
                    tell(
                        .resource(name, "standby"), "no second server of `\(name)` is rendered yet",
                        "It stays on the node with its volume.")
                }
            }
        }
        return found
    }
}
