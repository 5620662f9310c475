import Spec

extension GoogleRoot {
    // MARK: services.tf

    var services: HCLFile {
        place.file("services") { body in
            for (name, service) in place.services {
                if service.site != nil {
                    body.add(site(name, service))
                } else if service.schedule != nil {
                    body.add(cron(name, service))
                } else if service.port != nil {
                    body.add(server(name, service))
                } else {
                    body.add(worker(name, service))
                }
                if service.migrate != nil { body.add(migration(name, service)) }
            }
        }
    }

    private func site(_ name: ServiceName, _ service: Service) -> HCLBlock {
        place.module("site_\(Self.label(name))", .site) { body in
            body.set("project", .code("local.project"))
            body.set("name", .text(name.text))
            body.set("bucket", .text(place.bucket(name.text)))
            body.set("location", .code("local.region"))
            if service.site?.spa == true { body.set("spa", true) }
            if service.site?.cdn == true { body.set("cdn", true) }
            body.set("response_headers", ifAny: transportSecurity.map { [.text($0)] })
            body.gap()
            body.set("labels", place.labels("service", name.text, service.labels))
        }
    }

    private func server(_ name: ServiceName, _ service: Service) -> HCLBlock {
        let health = service.health ?? .tcp
        let size = CloudRunSize(service)
        return place.module("service_\(Self.label(name))", .service) { body in
            body.set("for_each", .code("local.regions"))
            body.gap()
            common(&body, name, service, region: "each.key")
            body.set("port", .integer(service.port?.number ?? 8080))
            if !service.expose.isEmpty { body.set("exposed", true) }
            if case .http(let path) = health.ready { body.set("ready_path", .text(path)) }
            if case .http(let path) = health.live { body.set("live_path", .text(path)) }
            body.set("cpu", .text(size.cpu))
            body.set("memory", .text(size.memory))
            body.set("min_instances", .integer(service.scale.min))
            body.set("max_instances", .integer(service.scale.max))
            body.set("concurrency", .integer(min(1000, service.scale.requests ?? 80)))
            body.gap()
            body.set("probe", probe(health))
            environment(&body, name, service, regionKey: "each.key")
            let callers = place.callers(of: name)
            if !callers.isEmpty {
                body.gap()
                body.set("invokers", members: callers)
            }
            body.gap()
            body.set("labels", place.labels("service", name.text, service.labels))
        }
    }

    private func worker(_ name: ServiceName, _ service: Service) -> HCLBlock {
        let size = CloudRunSize(service)
        return place.module("worker_\(Self.label(name))", .worker) { body in
            common(&body, name, service, region: "local.region")
            body.set("cpu", .text(size.cpu))
            body.set("memory", .text(size.memory))
            body.set("instances", .integer(service.scale.min))
            environment(&body, name, service, regionKey: "local.region")
            body.gap()
            body.set("labels", place.labels("service", name.text, service.labels))
        }
    }

    private func cron(_ name: ServiceName, _ service: Service) -> HCLBlock {
        let size = CloudRunSize(service)
        return place.module("job_\(Self.label(name))", .job) { body in
            common(&body, name, service, region: "local.region")
            body.set("cpu", .text(size.cpu))
            body.set("memory", .text(size.memory))
            body.set("timeout", "3600s")
            body.set("schedule", ifAny: service.schedule.map { .text($0.text) })
            body.set("clock_account_id", .text(GooglePlace.account("clock", name.text)))
            environment(&body, name, service, regionKey: "local.region")
            body.gap()
            body.set("labels", place.labels("service", name.text, service.labels))
        }
    }

