import Spec

extension GoogleRoot {
    // MARK: stores.tf

    var stores: HCLFile? {
        guard !place.resources.isEmpty else { return nil }
        return place.file("stores") { body in
            for (name, resource) in place.resources {
                switch resource.kind {
                case .postgres: body.add(postgres(name, resource))
                case .redis: body.add(redis(name, resource))
                case .bucket: body.add(bucket(name, resource))
                case .topic: body.add(topic(name, resource))
                case .cluster: body.add(cluster(name, resource))
                }
            }
        }
    }

    private func module(
        _ name: ResourceName, _ resource: Resource, _ module: GoogleModule, comment: String? = nil,
        _ fill: (inout HCLBody) -> Void
    ) -> HCLBlock {
        place.module("\(resource.kind.rawValue)_\(Self.label(name))", module, comment: comment) { body in
            body.set("project", .code("local.project"))
            fill(&body)
            body.gap()
            body.set("labels", place.labels("resource", name.text, resource.labels))
        }
    }

    private func postgres(_ name: ResourceName, _ resource: Resource) -> HCLBlock {
        module(name, resource, .postgres) { body in
            body.set("region", .code("local.region"))
            body.set("name", .text(name.text))
            body.set("network", .code("module.network.stores_network"))
            body.set("postgres_version", .integer(resource.version ?? 17))
            body.set("database", .text(PostgresRoles.database(resource, platform)))
            body.set("tier", .text(CloudSQLTier(resource.size).text))
            body.set("disk_gb", .integer(Self.gibibytes(resource.storage, least: 10)))
            if resource.standby { body.set("standby", true) }
            if let backup = resource.backup {
                body.gap()
                let logs = backup.rpo.map { "Any moment of these days, as `rpo: \(DurationText.text($0))` asks." }
                var values = [
                    HCLAttribute("copies", .integer(min(365, Self.days(backup.keep)))),
                    HCLAttribute("log_days", .integer(min(7, Self.days(backup.keep))), comment: logs),
                ]
                if let region = backup.region { values.append(HCLAttribute("location", .text(region))) }
                body.set("backup", .map(values))
            }
            let users = place.users(of: name).map { user, _ in
                HCLAttribute(
                    PostgresRoles.role(user),
                    .code(
                        "google_secret_manager_secret.this[\"\(place.password(name.cast(), resource, user))\"].secret_id"
                    ))
            }
            if !users.isEmpty {
                body.gap()
                body.set("users", .map(users))
            }
        }
    }

    private func redis(_ name: ResourceName, _ resource: Resource) -> HCLBlock {
        module(
            name, resource, .redis,
            comment: place.users(of: name).isEmpty
                ? nil
                : "Its AUTH string goes to who uses it by way of a secret:\n"
                    + "gcloud redis instances get-auth-string \(name) --region \(place.region) --format 'value(authString)' \\\n"
                    + "  | tr -d '\\n' | gcloud secrets versions add \(name)-auth --data-file=-"
        ) { body in
            body.set("region", .code("local.region"))
            body.set("name", .text(name.text))
            body.set("network", .code("module.network.stores_network"))
            body.set("redis_version", .text(Self.redisVersion(resource.version ?? 7)))
            body.set("memory_gb", .integer(Self.gibibytes(resource.size?.memory, least: 1)))
            if resource.standby { body.set("standby", true) }
            switch resource.evict {
            case .never: break
            case .expiring: body.set("eviction", "volatile-ttl")
            case .oldest: body.set("eviction", "allkeys-lru")
            }
            if let backup = resource.backup { body.set("snapshots", .text(Self.snapshots(backup.every))) }
            if settings.encrypt == .mesh { body.set("tls", true) }
        }
    }

    /// Memorystore's names of its versions (Memorystore for Redis API, `redisVersion`).
    static func redisVersion(_ major: Int) -> String {
        switch major {
        case ...5: "REDIS_5_0"
        case 6: "REDIS_6_X"
        default: "REDIS_7_2"
        }
    }

