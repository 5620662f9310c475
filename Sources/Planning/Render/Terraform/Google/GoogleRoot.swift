import Spec

/// The root of one environment: what it is made of, by file.
struct GoogleRoot {
    let place: GooglePlace

    var platform: Platform { place.platform }
    var settings: Environment { place.settings }

    /// What Terraform reads of it.
    var files: [HCLFile] {
        [versions, variables, project, network, identity, secrets, services, delivery, monitoring, outputs]
            + [stores, edge, billing].compactMap { $0 }
    }

    static func label(_ name: some CustomStringConvertible) -> String { GooglePlace.label(name.description) }

    // MARK: versions.tf

    /// What has to be there before the rest can be made.
    private var firstTime: [String] {
        var targets = ["google_secret_manager_secret.this"]
        if place.ownRegistry != nil { targets.append("google_artifact_registry_repository.images") }
        targets += place.resources(.redis).map { "module.redis_\(Self.label($0.name))" }
        var given = ["the secrets' values (secrets.tf)"]
        if channels.contains(where: { $0.kind != "email" }) { given.append("the channels of monitoring.tf") }
        if place.processes.contains(where: { $0.service.image == nil }) {
            given.append("a first image of each service")
        }
        var lines = ["", "The first time, before all the rest:"]
        for (index, target) in targets.enumerated() {
            let end = index == targets.count - 1 ? "" : " \\"
            lines.append((index == 0 ? "  terraform apply " : "    ") + "-target=\(target)" + end)
        }
        return lines + ["then " + given.joined(separator: ", ") + "."]
    }

    private var versions: HCLFile {
        place.file("versions", comment: firstTime) { body in
            body.block("terraform") { inner in
                inner.set(
                    "required_version", ">= 1.11", comment: "Ephemeral values: passwords pass through and stay nowhere."
                )
                inner.block("required_providers") { providers in
                    providers.set(
                        "google", .pairs([("source", "hashicorp/google"), ("version", .text(GoogleModule.provider))]))
                }
                inner.block(
                    "backend", "gcs",
                    comment:
                        "One prefix an environment, locked by the bucket while somebody applies. bootstrap-google makes it."
                ) { backend in
                    backend.set("bucket", .text(place.stateBucket))
                    backend.set("prefix", .text("\(platform.name)/\(place.environment)"))
                }
            }
            body.block("provider", "google") { provider in
                provider.set("project", .text(place.projectID))
                provider.set("region", .text(place.region))
                provider.set(
                    "default_labels",
                    .sorted([
                        "platform": platform.name.text, "environment": place.environment.text,
                        "managed-by": "terraform",
                    ]), comment: "Costs are told apart by these, and by the service of each resource.")
            }
        }
    }

    private var variables: HCLFile {
        place.file("variables", comment: ["Give them in terraform.tfvars or as TF_VAR_NAME."]) { body in
            func variable(_ name: String, _ about: String, default value: HCLValue? = nil) {
                body.block("variable", name) { inner in
                    inner.set("description", .text(about))
                    inner.set("type", .code("string"))
                    inner.set("default", ifAny: value)
                }
            }
            variable("billing_account", "Account that pays for the project, as XXXXXX-XXXXXX-XXXXXX.")
            variable("folder_id", "Folder in which the project stands.", default: .null)
            variable("org_id", "Organisation in which the project stands, where it has no folder.", default: .null)
            variable(
                "release",
                "Tag of the images that a service is first made with: a commit. Releases move it from then on.")
            variable("github_repository", "Repository whose workflows may release here, as owner/name.")
        }
    }

    // MARK: project.tf

    private var apis: [String] {
        var names: Set<String> = [
            "artifactregistry", "compute", "containerscanning", "dns", "iam", "iamcredentials", "logging", "monitoring",
            "run", "secretmanager", "storage", "sts",
        ]
        if !place.stores.isEmpty { names.insert("servicenetworking") }
        if !place.resources(.postgres).isEmpty { names.insert("sqladmin") }
        if !place.resources(.redis).isEmpty { names.insert("redis") }
        if !place.resources(.topic).isEmpty { names.insert("pubsub") }
        if !place.resources(.cluster).isEmpty { names.insert("container") }
        if !place.crons.isEmpty { names.insert("cloudscheduler") }
        if platform.telemetry.traces == .cloud { names.insert("cloudtrace") }
        if settings.budget != nil { names.insert("billingbudgets") }
        return names.sorted().map { "\($0).googleapis.com" }
    }

