import Spec

/// Databases and caches.
extension KubeStack {
    func storeObjects(_ name: ResourceName, _ resource: Resource) -> [KubeObject] {
        resource.kind == .postgres ? postgres(name, resource) : redis(name, resource)
    }

    static func postgresImage(_ resource: Resource) -> String {
        "ghcr.io/cloudnative-pg/postgresql:\(resource.version ?? ImageBases.postgres)-standard-bookworm"
    }

    // MARK: PostgreSQL, by the operator CloudNativePG

    private func postgres(_ name: ResourceName, _ resource: Resource) -> [KubeObject] {
        var objects = [cluster(name, resource)]
        if let backup = resource.backup { objects += copies(name, resource, backup) }
        for (user, _) in users(of: name) {
            let secret = passwordName(name.cast(), user)
            var role = externalSecret(
                Self.roleSecret(name, user), file: name.text, [(local: "password", remote: secret)],
                template: [
                    YAMLEntry("type", "kubernetes.io/basic-auth"),
                    YAMLEntry("metadata", ["labels": ["cnpg.io/reload": .text("true")]]),
                    YAMLEntry(
                        "data", ["username": .text(PostgresRoles.role(user)), "password": "{{ .password }}"]),
                ])
            if user == users(of: name).first?.name {
                role.comment = "Passwords of the roles; a new one is taken over by the operator, see `cnpg.io/reload`."
            }
            objects.append(role)
        }
        objects.append(databasePolicy(name))
        if hasMonitoring { objects.append(podMonitor(name.text, label: "cnpg.io/cluster", port: "metrics", path: nil)) }
        return objects
    }

    private static func roleSecret(_ name: ResourceName, _ user: ServiceName) -> String { "\(name)-\(user)-role" }

    private func cluster(_ name: ResourceName, _ resource: Resource) -> KubeObject {
        let size = resource.size ?? Size(cpu: CPUCount(millis: 1000), memory: ByteCount(bytes: 1 << 30))
        var spec: [YAMLEntry] = [
            YAMLEntry("instances", .integer(resource.standby ? 2 : 1)),
            YAMLEntry("imageName", .text(Self.postgresImage(resource))),
        ]
        if resource.standby {
            spec.append(
                YAMLEntry(
                    "affinity",
                    ["topologyKey": "topology.kubernetes.io/zone", "podAntiAffinityType": "preferred"],
                    comment: "standby: true. In another zone where there is one; it takes over by itself."))
        } else {
            spec.append(
                YAMLEntry(
                    "enablePDB", false, comment: "One server cannot move without a pause; a node may still be emptied.")
            )
        }
        spec.append(
            YAMLEntry(
                "inheritedMetadata",
                [
                    "labels": .sorted(
                        [Self.nameLabel: name.text].merging(labels(resource.labels)) { own, _ in own }
                            .merging(isMesh ? ["istio.io/dataplane-mode": "none"] : [:]) { own, _ in own })
                ], comment: isMesh ? "Not in the mesh: PostgreSQL and its operator speak TLS among themselves." : nil))
        var parameters = ["shared_buffers": "\((size.memory.bytes >> 20) / 4)MB"]
        if let rpo = resource.backup?.rpo { parameters["archive_timeout"] = "\(Self.seconds(rpo))s" }
        spec.append(YAMLEntry("postgresql", ["parameters": .sorted(parameters)]))
        spec.append(YAMLEntry("bootstrap", ["initdb": bootstrap(name, resource)]))
        let roles = users(of: name).map { user, access -> YAMLTree in
            [
                "name": .text(PostgresRoles.role(user)), "login": true,
                "inRoles": .row([.text(access == .read ? "readers" : "writers")]),
                "passwordSecret": ["name": .text(Self.roleSecret(name, user))],
            ]
        }
        if !roles.isEmpty { spec.append(YAMLEntry("managed", ["roles": .list(roles)])) }
        spec.append(YAMLEntry("storage", ["size": .text("\(resource.storage ?? Self.smallVolume)")]))
        spec.append(YAMLEntry("resources", resources(size)))
        if resource.backup != nil {
            let plugin: YAMLTree = [
                "name": .text(Self.backupPlugin), "isWALArchiver": true,
                "parameters": ["barmanObjectName": .text(name.text)],
            ]
            spec.append(YAMLEntry("plugins", .list([plugin])))
        }
        return KubeObject(
            apiVersion: "postgresql.cnpg.io/v1", kind: "Cluster", name: name.text, file: name.text,
            labels: labels(resource.labels), body: [YAMLEntry("spec", .map(spec))])
    }

    static let smallVolume = ByteCount(bytes: 10 << 30)
    private static let backupPlugin = "barman-cloud.cloudnative-pg.io"

