import Spec

/// What the author asked for and Google Cloud cannot give, beyond what ``HonourTable`` refuses: each is told.
struct GoogleDiagnostics {
    let place: GooglePlace

    var all: [Diagnostic] {
        place.services.flatMap { of($0.name, $0.service) } + place.resources.flatMap { of($0.name, $0.resource) }
            + alerts + environment
    }

    private var platform: Platform { place.platform }

    private func tell(
        _ path: SpecPath, _ message: String, _ help: String, _ severity: Diagnostic.Severity = .warning
    ) -> Diagnostic {
        Diagnostic(
            .targetCannotHonour, message, at: path,
            span: place.subject.parsed.span(of: path, in: place.environment), severity: severity, help: help,
            environment: place.environment.text)
    }

    // MARK: Services

    private func of(_ name: ServiceName, _ service: Service) -> [Diagnostic] {
        guard service.site == nil else { return [] }
        return process(name, service) + words(name, service) + (service.port == nil ? [] : server(name, service))
            + (service.port == nil && service.schedule == nil ? worker(name, service) : [])
    }

    private func process(_ name: ServiceName, _ service: Service) -> [Diagnostic] {
        var found: [Diagnostic] = []
        let outside = place.outside(service)
        if !outside.isEmpty {
            found.append(
                tell(
                    .service(name, "egress"),
                    "Google's firewall knows addresses and no names: `\(name)` may reach every host over HTTPS, not only those of `egress`",
                    "Everything else in the network stays closed. Which hosts, a proxy in front of it has to say (Secure Web Proxy)."
                ))
        }
        if service.stop > .seconds(10) {
            found.append(
                tell(
                    .service(name, "stop"),
                    "Cloud Run ends `\(name)` 10 s after SIGTERM, not \(DurationText.text(service.stop))",
                    "Let it put work back that it cannot end in that time."))
        }
        let size = CloudRunSize(service)
        if !size.isExact {
            found.append(
                tell(
                    .service(name, "size"),
                    "Cloud Run has no instance of \(service.size.cpu) CPU and \(service.size.memory): `\(name)` gets \(size.cpu) and \(size.memory)",
                    "It gives whole processors to what answers several requests at once, and to each a least of memory.",
                    .note
                ))
        }
        if service.metrics != nil {
            found.append(
                tell(
                    .service(name, "metrics"), "nothing reads `\(service.metrics ?? "")` of `\(name)` on Cloud Run",
                    "Requests, latency, errors, CPU and memory are measured by Google itself; your own numbers need the sidecar of "
                        + "Managed Service for Prometheus.", .note))
        }
        if service.schedule != nil, service.scale.max > 1 {
            found.append(
                tell(
                    .service(name, "scale"),
                    "a job of Cloud Run is started once at its time, so `scale` of `\(name)` says nothing",
                    "Take it away."))
        }
        if service.image != nil,
            service.image?.contains("ghcr.io/") == true || service.image?.contains("quay.io/") == true
        {
            found.append(
                tell(
                    .service(name, "image"), "Cloud Run pulls images from Artifact Registry and Docker Hub alone",
                    "Name it by way of a remote repository of Artifact Registry."))
        }
        return found
    }

    /// Commands and variables.
    private func words(_ name: ServiceName, _ service: Service) -> [Diagnostic] {
        var found: [Diagnostic] = []
        let values = GoogleValues(place: place, name: name, service: service, regionKey: "")
        if service.run == nil {
            for (variable, template) in service.env.sorted(by: { $0.key < $1.key })
            where values.fill(template).isComposed {
                found.append(
                    tell(
                        .service(name, "env", variable),
                        "Cloud Run cannot hand `\(variable)` to `\(name)`: it holds a secret, and only the image knows its command",
                        "Say what it starts with under `run:`, so that the value is put together inside.", .error))
            }
        }
        if let port = service.env["PORT"], values.fill(port).text != service.port.map({ "\($0)" }) {
            found.append(
                tell(
                    .service(name, "env", "PORT"),
                    "Cloud Run sets `PORT` of `\(name)` to the port that it sends requests to",
                    "Give the value another name."))
        }
        let unfilled = [service.run, service.migrate?.run].compactMap { $0 }
            .flatMap { ContainerCommand($0, values: [:]).unfilled }
        for word in unfilled {
            found.append(
                tell(
                    .service(name, "run"), "Cloud Run cannot put `${\(word)}` into a command",
                    "Hand it over as a variable under `env:` and name that variable in the command.", .error))
        }
        for (variable, template) in service.env.sorted(by: { $0.key < $1.key }) {
            for (owner, attribute) in template.placeholders
            where ["access_key", "secret_key"].contains(attribute ?? "") {
                found.append(
                    tell(
                        .service(name, "env", variable), "a bucket of Cloud Storage has no `\(attribute ?? "")`",
                        "`\(name)` reads `\(owner)` with its own account, through Google's client libraries.", .error))
            }
        }
        return found
    }

