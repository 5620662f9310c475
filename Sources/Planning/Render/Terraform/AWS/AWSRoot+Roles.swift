import Spec

/// Who may open a database: a role for each service, made by a task that is run once.
extension AWSRoot {
    /// psql, of one version for all: it speaks with older servers.
    private static let client = "public.ecr.aws/docker/library/postgres:\(ImageBases.postgres)-alpine"

    func roles(_ name: ResourceName, _ resource: Resource) -> HCLBlock {
        let label = "postgres_\(word(name))"
        let users = users(of: name)
        return module(
            "roles_\(word(name))", .task,
            comment:
                "Run once, and again when a service is added or a password renewed: a role for each service, with the "
                + "rights of its edge."
        ) { body in
            body.set("name", .text(names.name(name.text, "roles")))
            body.set("vpc", .code("module.network.vpc"))
            body.set("endpoints", .code("module.network.endpoints"))
            body.set("cpu", 256)
            body.set("memory", 512)
            body.gap()
            var secrets = [
                HCLAttribute("PGPASSWORD", .template("${module.\(label).master_secret}:password::"))
            ]
            for (service, _) in users {
                secrets.append(
                    HCLAttribute(
                        variable(service), .code("module.password_\(word(name))_\(word(service)).arn")))
            }
            let command: [(String, HCLValue)] = [
                ("name", "roles"), ("image", .text(Self.client)),
                ("entrypoint", .list(["/bin/sh", "-euc", .code("file(\"${path.module}/\(name)-roles.sh\")")])),
                ("cpu", 256), ("memory", 512),
                (
                    "environment",
                    .pairs([
                        ("PGHOST", .code("module.\(label).host")),
                        ("PGDATABASE", .text(PostgresRoles.database(resource, platform))), ("PGUSER", "postgres"),
                        ("PGSSLMODE", "require"),
                    ])
                ), ("secrets", .map(secrets)),
            ]
            body.set("container", .pairs(command))
            body.gap()
            let read =
                ["module.\(label).master_secret"] + users.map { "module.password_\(word(name))_\(word($0.name)).arn" }
            body.set("secrets", .list(read.map { .code($0) }))
            let end: [(String, HCLValue)] = [
                ("security_group", .code("module.\(label).security_group")), ("port", 5432),
            ]
            body.set("reaches", .map([HCLAttribute(name.text, .pairs(end))]))
            body.set("outside", true, comment: "For the image of psql.")
            body.set("logs_keep", .integer(logsKeep))
            body.set("kms_key", .code("module.key.arn"))
        }
    }

    private func variable(_ service: ServiceName) -> String {
        "PASSWORD_" + service.text.uppercased().replacing("-", with: "_")
    }

    /// The script of ``roles(_:_:)``; may be run again.
    func rolesScript(_ name: ResourceName, _ resource: Resource) -> Artifact {
        var lines = ["#!/bin/sh"] + Artifact.header(subject.source).map { "# " + $0 }
        lines += [
            "# Roles of \(name). What writers make belongs to all of them, so that who migrates and who writes need not be one.",
            "set -eu",
            "run() { psql --no-psqlrc -v ON_ERROR_STOP=1 \"$@\"; }",
            "role() { # name, group, password",
            "  run -v name=\"$1\" -v password=\"$3\" -v group=\"$2\" <<'SQL'",
            "SELECT format('CREATE ROLE %I LOGIN', :'name') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \\gexec",
            "ALTER ROLE :\"name\" PASSWORD :'password';",
            "GRANT :\"group\" TO :\"name\";",
            "SQL",
            "}",
            "",
            "run <<'SQL'",
        ]
        for name in resource.extensions.sorted() {
            lines.append("CREATE EXTENSION IF NOT EXISTS \"\(name.replacing("\"", with: "\"\""))\";")
        }
        for group in ["readers", "writers"] {
            lines.append(
                "SELECT 'CREATE ROLE \(group) NOLOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '\(group)') \\gexec"
            )
        }
        lines += [
            // The owner of RDS is no superuser: to speak for the writers it has to be one of them.
            "GRANT writers TO CURRENT_USER;",
            "REVOKE ALL ON SCHEMA public FROM PUBLIC;", "GRANT USAGE ON SCHEMA public TO readers;",
            "GRANT USAGE, CREATE ON SCHEMA public TO writers;",
            "ALTER DEFAULT PRIVILEGES FOR ROLE writers IN SCHEMA public GRANT SELECT ON TABLES TO readers;",
            "ALTER DEFAULT PRIVILEGES FOR ROLE writers IN SCHEMA public GRANT SELECT ON SEQUENCES TO readers;",
            "SQL", "",
        ]
        for (service, access) in users(of: name) {
            let role = PostgresRoles.role(service)
            let group = access == .read ? "readers" : "writers"
            lines.append("role \(role) \(group) \"$\(variable(service))\"")
            if access != .read { lines.append("run -c 'ALTER ROLE \(role) SET role = writers;'") }
        }
        return Artifact(path: "\(folder)/\(name)-roles.sh", text: lines.joined(separator: "\n"), isExecutable: true)
    }
}
