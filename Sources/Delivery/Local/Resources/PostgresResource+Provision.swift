import Glibc
package import Spec
import World

extension PostgresResource {
    package func provision(_ uses: [ResourceUse]) async throws {
        let uses = uses.sorted { ($0.service, $0.access.rawValue) < ($1.service, $1.access.rawValue) }
        let existing = Set(try await roles())
        let withPasswords = try uses.map { use in
            let role = PostgresGrants.role(use.service)
            let password = try context.passwords(of: name).make(for: role, isThere: existing.contains(role))
            return (use: use, password: password.exposed)
        }
        try await checkExtensions()
        _ = try await psql(
            PostgresGrants.cluster(database: database, uses: withPasswords), database: "postgres",
            operation: "make the roles of \(name)")
        _ = try await psql(
            PostgresGrants.database(database, extensions: extensions, uses: uses), database: database,
            operation: "grant the services their access to \(name)")
    }

    package func settle(_ uses: [ResourceUse]) async throws {
        let statements = PostgresGrants.settle(database: database, uses: uses, roles: try await roles())
        _ = try await psql(statements, database: database, operation: "take back unused access to \(name)")
    }

    private func roles() async throws -> [String] {
        let answer = try await psql(
            "SELECT rolname FROM pg_roles ORDER BY 1;", database: "postgres", operation: "list the roles of \(name)")
        return answer.split(whereSeparator: \.isNewline).map(String.init)
    }

    private func checkExtensions() async throws {
        guard !extensions.isEmpty else { return }
        let answer = try await psql(
            "SELECT name FROM pg_available_extensions;", database: "postgres",
            operation: "list the extensions of \(name)")
        let available = Set(answer.split(whereSeparator: \.isNewline).map(String.init))
        guard let missing = extensions.first(where: { !available.contains($0) }) else { return }
        let packages = [
            "postgis": "postgresql-\(version)-postgis-3", "vector": "postgresql-\(version)-pgvector",
            "pg_cron": "postgresql-\(version)-cron", "hll": "postgresql-\(version)-hll",
            "rum": "postgresql-\(version)-rum", "pgaudit": "postgresql-\(version)-pgaudit",
        ]
        let hint =
            if let package = packages[missing] {
                "Run `apt-get install \(package)`."
            } else {
                "Correct `extensions:`, or install its package: those of PostgreSQL itself are in postgresql-contrib "
                    + "(Debian: postgresql-\(version)); `apt-cache search postgresql-\(version)-` lists others."
            }
        throw WorldError(
            code: "extension-missing", operation: "add the extension \(missing) to \(name)",
            underlying: "this machine's PostgreSQL \(version) has no such extension", hint: hint)
    }

    package func check(for service: ServiceName) async throws {
        let binaries = try await binaries()
        let port = try context.preparedPort(of: name)
        let role = PostgresGrants.role(service)
        let password = try context.secrets.value(for: context.secretKey(name, role))
        let command = Command(
            arguments: [binaries.program("psql"), "-X", "-q", "-A", "-t", "-w", "-c", "SELECT 1"],
            environment: [
                "PATH": context.path, "LC_ALL": "C.UTF-8", "PGHOST": "127.0.0.1", "PGPORT": "\(port)", "PGUSER": role,
                "PGPASSWORD": password.exposed, "PGDATABASE": database, "PGCONNECT_TIMEOUT": "2", "PGAPPNAME": "hauban",
            ],
            workingDirectory: "/", deadline: .seconds(4))
        let result = try await context.runner(command)
        guard !result.isSuccess else { return }
        let said = result.isLate ? "no answer within 4 s" : Self.reason(result.errors)
        throw WorldError(
            code: "resource-refuses", operation: "connect to \(name) as \(service)", underlying: said, hint: mend(said))
    }

    /// What the refusals of a server mean (PostgreSQL 15, 20.1 and 20.3), and what to do about each.
    private func mend(_ said: String) -> String {
        let pid = Self.runningProcess(data)
        let logs = "`hauban logs \(name)` shows what it wrote."
        if let pid, let entry = ProcessEntry(pid: pid), entry.isStopped {
            return "Its process \(pid) is stopped: `kill -CONT \(pid)` lets it go on."
        }
        if said.contains("too many clients") || said.contains("connection slots")
            || said.contains("too many connections")
        {
            return "All its connections are in use: end what holds them, or let each replica hold fewer; "
                + "`SELECT usename, count(*) FROM pg_stat_activity GROUP BY 1` says who has how many."
        }
        if said.contains("pg_hba") {
            return "\(folder)/pg_hba.conf was changed: put back `host all all 127.0.0.1/32 scram-sha-256`"
                + (pid.map { ", then `kill -HUP \($0)`." } ?? ".")
        }
        if said.contains("password authentication failed") {
            return
                "The password in the secret store is not the role's: `hauban secrets list` shows what is set. \(logs)"
        }
        return "`hauban status` shows its state. \(logs)"
    }

    /// Runs statements as the superuser and returns what they print, unaligned and without headings.
    ///
    /// The password goes by the environment, the statements by a file of mode 0600: neither is seen in the list of processes.
    func psql(_ statements: String, database: String, operation: String) async throws -> String {
        let binaries = try await binaries()
        let port = try context.preparedPort(of: name)
        let password = try context.secrets.value(for: superuserKey)
        let file = "\(folder)/statements.\(getpid()).\(UInt32.random(in: 0...UInt32.max)).sql"
        try AtomicFile.write(Array(statements.utf8), to: file, mode: 0o600)
        defer { unlink(file) }
        let command = Command(
            arguments: [
                binaries.program("psql"), "-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1", "-f", file,
            ],
            environment: [
                "PATH": context.path, "LC_ALL": "C.UTF-8", "PGHOST": "127.0.0.1", "PGPORT": "\(port)",
                "PGUSER": Self.superuser, "PGPASSWORD": password.exposed, "PGDATABASE": database,
                "PGCONNECT_TIMEOUT": "5", "PGAPPNAME": "hauban",
            ],
            workingDirectory: "/", deadline: .seconds(60))
        let result = try await context.runner(command)
        guard result.isSuccess else {
            throw WorldError(
                code: "sql-failed", operation: operation,
                underlying: result.isLate ? "not done within 60 s" : Self.reason(result.errors),
                hint: "See the resource's log: `hauban logs \(name)`.")
        }
        return result.output
    }

    /// The first error that psql reports, without its place in our file.
    private static func reason(_ errors: String) -> String {
        let lines = errors.split(whereSeparator: \.isNewline)
        guard let line = lines.first(where: { $0.contains("ERROR:") || $0.contains("FATAL:") || $0.contains("error:") })
        else { return lastLine(errors) }
        if let range = line.firstRange(of: "ERROR:") { return String(line[range.lowerBound...]) }
        return String(line)
    }
}