    private func server(_ name: ServiceName, _ service: Service) -> [Diagnostic] {
        var found: [Diagnostic] = []
        let health = service.health ?? .tcp
        if case .exec = health.ready {
            found.append(
                tell(
                    .service(name, "health", "exec"), "Cloud Run runs no command to ask `\(name)` how it is",
                    "Its port is asked instead; answer HTTP under `health: {ready: …}`."))
        }
        if health.passes > 1 {
            found.append(
                tell(
                    .service(name, "health", "passes"), "Cloud Run takes one pass for enough, not \(health.passes)",
                    "A revision gets requests after its first good answer."))
        }
        for (key, value) in [("cpu", service.scale.cpu), ("memory", service.scale.memory)] {
            guard let value else { continue }
            found.append(
                tell(
                    .service(name, "scale", key),
                    "Cloud Run adds instances at a use of its own choice, not at \(value) of \(key)",
                    "Write `requests`, the requests in flight beyond which it adds one."))
        }
        if service.rollout.way == .replace {
            found.append(
                tell(
                    .service(name, "rollout"),
                    "Cloud Run never stops the old revision of `\(name)` before the new one serves",
                    "Let two releases work at once."))
        }
        if place.users(subscribedBy: service) {
            found.append(
                tell(
                    .service(name, "uses"),
                    "`\(name)` has a port, so Pub/Sub pushes to it: POST / with the message as JSON",
                    "An instance that sleeps cannot pull. A service without `port` pulls.", .note))
        }
        return found
    }

    private func worker(_ name: ServiceName, _ service: Service) -> [Diagnostic] {
        var found: [Diagnostic] = []
        if service.health != nil {
            found.append(
                tell(
                    .service(name, "health"),
                    "Cloud Run asks a worker pool nothing: `\(name)` is replaced only when its process ends",
                    "Let the process end when it can do no work."))
        }
        if service.scale.max > service.scale.min {
            found.append(
                tell(
                    .service(name, "scale"),
                    "a worker pool keeps a fixed number of instances: `\(name)` gets \(service.scale.min)",
                    "Raise `min`."))
        }
        if service.rollout.way == .replace,
            place.subject.parsed.span(of: .service(name, "rollout"), in: place.environment) != nil
        {
            found.append(
                tell(
                    .service(name, "rollout"),
                    "Cloud Run starts new workers of `\(name)` before the old ones have ended",
                    "Let two releases work at once.", .note))
        }
        return found
    }

    // MARK: Resources

