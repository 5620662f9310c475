import Spec

extension KubeStack {
    /// What the author asked for and these files do not give, beyond what ``HonourTable`` refuses: each is told.
    var diagnostics: [Diagnostic] {
        var found: [Diagnostic] = []
        func tell(_ path: SpecPath, _ message: String, _ help: String, _ severity: Diagnostic.Severity = .warning) {
            found.append(
                Diagnostic(
                    .targetCannotHonour, message, at: path, span: subject.parsed.span(of: path, in: place.name),
                    severity: severity, help: help, environment: place.name.text))
        }
        for (name, service) in services { tellService(name, service, tell) }
        for (name, resource) in resources { tellResource(name, resource, tell) }
        tellEnvironment(tell)
        let named =
            services.map { ($0.name.text, SpecPath.service($0.name)) }
            + resources.map { ($0.name.text, SpecPath.resource($0.name)) }
        for (name, path) in named where name == Self.prober && !probes.list.isEmpty {
            tell(
                path, "what asks the exposed services from outside is called `\(name)` too", "Give it another name.",
                .error)
        }
        if hasMonitoring {
            found += AlertRules(monitored).diagnostics + ObjectiveRules(monitored).diagnostics
        }
        return found
    }

    private typealias Tell = (SpecPath, String, String, Diagnostic.Severity) -> Void

    private func tellService(_ name: ServiceName, _ service: Service, _ tell: Tell) {
        if !service.egress.isEmpty {
            tell(
                .service(name, "egress"),
                "a NetworkPolicy knows no names: `\(name)` may reach every public address at port 443",
                "Where the cluster runs Cilium, apply deploy/kubernetes/cilium/\(place.name) in place of overlays/\(place.name): it "
                    + "lets only the names of `egress` through; those of buckets and brokers have to be among them.",
                .warning)
        }
        for exposure in service.expose {
            if exposure.filter {
                tell(
                    .service(name, "expose"), "the rendered edge does not look for attacks in requests to `\(name)`",
                    "`filter: true` needs a web application firewall, such as Coraza as an extension of Envoy.",
                    .warning)
            }
            if let rate = exposure.rate {
                tell(
                    .service(name, "expose"),
                    "each proxy of the edge counts \(rate) for itself, and an IPv6 client by its address",
                    "With N proxies a client gets N times as much; its /64 is not taken together.", .note)
            }
        }
        if service.expose.contains(where: { $0.host != nil }), place.settings.domain == nil {
            tell(
                .service(name, "expose"),
                "`\(place.name)` has no `domain`, so `\(name)` answers to any host"
                    + (hasMonitoring ? " and nobody asks it from outside" : ""),
                "Give the environment its `domain`.", .warning)
        }
        if isCanary(service) { tellCanary(name, service, tell) }
        if service.scale.requests != nil, grows(service) {
            tell(
                .service(name, "scale", "requests"),
                "the autoscaler learns requests in flight of `\(name)` from an adapter only",
                "Let the Prometheus adapter serve the gauge `\(Self.inFlight)` of its pods as a custom metric.",
                .warning)
        }
        if service.labels.contains(where: { !Self.isLabel($0.key) }) {
            tell(
                .service(name, "labels"), "some label's key of `\(name)` is none that Kubernetes takes",
                "At most 63 letters, digits, hyphens, underscores and points.", .warning)
        }
        if let image = image(of: service), image.ownDockerfile != nil, dockerUser(image).flatMap({ Int($0) }) == nil {
            let user = dockerUser(image)
            tell(
                .service(name, "source"),
                user.map { "a cluster cannot tell that the user `\($0)` of the image of `\(name)` is not root" }
                    ?? "the image of `\(name)` runs as root, which the restricted standard refuses",
                "Let its Dockerfile end in `USER` and a number above 10000.", .warning)
        }
        for (variable, template) in service.env.sorted(by: { $0.key < $1.key }) {
            let isReleased = template.placeholders.contains { $0.owner == "release" && $0.attribute == nil }
            guard isReleased else { continue }
            if case .secret? = variables(name, service).first(where: { $0.name == variable })?.value {
                tell(
                    .service(name, "env", variable),
                    "`\(variable)` holds a secret and the release, which no object puts together",
                    "Hand over two variables.", .error)
            } else {
                tell(
                    .service(name, "env", variable), "`\(variable)` says the release only when apply.sh ships it",
                    "Argo CD and Flux change the tags of images and no variables.", .note)
            }
        }
        if [service.run, service.migrate?.run].compactMap({ $0?.text }).contains(where: { $0.contains("${release}") }) {
            tell(
                .service(name, "run"), "a command in a cluster does not know the release",
                "Hand it over as a variable under `env:` and name that variable in the command.", .error)
        }
        let words = [service.run, service.migrate?.run].compactMap { $0 }
            .flatMap { ContainerCommand($0, values: own(service)).unfilled }
        for word in words {
            tell(
                .service(name, "run"), "Kubernetes cannot put `${\(word)}` into a command",
                "Hand it over as a variable under `env:` and name that variable in the command.", .error)
        }
    }

