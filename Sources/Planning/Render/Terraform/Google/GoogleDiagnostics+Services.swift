import Spec

/// What a service asks for.
extension GoogleDiagnostics {
    func of(_ name: ServiceName, _ service: Service) -> [Diagnostic] {
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
}