    /// The longest of Memorystore's intervals that is not above what was asked for.
    static func snapshots(_ every: Duration) -> String {
        if every < .seconds(6 * 3600) { return "ONE_HOUR" }
        if every < .seconds(12 * 3600) { return "SIX_HOURS" }
        return every < .seconds(24 * 3600) ? "TWELVE_HOURS" : "TWENTY_FOUR_HOURS"
    }

    private func bucket(_ name: ResourceName, _ resource: Resource) -> HCLBlock {
        module(name, resource, .bucket) { body in
            body.set("name", .text(place.bucket(name.text)))
            if let other = resource.backup?.region, let continent = Self.continent(place.region), other != place.region
            {
                body.set("location", .text(continent), comment: "Each object in both regions: `backup.region`.")
                body.set("placement", .list([.text(place.region.uppercased()), .text(other.uppercased())]))
            } else {
                body.set("location", .code("local.region"))
            }
            if resource.versioned { body.set("versioned", true) }
            if let keep = resource.keep { body.set("keep_days", .integer(Self.days(keep))) }
            for (key, access) in [("readers", Service.Access.read), ("writers", .write)] {
                let members = place.users(of: name).filter {
                    $0.access == access && platform.services[$0.name]?.site == nil
                }
                guard !members.isEmpty else { continue }
                body.gap()
                body.set(key, members: members.map(\.name))
            }
        }
    }

    /// The multi-region of a region (Cloud Storage, "Bucket locations").
    static func continent(_ region: String) -> String? {
        if region.hasPrefix("europe-") { return "EU" }
        if region.hasPrefix("us-") { return "US" }
        return region.hasPrefix("asia-") ? "ASIA" : nil
    }

    private func topic(_ name: ResourceName, _ resource: Resource) -> HCLBlock {
        let pushed = place.users(of: name).contains { user, access in
            access == .subscribe && platform.services[user]?.port != nil
        }
        return module(
            name, resource, .topic,
            comment: pushed
                ? "Who has a port is pushed to: a POST to `/` whose answer 2xx takes the message off. Who has none pulls."
                : nil
        ) { body in
            body.set("project_number", .code("module.project.number"))
            body.set("name", .text(place.topic(name, resource)))
            body.set("regions", .code("local.regions"))
            if !resource.deadLetter { body.set("dead_letter", false) }
            if let keep = resource.keep {
                body.set("retention", .text("\(min(31 * 86_400, max(600, Self.seconds(keep))))s"))
            }
            let publishers = place.users(of: name).filter { $0.access == .publish }
            if !publishers.isEmpty {
                body.gap()
                body.set("publishers", members: publishers.map(\.name))
            }
            let subscribers = place.users(of: name).filter { $0.access == .subscribe }
            if !subscribers.isEmpty {
                body.gap()
                body.set("subscribers", .map(subscribers.map { HCLAttribute($0.name.text, subscriber($0.name)) }))
            }
        }
    }

    private func subscriber(_ name: ServiceName) -> HCLValue {
        var entries: [(String, HCLValue)] = [("member", .code("module.account_\(Self.label(name)).member"))]
        if platform.services[name]?.port != nil {
            entries += [
                ("endpoint", .code("module.service_\(Self.label(name))[local.region].uri")),
                ("service", .text(name.text)),
                ("region", .code("local.region")),
                ("push_account_id", .text(GooglePlace.account("push", name.text))),
            ]
        }
        return .pairs(entries)
    }

    private func cluster(_ name: ResourceName, _ resource: Resource) -> HCLBlock {
        module(name, resource, .cluster) { body in
            body.set("region", .code("local.region"))
            body.set("name", .text(name.text))
            body.set("network", .code("module.network.id"))
            body.set("subnetwork", .code("module.network.subnetworks[local.region]"))
            body.set("nodes_account_id", .text(GooglePlace.account("nodes", name.text)))
            if let version = resource.version { body.set("min_version", .text("1.\(version)")) }
        }
    }

