import Spec

/// What runs.
extension AWSRoot {
    var servicesBody: HCLBody {
        var body = HCLBody()
        for (name, service) in services {
            if service.site?.cdn == true {
                body.add(certificate(name, service))
                body.add(site(name, service))
                continue
            }
            body.add(task(name, service, as: "task", command: service.run))
            if let migrate = service.migrate {
                body.add(
                    task(
                        name, service, as: "migration", command: migrate.run,
                        comment: "Run before the release that needs it: aws-run.sh \(environment) \(name)-migration."))
            }
            body.add(service.schedule == nil ? running(name, service) : scheduled(name, service))
        }
        return body
    }

    /// Tasks that are run once, with their module's label.
    var oneOffs: [(String, String)] {
        databases.map { ("\($0.name)-roles", "roles_\(word($0.name))") }
            + tasks.compactMap { name, service in
                service.migrate == nil ? nil : ("\(name)-migration", "migration_\(word(name))")
            }
    }

    // MARK: Tasks

    private func task(
        _ name: ServiceName, _ service: Service, as kind: String, command: CommandLine?, comment: String? = nil
    ) -> HCLBlock {
        let handed = handed(name, service)
        let isMain = kind == "task"
        let image = image(of: service)
        let size = fargate(service)
        return module("\(kind)_\(word(name))", .task, comment: comment) { body in
            body.set("name", .text(isMain ? names.name(name.text) : names.name(name.text, kind)))
            body.set("vpc", .code("module.network.vpc"))
            body.set("endpoints", .code("module.network.endpoints"))
            body.set("cpu", .integer(size.cpu))
            body.set("memory", .integer(size.memory))
            body.gap()
            body.set("container", container(name, service, command, handed, isMain))
            body.gap()
            if let image, ownImages.contains(where: { $0.folder == image.folder }) {
                body.set("repository", .code("module.image_\(word(image.slug(platform.name))).arn"))
            }
            var read = handed.read
            if hasForeignRegistry, service.source != nil { read.insert("module.registry.arn") }
            if !read.isEmpty { body.set("secrets", .list(read.sorted().map { .code($0) })) }
            let statements = isMain ? statements(name, service) : []
            if !statements.isEmpty { body.set("statements", .list(statements)) }
            let reaches = reaches(service, calls: isMain)
            if !reaches.isEmpty { body.set("reaches", .map(reaches)) }
            let isFetched = service.image != nil || hasForeignRegistry
            if !service.egress.isEmpty || isFetched || collectsTraces { body.set("outside", true) }
            if collectsTraces, isMain { body.set("traces", true) }
            body.set("logs_keep", .integer(logsKeep))
            body.set("kms_key", .code("module.key.arn"))
        }
    }

    func fargate(_ service: Service) -> (cpu: Int, memory: Int) {
        // The collector of traces takes its own share of memory.
        let extra = collectsTraces ? 128 : 0
        return AWSSizes.task(
            cpu: AWSSizes.units(service.size.cpu), memory: AWSSizes.mebibytes(service.size.memory) + extra)
            ?? (16_384, 122_880)
    }

    private func container(
        _ name: ServiceName, _ service: Service, _ command: CommandLine?, _ handed: Handed, _ isMain: Bool
    ) -> HCLValue {
        let image = image(of: service)
        let isOurs = image.map { $0.ownDockerfile == nil && $0.kind != nil } ?? false
        var entries: [HCLAttribute] = []
        func set(_ key: String, _ value: HCLValue, comment: String? = nil) {
            entries.append(HCLAttribute(key, value, comment: comment))
        }
        set("name", .text(name.text))
        set("image", .template(imageReference(service)))
        if let command {
            if !handed.exports.isEmpty {
                set(
                    "entrypoint",
                    .list(["/bin/sh", "-euc", .template(handed.exports + "exec \"$@\""), "sh"]),
                    comment:
                        "Values that hold a secret are put together inside, so that no description of the task shows them."
                )
            }
            set("command", .list(ContainerCommand(command, values: own(service)).words.map { .text($0) }))
        }
        if isMain, let port = port(service) { set("port", .integer(port)) }
        set("cpu", .integer(AWSSizes.units(service.size.cpu)))
        set("memory", .integer(AWSSizes.mebibytes(service.size.memory)))
        if isOurs {
            let uid = service.site == nil ? ImageBases.user : ImageBases.siteUser
            set("user", .text("\(uid):\(uid)"))
            set("read_only", true)
        }
        set("stop", .integer(min(120, max(2, Int(service.stop.components.seconds)))))
        if !handed.variables.isEmpty {
            set(
                "environment",
                .map(handed.variables.sorted { $0.key < $1.key }.map { HCLAttribute($0.key, Self.value($0.value)) }))
        }
        if !handed.secrets.isEmpty {
            set(
                "secrets",
                .map(handed.secrets.sorted { $0.key < $1.key }.map { HCLAttribute($0.key, .code($0.value)) }))
        }
        if hasForeignRegistry, service.source != nil { set("credentials", .code("module.registry.arn")) }
        if isMain, let health = health(service, handed) { set("health", health) }
        return .map(entries)
    }

