import Spec

/// The script that gives each service a role of its own in a new database.
enum PostgresRoles {
    static func role(_ service: ServiceName) -> String { service.text.replacing("-", with: "_") + "_role" }

    /// Who asks a store how it is, for Prometheus.
    static let exporter = "exporter"

    static func database(_ resource: Resource, _ platform: Platform) -> String {
        resource.database ?? platform.name.text.replacing("-", with: "_")
    }

    static func artifact(
        _ name: ResourceName, _ resource: Resource, _ users: [(name: ServiceName, access: Service.Access)],
        _ place: RenderSubject.Place, _ source: String, isWatched: Bool
    ) -> Artifact {
        var lines = ["#!/bin/sh"] + Artifact.header(source).map { "# " + $0 }
        lines += [
            "# Runs once, when the volume of \(name) is new: a role for each service, with the rights of its edge.",
            "# What writers make belongs to all of them, so that who migrates and who writes need not be one.",
            "set -eu",
            "run() { psql --no-psqlrc -v ON_ERROR_STOP=1 -U postgres -d \"$POSTGRES_DB\" \"$@\"; }",
            "",
            "run <<'SQL'",
        ]
        for name in resource.extensions.sorted() {
            lines.append("CREATE EXTENSION IF NOT EXISTS \"\(name.replacing("\"", with: "\"\""))\";")
        }
        lines += [
            "CREATE ROLE readers NOLOGIN;", "CREATE ROLE writers NOLOGIN;",
            "REVOKE ALL ON SCHEMA public FROM PUBLIC;", "GRANT USAGE ON SCHEMA public TO readers;",
            "GRANT USAGE, CREATE ON SCHEMA public TO writers;",
            "ALTER DEFAULT PRIVILEGES FOR ROLE writers IN SCHEMA public GRANT SELECT ON TABLES TO readers;",
            "ALTER DEFAULT PRIVILEGES FOR ROLE writers IN SCHEMA public GRANT SELECT ON SEQUENCES TO readers;",
            "SQL",
        ]
        for (service, access) in users {
            let role = role(service)
            let group = access == .read ? "readers" : "writers"
            lines += [
                "", "run -v \"password=$(cat /run/secrets/\(name)-\(service))\" <<'SQL'",
                "CREATE ROLE \(role) LOGIN PASSWORD :'password' IN ROLE \(group);",
            ]
            if access != .read { lines.append("ALTER ROLE \(role) SET role = 'writers';") }
            lines.append("SQL")
        }
        if isWatched {
            lines += [
                "", "run -v \"password=$(cat /run/secrets/\(name)-exporter)\" <<'SQL'",
                "CREATE ROLE \(exporter) LOGIN PASSWORD :'password' IN ROLE pg_monitor CONNECTION LIMIT 5;", "SQL",
            ]
        }
        return Artifact(
            path: "deploy/postgres/\(place.name)-\(name)-roles.sh", text: lines.joined(separator: "\n"),
            isExecutable: true)
    }
}