    /// The roles that ``PostgresRoles`` makes on one server, by the operator's means.
    private func bootstrap(_ name: ResourceName, _ resource: Resource) -> YAMLTree {
        let database = PostgresRoles.database(resource, platform)
        var lines = resource.extensions.sorted().map {
            "CREATE EXTENSION IF NOT EXISTS \"\($0.replacing("\"", with: "\"\""))\""
        }
        lines += [
            "CREATE ROLE readers NOLOGIN", "CREATE ROLE writers NOLOGIN", "REVOKE ALL ON SCHEMA public FROM PUBLIC",
            "GRANT USAGE ON SCHEMA public TO readers", "GRANT USAGE, CREATE ON SCHEMA public TO writers",
            "ALTER DEFAULT PRIVILEGES FOR ROLE writers IN SCHEMA public GRANT SELECT ON TABLES TO readers",
            "ALTER DEFAULT PRIVILEGES FOR ROLE writers IN SCHEMA public GRANT SELECT ON SEQUENCES TO readers",
        ]
        for (user, access) in users(of: name) {
            let role = PostgresRoles.role(user)
            lines.append("CREATE ROLE \(role) LOGIN IN ROLE \(access == .read ? "readers" : "writers")")
            if access != .read { lines.append("ALTER ROLE \(role) SET role = 'writers'") }
        }
        return .map([
            YAMLEntry("database", .text(database)), YAMLEntry("owner", .text(database)),
            YAMLEntry("dataChecksums", true),
            YAMLEntry(
                "postInitApplicationSQL", .list(lines.map { .text($0) }),
                comment:
                    "Once, when the database is new. What writers make belongs to all of them, so that who migrates and\n"
                    + "who writes need not be one."),
        ])
    }

    private func copies(_ name: ResourceName, _ resource: Resource, _ backup: Backup) -> [KubeObject] {
        var configuration: [YAMLEntry] = [
            YAMLEntry("destinationPath", .text("s3://\(namespace)-\(name)-copies/")),
            YAMLEntry(
                "s3Credentials",
                [
                    "accessKeyId": ["name": .text("\(name)-copies"), "key": "access-key"],
                    "secretAccessKey": ["name": .text("\(name)-copies"), "key": "secret-key"],
                ]),
        ]
        for part in ["wal", "data"] {
            var how = [YAMLEntry("compression", "gzip")]
            if resource.encrypt { how.append(YAMLEntry("encryption", "AES256")) }
            configuration.append(YAMLEntry(part, .map(how)))
        }
        let store = KubeObject(
            apiVersion: "barmancloud.cnpg.io/v1", kind: "ObjectStore", name: name.text, file: name.text,
            comment: backup.rpo.map {
                "Every change is copied at once, at the latest after \(DurationText.text($0)): see archive_timeout."
            },
            body: [
                YAMLEntry(
                    "spec",
                    [
                        "configuration": .map(configuration),
                        "retentionPolicy": .text("\(max(1, Self.seconds(backup.keep) / 86_400))d"),
                    ])
            ])
        let schedule = KubeObject(
            apiVersion: "postgresql.cnpg.io/v1", kind: "ScheduledBackup", name: name.text, file: name.text,
            body: [
                YAMLEntry(
                    "spec",
                    .map([
                        YAMLEntry(
                            "schedule", .text(Self.schedule(backup.every).cron), comment: "Its first field are seconds."
                        ),
                        YAMLEntry("immediate", true), YAMLEntry("backupOwnerReference", "self"),
                        YAMLEntry("cluster", ["name": .text(name.text)]), YAMLEntry("method", "plugin"),
                        YAMLEntry("pluginConfiguration", ["name": .text(Self.backupPlugin)]),
                    ]))
            ])
        let secret = externalSecret(
            "\(name)-copies", file: name.text,
            [
                (local: "access-key", remote: "\(name)-copies-access-key"),
                (local: "secret-key", remote: "\(name)-copies-secret-key"),
            ])
        return [store, schedule, secret]
    }

    /// Six fields of a schedule, never rarer than asked.
    static func schedule(_ every: Duration) -> (cron: String, isExact: Bool) {
        let seconds = seconds(every)
        if seconds >= 7 * 86_400 { return ("0 0 2 * * 0", seconds == 7 * 86_400) }
        if seconds >= 86_400 { return ("0 0 2 * * *", seconds == 86_400) }
        if seconds >= 3600 {
            let hours = [12, 8, 6, 4, 3, 2, 1].first { $0 * 3600 <= seconds } ?? 1
            return (hours == 1 ? "0 0 * * * *" : "0 0 */\(hours) * * *", hours * 3600 == seconds)
        }
        let minutes = [30, 20, 15, 10, 5, 1].first { $0 * 60 <= seconds } ?? 1
        return ("0 */\(minutes) * * * *", minutes * 60 == seconds)
    }

    private func databasePolicy(_ name: ResourceName) -> KubeObject {
        let own = database(name.text)
        var clients: [String] = []
        for (user, _) in users(of: name) {
            clients.append(user.text)
            if platform.services[user]?.migrate != nil { clients.append("\(user)-migrate") }
        }
        var ingress: [YAMLTree] = []
        if !clients.isEmpty {
            ingress.append(rule("from", [pods(clients)], [5432], isMeshed: false, comment: "Who uses it."))
        }
        ingress.append(rule("from", [own], [5432, 8000], isMeshed: false, comment: "Its servers among themselves."))
        ingress.append(
            rule("from", [pods(in: Self.operatorNamespace)], [5432, 8000], isMeshed: false, comment: "The operator."))
        if hasMonitoring {
            ingress.append(
                rule("from", [pods(in: Self.monitoringNamespace)], [9187], isMeshed: false, comment: "Prometheus."))
        }
        let anywhere: YAMLTree = ["ipBlock": ["cidr": "0.0.0.0/0"]]
        let egress = [
            rule("to", [own], [5432, 8000], isMeshed: false, comment: "Its servers among themselves."),
            rule(
                "to", [anywhere], [443, 6443], isMeshed: false,
                comment: "Its servers ask the API server, which no selector names, and send copies to the object store."
            ),
        ]
        return policy(
            name.text, name.text,
            [
                "podSelector": ["matchLabels": ["cnpg.io/cluster": .text(name.text)]],
                "policyTypes": .row(["Ingress", "Egress"]), "ingress": .list(ingress), "egress": .list(egress),
            ])
    }
}