    private func imageReference(_ service: Service) -> String {
        guard let image = image(of: service) else { return service.image ?? "scratch" }
        let slug = image.slug(platform.name)
        guard hasForeignRegistry, let registry = settings.registry else {
            return "${module.image_\(word(slug)).url}:${var.release}"
        }
        return "\(registry)/\(slug):${var.release}"
    }

    /// ECS ends a replica that answers wrongly, so it asks `live` where there is one.
    private func health(_ service: Service, _ handed: Handed) -> HCLValue? {
        guard service.health != nil || service.isServer else { return nil }
        let health = service.health ?? .tcp
        let question = service.site != nil ? .http("/") : health.live ?? health.ready
        guard
            var words = HealthCommand.words(
                question, port: port(service), timeout: health.timeout, tools: tools(service))
        else { return nil }
        if case .exec = question, !handed.exports.isEmpty {
            words = ["/bin/sh", "-euc", handed.exports + "exec \"$@\"", "sh"] + words
        }
        func seconds(_ duration: Duration, _ range: ClosedRange<Int>) -> HCLValue {
            .integer(min(range.upperBound, max(range.lowerBound, Int(duration.components.seconds))))
        }
        // The bounds are ECS's (Amazon ECS API, HealthCheck).
        let entries: [(String, HCLValue)] = [
            ("command", .list(words.map { $0.contains("export ") ? .template($0) : .text($0) })),
            ("interval", seconds(health.interval, 5...300)), ("timeout", seconds(health.timeout, 2...60)),
            ("retries", .integer(min(10, health.failures))), ("start", seconds(health.start, 0...300)),
        ]
        return .pairs(entries)
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

    /// A template that is one reference and nothing else is written as that reference.
    private static func value(_ template: String) -> HCLValue {
        let inside = template.dropFirst(2).dropLast()
        guard template.hasPrefix("${"), template.hasSuffix("}"), !inside.contains("${"), !inside.contains("}") else {
            return .template(template)
        }
        return .code(String(inside))
    }

    // MARK: Edges

    /// What a service may do, from its edges.
    private func statements(_ name: ServiceName, _ service: Service) -> [HCLValue] {
        var statements: [HCLValue] = []
        var usesKey: Set<String> = []
        func allow(_ actions: [String], on places: [HCLValue]) {
            let entries: [(String, HCLValue)] = [
                ("actions", .list(actions.map { .text($0) })), ("resources", .list(places)),
            ]
            statements.append(.pairs(entries))
        }
        for (edge, access) in service.uses.sorted(by: { $0.key < $1.key }) {
            guard let resource = resource(edge) else { continue }
            let label = "module.\(resource.kind.moduleWord)_\(word(edge))"
            switch (resource.kind, access) {
            case (.bucket, .read):
                allow(["s3:ListBucket"], on: [.code("\(label).arn")])
                allow(["s3:GetObject"], on: [.template("${\(label).arn}/*")])
                usesKey.insert("kms:Decrypt")
            case (.bucket, _):
                allow(["s3:ListBucket"], on: [.code("\(label).arn")])
                allow(
                    ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
                    on: [.template("${\(label).arn}/*")])
                usesKey.formUnion(["kms:Decrypt", "kms:GenerateDataKey"])
            case (.topic, .subscribe):
                allow(
                    [
                        "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility",
                        "sqs:GetQueueAttributes",
                    ], on: [.code("\(label).queues[\"\(name)\"].arn")])
                usesKey.insert("kms:Decrypt")
            case (.topic, _):
                allow(["sns:Publish"], on: [.code("\(label).arn")])
                usesKey.formUnion(["kms:Decrypt", "kms:GenerateDataKey"])
            case (.cluster, _): allow(["eks:DescribeCluster"], on: [.code("\(label).arn")])
            case (.postgres, _), (.redis, _): break
            }
        }
        if !usesKey.isEmpty { allow(usesKey.sorted(), on: [.code("module.key.arn")]) }
        return statements
    }

    /// What a service connects to, from its edges.
    private func reaches(_ service: Service, calls: Bool) -> [HCLAttribute] {
        var reaches: [HCLAttribute] = []
        for edge in service.uses.keys.sorted() {
            var end: (label: String, port: Int)?
            if let called = platform.services[edge.cast()], let port = port(called), calls {
                end = ("task_\(word(edge))", port)
            } else if let resource = resource(edge) {
                switch resource.kind {
                case .postgres: end = ("postgres_\(word(edge))", 5432)
                case .redis: end = ("redis_\(word(edge))", 6379)
                case .cluster where calls: end = ("kubernetes_\(word(edge))", 443)
                case .bucket, .topic, .cluster: break
                }
            }
            guard let end else { continue }
            let entries: [(String, HCLValue)] = [
                ("security_group", .code("module.\(end.label).security_group")), ("port", .integer(end.port)),
            ]
            reaches.append(HCLAttribute(edge.text, .pairs(entries)))
        }
        return reaches
    }

    // MARK: Services

    private func running(_ name: ServiceName, _ service: Service) -> HCLBlock {
        let own = routes.filter { $0.service == name }
        return module("service_\(word(name))", .service) { body in
            body.set("name", .text(names.name(name.text)))
            body.set("service", .text(name.text))
            body.set("short_name", .text(names.name(name.text, limit: AWSNames.shortest)))
            body.set("cluster", .code("module.cluster"))
            body.set("vpc", .code("module.network.vpc"))
            body.set("subnets", .code("module.network.private_subnets"))
            body.set("task", .code("module.task_\(word(name))"))
            if let port = port(service) { body.set("port", .integer(port)) }
            if !own.isEmpty {
                body.set("edge", .code("module.edge"))
                body.set(
                    "routes",
                    .map(
                        own.map { route in
                            let entries: [(String, HCLValue)] = [
                                ("priority", .integer(route.priority)), ("host", .text(route.host)),
                                ("path", .text(route.exposure.path)),
                            ]
                            return HCLAttribute("\(route.host)\(route.exposure.path)", .pairs(entries))
                        }))
                body.set("health", targetHealth(service))
                body.set("drain", .integer(Int(service.rollout.drain.components.seconds)))
            }
            body.set("scale", scale(service))
            if service.rollout.way == .replace { body.set("replace", true) }
            if service.capacity == .spot { body.set("spot", true) }
            let serves = isCalled(name) && port(service) != nil
            if serves || !calls(service).isEmpty { body.set("connect", connect(serves)) }
            if !service.labels.isEmpty { body.set("tags", .sorted(service.labels)) }
        }
    }

    private func connect(_ serves: Bool) -> HCLValue {
        var entries: [(String, HCLValue)] = [("serves", .flag(serves))]
        if encryptsCalls, serves {
            entries += [
                ("authority", .code("module.mesh.authority")), ("kms_key", .code("module.key.arn")),
                ("role", .code("module.mesh.role")),
            ]
        }
        return .pairs(entries)
    }

    private func scale(_ service: Service) -> HCLValue {
        let scale = service.scale
        var entries: [(String, HCLValue)] = [("min", .integer(scale.min)), ("max", .integer(scale.max))]
        if scale.max > scale.min {
            if let cpu = scale.cpu { entries.append(("cpu", .integer(cpu.millionths / 10_000))) }
            if let memory = scale.memory { entries.append(("memory", .integer(memory.millionths / 10_000))) }
            if let requests = scale.requests { entries.append(("requests", .integer(requests))) }
        }
        return .pairs(entries)
    }

    /// What the load balancer asks; its bounds are Elastic Load Balancing's (API, CreateTargetGroup).
    private func targetHealth(_ service: Service) -> HCLValue {
        let health = service.health ?? .tcp
        var entries: [(String, HCLValue)] = []
        if case .http(let path) = health.ready {
            entries.append(("path", .text(path)))
        } else if service.site == nil {
            // It cannot merely connect: any answer at all is one.
            entries.append(("matcher", "200-499"))
        }
        let interval = min(300, max(5, Int(health.interval.components.seconds)))
        let timeout = min(120, max(2, Int(health.timeout.components.seconds)))
        entries += [
            ("interval", .integer(interval)), ("timeout", .integer(min(timeout, interval - 1))),
            ("passes", .integer(min(10, max(2, health.passes)))),
            ("failures", .integer(min(10, max(2, health.failures)))),
            ("start", .integer(Int(health.start.components.seconds))),
        ]
        return .pairs(entries)
    }

    private func scheduled(_ name: ServiceName, _ service: Service) -> HCLBlock {
        module("schedule_\(word(name))", .schedule) { body in
            body.set("name", .text(names.name(name.text)))
            body.set("expression", .text(service.schedule.flatMap(AWSSizes.schedule) ?? "rate(1 day)"))
            body.set("cluster", .code("module.cluster.arn"))
            body.set("subnets", .code("module.network.private_subnets"))
            body.set("task", .code("module.task_\(word(name))"))
            if service.capacity == .spot { body.set("spot", true) }
            body.set("kms_key", .code("module.key.arn"))
        }
    }

    private func hosts(_ service: Service) -> HCLValue {
        .list(Set(service.expose.map(host)).sorted().map { .text($0) })
    }

    private func certificate(_ name: ServiceName, _ service: Service) -> HCLBlock {
        HCLBlock("module", ["certificate_\(word(name))"]) { body in
            body.set("source", .text(AWSModule.certificate.source))
            body.set("providers", .pairs([("aws", .code("aws.us_east_1"))]))
            body.gap()
            body.set("hosts", hosts(service))
            body.set("zone", .code("data.aws_route53_zone.this.zone_id"))
        }
    }

    private func site(_ name: ServiceName, _ service: Service) -> HCLBlock {
        module("site_\(word(name))", .site) { body in
            body.set("name", .text(names.name(name.text)))
            body.set("hosts", hosts(service))
            body.set("certificate", .code("module.certificate_\(word(name)).arn"))
            body.set("zone", .code("data.aws_route53_zone.this.zone_id"))
            if service.site?.spa == true { body.set("spa", true) }
            body.set("hsts_seconds", .integer(hstsSeconds))
        }
    }
}
