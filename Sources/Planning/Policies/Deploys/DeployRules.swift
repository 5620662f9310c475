import Spec

extension DeployRule {
    /// All of them, in the order of the file's sections.
    package static let all: [DeployRule] = services + resources + telemetry + environments

    private static let services: [DeployRule] = [
        rule(
            "schedule", "services.*.schedule", "Nothing starts a service at its times",
            "The service is no part of the release.",
            "Start it from the server's own cron or a systemd timer, and take it away there: `services: {NAME: null}`."
        ) { context in
            services(context, "schedule") { name, service in
                service.schedule.map { _ in "nothing starts `\(name)` on its schedule" }
            }
        },
        rule(
            "live", "services.*.health.live", "A replica that hangs is not started again",
            "An engine has one question, that of `ready`. Docker starts again what ends and nothing that hangs, which the "
                + "front door passes over; Swarm starts again what fails `ready`.",
            "Have it end by itself when it is stuck, or on a Swarm ask the same for `live` as for `ready`."
        ) { context in
            services(context, "health", "live") { name, service in
                guard let health = service.health, let live = health.live else { return nil }
                if context.target == .swarm, live == health.ready { return nil }
                return "`\(name)` is not started again when it fails `live`"
            }
        },
        rule(
            "egress", "services.*.egress", "A service may reach every host outside",
            "Who has `egress` is alone in having a way out; it leads anywhere.",
            "Let a firewall of the server say which hosts."
        ) { context in
            services(context, "egress") { name, service in
                service.egress.isEmpty ? nil : "`\(name)` may reach any host outside, not only those of `egress`"
            }
        },
        rule(
            "filter", "services.*.expose.filter", "Nobody looks for attacks in requests",
            "The front door limits rates and sizes and looks no further.",
            "Put a web application firewall in front of it."
        ) { context in
            context.services.flatMap { name, service in
                service.expose.enumerated().filter(\.element.filter).map { index, _ in
                    (
                        ExposurePlace.path(index, of: name, context).appending("filter"),
                        "requests to `\(name)` are not looked into"
                    )
                }
            }
        },
        rule(
            "scale", "services.*.scale", "Replicas are not added under load",
            "The number of replicas is the least that `scale` says, until a remedy or a person changes it.",
            "Say one number: `scale: 3`.", on: [.swarm]
        ) { context in
            services(context, "scale") { name, service in
                service.scale.max > service.scale.min ? "`\(name)` stays at \(service.scale.min) replicas" : nil
            }
        },
    ]

    private static let resources: [DeployRule] = [
        rule(
            "storage", "resources.*.storage", "No space is set apart for data",
            "A volume of Docker has no size: the data may fill the disk.", "Watch the disk with an alert on `disk`."
        ) { context in
            resources(context, "storage") { name, resource in
                resource.storage.map { _ in "no space is set apart for `\(name)`" }
            }
        },
        rule(
            "standby", "resources.*.standby", "There is no second server of a database",
            "It is one container on the manager, with its volume.",
            "Keep a copy elsewhere, or let a cloud run it.", on: [.swarm]
        ) { context in
            resources(context, "standby") { name, resource in
                resource.standby ? "no second server of `\(name)` is started" : nil
            }
        },
        rule(
            "encrypt", "resources.*.encrypt", "Data lie as the disk keeps them",
            "A volume is a folder of the server.", "Encrypt the disk below /var/lib/docker."
        ) { context in
            resources(context, "encrypt") { name, resource in
                resource.encrypt ? "the data of `\(name)` are kept as the machine's disk keeps them" : nil
            }
        },
        rule(
            "backup", "resources.*.backup", "No copies are made of a database or cache",
            "Nothing makes copies, and nobody tries a restore.",
            "Have the server's own cron take them (`pg_dump`, `redis-cli --rdb`) and keep them elsewhere."
        ) { context in
            resources(context, "backup") { name, resource in
                resource.backup.map { _ in "no copies are made of `\(name)`" }
            }
        },
    ]

