import Glibc
package import Spec
package import World

/// A PostgreSQL cluster of our own for one resource of one environment.
///
///     <state>/resources/<name>/            ours; others may only pass through
///         data/                            the cluster's, of mode 0700
///         postgresql.conf, pg_hba.conf     ours, written anew at each start
///         port                             chosen once
///
/// Roles and grants: see ``PostgresGrants``.
package struct PostgresResource: LocalResource {
    package let name: ResourceName
    /// The major version that is asked for; another one is refused, because its data folders differ.
    package let version: Int
    package let extensions: [String]
    package let context: LocalResourceContext
    /// Where Debian's packages put each major version.
    package let roots: [String]

    package init(
        name: ResourceName, version: Int, extensions: [String] = [], context: LocalResourceContext,
        roots: [String] = ["/usr/lib/postgresql"]
    ) {
        self.name = name
        self.version = version
        self.extensions = extensions
        self.context = context
        self.roots = roots
    }

    var folder: String { context.folder(of: name) }
    var data: String { folder + "/data" }
    static var superuser: String { "hauban" }
    var superuserKey: String { context.secretKey(name, Self.superuser) }

    /// The platform's name with underscores; the three databases that a cluster brings along get a suffix.
    var database: String {
        let name = context.platform.text.replacing("-", with: "_")
        return ["postgres", "template0", "template1"].contains(name) ? name + "_db" : name
    }

    func binaries() async throws -> PostgresBinaries {
        try await PostgresBinaries.find(major: version, roots: roots, path: context.path, runner: context.runner)
    }

    package func prepare() async throws -> Workload {
        let binaries = try await binaries()
        let identity = try SystemUser.identity(named: "postgres", package: "postgresql-\(version)")
        try Folder.make(folder, mode: 0o711)
        if let identity { try SystemUser.openWay(to: data, from: context.stateFolder, for: identity) }
        if access(data + "/PG_VERSION", F_OK) == 0 {
            try checkVersion()
        } else {
            try await initialise(binaries, identity)
        }
        let port = try context.port(of: name) { [data] in PostgresResource.runningPort(data) != nil }
        try writeSettings(port: port, identity)
        return Workload(
            id: "resource.\(name)", kind: .resource, name: name.text,
            command: [binaries.program("postgres"), "-D", data, "-c", "config_file=\(folder)/postgresql.conf"],
            environment: ["PATH": EnvironmentValue(text: context.path), "LC_ALL": "C.UTF-8", "TZ": "UTC"],
            workingDirectory: folder, port: port, identity: identity,
            readiness: Probe(
                check: .exec(
                    .words([binaries.program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", "\(port)", "-t", "3"])),
                interval: .seconds(5), timeout: .seconds(5), passes: 1, failures: 3),
            // SIGINT: "fast shutdown", sessions are ended and a checkpoint is written (PostgreSQL 15, 19.5).
            stop: StopPolicy(signal: SIGINT, grace: .seconds(30), wholeGroup: false), logFormat: .plain)
    }

    package func attributes(for service: ServiceName) throws -> [String: EnvironmentValue] {
        let port = try context.preparedPort(of: name)
        let role = PostgresGrants.role(service)
        let password = EnvironmentValue.Part.secret(context.secretKey(name, role))
        return [
            "url": EnvironmentValue(parts: [
                .text("postgresql://\(role):"), password, .text("@127.0.0.1:\(port)/\(database)"),
            ]),
            "host": "127.0.0.1", "port": EnvironmentValue(text: "\(port)"), "user": EnvironmentValue(text: role),
            "password": EnvironmentValue(parts: [password]), "database": EnvironmentValue(text: database),
        ]
    }

    private func checkVersion() throws {
        let there = SmallFile.text(data + "/PG_VERSION").map { String($0.prefix { $0.isNumber }) } ?? ""
        guard there == "\(version)" else {
            throw WorldError(
                code: "data-version", operation: "start \(name)",
                underlying: "its data were written by PostgreSQL \(there), and \(version) is declared",
                hint: "Declare `version: \(there)`, or dump with it, move \(data) away and restore with \(version).")
        }
    }

    /// Into a folder beside, renamed when complete: a killed initdb leaves no half cluster.
    private func initialise(_ binaries: PostgresBinaries, _ identity: ProcessIdentity?) async throws {
        let password = try context.secrets.valueOrGenerated(for: superuserKey)
        let beside = folder + "/data.new"
        try Folder.remove(beside)
        try SystemUser.makeFolder(beside, for: identity)
        let passwordFile = folder + "/superuser.new"
        unlink(passwordFile)
        try AtomicFile.write(Array((password.exposed + "\n").utf8), to: passwordFile, mode: 0o600)
        defer { unlink(passwordFile) }
        try SystemUser.give(passwordFile, to: identity)
        let command = Command(
            arguments: [
                binaries.program("initdb"), "-D", beside, "--username", Self.superuser, "--pwfile", passwordFile,
                "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--data-checksums",
            ],
            environment: ["PATH": context.path, "LC_ALL": "C.UTF-8", "TZ": "UTC"], workingDirectory: "/",
            deadline: .seconds(120), identity: identity)
        let result = try await context.runner(command)
        guard result.isSuccess else {
            throw WorldError(
                code: "initdb-failed", operation: "make the cluster of \(name)",
                underlying: "initdb \(result.status): \(Self.lastLine(result.errors))",
                hint: "Check the free space and the owner of \(folder).")
        }
        guard rename(beside, data) == 0 else { throw SystemError.last.during("rename \(beside) to \(data)") }
    }

    private func writeSettings(port: Int, _ identity: ProcessIdentity?) throws {
        let settings = """
            # Written by hauban at each start; changes here are lost.
            hba_file = '\(folder.replacing("'", with: "''"))/pg_hba.conf'
            listen_addresses = '127.0.0.1'
            port = \(port)
            unix_socket_directories = ''
            password_encryption = 'scram-sha-256'
            max_connections = 200
            shared_buffers = '64MB'
            min_wal_size = '64MB'
            max_wal_size = '512MB'
            jit = off
            timezone = 'UTC'
            log_timezone = 'UTC'
            log_destination = 'stderr'
            logging_collector = off
            log_line_prefix = '%m [%p] %u@%d '
            lc_messages = 'C'
            default_text_search_config = 'pg_catalog.simple'

            """
        let rules = """
            # Written by hauban at each start; changes here are lost.
            host all         all 127.0.0.1/32 scram-sha-256
            host replication all 127.0.0.1/32 scram-sha-256

            """
        try AtomicFile.write(Array(settings.utf8), to: folder + "/postgresql.conf", mode: 0o644)
        try AtomicFile.write(Array(rules.utf8), to: folder + "/pg_hba.conf", mode: 0o640)
        // The rules name no secret, but only the server has to read them.
        try SystemUser.give(folder + "/pg_hba.conf", to: identity)
    }

    /// The port of the server that runs on a data folder: the fourth line of `postmaster.pid` (PostgreSQL 15, 73.1).
    static func runningPort(_ data: String) -> Int? { running(data)?.port }

    /// The number of the server's process.
    static func runningProcess(_ data: String) -> Int32? { running(data)?.pid }

    private static func running(_ data: String) -> (pid: Int32, port: Int)? {
        guard let text = SmallFile.text(data + "/postmaster.pid") else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 3, let pid = Int32(lines[0]), pid > 0, ProcessEntry(pid: pid)?.isZombie == false,
            SmallFile.text("/proc/\(pid)/comm")?.hasPrefix("postgres") == true
        else { return nil }
        return Int(lines[3]).map { (pid, $0) }
    }

    static func lastLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).last.map(String.init) ?? "it said nothing"
    }
}