    private func of(_ name: ResourceName, _ resource: Resource) -> [Diagnostic] {
        var found: [Diagnostic] = []
        switch resource.kind {
        case .postgres:
            if let size = resource.size {
                let tier = CloudSQLTier(size)
                if tier.cpus * 1000 != size.cpu.millis || tier.mebibytes << 20 != size.memory.bytes {
                    found.append(
                        tell(
                            .resource(name, "size"),
                            "Cloud SQL has no machine of \(size.cpu) CPU and \(size.memory): `\(name)` gets \(tier.text)",
                            "One processor or an even number, 0.9 to 6.5 GiB for each, at least 3.75 GiB.", .note))
                }
            }
            if let backup = resource.backup {
                if backup.every != .seconds(86_400) {
                    found.append(
                        tell(
                            .resource(name, "backup", "every"),
                            "Cloud SQL makes one copy a day, not one every \(DurationText.text(backup.every))",
                            "Its transaction logs bring back any moment between copies, seven days back at most.", .note
                        ))
                }
                if Int(backup.keep.components.seconds) > 365 * 86_400 {
                    found.append(
                        tell(
                            .resource(name, "backup", "keep"), "Cloud SQL keeps 365 copies at most",
                            "Export older ones to a bucket."))
                }
            }
            if !resource.extensions.isEmpty {
                found.append(
                    tell(
                        .resource(name, "extensions"), "Terraform creates no extensions in `\(name)`",
                        "Run \(place.folder)/\(name)-grants.sql once.", .note))
            }
        case .redis:
            if resource.storage != nil {
                found.append(
                    tell(
                        .resource(name, "storage"), "Memorystore's disk is as large as its memory",
                        "Say the memory under `size`."))
            }
            if let backup = resource.backup {
                found.append(
                    tell(
                        .resource(name, "backup"),
                        "Memorystore keeps the last snapshot alone, made every \(GoogleRoot.snapshots(backup.every).lowercased().replacing("_", with: " "))",
                        "It is read again after a crash. `keep` and `region` need exports to a bucket."))
            }
        case .bucket:
            if let backup = resource.backup, backup.region == nil {
                found.append(
                    tell(
                        .resource(name, "backup"), "a bucket has no copies beside itself",
                        "Write `versioned: true` against mistakes, and `backup: {region: …}` for a second region."))
            } else if let region = resource.backup?.region,
                GoogleRoot.continent(region) == nil
                    || GoogleRoot.continent(region) != GoogleRoot.continent(place.region)
            {
                found.append(
                    tell(
                        .resource(name, "backup", "region"),
                        "a bucket lies in two regions of one continent, and \(region) is not on that of \(place.region)",
                        "Choose another region, or copy it with Storage Transfer Service.", .error))
            }
            if resource.storage != nil {
                found.append(
                    tell(
                        .resource(name, "storage"), "a bucket has no size",
                        "It grows as it is filled; watch the budget."))
            }
        case .topic:
            if let keep = resource.keep, keep > .seconds(31 * 86_400) {
                found.append(
                    tell(
                        .resource(name, "keep"), "Pub/Sub keeps messages for 31 days at most",
                        "Write `keep: 31d` or less."))
            }
        case .cluster:
            if resource.size != nil {
                found.append(
                    tell(
                        .resource(name, "size"),
                        "an Autopilot cluster has no size: it has the nodes that its pods ask for",
                        "Say it in the pods' requests."))
            }
            found.append(
                tell(
                    .resource(name, "kind"),
                    "`\(name)` is an empty cluster: what runs in it is not part of hauban.yaml",
                    "Install it with its own tool (Prefect: its Helm chart), with the accounts that it needs.", .note))
        }
        return found
    }

    // MARK: Alerts

    private var alerts: [Diagnostic] {
        let signals = GoogleSignals(place: place)
        let channels = GoogleChannels(platform: platform)
        var found: [Diagnostic] = []
        for (name, alert) in platform.alerts.sorted(by: { $0.key < $1.key }) {
            let path = SpecPath(["alerts", name.text])
            if case .condition(let condition) = alert.trigger {
                switch signals.query(name, condition, hold: alert.hold) {
                case .query, .logs: break
                case .impossible(let reason):
                    found.append(
                        tell(
                            path, "alert `\(name)` is in no policy: \(reason)",
                            "Write it with `promql:` over a metric of yours, or watch another signal."))
                    continue
                case .budget:
                    let help = "Google tells of budgets by e-mail alone, `level` and `for` change nothing."
                    found.append(
                        place.settings.budget == nil
                            ? tell(
                                path, "alert `\(name)` is told by nobody: `\(place.environment)` has no `budget`",
                                "Write `budget: {month: …}`.")
                            : tell(path, "alert `\(name)` is a threshold of the budget", help, .note))
                    continue
                }
            }
            let told = channels.told(alert.level, to: alert.to)
            for way in told.impossible {
                found.append(
                    tell(
                        path, "Cloud Monitoring tells nobody of `\(name)` by \(way)",
                        "Those people are told by e-mail; `hauban serve` or PagerDuty does the rest."))
            }
            if told.channels.isEmpty {
                found.append(
                    tell(
                        path, "nobody is told of alert `\(name)`",
                        "Give the schedule `channels`, or its people an `email`."))
            }
        }
        return found
    }

    // MARK: The environment

