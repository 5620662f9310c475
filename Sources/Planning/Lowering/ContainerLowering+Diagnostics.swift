package import Spec

extension ContainerLowering {
    /// What the author asked for and one Docker Engine does not do, beyond what ``HonourTable`` refuses: told before a deploy, each at its
    /// place. An error stops it.
    package var diagnostics: [Diagnostic] {
        var found: [Diagnostic] = []
        let environment = stack.environment
        func tell(_ path: SpecPath, _ message: String, _ help: String, _ severity: Diagnostic.Severity = .warning) {
            let span = stack.subject.parsed.span(of: path, in: environment)
            found.append(
                Diagnostic(
                    .targetCannotHonour, message, at: path, span: span, severity: severity, help: help,
                    environment: environment.text))
        }
        for (name, service) in stack.services {
            if service.schedule != nil {
                tell(
                    .service(name, "schedule"), "docker has no clock that starts `\(name)`, so it is not started",
                    "Start it from cron: `render compose` writes it, and `docker compose run --rm \(name)` runs it once."
                )
            }
            if !service.egress.isEmpty {
                tell(
                    .service(name, "egress"), "docker lets `\(name)` reach every host, not only those of `egress`",
                    "It is alone in having a way out; which hosts, a firewall of the server has to say.")
            }
            if service.expose.contains(where: \.filter) {
                tell(
                    .service(name, "expose"), "the front door does not look for attacks in requests to `\(name)`",
                    "It limits rates and sizes; `filter: true` needs a web application firewall in front of it.")
            }
        }
        for (name, resource) in stack.resources {
            switch resource.kind {
            case .bucket, .topic, .cluster:
                tell(
                    .resource(name, "kind"), "docker keeps no \(resource.kind.rawValue), so `\(name)` cannot be made",
                    "Bring one of your own: remove it with `environments.\(environment).resources.\(name): null` and give the "
                        + "services its address with `env:`.", .error)
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
                        .resource(name, "backup"), "a deploy makes no copies of `\(name)`",
                        "Take them from the server until then: `docker exec -u postgres CONTAINER pg_dump`, from cron.")
                }
            }
        }
        if stack.place.settings.openPorts {
            tell(
                .environment(environment, "open-ports"), "docker publishes no ports but the front door's",
                "`render compose` opens them; `docker exec` reaches every container.")
        }
        if stack.hasMonitoring {
            tell(
                SpecPath(["telemetry", "stack"]), "a deploy starts no Prometheus and no Grafana",
                "`render compose` writes them; the front door's own figures are in `hauban status`.", .note)
        }
        return found
    }
}