    /// Rounded up.
    static func gibibytes(_ count: ByteCount?, least: Int) -> Int {
        guard let count else { return least }
        return max(least, (count.bytes + (1 << 30) - 1) / (1 << 30))
    }

    // MARK: grants

    /// What Cloud SQL cannot be told through its API: what each role may do, and extensions.
    var grants: [Artifact] {
        place.resources(.postgres).filter { !place.users(of: $0.name).isEmpty || !$0.resource.extensions.isEmpty }.map {
            name, resource in
            var lines = Artifact.header(place.subject.source).map { "-- \($0)" }
            lines += [
                "-- Rights of the roles in \(name): readers read, writers share what they make. Cloud SQL makes roles with all its",
                "-- own rights, so run it once before the first release, again when a service is added, from within the network:",
                "--   psql \"host=HOST dbname=\(PostgresRoles.database(resource, platform)) user=postgres\" -v ON_ERROR_STOP=1 -f \(name)-grants.sql",
                "",
            ]
            for name in resource.extensions.sorted() {
                lines.append("CREATE EXTENSION IF NOT EXISTS \"\(name.replacing("\"", with: "\"\""))\";")
            }
            lines += [
                "DO $$",
                "BEGIN",
                "  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'readers') THEN CREATE ROLE readers NOLOGIN; END IF;",
                "  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'writers') THEN CREATE ROLE writers NOLOGIN; END IF;",
                "END",
                "$$;",
                "GRANT writers TO CURRENT_USER;",
                "REVOKE ALL ON SCHEMA public FROM PUBLIC;",
                "GRANT USAGE ON SCHEMA public TO readers;",
                "GRANT USAGE, CREATE ON SCHEMA public TO writers;",
                "ALTER DEFAULT PRIVILEGES FOR ROLE writers IN SCHEMA public GRANT SELECT ON TABLES TO readers;",
                "ALTER DEFAULT PRIVILEGES FOR ROLE writers IN SCHEMA public GRANT SELECT ON SEQUENCES TO readers;",
            ]
            for (user, access) in place.users(of: name) {
                let role = PostgresRoles.role(user)
                lines += [
                    "", "REVOKE cloudsqlsuperuser FROM \(role);",
                    "ALTER ROLE \(role) NOCREATEDB NOCREATEROLE;",
                    "GRANT \(access == .read ? "readers" : "writers") TO \(role);",
                ]
                if access != .read { lines.append("ALTER ROLE \(role) SET role = 'writers';") }
            }
            return Artifact(path: "\(place.folder)/\(name)-grants.sql", text: lines.joined(separator: "\n"))
        }
    }
}

/// A machine of Cloud SQL: one processor or an even number, 0.9 to 6.5 GiB for each, at least 3.75 GiB, in steps of 256 MiB
/// (Cloud SQL for PostgreSQL, "Custom instance configurations").
struct CloudSQLTier: Hashable {
    var cpus: Int
    var mebibytes: Int

    init(_ size: Size?) {
        let asked = size ?? Size(cpu: CPUCount(millis: 1000), memory: ByteCount(bytes: 3840 << 20))
        var memory = max(3840, (asked.memory.bytes + (1 << 20) - 1) >> 20)
        memory = (memory + 255) / 256 * 256
        var cpus = max(1, (asked.cpu.millis + 999) / 1000)
        cpus = max(cpus, (memory + 6655) / 6656)
        if cpus > 1, cpus % 2 == 1 { cpus += 1 }
        let least = (cpus * 922 + 255) / 256 * 256
        self.cpus = cpus
        mebibytes = max(memory, least)
    }

    var text: String { "db-custom-\(cpus)-\(mebibytes)" }
}

extension HCLBody {
    /// Accounts by the names of their services.
    mutating func set(_ key: String, members: [ServiceName]) {
        set(
            key,
            .map(members.map { HCLAttribute($0.text, .code("module.account_\(GooglePlace.label($0.text)).member")) }))
    }
}
