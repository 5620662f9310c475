import Spec

/// What keeps data.
extension AWSRoot {
    var data: HCLBody {
        var body = HCLBody()
        for (name, resource) in resources {
            switch resource.kind {
            case .postgres:
                body.add(postgres(name, resource))
                if let block = copies(name, resource) { body.add(block) }
                body.add(roles(name, resource))
            case .redis: body.add(redis(name, resource))
            case .bucket:
                body.add(bucket(name, resource))
                if hasCopy(resource) { body.add(copy(name, resource)) }
            case .topic: body.add(topic(name, resource))
            case .cluster: body.add(kubernetes(name, resource))
            }
        }
        if secondRegion != nil { body.add(secondKey) }
        return body
    }

    private func postgres(_ name: ResourceName, _ resource: Resource) -> HCLBlock {
        module("postgres_\(word(name))", .postgres) { db in
            db.set("name", .text(names.name(name.text)))
            db.set("vpc", .code("module.network.vpc"))
            db.set("subnets", .code("module.network.private_subnets"))
            db.set("engine_version", "\(resource.version ?? ImageBases.postgres)")
            db.set("class", .text(AWSSizes.database(resource.size)?.name ?? "db.r7g.16xlarge"))
            db.set("storage", .integer(storage(resource)))
            db.set("database", .text(PostgresRoles.database(resource, platform)))
            if resource.standby { db.set("standby", true) }
            setTags(resource, &db)
            db.set("backup_days", .integer(backupDays(resource)))
            db.set("logs_keep", .integer(logsKeep))
            db.set("kms_key", .code("module.key.arn"))
        }
    }

    /// GiB; gp3 begins at 20.
    func storage(_ resource: Resource) -> Int { max(20, resource.storage.map(AWSSizes.gibibytes) ?? 20) }

    /// RDS and ElastiCache keep automatic copies for at most 35 days.
    func backupDays(_ resource: Resource) -> Int { resource.backup.map { min(35, AWSSizes.days($0.keep)) } ?? 0 }

    /// The second copy of a database in another region.
    private func copies(_ name: ResourceName, _ resource: Resource) -> HCLBlock? {
        guard let backup = resource.backup, backup.region != nil else { return nil }
        return HCLBlock(
            "resource", ["aws_db_instance_automated_backups_replication", word(name)],
            comment: "A second copy, with the log of every change, in another region."
        ) { body in
            body.set("provider", .code("aws.second"))
            body.gap()
            body.set("source_db_instance_arn", .code("module.postgres_\(word(name)).arn"))
            body.set("kms_key_id", .code("module.key_second.arn"))
            body.set("retention_period", .integer(backupDays(resource)))
        }
    }

    private var secondKey: HCLBlock {
        HCLBlock("module", ["key_second"], comment: "Keys do not leave their region.") { key in
            key.set("source", .text(AWSModule.key.source))
            key.set("providers", .pairs([("aws", .code("aws.second"))]))
            key.gap()
            key.set("name", .text(names.name("second")))
        }
    }

    private func redis(_ name: ResourceName, _ resource: Resource) -> HCLBlock {
        let version = AWSRedis(resource.version)
        return module("redis_\(word(name))", .redis) { cache in
            cache.set("name", .text(names.name(name.text, limit: AWSNames.cache)))
            cache.set("vpc", .code("module.network.vpc"))
            cache.set("subnets", .code("module.network.private_subnets"))
            cache.set("engine_version", .text(version.version))
            cache.set("family", .text(version.family))
            cache.set("class", .text(AWSSizes.cache(resource.size)?.name ?? "cache.r7g.16xlarge"))
            let eviction =
                switch resource.evict {
                case .never: "noeviction"
                case .expiring: "volatile-ttl"
                case .oldest: "allkeys-lru"
                }
            cache.set("eviction", .text(eviction))
            if resource.standby { cache.set("standby", true) }
            if resource.backup != nil { cache.set("backup_days", .integer(backupDays(resource))) }
            setTags(resource, &cache)
            cache.set("logs_keep", .integer(logsKeep))
            cache.set("kms_key", .code("module.key.arn"))
        }
    }

