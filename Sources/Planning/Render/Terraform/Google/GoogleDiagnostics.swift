import Spec

/// What the author asked for and Google Cloud cannot give, beyond what ``HonourTable`` refuses: each is told.
struct GoogleDiagnostics {
    let place: GooglePlace

    var all: [Diagnostic] {
        place.services.flatMap { of($0.name, $0.service) } + place.resources.flatMap { of($0.name, $0.resource) }
            + alerts + environment
    }

    var platform: Platform { place.platform }

    func tell(
        _ path: SpecPath, _ message: String, _ help: String, _ severity: Diagnostic.Severity = .warning
    ) -> Diagnostic {
        Diagnostic(
            .targetCannotHonour, message, at: path,
            span: place.subject.parsed.span(of: path, in: place.environment), severity: severity, help: help,
            environment: place.environment.text)
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
