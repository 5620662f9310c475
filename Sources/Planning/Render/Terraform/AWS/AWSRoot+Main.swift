import Spec

/// Provider, state, and what everything else stands on.
extension AWSRoot {
    var region: HCLValue { settings.regions.first.map { .text($0) } ?? .code("var.region") }

    var versionsHeader: [String] {
        [
            "", "\(environment): its own state, so that nothing here can touch another environment.",
            "  terraform -chdir=\(folder) init",
        ] + release
    }

    /// How a release is shipped: what a migration cannot do is not shipped at all.
    private var release: [String] {
        let migrations = tasks.filter { $0.service.migrate != nil }
        var lines: [String] = []
        for (name, _) in migrations {
            lines += [
                "  terraform -chdir=\(folder) apply -var release=TAG -target=module.migration_\(word(name))",
                "  \(TerraformRenderer.folder)/aws-run.sh \(environment) \(name)-migration",
            ]
        }
        lines.append("  terraform -chdir=\(folder) plan -var release=TAG -out=plan")
        lines.append("  terraform -chdir=\(folder) apply plan")
        return lines
    }

    var mainHeader: [String] { ["", "What \(environment) stands on: key, network, cluster, edge, images, secrets."] }

    var versions: HCLBody {
        var body = HCLBody()
        body.block("terraform") { terraform in
            terraform.set("required_version", ">= 1.10")
            terraform.block("required_providers") { providers in
                providers.set("aws", .pairs([("source", "hashicorp/aws"), ("version", "~> 5.100")]))
            }
            terraform.block("backend", "s3", comment: "Made by bootstrap-aws; locked by S3 itself.") { backend in
                backend.set("bucket", .text(settings.stateBucket(of: platform.name)))
                backend.set("key", "\(environment.text)/terraform.tfstate")
                backend.set("region", .text(AWSBootstrap.region(of: settings, subject)))
                backend.set("encrypt", true)
                backend.set("use_lockfile", true)
            }
        }
        body.add(provider(alias: nil, region: region))
        if !sites.isEmpty {
            body.add(
                provider(
                    alias: "us_east_1", region: "us-east-1",
                    comment: "The content network takes certificates from here."))
        }
        if let second = secondRegion {
            body.add(provider(alias: "second", region: .text(second), comment: "Where second copies lie."))
        }
        return body
    }

    private func provider(alias: String?, region: HCLValue, comment: String? = nil) -> HCLBlock {
        HCLBlock("provider", ["aws"], comment: comment) { provider in
            if let alias { provider.set("alias", .text(alias)) }
            provider.set("region", region)
            if let account = settings.project, account.count == 12, account.allSatisfy(\.isNumber) {
                provider.set(
                    "allowed_account_ids", .list([.text(account)]),
                    comment: "Credentials of another account change nothing.")
            }
            provider.block("default_tags") { tags in
                var values = ["environment": environment.text, "platform": platform.name.text]
                values["owner"] = platform.owner?.team?.text
                tags.set("tags", .sorted(values))
            }
        }
    }

    /// The region of second copies, where anything asks for one.
    var secondRegion: String? {
        resources.compactMap {
            $0.resource.kind == .postgres || $0.resource.kind == .bucket ? $0.resource.backup?.region : nil
        }
        .sorted().first
    }

    var variables: HCLBody {
        var body = HCLBody()
        body.block("variable", "release") { variable in
            variable.set("description", "Tag of the images that run: the commit's.")
            variable.set("type", .code("string"))
        }
        if settings.regions.isEmpty {
            body.block("variable", "region") { variable in
                variable.set("description", "Where everything stands.")
                variable.set("type", .code("string"))
            }
        }
        if !edgeHosts.isEmpty || !sites.isEmpty {
            body.block("variable", "dns_zone") { variable in
                variable.set("description", "The hosted zone of Route 53 that holds the names; it is there already.")
                variable.set("type", .code("string"))
                variable.set("default", .text(settings.domain ?? "example.com"))
            }
        }
        body.block("variable", "listeners") { variable in
            variable.set(
                "description",
                "Web addresses that alarms are sent to, by level: `hauban serve`'s, or PagerDuty's for CloudWatch.")
            variable.set("type", .code("map(list(string))"))
            variable.set("default", .map([]))
        }
        return body
    }

    func module(_ label: String, _ module: AWSModule, comment: String? = nil, _ fill: (inout HCLBody) -> Void)
        -> HCLBlock
    {
        HCLBlock("module", [label], comment: comment) { body in
            body.set("source", .text(module.source))
            body.gap()
            fill(&body)
        }
    }