    private var environment: [Diagnostic] {
        var found: [Diagnostic] = []
        let settings = place.settings
        func at(_ keys: String...) -> SpecPath { SpecPath(["environments", place.environment.text] + keys) }
        if settings.domain == nil, let exposed = place.services.first(where: { !$0.service.expose.isEmpty }) {
            found.append(
                tell(
                    at("target"),
                    "`\(exposed.name)` is exposed, and `\(place.environment)` has no `domain` to be found by",
                    "Write `domain: …`, of which the load balancer's certificate is made out.", .error))
        }
        if settings.regions.isEmpty {
            found.append(
                tell(at("target"), "no region is said: \(place.region) is taken", "Write `regions: [\(place.region)]`.")
            )
        }
        if settings.tls?.issuer == .files {
            found.append(
                tell(
                    at("tls", "issuer"), "a key from a file would lie in Terraform's state",
                    "Write `issuer: managed`: Google makes the certificate and renews it.", .error))
        }
        if settings.tls?.minimum == .tls13 {
            found.append(
                tell(
                    at("tls", "minimum"), "Google's load balancer still answers TLS 1.2 beside 1.3",
                    "Only its restricted ciphers are let through. Version 6 of the provider knows nothing stricter.",
                    .error))
        }
        if settings.encrypt == .mesh {
            found.append(
                tell(
                    at("encrypt"),
                    "Cloud Run's services talk TLS and sign in with tokens, not with certificates of their own",
                    "All their traffic is encrypted. Mutual TLS needs Kubernetes with a mesh.", .warning))
        }
        if settings.failover != nil {
            found.append(
                tell(
                    at("failover"), "Terraform moves no traffic to another environment",
                    "Name several `regions` instead."))
        }
        let twins = place.subject.everywhere.filter {
            $0.settings.target == .gcp && $0.name != place.environment
                && GooglePlace(subject: place.subject, place: $0).projectID == place.projectID
        }
        if let twin = twins.first {
            found.append(
                tell(
                    at("project"), "`\(place.environment)` and `\(twin.name)` share the project \(place.projectID)",
                    "Names of services and accounts would meet. Give each environment a project of its own.", .error))
        }
        found += telemetry
        return found
    }

    private var telemetry: [Diagnostic] {
        var found: [Diagnostic] = []
        if platform.telemetry.stack == .prometheus {
            found.append(
                tell(
                    SpecPath(["telemetry", "stack"]),
                    "no Prometheus is rendered on Google Cloud: Cloud Monitoring shows and alerts",
                    "Write `telemetry: {stack: cloud}`."))
        }
        if platform.telemetry.traces == .otlp {
            found.append(
                tell(
                    SpecPath(["telemetry", "traces"]), "no OpenTelemetry collector is rendered on Google Cloud",
                    "Write `traces: cloud`, or send them to a collector of yours."))
        }
        if platform.telemetry.traces == .cloud, platform.telemetry.sample.millionths != 1_000_000 {
            found.append(
                tell(
                    SpecPath(["telemetry", "sample"]), "Cloud Run chooses by itself which requests are traced",
                    "At most one in ten seconds for each instance; a service may choose for what it starts."))
        }
        for name in platform.kpis.keys.sorted() {
            found.append(
                tell(
                    SpecPath(["kpis", name.text]),
                    "`\(name)` is on no dashboard: nothing on Google Cloud reads its metric",
                    "Send it to Cloud Monitoring and add a chart by hand."))
        }
        for (name, spec) in platform.secrets.sorted(by: { $0.key < $1.key }) where spec.rotate != nil {
            found.append(
                tell(
                    SpecPath(["secrets", name.text, "rotate"]),
                    "Secret Manager renews nothing by itself: `rotate` of `\(name)` is an annotation",
                    "`hauban secrets` tells when it is due.", .note))
        }
        if platform.alerts.isEmpty, place.servers.contains(where: { $0.service.slo != nil }) {
            found.append(
                tell(
                    .environment(place.environment, "target"),
                    "objectives of `\(place.environment)` are measured and nobody is told of them, since it has no `alerts`",
                    "Write an alert there if somebody shall be.", .note))
        }
        return found
    }
}

extension GooglePlace {
    /// Whether a service reads a topic.
    func users(subscribedBy service: Service) -> Bool { service.uses.values.contains(.subscribe) }
}