    private var project: HCLFile {
        place.file("project") { body in
            body.block("locals") { locals in
                locals.set(
                    "project", .code("module.project.project_id"),
                    comment: "By way of the module, so that nothing is made before the APIs answer.")
                locals.set("region", .text(place.region))
                locals.set(
                    "regions", .code("toset(\(Self.list(place.regions)))"),
                    comment: place.regions.count > 1
                        ? "Services run in each of them; data, jobs and the cluster in the first." : nil)
                locals.set(
                    "registry",
                    .template(
                        place.ownRegistry.map { "\($0.location)-docker.pkg.dev/${local.project}/\($0.repository)" }
                            ?? settings.registry ?? ""))
            }
            body.add(
                place.module("project", .project) { inner in
                    inner.set("project_id", .text(place.projectID))
                    inner.set("name", .text(String("\(platform.name) \(place.environment)".prefix(30))))
                    inner.set("billing_account", .code("var.billing_account"))
                    inner.set("folder_id", .code("var.folder_id"))
                    inner.set("org_id", .code("var.org_id"))
                    inner.set("services", .list(apis.map { .text($0) }))
                })
            body.block(
                "resource", "google_logging_project_bucket_config", "default",
                comment: "`telemetry.logs-keep`: how long lines can still be searched."
            ) { logs in
                logs.set("project", .code("local.project"))
                logs.set("location", "global")
                logs.set("bucket_id", "_Default")
                logs.set("retention_days", .integer(Self.days(platform.telemetry.logsKeep)))
            }
        }
    }

    static func list(_ words: [String]) -> String {
        "[" + words.map(JSONText.quoted).joined(separator: ", ") + "]"
    }

    /// Rounded up.
    static func days(_ duration: Duration) -> Int {
        let seconds = Int(duration.components.seconds)
        return max(1, (seconds + 86_399) / 86_400)
    }

    static func seconds(_ duration: Duration) -> Int {
        let (seconds, rest) = duration.components
        return Int(seconds) + (rest > 0 ? 1 : 0)
    }

    // MARK: network.tf

    private var network: HCLFile {
        place.file("network") { body in
            body.add(
                place.module(
                    "network", .network,
                    comment:
                        "Closed in both directions but for Google's own addresses"
                        + (place.stores.isEmpty ? "." : ", and for each store to who has an edge to it.")
                ) { inner in
                    inner.set("project", .code("local.project"))
                    inner.set("name", .text(platform.name.text))
                    if place.hasOutbound { inner.set("outbound", true) }
                    inner.gap()
                    inner.set("subnetworks", .map(place.regions.enumerated().map(subnetwork)))
                    if !place.stores.isEmpty {
                        inner.set(
                            "stores", .map(place.stores.map { HCLAttribute($0.name.text, .text(port($0.resource))) }))
                    }
                })
        }
    }

    private func subnetwork(_ index: Int, _ region: String) -> HCLAttribute {
        var ranges: [(String, HCLValue)] = [("cidr", .text("10.0.\(index * 16).0/20"))]
        if index == 0, !place.resources(.cluster).isEmpty {
            ranges += [("pods", "10.64.0.0/16"), ("services", "10.65.0.0/20")]
        }
        return HCLAttribute(region, .pairs(ranges))
    }

    private func port(_ resource: Resource) -> String {
        if resource.kind == .postgres { return "5432" }
        return settings.encrypt == .mesh ? "6378" : "6379"
    }

    // MARK: identity.tf