    private func tellCanary(_ name: ServiceName, _ service: Service, _ tell: Tell) {
        if isRouted(name, service), service.rollout.by != .request {
            tell(
                .service(name, "rollout"), "the edge shares out each request to `\(name)` for itself during a canary",
                "The Gateway API keeps no client on its side; `\(service.rollout.force): always` reaches the new release, "
                    + "and nothing says `never`.", .warning)
        }
        if !isRouted(name, service) {
            tell(
                .service(name, "rollout"),
                "nothing outside asks `\(name)`, so a canary's share is that of its replicas",
                "Its first step is at least one replica; a share of requests needs a mesh that splits traffic.", .note)
        }
        if service.metrics == nil || service.slo == nil || !hasMonitoring {
            tell(
                .service(name, "rollout"), "nothing judges a canary of `\(name)`: it only waits",
                "Give it `metrics` and an `slo`.", .warning)
        }
    }

    private func tellResource(_ name: ResourceName, _ resource: Resource, _ tell: Tell) {
        switch resource.kind {
        case .bucket:
            tell(
                .resource(name, "kind"), "no bucket is made for `\(name)`: a cluster has none",
                "Make `\(platform.name)-\(place.name)-\(name)` where the cluster runs, with what `versioned`, `keep`, `encrypt` "
                    + "and `backup` say; its address and keys come from the secret store.", .warning)
        case .topic:
            tell(
                .resource(name, "kind"), "no topic is made for `\(name)`: a cluster has no broker",
                "Make `\(resource.topic ?? name.text)` at the broker that you use. Its users may reach public addresses at port 443 "
                    + "only: a broker inside needs a NetworkPolicy of yours.", .warning)
        case .cluster: break
        case .postgres, .redis:
            if resource.encrypt {
                tell(
                    .resource(name, "encrypt"), "the volume of `\(name)` is as the cluster's storage class keeps it",
                    "Let the default storage class encrypt; copies are encrypted by these files.", .warning)
            }
        }
        if resource.kind == .redis {
            if resource.standby {
                tell(
                    .resource(name, "standby"), "no second server of `\(name)` is rendered",
                    "Its pod is started again with its volume when a node fails, within minutes.", .warning)
            }
            if resource.backup != nil {
                tell(
                    .resource(name, "backup"), "no copies of `\(name)` are rendered",
                    "Take snapshots of its volume (VolumeSnapshot) until then.", .warning)
            }
        }
        guard resource.kind == .postgres, let backup = resource.backup else { return }
        if let region = backup.region {
            tell(
                .resource(name, "backup", "region"), "the copies of `\(name)` are not sent to \(region) by these files",
                "Let the bucket `\(namespace)-\(name)-copies` replicate itself there.", .warning)
        }
        let schedule = Self.schedule(backup.every)
        if !schedule.isExact {
            tell(
                .resource(name, "backup", "every"),
                "a schedule has no step of \(DurationText.text(backup.every)): copies are made by `\(schedule.cron)`",
                "They are not rarer than asked, but for more than a week.", .note)
        }
    }

    private func tellEnvironment(_ tell: Tell) {
        let settings = place.settings
        if settings.regions.count > 1 {
            tell(
                .environment(place.name, "regions"),
                "one cluster is rendered for `\(place.name)`, not one in each of \(settings.regions.joined(separator: ", "))",
                "Apply the overlay in a cluster of each region and share the traffic out by DNS.", .warning)
        }
        if let failover = settings.failover {
            tell(
                .environment(place.name, "failover"),
                "nothing in these files hands `\(place.name)` over to `\(failover)`",
                "Both are rendered; a health check of your DNS moves the traffic, and the database has to be brought along.",
                .warning)
        }
        if platform.telemetry.traces == .otlp {
            tell(
                "telemetry.traces", "no collector of traces is rendered for `\(place.name)`",
                "Run an OpenTelemetry collector in the cluster, name it to the services under `env` and allow the way to it.",
                .warning)
        }
        if platform.telemetry.logsEncrypt || platform.telemetry.logsKeep != Telemetry.usual.logsKeep {
            tell(
                "telemetry.logs-keep", "how logs are kept is not said by these files",
                "What collects the output of containers has to keep them for "
                    + "\(DurationText.text(platform.telemetry.logsKeep))\(platform.telemetry.logsEncrypt ? ", encrypted" : "").",
                .warning)
        }
        if !hasMonitoring {
            tell(
                "telemetry.stack", "nothing watches `\(place.name)` by these files, nor are its alerts in any rule",
                "What the cluster's cloud measures has to be set up there; `stack: prometheus` is rendered.", .warning)
        }
        if settings.tls != nil, settings.domain == nil {
            tell(
                .environment(place.name, "tls"), "without a `domain` no certificate can be asked for",
                "Give the environment its `domain`.", .warning)
        }
    }
}