    private func bucket(_ name: ResourceName, _ resource: Resource) -> HCLBlock {
        module("bucket_\(word(name))", .bucket) { bucket in
            bucket.set("name", .text(names.name(name.text)))
            if resource.versioned || resource.backup != nil { bucket.set("versioned", true) }
            if let backup = resource.backup {
                bucket.set(
                    "old_days", .integer(AWSSizes.days(backup.keep)),
                    comment: "`backup`: what was overwritten or removed can be brought back for so long.")
            }
            if let keep = resource.keep { bucket.set("keep_days", .integer(AWSSizes.days(keep))) }
            bucket.set("kms_key", .code("module.key.arn"))
            if hasCopy(resource) {
                let place: [(String, HCLValue)] = [
                    ("bucket", .code("module.copy_\(word(name)).arn")), ("kms_key", .code("module.key_second.arn")),
                ]
                bucket.set("copy", .pairs(place))
            }
            setTags(resource, &bucket)
        }
    }

    private func setTags(_ resource: Resource, _ body: inout HCLBody) {
        if !resource.labels.isEmpty { body.set("tags", .sorted(resource.labels)) }
    }

    private func hasCopy(_ resource: Resource) -> Bool { resource.backup?.region != nil }

    private func copy(_ name: ResourceName, _ resource: Resource) -> HCLBlock {
        HCLBlock("module", ["copy_\(word(name))"], comment: "The second copy of \(name), in another region.") { body in
            body.set("source", .text(AWSModule.bucket.source))
            body.set("providers", .pairs([("aws", .code("aws.second"))]))
            body.gap()
            body.set("name", .text(names.name(name.text, "copy")))
            body.set("versioned", true)
            if let backup = resource.backup { body.set("old_days", .integer(AWSSizes.days(backup.keep))) }
            if let keep = resource.keep { body.set("keep_days", .integer(AWSSizes.days(keep))) }
            body.set("kms_key", .code("module.key_second.arn"))
        }
    }

    private func topic(_ name: ResourceName, _ resource: Resource) -> HCLBlock {
        module("topic_\(word(name))", .topic) { topic in
            // A name that the author chose is kept as far as SNS takes it, which has no dots.
            let own = resource.topic.map { names.name($0.replacing(".", with: "-")) }
            topic.set("name", .text(own ?? names.name(name.text)))
            let readers = users(of: name).filter { $0.access == .subscribe }.map(\.name.text)
            topic.set("subscribers", .list(readers.map { .text($0) }))
            if !resource.deadLetter { topic.set("dead_letter", false) }
            if let keep = resource.keep {
                topic.set("keep", .integer(min(1_209_600, max(60, Int(keep.components.seconds)))))
            }
            setTags(resource, &topic)
            topic.set("kms_key", .code("module.key.arn"))
        }
    }

    private func kubernetes(_ name: ResourceName, _ resource: Resource) -> HCLBlock {
        module("kubernetes_\(word(name))", .kubernetes) { cluster in
            cluster.set("name", .text(names.name(name.text)))
            if let version = resource.version { cluster.set("engine_version", "1.\(version)") }
            cluster.set("subnets", .code("module.network.private_subnets"))
            setTags(resource, &cluster)
            cluster.set("logs_keep", .integer(logsKeep))
            cluster.set("kms_key", .code("module.key.arn"))
        }
    }
}

/// A version of Redis as ElastiCache has it (Amazon ElastiCache User Guide, "Supported engines and versions").
struct AWSRedis {
    var version: String
    var family: String

    init(_ major: Int?) {
        switch major ?? ImageBases.redis {
        case ...5: (version, family) = ("5.0.6", "redis5.0")
        case 6: (version, family) = ("6.2", "redis6.x")
        default: (version, family) = ("7.1", "redis7")
        }
    }
}