    private var identity: HCLFile {
        place.file(
            "identity",
            comment: [
                "An account for everything that runs, with the rights that its edges give it. What it may do with a bucket,",
                "a topic or another service stands there; here stand its secrets and what only the project can give.",
            ]
        ) { body in
            for (name, service) in place.processes {
                body.add(
                    place.module("account_\(Self.label(name))", .account) { inner in
                        inner.set("project", .code("local.project"))
                        inner.set("account_id", .text(GooglePlace.account("sa", name.text)))
                        inner.set("display_name", .text(name.text))
                        let roles = projectRoles(service)
                        if !roles.isEmpty { inner.set("project_roles", .list(roles.map { .text($0) })) }
                        let secrets = place.secrets(of: name, service)
                        if !secrets.isEmpty {
                            inner.gap()
                            inner.set(
                                "secrets",
                                .map(
                                    secrets.map {
                                        HCLAttribute(
                                            $0, .code("google_secret_manager_secret.this[\"\($0)\"].secret_id"))
                                    }))
                        }
                    })
            }
        }
    }

    private func projectRoles(_ service: Service) -> [String] {
        var roles: Set<String> = []
        if platform.telemetry.traces == .cloud { roles.insert("roles/cloudtrace.agent") }
        // Finding the cluster; what it may do in there is said there, by RBAC.
        if service.uses.keys.contains(where: { place.resource($0)?.kind == .cluster }) {
            roles.insert("roles/container.clusterViewer")
        }
        return roles.sorted()
    }

    // MARK: secrets.tf

    private var secrets: HCLFile {
        place.file(
            "secrets",
            comment: [
                "Containers without values: an administrator gives those, for example with",
                "  printf %s \"$VALUE\" | gcloud secrets versions add NAME --project \(place.projectID) --data-file=-",
            ]
        ) { body in
            let entries = place.secrets.map { name, about, spec -> HCLAttribute in
                var notes: [(String, HCLValue)] = []
                if !about.isEmpty { notes.append(("about", .text(about))) }
                if let rotate = spec?.rotate { notes.append(("rotate", .text(DurationText.text(rotate)))) }

                return HCLAttribute(name, .pairs(notes))
            }
            let kept = place.secrets.compactMap { name, _, spec in
                spec?.keepOld.map { HCLAttribute(name, .text("\(Self.seconds($0))s")) }
            }
            body.block("locals") { locals in
                locals.set("secrets", .map(entries))
                if !kept.isEmpty { locals.set("kept", .map(kept)) }
            }
            body.block("resource", "google_secret_manager_secret", "this") { inner in
                inner.set("for_each", .code("local.secrets"))
                inner.gap()
                inner.set("project", .code("local.project"))
                inner.set("secret_id", .code("each.key"))
                inner.set("annotations", .code("each.value"))
                if !kept.isEmpty {
                    inner.set(
                        "version_destroy_ttl", .code("lookup(local.kept, each.key, null)"),
                        comment: "How long a value that was renewed and done away with can still be brought back.")
                }
                inner.block("replication") { replication in
                    replication.block("user_managed") { managed in
                        managed.block("dynamic", "replicas") { replicas in
                            replicas.set("for_each", .code("local.regions"))
                            replicas.block("content") { $0.set("location", .code("replicas.value")) }
                        }
                    }
                }
            }
        }
    }

    // MARK: outputs.tf

    private var outputs: HCLFile {
        place.file("outputs") { body in
            func output(_ name: String, _ about: String, _ value: HCLValue) {
                body.block("output", name) { inner in
                    inner.set("description", .text(about))
                    inner.set("value", value)
                }
            }
            if hasEdge {
                output(
                    "address", "Where the A records of \(hosts.joined(separator: ", ")) point.",
                    .code("google_compute_global_address.edge.address"))
            }
            output("registry", "Where images are pushed.", .code("local.registry"))
            output("deployer", "The account that a release runs as.", .code("module.deployer.email"))
            output("identity_provider", "Who GitHub Actions signs in with.", .code("module.deployer.provider"))
            let servers = place.servers.map {
                HCLAttribute($0.name.text, .code("module.service_\(Self.label($0.name))[local.region].uri"))
            }
            if !servers.isEmpty { output("services", "Addresses within the network.", .map(servers)) }
            if !place.sites.isEmpty {
                output(
                    "sites", "Buckets that front ends are synced to.",
                    .map(
                        place.sites.map {
                            HCLAttribute($0.name.text, .code("module.site_\(Self.label($0.name)).bucket"))
                        }))
            }
        }
    }
}