    var main: HCLBody {
        var body = HCLBody()
        body.add(module("key", .key) { $0.set("name", .text(names.name())) })
        body.add(networkBlock)
        body.add(
            module("cluster", .cluster) { cluster in
                cluster.set("name", .text(names.name()))
                cluster.set("logs_keep", .integer(logsKeep))
                cluster.set("kms_key", .code("module.key.arn"))
            })
        if encryptsCalls {
            body.add(
                module("mesh", .mesh, comment: "`encrypt: mesh`: services call each other over TLS.") { mesh in
                    mesh.set("name", .text(names.name()))
                    mesh.set("kms_key", .code("module.key.arn"))
                })
        }
        if !edgeHosts.isEmpty || !sites.isEmpty {
            body.block("data", "aws_route53_zone", "this") { $0.set("name", .code("var.dns_zone")) }
        }
        if !edgeHosts.isEmpty { body.add(edgeBlock) }
        if needsFirewall { body.add(firewallBlock) }
        for image in ownImages {
            body.add(
                module("image_\(word(image.slug(platform.name)))", .repository) { repository in
                    repository.set("name", .text(names.path(image.slug(platform.name))))
                    repository.set("kms_key", .code("module.key.arn"))
                })
        }
        for block in secretBlocks { body.add(block) }
        return body
    }

    private var networkBlock: HCLBlock {
        module("network", .network) { network in
            network.set("name", .text(names.name()))
            network.set("zones", .integer(zones))
            network.set("nat", .text(nat))
            if !answeredNames.isEmpty { network.set("hosts", .list(answeredNames.map { .text($0) })) }
            var endpoints = ["ecr.api", "ecr.dkr", "logs", "secretsmanager"]
            if resources.contains(where: { $0.resource.kind == .topic }) { endpoints += ["sns", "sqs"] }
            if resources.contains(where: { $0.resource.kind == .cluster }) { endpoints += ["eks", "sts"] }
            if collectsTraces { endpoints.append("xray") }
            network.set("endpoints", .list(endpoints.sorted().map { .text($0) }))
            network.set("logs_keep", .integer(logsKeep))
            network.set("kms_key", .code("module.key.arn"))
        }
    }

    /// Names that are answered where `egress` says which; those that images come from are among them.
    var answeredNames: [String] {
        guard !egress.isEmpty else { return [] }
        var all = Set(egress)
        if collectsTraces || !databases.isEmpty { all.formUnion(["public.ecr.aws", "*.cloudfront.net"]) }
        if let host = settings.registry?.split(separator: "/").first, hasForeignRegistry { all.insert(String(host)) }
        for image in tasks.compactMap(\.service.image) {
            let first = image.split(separator: "/").first.map(String.init) ?? image
            if image.contains("/"), first.contains(".") {
                all.insert(first)
            } else {
                all.formUnion(["auth.docker.io", "registry-1.docker.io", "production.cloudflare.docker.com"])
            }
        }
        if all.contains("ghcr.io") { all.insert("pkg-containers.githubusercontent.com") }
        return all.sorted()
    }

    private var edgeBlock: HCLBlock {
        module("edge", .edge, comment: "The only way in.") { edge in
            edge.set("name", .text(names.name()))
            edge.set("short_name", .text(names.name(limit: AWSNames.shortest)))
            edge.set("vpc", .code("module.network.vpc"))
            edge.set("subnets", .code("module.network.public_subnets"))
            edge.set("zone", .code("data.aws_route53_zone.this.zone_id"))
            edge.set("hosts", .list(edgeHosts.map { .text($0) }))
            edge.set("tls_policy", .text(tlsPolicy))
            edge.set("hsts", .text("max-age=\(hstsSeconds); includeSubDomains"))
            edge.set("failover", ifAny: failover.map { .text($0) })
            edge.set("logs_keep", .integer(logsKeep))
        }
    }

    var hstsSeconds: Int { Int((settings.tls?.hsts ?? .seconds(31_536_000)).components.seconds) }

    /// Elastic Load Balancing User Guide, "Security policies for your Application Load Balancer".
    private var tlsPolicy: String {
        settings.tls?.minimum == .tls13 ? "ELBSecurityPolicy-TLS13-1-3-2021-06" : "ELBSecurityPolicy-TLS13-1-2-2021-06"
    }

