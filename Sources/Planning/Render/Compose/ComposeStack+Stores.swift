import Spec

extension ComposeStack {
    func storeTree(_ name: ResourceName, _ resource: Resource) -> YAMLTree {
        resource.kind == .postgres ? postgres(name, resource) : redis(name, resource)
    }

    // MARK: What an engine starts and what is rendered in common

    func storeImage(_ resource: Resource) -> String {
        resource.kind == .postgres
            ? "postgres:\(resource.version ?? ImageBases.postgres)-alpine"
            : "redis:\(resource.version ?? ImageBases.redis)-alpine"
    }

    func storeSize(_ resource: Resource) -> Size {
        resource.size
            ?? (resource.kind == .postgres
                ? Size(cpu: CPUCount(millis: 1000), memory: ByteCount(bytes: 1 << 30))
                : Size(cpu: CPUCount(millis: 500), memory: ByteCount(bytes: 512 << 20)))
    }

    /// What its server is told besides where its data lie and who may come in.
    func storeArguments(_ resource: Resource) -> [String] {
        let mebibytes = storeSize(resource).memory.bytes >> 20
        if resource.kind == .postgres {
            return ["-c", "shared_buffers=\(mebibytes / 4)MB", "-c", "password_encryption=scram-sha-256"]
        }
        let policy =
            switch resource.evict {
            case .never: "noeviction"
            case .expiring: "volatile-ttl"
            case .oldest: "allkeys-lru"
            }
        return [
            "--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory", "\(mebibytes * 3 / 4)mb",
            "--maxmemory-policy", policy,
        ]
    }

    /// The check, as Docker writes it: the way it is run first.
    func storeCheck(_ resource: Resource) -> [String] {
        // Over TCP: while the roles are made the server listens on its socket alone.
        resource.kind == .postgres
            ? [
                "CMD", "pg_isready", "-h", "127.0.0.1", "-U", "postgres", "-d",
                PostgresRoles.database(resource, platform),
            ]
            : ["CMD-SHELL", "redis-cli ping | grep -q PONG"]
    }

    // MARK: Rendered

    private func postgres(_ name: ResourceName, _ resource: Resource) -> YAMLTree {
        let size = storeSize(resource)
        let database = PostgresRoles.database(resource, platform)
        let passwords =
            ["\(name)-admin"] + users(of: name).map { passwordName(name.cast(), $0.name) }
            + (hasMonitoring ? ["\(name)-exporter"] : [])
        var unit = [
            YAMLEntry("image", .text(storeImage(resource))),
            YAMLEntry("user", "postgres"),
            YAMLEntry(
                "command",
                words(["postgres"] + storeArguments(resource)),
                comment: "A quarter of its memory for pages, as PostgreSQL's manual begins with."),
            YAMLEntry(
                "environment",
                [
                    "POSTGRES_DB": .text(database),
                    "POSTGRES_INITDB_ARGS": "--data-checksums --auth-host=scram-sha-256",
                    "POSTGRES_PASSWORD_FILE": .text("/run/secrets/\(name)-admin"),
                ]),
            YAMLEntry("secrets", .row(passwords.sorted().map { .text($0) })),
            YAMLEntry(
                "configs",
                .list([
                    ["source": .text("\(name)-roles"), "target": "/docker-entrypoint-initdb.d/10-roles.sh"]
                ]), comment: "A role for each service, made when the volume is new."),
            YAMLEntry("networks", .row(["data"])),
        ]
        if let port = ports[name.text] { unit.append(YAMLEntry("ports", .list([.text(port)]))) }
        unit.append(
            YAMLEntry(
                "healthcheck",
                [
                    "test": words(storeCheck(resource)),
                    "interval": "5s", "timeout": "3s", "retries": 5, "start_period": "60s",
                ]))
        unit.append(YAMLEntry("volumes", .list([.text("\(name)-data:/var/lib/postgresql/data")])))
        var memory = [MemoryFolder(path: "/run/postgresql"), MemoryFolder(path: "/tmp", mebibytes: 64)]
        if isSwarm {
            memory.append(MemoryFolder(path: "/dev/shm", mebibytes: 256))
        } else {
            unit.append(YAMLEntry("shm_size", "256m", comment: "Parallel queries exchange rows there."))
        }
        unit.append(YAMLEntry("stop_signal", "SIGINT", comment: "Fast shutdown: sessions end, nothing is lost."))
        unit.append(YAMLEntry("stop_grace_period", "60s"))
        unit += hardening(memory)
        unit.append(YAMLEntry("deploy", storeDeploy(name, size)))
        unit += closing(true)
        if !resource.labels.isEmpty { unit.append(YAMLEntry("labels", .sorted(resource.labels.mapValues(escaped)))) }
        return .map(unit)
    }

    private func redis(_ name: ResourceName, _ resource: Resource) -> YAMLTree {
        let size = storeSize(resource)
        var script = "umask 077\n{\n  echo 'user default on nopass resetkeys resetchannels -@all +ping'\n"
        for (service, access) in users(of: name) {
            let rights = access == .read ? "+@read +@connection" : "+@all -@admin"
            script +=
                "  echo \"user \(service) on >$(cat /run/secrets/\(passwordName(name.cast(), service))) ~* &* \(rights)\"\n"
        }
        if hasMonitoring {
            // What the exporter's manual asks for, without a look into any key (oliver006/redis_exporter, "Authenticating").
            script += "  echo \"user \(PostgresRoles.exporter) on >$(cat /run/secrets/\(name)-exporter) "
            script +=
                "+ping +info +client|setname +client|list +config|get +latency|latest +slowlog|get +slowlog|len\"\n"
        }
        // Redis guards a server without passwords by answering its own machine alone; here the list above guards it.
        script += "} > /tmp/users.acl\nexec redis-server --aclfile /tmp/users.acl --protected-mode no "
        script += "--dir /data \(storeArguments(resource).joined(separator: " "))\n"
        var unit = [
            YAMLEntry("image", .text(storeImage(resource))),
            YAMLEntry("user", "redis"),
            YAMLEntry(
                "entrypoint", .list(["/bin/sh", "-euc", .text(escaped(script))]),
                comment:
                    "A user for each service, whose password is in no argument; who gives none may only ask for a sign of life."
            ),
        ]
        let passwords =
            (users(of: name).map { passwordName(name.cast(), $0.name) }
            + (hasMonitoring ? ["\(name)-exporter"] : [])).sorted()
        if !passwords.isEmpty { unit.append(YAMLEntry("secrets", .row(passwords.map { .text($0) }))) }
        unit.append(YAMLEntry("networks", .row(["data"])))
        if let port = ports[name.text] { unit.append(YAMLEntry("ports", .list([.text(port)]))) }
        unit.append(
            YAMLEntry(
                "healthcheck",
                [
                    "test": words(storeCheck(resource)),
                    "interval": "5s", "timeout": "3s", "retries": 5, "start_period": "30s",
                ]))
        unit.append(YAMLEntry("volumes", .list([.text("\(name)-data:/data")])))
        unit.append(YAMLEntry("stop_grace_period", "30s"))
        unit += hardening([MemoryFolder(path: "/tmp", mebibytes: 16)])
        unit.append(YAMLEntry("deploy", storeDeploy(name, size)))
        unit += closing(true)
        if !resource.labels.isEmpty { unit.append(YAMLEntry("labels", .sorted(resource.labels.mapValues(escaped)))) }
        return .map(unit)
    }
}
