import Planning
import Spec
import World

/// PostgreSQL in a container: the cluster is made by us, so that its superuser has no password and is nobody but the container's own user on
/// its socket.
struct DockerPostgres: DockerStore {
    let frame: StoreFrame

    private static let port = 5432
    var port: Int { Self.port }
    private static let socket = "/run/postgresql"
    private static let superuser = "postgres"

    private var database: String {
        frame.desired.options["database"] ?? frame.labels.platformName.text.replacing("-", with: "_")
    }

    /// Since 18 the official image keeps clusters of several versions below one folder (docker-library/postgres, pull request 1259).
    var mount: String { (frame.major ?? 0) >= 18 ? "/var/lib/postgresql" : "/var/lib/postgresql/data" }
    private var data: String { (frame.major ?? 0) >= 18 ? "\(mount)/\(frame.major ?? 0)/docker" : mount }

    /// `PG_VERSION` comes last: a cluster without it is not there, and is made, or moved into its place, again.
    var preparation: String {
        """
        umask 077
        for file in \(mount)/PG_VERSION \(mount)/*/docker/PG_VERSION; do
            if [ -s "$file" ]; then
                echo "major $(cat "$file")"
                exit 0
            fi
        done
        mkdir -p \(data)
        chmod 0700 \(data)
        cd \(data)
        if [ ! -e .made ]; then
            rm -rf .making
            initdb -D .making --username=\(Self.superuser) --auth-local=peer --auth-host=reject --encoding=UTF8 \
        --locale=C.UTF-8 --data-checksums >/dev/null
            printf '%s\\n' 'local all all peer' 'host all \(Self.superuser) all reject' \
        'host all all all scram-sha-256' >.making/pg_hba.conf
            mv .making .made
        fi
        for file in .made/*; do
            if [ "$file" != .made/PG_VERSION ]; then mv "$file" .; fi
        done
        mv .made/PG_VERSION .
        rmdir .made
        echo "major $(cat PG_VERSION)"

        """
    }

    func arrange(_ spec: inout ContainerSpec) {
        spec.user = "postgres"
        spec.entrypoint = ["postgres"]
        spec.command =
            ["-D", data, "-c", "listen_addresses=*", "-c", "unix_socket_directories=\(Self.socket)"]
            + frame.store.arguments
        spec.mounts += [
            .init(.memory(bytes: 1 << 20, mode: 0o1777), at: Self.socket, isReadOnly: false),
            .init(.memory(bytes: 64 << 20, mode: 0o1777), at: "/tmp", isReadOnly: false),
        ]
        // Parallel queries exchange rows there.
        spec.sharedMemory = 256 << 20
        // "Fast shutdown": sessions are ended and a checkpoint is written (PostgreSQL 15, 19.5).
        spec.stopSignal = "SIGINT"
        spec.stopGrace = .seconds(60)
    }

    func role(of service: ServiceName) -> String { PostgresGrants.role(service) }

    func provision(_ uses: [ResourceUse]) async throws {
        let uses = uses.sorted { ($0.service, $0.access.rawValue) < ($1.service, $1.access.rawValue) }
        let existing = Set(try await roles())
        let verified = try uses.map { use in
            let role = role(of: use.service)
            let password = try frame.passwords.make(for: role, isThere: existing.contains(role))
            return (use: use, password: Self.verifier(of: password))
        }
        try await checkExtensions()
        _ = try await psql(
            PostgresGrants.cluster(database: database, uses: verified), in: Self.superuser,
            operation: "make the roles of \(frame.name)")
        _ = try await psql(
            PostgresGrants.database(database, extensions: frame.desired.extensions, uses: uses), in: database,
            operation: "grant the services their access to \(frame.name)")
    }

    /// The server would have to normalise others itself (RFC 4013).
    private static func verifier(of password: Secret) -> String {
        password.exposed.utf8.allSatisfy { $0 < 0x80 } ? ScramVerifier(of: password).description : password.exposed
    }

    func settle(_ uses: [ResourceUse]) async throws {
        let statements = PostgresGrants.settle(database: database, uses: uses, roles: try await roles())
        _ = try await psql(statements, in: database, operation: "take back unused access to \(frame.name)")
    }

    func check(for service: ServiceName) async throws {
        let password = try frame.passwords.value(for: role(of: service))
        _ = try await frame.run(
            ["psql", "-X", "-q", "-A", "-t", "-w", "-c", "SELECT 1"],
            environment: [
                "PGHOST": "127.0.0.1", "PGUSER": role(of: service), "PGPASSWORD": password.exposed,
                "PGDATABASE": database, "PGCONNECT_TIMEOUT": "5", "PGAPPNAME": "hauban",
            ], code: "resource-refuses", operation: "connect to \(frame.name) as \(service)", within: .seconds(20))
    }

    func attributes(for service: ServiceName) -> [String: ContainerValue] {
        let role = role(of: service)
        let file = StoreFrame.file(frame.name)
        let end: ContainerValue.Part = .text("@\(frame.name):\(Self.port)/\(database)")
        return [
            "url": ContainerValue(parts: [.text("postgresql://\(role):"), .file(file), end]),
            "host": ContainerValue(frame.name.text), "port": ContainerValue("\(Self.port)"),
            "user": ContainerValue(role), "password": ContainerValue(parts: [.file(file)]),
            "database": ContainerValue(database),
        ]
    }

    private func roles() async throws -> [String] {
        try await psql(
            "SELECT rolname FROM pg_roles ORDER BY 1;", in: Self.superuser,
            operation: "list the roles of \(frame.name)"
        ).split(whereSeparator: \.isNewline).map(String.init)
    }

    private func checkExtensions() async throws {
        guard !frame.desired.extensions.isEmpty else { return }
        let answer = try await psql(
            "SELECT name FROM pg_available_extensions;", in: Self.superuser,
            operation: "list the extensions of \(frame.name)")
        let available = Set(answer.split(whereSeparator: \.isNewline).map(String.init))
        guard let missing = frame.desired.extensions.first(where: { !available.contains($0) }) else { return }
        throw WorldError(
            code: "extension-missing", operation: "add the extension \(missing) to \(frame.name)",
            underlying: "the image \(frame.store.image) has no such extension",
            hint:
                "It holds those of PostgreSQL itself: correct `extensions:` of resources.\(frame.name), or tag an image that has it "
                + "as \(frame.store.image) on this engine.")
    }

    /// Runs statements as the superuser and returns what they print, unaligned and without headings.
    ///
    /// They come by the environment, in pieces that the kernel takes (128 KiB a string, execve(2)), and go to psql's input: with `-c` it would
    /// know no `\gexec`, and they would be seen in the list of processes.
    private func psql(_ statements: String, in database: String, operation: String) async throws -> String {
        var environment = [
            "PGHOST": Self.socket, "PGUSER": Self.superuser, "PGDATABASE": database, "PGAPPNAME": "hauban",
        ]
        var names: [String] = []
        var rest = statements[...]
        while !rest.isEmpty {
            let piece = rest.prefix(24 << 10)
            rest = rest.dropFirst(piece.count)
            let name = "HAUBAN_SQL_\(names.count)"
            environment[name] = String(piece)
            names.append("\"$\(name)\"")
        }
        let script = "printf %s \(names.joined(separator: " ")) | psql -X -q -A -t -w -v ON_ERROR_STOP=1"
        return try await frame.run(
            ["/bin/sh", "-euc", script], environment: environment, code: "sql-failed", operation: operation)
    }
}