    /// This environment's part where another shares its names.
    var failover: String? {
        if settings.failover != nil { return "PRIMARY" }
        let isNamed = subject.everywhere.contains { $0.settings.failover == environment }
        return isNamed ? "SECONDARY" : nil
    }

    private var firewallBlock: HCLBlock {
        let limited = routes.filter { $0.exposure.rate != nil }
        let filtered = Set(routes.filter(\.exposure.filter).map(\.host)).sorted()
        return module("firewall", .firewall) { firewall in
            firewall.set("name", .text(names.name()))
            firewall.set("load_balancer", .code("module.edge.arn"))
            if !limited.isEmpty {
                let rates = limited.map { route -> HCLValue in
                    .pairs([
                        ("host", .text(route.host)), ("path", .text(route.exposure.path)),
                        ("limit", .integer(Self.perMinute(route.exposure.rate))),
                    ])
                }
                firewall.set("rates", .list(rates))
            }
            if !filtered.isEmpty { firewall.set("filtered_hosts", .list(filtered.map { .text($0) })) }
            firewall.set("logs_keep", .integer(logsKeep))
            firewall.set("kms_key", .code("module.key.arn"))
        }
    }

    /// WAF counts over a minute, and takes no limit below ten.
    static func perMinute(_ rate: Rate?) -> Int {
        guard let rate else { return 10 }
        return max(10, rate.count * 60 / rate.per)
    }

    // MARK: Secrets

    private var secretBlocks: [HCLBlock] {
        var blocks: [HCLBlock] = []
        func add(_ label: String, _ name: String, _ about: String, rotate: Duration? = nil, comment: String? = nil) {
            blocks.append(
                module(label, .secret, comment: comment) { secret in
                    secret.set("name", .text(name))
                    secret.set("description", .text(about))
                    secret.set("kms_key", .code("module.key.arn"))
                    if let rotate { secret.set("tags", .sorted(["rotate": DurationText.text(rotate)])) }
                })
        }
        for name in secretNames {
            let spec = platform.secrets[name]
            add(
                "secret_\(word(name))", names.path(name.text), spec?.about ?? "The secret \(name)",
                rotate: spec?.rotate,
                comment: blocks.isEmpty
                    ? "Containers without values: an administrator gives them, and Terraform never sees one.\n"
                        + "  aws secretsmanager put-secret-value --secret-id \(names.path(name.text)) --secret-string file:///dev/stdin"
                    : nil)
        }
        for (database, service) in passwords {
            add(
                "password_\(word(database))_\(word(service))", names.path("passwords", "\(database)-\(service)"),
                "Password of \(PostgresRoles.role(service)) in \(database)")
        }
        if hasForeignRegistry {
            add(
                "registry", names.path("registry"),
                "Who may pull from \(settings.registry ?? ""): a JSON object of username and password")
        }
        return blocks
    }

    var outputs: HCLBody {
        var body = HCLBody()
        func output(_ name: String, _ about: String, _ value: HCLValue) {
            body.block("output", name) { output in
                output.set("description", .text(about))
                output.set("value", value)
            }
        }
        output("region", "Where everything stands.", region)
        output("release", "Tag of the images that run.", .code("var.release"))
        output("cluster", "Where tasks are run.", .code("module.cluster.name"))
        output("subnets", "Where tasks are started.", .code("module.network.private_subnets"))
        if !ownImages.isEmpty {
            output(
                "images", "Where images are pushed, by their names.",
                .map(
                    ownImages.map { image in
                        let slug = image.slug(platform.name)
                        return HCLAttribute(slug, .code("module.image_\(word(slug)).url"))
                    }))
        }
        let once = oneOffs
        if !once.isEmpty {
            output(
                "tasks", "What is run once, with the group that lets it reach what it needs.",
                .map(
                    once.map { name, label in
                        HCLAttribute(
                            name,
                            .pairs([
                                ("definition", .code("module.\(label).arn")),
                                ("security_group", .code("module.\(label).security_group")),
                            ]))
                    }))
        }
        if !sites.isEmpty {
            output(
                "sites", "Where files of sites go, and whose copies are dropped then.",
                .map(
                    sites.map { name, _ in
                        HCLAttribute(
                            name.text,
                            .pairs([
                                ("bucket", .code("module.site_\(word(name)).bucket")),
                                ("distribution", .code("module.site_\(word(name)).distribution")),
                            ]))
                    }))
        }
        return body
    }
}
