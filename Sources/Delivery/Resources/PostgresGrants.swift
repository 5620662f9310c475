import Spec

/// The statements that give services their roles.
///
/// `hauban_owner` (no login) owns the database, the schema and what is made in it. A service with `write` is a member of it and
/// every session of the service becomes it at once, so that any of them can run migrations, and each can read, write and
/// alter what another has made. `hauban_read` (no login) may read everything, what is made later included; a service with `read`
/// is a member of it. Each service logs in under its own name, which `session_user` and the server's log show.
///
/// A connection pooler's `DISCARD ALL` ends that change of role; what a service then makes as itself is opened to
/// both groups by its own default privileges.
enum PostgresGrants {
    static let owner = "hauban_owner"
    static let reader = "hauban_read"

    /// Prefixed, because role names such as `public`, `none` and `pg_…` are PostgreSQL's.
    static func role(_ service: ServiceName) -> String { rolePrefix + service.text.replacing("-", with: "_") }
    static let rolePrefix = "svc_"

    /// Run in the database `postgres`: what belongs to the whole cluster.
    static func cluster(database: String, uses: [(use: ResourceUse, password: String)]) -> String {
        var statements = [
            // An error in a statement would put it, password included, into the server's log.
            "SET log_min_error_statement = 'panic';",
            createRole(owner, "NOLOGIN"),
            createRole(reader, "NOLOGIN"),
        ]
        for (use, password) in uses {
            let name = role(use.service)
            statements.append(createRole(name, "LOGIN"))
            statements.append(
                "ALTER ROLE \(SQL.identifier(name)) LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE INHERIT PASSWORD "
                    + "\(SQL.literal(password));")
        }
        let create =
            "CREATE DATABASE \(SQL.identifier(database)) OWNER \(owner) TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
        statements.append(
            "SELECT \(SQL.literal(create)) WHERE NOT EXISTS "
                + "(SELECT FROM pg_database WHERE datname = \(SQL.literal(database))) \\gexec")
        statements.append("REVOKE ALL ON DATABASE \(SQL.identifier(database)) FROM PUBLIC;")
        statements.append("GRANT CONNECT ON DATABASE \(SQL.identifier(database)) TO \(reader);")
        return statements.joined(separator: "\n") + "\n"
    }

    /// Run in the platform's own database.
    static func database(_ database: String, extensions: [String], uses: [ResourceUse]) -> String {
        var statements = ["SET client_min_messages = 'warning';", "BEGIN;"]
        statements += extensions.map { "CREATE EXTENSION IF NOT EXISTS \(SQL.identifier($0));" }
        statements += [
            "ALTER SCHEMA public OWNER TO \(owner);",
            "REVOKE ALL ON SCHEMA public FROM PUBLIC;",
            "GRANT USAGE ON SCHEMA public TO \(reader);",
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO \(reader);",
            "GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO \(reader);",
        ]
        statements += readable(madeBy: owner)
        for use in uses {
            let name = SQL.identifier(role(use.service))
            switch use.access {
            case .write:
                statements.append("GRANT \(owner) TO \(name);")
                statements.append("ALTER ROLE \(name) IN DATABASE \(SQL.identifier(database)) SET role = '\(owner)';")
                statements += readable(madeBy: role(use.service))
                statements += ["TABLES", "SEQUENCES", "FUNCTIONS", "TYPES", "SCHEMAS"].map {
                    "ALTER DEFAULT PRIVILEGES FOR ROLE \(name) GRANT ALL ON \($0) TO \(owner);"
                }
            case .read: statements.append("GRANT \(reader) TO \(name);")
            }
        }
        statements.append("COMMIT;")
        return statements.joined(separator: "\n") + "\n"
    }

    /// Takes `write` from services that only read now, and the login from those that use the database no more.
    static func settle(database: String, uses: [ResourceUse], roles: [String]) -> String {
        var wanted: [String: DataAccess] = [:]
        for use in uses { wanted[role(use.service)] = use.access }
        var statements = ["SET client_min_messages = 'error';", "BEGIN;"]
        for role in roles.sorted() where role.hasPrefix(rolePrefix) {
            let name = SQL.identifier(role)
            if wanted[role] != .write {
                statements.append("REVOKE \(owner) FROM \(name);")
                statements.append("ALTER ROLE \(name) IN DATABASE \(SQL.identifier(database)) RESET role;")
            }
            if wanted[role] == nil {
                statements.append("REVOKE \(reader) FROM \(name);")
                statements.append("ALTER ROLE \(name) NOLOGIN;")
            }
        }
        statements.append("COMMIT;")
        return statements.joined(separator: "\n") + "\n"
    }

    private static func readable(madeBy role: String) -> [String] {
        [("SELECT", "TABLES"), ("SELECT", "SEQUENCES"), ("USAGE", "SCHEMAS")].map { privilege, kind in
            "ALTER DEFAULT PRIVILEGES FOR ROLE \(SQL.identifier(role)) GRANT \(privilege) ON \(kind) TO \(reader);"
        }
    }

    private static func createRole(_ name: String, _ login: String) -> String {
        let create = "CREATE ROLE \(SQL.identifier(name)) \(login)"
        return "SELECT \(SQL.literal(create)) WHERE NOT EXISTS "
            + "(SELECT FROM pg_roles WHERE rolname = \(SQL.literal(name))) \\gexec"
    }
}