    private static let telemetry: [DeployRule] = [
        rule(
            "telemetry", "telemetry.stack", "Prometheus and what belongs to it are not started",
            "The front door's figures are told by `hauban status` and `serve`; metrics of services stay where they are.",
            "Render them (`hauban render compose`) and start them beside it."
        ) { context in
            [("telemetry.stack", "Prometheus and what belongs to it are not started")]
                .filter { _ in context.platform.telemetry.stack == .prometheus }
        },
        rule(
            "traces", "telemetry.traces", "No collector of traces is started",
            "Trace ids are passed on, and go nowhere by themselves.",
            "Start one beside it and name it to the services in `env`."
        ) { context in
            [("telemetry.traces", "trace ids are passed on and no collector is started")]
                .filter { _ in [.otlp, .cloud].contains(context.platform.telemetry.traces) }
        },
        rule(
            "logs-keep", "telemetry.logs-keep", "Logs are kept by size, not by time",
            "The engine keeps five files of 10 MiB of each container, and none of one that was removed.",
            "Have a collector fetch what must stay longer."
        ) { context in
            [("telemetry.logs-keep", "logs are kept by size, whatever `logs-keep` says")]
        },
        rule(
            "logs-encrypt", "telemetry.logs-encrypt", "Logs lie as the disk keeps them",
            "The engine writes them to files of the server.", "Encrypt the disk below /var/lib/docker."
        ) { context in
            [("telemetry.logs-encrypt", "logs are kept as the machine's disk keeps them")]
                .filter { _ in context.platform.telemetry.logsEncrypt }
        },
    ]

    private static let environments: [DeployRule] = [
        rule(
            "failover", "environments.*.failover", "Nobody takes over from an environment that fails",
            "Where clients are sent is not changed.", "Change the name's address by hand, or with your DNS provider.",
            on: [.swarm]
        ) { context in
            environment(context, "failover") { settings in
                settings.failover.map { "`\($0)` does not take the traffic when this one fails" }
            }
        },
        rule(
            "patch", "environments.*.patch", "A patch of rendered files changes no deploy",
            "It is laid over what `hauban render compose` writes, and a deploy reads none of that.",
            "Deploy what is rendered, or take the patch away."
        ) { context in
            guard let name = context.environment, let settings = context.settings else { return [] }
            return settings.patch.keys.filter { $0 == settings.target.rawValue }.map {
                (.environment(name, "patch", $0), "a patch for \($0) changes rendered files, and no deploy")
            }
        },
    ]

    private static func rule(
        _ word: String, _ field: String, _ title: String, _ reason: String, _ fix: String,
        on targets: Set<Environment.Target> = [.docker, .swarm],
        places: @escaping @Sendable (PolicyContext) -> [(path: SpecPath, message: String)]
    ) -> DeployRule {
        DeployRule(
            id: "deploy/\(word)", field: field, title: title, reason: reason, fix: fix, targets: targets, places: places
        )
    }

    private static func services(
        _ context: PolicyContext, _ keys: String..., clause: (ServiceName, Service) -> String?
    ) -> [(path: SpecPath, message: String)] {
        context.services.compactMap { name, service in
            clause(name, service).map { (SpecPath(["services", name.text] + keys), $0) }
        }
    }

    private static func resources(
        _ context: PolicyContext, _ key: String, clause: (ResourceName, Resource) -> String?
    ) -> [(path: SpecPath, message: String)] {
        context.resources.compactMap { name, resource in
            clause(name, resource).map { (.resource(name, key), $0) }
        }
    }

    private static func environment(
        _ context: PolicyContext, _ key: String, clause: (Environment) -> String?
    ) -> [(path: SpecPath, message: String)] {
        guard let name = context.environment, let settings = context.settings, let clause = clause(settings) else {
            return []
        }
        return [(.environment(name, key), clause)]
    }
}
