import Glibc
package import Spec
package import World

/// A Redis server of our own for one resource of one environment.
///
///     <state>/resources/<name>/data/       the append-only file
///     <state>/resources/<name>/redis.conf  of mode 0600, written anew at each start
///     <state>/resources/<name>/users.acl   of mode 0600; holds hashes of passwords (`ACL SAVE` writes it too)
///     <state>/resources/<name>/port        chosen once
package struct RedisResource: LocalResource {
    package let name: ResourceName
    /// The major version that is asked for.
    package let version: Int
    package let context: LocalResourceContext

    package init(name: ResourceName, version: Int, context: LocalResourceContext) {
        self.name = name
        self.version = version
        self.context = context
    }

    var folder: String { context.folder(of: name) }
    static var administrator: String { "hauban" }
    var administratorKey: String { context.secretKey(name, Self.administrator) }

    package func prepare() async throws -> Workload {
        let server = try await server()
        let client = try program("redis-cli")
        try Folder.make(folder, mode: 0o711)
        try Folder.make(folder + "/data", mode: 0o700)
        let password = try context.secrets.valueOrGenerated(for: administratorKey)
        let port = try context.port(of: name) { [folder] in RedisResource.isRunning(folder) }
        try AtomicFile.write(Array(settings(port).utf8), to: folder + "/redis.conf", mode: 0o600)
        if access(folder + "/users.acl", F_OK) != 0 {
            let users = """
                user default off
                user \(Self.administrator) \(RedisGrants.administrator(password: password.exposed).joined(separator: " "))

                """
            try AtomicFile.write(Array(users.utf8), to: folder + "/users.acl", mode: 0o600)
        }
        return Workload(
            id: "resource.\(name)", kind: .resource, name: name.text, command: [server, folder + "/redis.conf"],
            environment: [
                "PATH": EnvironmentValue(text: context.path), "LC_ALL": "C.UTF-8", "TZ": "UTC",
                // For the probe below: redis-cli reads its password here.
                "REDISCLI_AUTH": EnvironmentValue(parts: [.secret(administratorKey)]),
            ],
            workingDirectory: folder + "/data", port: port,
            readiness: Probe(
                // -e: an answer such as NOAUTH or LOADING counts as a failure.
                check: .exec(
                    .words([client, "-e", "-h", "127.0.0.1", "-p", "\(port)", "--user", Self.administrator, "PING"])),
                interval: .milliseconds(100), timeout: .seconds(5), passes: 1, failures: 3),
            stop: StopPolicy(signal: SIGTERM, grace: .seconds(30), wholeGroup: false), logFormat: .plain)
    }

    package func provision(_ uses: [ResourceUse]) async throws {
        let existing = Set(try await users())
        var changed = false
        for use in uses.sorted(by: { $0.service < $1.service }) {
            let user = RedisGrants.user(use.service)
            let isThere = existing.contains { $0.hasPrefix("user \(user) ") }
            let password = try context.passwords(of: name).make(for: user, isThere: isThere)
            // A service that wrote keeps that until the release is kept: an older one may still serve.
            let wrote = existing.contains { $0.hasPrefix("user \(user) ") && RedisGrants.writes($0) }
            let access: DataAccess = wrote ? .write : use.access
            let rules = RedisGrants.rules(access, password: password.exposed)
            try await command(["ACL", "SETUSER", user] + rules, operation: "give \(use.service) its access to \(name)")
            changed = true
        }
        if changed { try await command(["ACL", "SAVE"], operation: "save the users of \(name)") }
    }

    package func settle(_ uses: [ResourceUse]) async throws {
        var wanted: [String: ResourceUse] = [:]
        for use in uses { wanted[RedisGrants.user(use.service)] = use }
        for line in try await users() {
            let words = line.split(separator: " ").map(String.init)
            guard words.count > 1, words[1].hasPrefix(RedisGrants.userPrefix) else { continue }
            if let use = wanted[words[1]] {
                let password = try context.secrets.value(for: context.secretKey(name, words[1]))
                let rules = RedisGrants.rules(use.access, password: password.exposed)
                try await command(["ACL", "SETUSER", words[1]] + rules, operation: "settle \(words[1]) at \(name)")
            } else {
                try await command(["ACL", "DELUSER", words[1]], operation: "remove \(words[1]) from \(name)")
            }
        }
        try await command(["ACL", "SAVE"], operation: "save the users of \(name)")
    }

    package func check(for service: ServiceName) async throws {
        let port = try context.preparedPort(of: name)
        let user = RedisGrants.user(service)
        let password = try context.secrets.value(for: context.secretKey(name, user))
        let result = try await context.runner(
            Command(
                arguments: [
                    try program("redis-cli"), "-e", "-h", "127.0.0.1", "-p", "\(port)", "--user", user, "PING",
                ],
                environment: ["PATH": context.path, "REDISCLI_AUTH": password.exposed], workingDirectory: "/",
                deadline: .seconds(5)))
        guard !result.isSuccess else { return }
        let said = PostgresResource.lastLine(result.errors.isEmpty ? result.output : result.errors)
        throw WorldError(
            code: "resource-refuses", operation: "connect to \(name) as \(service)",
            underlying: result.isLate ? "no answer within 5 s" : said,
            hint: "`hauban status` shows its state, `hauban logs \(name)` what it wrote.")
    }

    package func attributes(for service: ServiceName) throws -> [String: EnvironmentValue] {
        let port = try context.preparedPort(of: name)
        let user = RedisGrants.user(service)
        let password = EnvironmentValue.Part.secret(context.secretKey(name, user))
        return [
            "url": EnvironmentValue(parts: [.text("redis://\(user):"), password, .text("@127.0.0.1:\(port)/0")]),
            "host": "127.0.0.1", "port": EnvironmentValue(text: "\(port)"), "user": EnvironmentValue(text: user),
            "password": EnvironmentValue(parts: [password]),
        ]
    }

    private func users() async throws -> [String] {
        try await command(["ACL", "LIST"], operation: "list the users of \(name)")
            .split(whereSeparator: \.isNewline).map(String.init)
    }

    /// Runs one command as the administrator; the password goes by the environment.
    @discardableResult
    func command(_ words: [String], operation: String) async throws -> String {
        let port = try context.preparedPort(of: name)
        let password = try context.secrets.value(for: administratorKey)
        let call = Command(
            arguments: [
                try program("redis-cli"), "-e", "-h", "127.0.0.1", "-p", "\(port)", "--user", Self.administrator,
            ] + words,
            environment: ["PATH": context.path, "REDISCLI_AUTH": password.exposed], workingDirectory: "/",
            deadline: .seconds(15))
        let result = try await context.runner(call)
        guard result.isSuccess else {
            let said = result.errors.isEmpty ? result.output : result.errors
            throw WorldError(
                code: "redis-failed", operation: operation,
                underlying: result.isLate ? "no answer within 15 s" : PostgresResource.lastLine(said),
                hint: "See the resource's log: `hauban logs \(name)`.")
        }
        return result.output
    }

    private func program(_ program: String) throws -> String {
        do {
            return try ProgramPath.find(program, path: context.path, workingDirectory: "/")
        } catch let error as WorldError where error.code == "program-missing" {
            throw WorldError(
                code: "program-missing", operation: "start Redis \(version)",
                underlying: "\(program) is not on PATH (\(context.path))", hint: "Run `apt-get install redis-server`.")
        }
    }

    /// The server's path, once its major version was compared.
    private func server() async throws -> String {
        let server = try program("redis-server")
        let result = try await context.runner(
            Command(
                arguments: [server, "--version"], environment: ["PATH": context.path], workingDirectory: "/",
                deadline: .seconds(10)))
        // "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=…"
        let found = result.output.split(separator: " ").first { $0.hasPrefix("v=") }
            .flatMap { Int($0.dropFirst(2).prefix { $0.isNumber }) }
        guard found == version else {
            throw WorldError(
                code: "program-version", operation: "start Redis \(version)",
                underlying: "\(server) is version \(found.map(String.init) ?? "unknown")",
                hint: found.map { "Declare `version: \($0)`, or put Redis \(version) on PATH." } ?? "")
        }
        return server
    }

    private func settings(_ port: Int) -> String {
        """
        # Written by hauban at each start; changes here are lost.
        bind 127.0.0.1
        port \(port)
        protected-mode yes
        daemonize no
        pidfile "\(folder)/redis.pid"
        dir "\(folder)/data"
        logfile ""
        aclfile "\(folder)/users.acl"
        appendonly yes
        appendfsync everysec
        save ""
        databases 16
        tcp-keepalive 60
        shutdown-timeout 20

        """
    }

    static func isRunning(_ folder: String) -> Bool {
        guard let text = SmallFile.text(folder + "/redis.pid"), let pid = Int32(text.prefix { $0.isNumber }), pid > 0
        else {
            return false
        }
        // One that was killed after its supervisor was stays a zombie for as long as nobody waits for it.
        return ProcessEntry(pid: pid)?.isZombie == false
            && SmallFile.text("/proc/\(pid)/comm")?.hasPrefix("redis-server") == true
    }
}