    private func migration(_ name: ServiceName, _ service: Service) -> HCLBlock {
        let size = CloudRunSize(service)
        let migrating = service.running(service.migrate?.run)
        return place.module(
            "migrate_\(Self.label(name))", .job,
            comment: "Run by each release with its own image, and waited for, before any new revision exists."
        ) { body in
            common(&body, name, migrating, region: "local.region", suffix: "-migrate")
            body.set("cpu", .text(size.cpu))
            body.set("memory", .text(size.memory))
            body.set("timeout", .text("\(Self.seconds(platform.release.migrate))s"))
            environment(&body, name, service, regionKey: "local.region")
            body.gap()
            body.set("labels", place.labels("service", name.text, service.labels))
        }
    }

    private func common(
        _ body: inout HCLBody, _ name: ServiceName, _ service: Service, region: String, suffix: String = ""
    ) {
        body.set("project", .code("local.project"))
        body.set("region", .code(region))
        body.set("name", .text(name.text + suffix))
        body.set("image", place.image(name, service))
        if let run = service.run {
            var words = ["port": service.port.map { "\($0)" } ?? ""]
            words["environment"] = place.environment.text
            words["platform"] = platform.name.text
            body.set("command", .list(ContainerCommand(run, values: words).words.map { .text($0) }))
        }
        body.set("service_account", .code("module.account_\(Self.label(name)).email"))
        body.set("network", .code("module.network.id"))
        body.set("subnetwork", .code("module.network.subnetworks[\(region)]"))
        let tags = tags(service)
        if !tags.isEmpty { body.set("network_tags", .list(tags.map { .text($0) })) }
    }

    /// What the firewall knows it by.
    private func tags(_ service: Service) -> [String] {
        let stores = service.uses.keys.filter { edge in
            place.resource(edge).map { $0.kind == .postgres || $0.kind == .redis } ?? false
        }
        return (place.outside(service).isEmpty ? [] : ["outbound"]) + stores.sorted().map { "uses-\($0)" }
    }

    private func environment(_ body: inout HCLBody, _ name: ServiceName, _ service: Service, regionKey: String) {
        let values = GoogleValues(place: place, name: name, service: service, regionKey: regionKey).environment
        for (key, entries) in [
            ("env", values.plain), ("secret_env", values.secrets), ("composed_env", values.composed),
        ] where !entries.isEmpty {
            body.gap()
            body.set(key, .pairs(entries))
        }
    }

    /// Cloud Run's bounds: 1 to 240 s between questions, an answer not later than the next one (Cloud Run Admin API v2, `Probe`).
    private func probe(_ health: Health) -> HCLValue {
        let period = min(240, max(1, Self.seconds(health.interval)))
        let starts = max(1, (Self.seconds(health.start) + period - 1) / period)
        return .pairs([
            ("period", .integer(period)),
            ("timeout", .integer(min(period, max(1, Self.seconds(health.timeout))))),
            ("starts", .integer(starts)),
            ("failures", .integer(health.failures)),
        ])
    }
}

/// What an instance of Cloud Run can be: whole processors from one on, since a part of one answers one request at a time, and
/// the memory that so many need at least (Cloud Run, "Configure CPU limits" and "Configure memory limits").
struct CloudRunSize: Hashable {
    var cpu: String
    var memory: String
    /// Whether it is what was asked for.
    var isExact: Bool

    init(_ service: Service) {
        let needsWhole = service.port != nil && (service.scale.requests ?? 80) > 1
        let choices = [1, 2, 4, 6, 8]
        let asked = service.size.cpu.millis
        let whole = choices.first { $0 * 1000 >= asked } ?? 8
        let isPart = asked < 1000 && !needsWhole && service.port != nil
        cpu = isPart ? "\(max(80, asked))m" : "\(whole)"
        let least = isPart ? 128 : whole >= 8 ? 4096 : whole >= 4 ? 2048 : service.port == nil ? 512 : 128
        let mebibytes = max(least, (service.size.memory.bytes + (1 << 20) - 1) >> 20)
        memory = mebibytes % 1024 == 0 ? "\(mebibytes / 1024)Gi" : "\(mebibytes)Mi"
        isExact = (isPart ? asked >= 80 : whole * 1000 == asked) && mebibytes << 20 == service.size.memory.bytes
    }
}
